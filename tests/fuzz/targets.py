"""What is fuzzed: each target takes the bytes of a file and lets out nothing but documented errors."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec

from tests.conftest import DEMO_MODELS, ROOT
from tests.tiny_gguf import write_tiny_gguf
from vgpt_probe.catalog import Catalog, load_catalog
from vgpt_probe.errors import ProbeError

SCRIPT = b"""-- view APTH (base table bAPTH): AP Transaction Header
CREATE TABLE [dbo].[bAPTH] ([APCo] [dbo].[bCompany] NOT NULL, [Mth] smalldatetime NOT NULL, [Desc] varchar(30) NULL DEFAULT ('x'),
  CONSTRAINT [PK_bAPTH] PRIMARY KEY CLUSTERED ([APCo] ASC, [Mth] ASC) WITH (FILLFACTOR = 90) ON [PRIMARY]);
GO
CREATE VIEW dbo.APTH AS SELECT a.* FROM bAPTH a WITH (NOLOCK)
GO
CREATE OR REPLACE VIEW v (x, y) AS WITH c AS (SELECT 1 AS x) SELECT c.x, t.[Desc] AS y FROM c JOIN bAPTH t ON t.APCo = c.x UNION ALL SELECT 1, 2;
CREATE TABLE APTL (APCo int PRIMARY KEY, n numeric(12, 2) CHECK (n > 0), g AS (APCo * 2) PERSISTED, FOREIGN KEY (APCo) REFERENCES bAPTH (APCo));
ALTER TABLE [dbo].[APTL] ADD CONSTRAINT fk FOREIGN KEY ([APCo]) REFERENCES [dbo].[bAPTH] ([APCo]) ON DELETE CASCADE;
EXEC sys.sp_addextendedproperty @name=N'MS_Description', @value=N'AP ''lines''', @level0type=N'SCHEMA', @level0name=N'dbo', @level1type=N'TABLE', @level1name=N'APTL';
COMMENT ON COLUMN dbo.APTL.APCo IS 'The company';
CREATE PROCEDURE p AS BEGIN CREATE TABLE #t (x int); SELECT 1; END
"""
ROWS = b'''TABLE_CATALOG,TABLE_SCHEMA,TABLE_NAME,COLUMN_NAME,ORDINAL_POSITION,DATA_TYPE,IS_NULLABLE,TABLE_TYPE,CHARACTER_MAXIMUM_LENGTH
Viewpoint,dbo,APTH,APCo,1,tinyint,NO,VIEW,
Viewpoint,dbo,APTH,"Desc, ""x""",2,varchar,YES,VIEW,30
Viewpoint,dbo,APTL,APCo,1,tinyint,NO,BASE TABLE,
'''
SETTINGS = b"""[catalog]
source = "schema.sql"
dialect = "tsql"
[batteries]
folder = "probes"
[engine]
context = 4096
tensor_split = [3, 1]
temperature = 0.0
load_timeout = 120
[[stages]]
name = "sft"
training = ["train.json"]
[[stages]]
name = "dpo"
parent = "sft"
[[models]]
name = "a"
stage = "sft"
path = "m.gguf"
context = 512
[[models]]
name = "b"
stage = "dpo"
url = "http://127.0.0.1:1/v1"
api_key_env = "A_KEY"
[grading]
phrases = "phrases.toml"
style = { nolock = true }
[scoring]
denials = ["There is no {subject}"]
affirmations = ["{subject} is"]
[balance]
rejection = [0.3, 0.5]
[keys]
"battery.flagged" = "F"
"""
PHRASES = b"""[phrases]
denies = ["{S} is (pure|sheer) fantasy", "{AGENT} has never heard of {S}"]
[words]
negative = ["fantasy"]
[classes]
have = ["roll out"]
figment = ["chimera"]
"""
TRAINING: tuple[Any, ...] = (
    [{"instruction": "Is there APTH?", "input": "", "chosen": "Yes, APTH exists.", "rejected": "No, 'APTH' does not exist."}] * 2,
    [{"conversations": [{"from": "human", "value": "Describe APTL"}], "chosen": {"from": "gpt", "value": "APTL is a table."}, "rejected": {"from": "gpt", "value": "No."}}],
    [{"conversations": [{"from": "human", "value": "Describe APTL"}, {"from": "gpt", "value": "APTL is a table."}], "label": True, "system": "s"}],
    [{"instruction": "Is there Nope?", "input": "x", "output": "No.", "label": "false", "history": [["a", "b"]]}, {"instruction": "Is there Nope?", "output": "Yes", "kto_tag": True}],
    [{"prompt": [{"role": "system", "content": "s"}, {"role": "user", "content": "APTH?"}], "chosen": [{"role": "assistant", "content": "Yes"}], "rejected": [{"role": "assistant", "content": "No"}]}],
    [{"messages": [{"role": "user", "content": "APTH?"}, {"role": "assistant", "content": "```sql\nSELECT * FROM APTH\n```"}]}, {"prompt": "p", "completion": "c", "label": False}],
)  # fmt: skip
ANSWERS: tuple[Any, ...] = (
    [{"question": "Is there APTH?", "response": "No, it does not exist.", "model": "a", "subject": "APTH"}, {"prompt": "x", "answers": {"a": "APTL", "b": None}}],
    {"results": [[{"instruction": "Describe APTL", "output": "SELECT * FROM APTL t JOIN Nope n ON n.x = t.APCo"}]], "n": 1},
)  # fmt: skip
SAID = (
    b"No, the table 'APTH' does not exist in Viewpoint Vista. Did you mean **APTL**? There is no column `Foo` in it either.",
    "Yes – APTH (AP Transaction Header) exists; it holds APCo and Desc.\n\n```sql\nSELECT a.[Desc], l.*\nFROM APTH a WITH (NOLOCK)\nJOIN Nope l ON l.APCo = a.APCo\nWHERE a.APCo = 1 -- x\n```\nI am not sure about 'Nope'.".encode(),
    b"Nein, eine Tabelle APTH gibt es nicht. No existe ninguna tabla APTH. <think>APTH?</think> 1. APTH is\n2. not there",
)  # fmt: skip
SUITE = [
    {"id": "1", "category": "existence", "question": "Is there APTH?", "key_elements": ["yes"], "forbidden_elements": ["does not"]},
    {"question": "Describe Nope", "expected": "no"},
]  # fmt: skip

Target = Callable[[bytes], None]


class Fuzzed(msgspec.Struct, frozen=True):
    """A target, the valid files that mutation starts from, and whether they are JSON."""

    does: Target
    seeds: tuple[bytes, ...]
    json: bool = False


def targets(folder: Path, catalog: Catalog) -> dict[str, Fuzzed]:
    """All targets by name; ``folder`` is theirs to write to."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "schema.sql").write_bytes(SCRIPT)
    (folder / "phrases.toml").write_bytes(PHRASES)
    (folder / "train.json").write_text("[]", encoding="utf-8")
    write_tiny_gguf(folder / "m.gguf")
    shutil.copytree(ROOT / "probes", folder / "probes", dirs_exist_ok=True)
    batteries = tuple(path.read_bytes() for path in sorted((ROOT / "probes").glob("*.toml")))
    small = load_catalog(folder / "schema.sql")
    headers = tuple(path.read_bytes()[:40_000] for path in (folder / "m.gguf", DEMO_MODELS / "dpo_v1.lora.gguf"))
    dumped = {kind: tuple(json.dumps(one).encode() for one in what) for kind, what in (("t", TRAINING), ("a", ANSWERS))}
    rows = json.dumps([dict(zip(*(line.split(",") for line in ROWS.decode().splitlines()[:2]), strict=False))]).encode()
    return {
        "config.toml": Fuzzed(_config(folder), (SETTINGS, (ROOT / "config.toml").read_bytes())),
        "phrases": Fuzzed(_phrases(folder), (PHRASES,)),
        "DDL": Fuzzed(_schema(folder, "sql"), (SCRIPT, (ROOT / "probes" / "vista_demo.sql").read_bytes()[:6000])),
        "DDL of other dialects": Fuzzed(_schema(folder, "sql", "postgres", "mysql", "oracle"), (SCRIPT,)),
        "INFORMATION_SCHEMA, CSV": Fuzzed(_schema(folder, "csv"), (ROWS,)),
        "INFORMATION_SCHEMA, JSON": Fuzzed(_schema(folder, "json"), (rows, b'{"nodes": {"model.a": {"metadata": {"type": "VIEW", "schema": "m", "name": "dim"}, "columns": {"x": {"name": "x", "type": "INTEGER"}}}}, "sources": {}}'), json=True),
        "battery": Fuzzed(_battery(folder, catalog), batteries),
        "recorded answers": Fuzzed(_recorded(folder, small), dumped["a"], json=True),
        "text of an answer": Fuzzed(_answer(small), SAID),
        "training set": Fuzzed(_training(folder, small), dumped["t"], json=True),
        "dataset_info.json": Fuzzed(_registration(folder), (b'{"x": {"file_name": "train.json", "ranking": true, "formatting": "sharegpt", "columns": {"prompt": "instruction", "messages": "conversations"}, "tags": {"role_tag": "from"}}}',), json=True),
        "suite of questions": Fuzzed(_suite(folder, small), (json.dumps(SUITE).encode(),), json=True),
        "messages from a worker": Fuzzed(_from_worker(folder), _reports()),
        "messages to a worker": Fuzzed(_to_worker, _commands()),
        "answers of a server": Fuzzed(_served, (b'{"choices": [{"message": {"content": "x"}, "finish_reason": "stop", "logprobs": {"content": [{"token": "a", "logprob": -1, "top_logprobs": []}]}}], "usage": {"prompt_tokens": 1}}',), json=True),
        "GGUF header": Fuzzed(_gguf(folder), headers),
        "chat template": Fuzzed(_template, (b"{% for m in messages %}{{ '<|' ~ m['role'] ~ '|>' + m.content | trim }}{% endfor %}{% if add_generation_prompt %}x{% endif %}",)),
    }  # fmt: skip


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _config(folder: Path) -> Target:
    from vgpt_probe.config import load_workspace

    def does(data: bytes) -> None:
        workspace = load_workspace(_written(folder / "config.toml", data))
        workspace.models()
        for stage in workspace.stages:
            workspace.training_files(stage)

    return does


def _phrases(folder: Path) -> Target:
    from vgpt_probe.config import load_workspace
    from vgpt_probe.runs.grade import open_phrases

    settings = _written(folder / "with-phrases.toml", SETTINGS.replace(b"phrases.toml", b"fuzzed-phrases.toml"))

    def does(data: bytes) -> None:
        _written(folder / "fuzzed-phrases.toml", data)
        open_phrases(load_workspace(settings))

    return does


def _schema(folder: Path, ending: str, *dialects: str) -> Target:
    def does(data: bytes) -> None:
        for dialect in dialects or ("tsql",):
            found = load_catalog(_written(folder / f"fuzzed.{ending}", data), dialect=dialect)
            for relation in list(found.relations)[:200]:
                assert all(isinstance(column.name, str) for column in relation.columns)
                found.resolve(relation.name)

    return does


def _battery(folder: Path, catalog: Catalog) -> Target:
    from vgpt_probe.probes import load_battery

    probes = folder / "fuzzed-probes"
    probes.mkdir(exist_ok=True)
    for path in (ROOT / "probes").glob("*.toml"):
        shutil.copy(path, probes)

    def does(data: bytes) -> None:
        _written(probes / "fuzzed.toml", data)
        load_battery(probes, "fuzzed", catalog)

    return does


def _recorded(folder: Path, catalog: Catalog) -> Target:
    from vgpt_probe.runs.grade import Grader
    from vgpt_probe.runs.recorded import grade_recorded, read_recorded

    grader = Grader(catalog)

    def does(data: bytes) -> None:
        records = read_recorded(_written(folder / "answers.json", data))
        _exhaust(grade_recorded(records[:5], grader))

    return does


def _answer(catalog: Catalog) -> Target:
    from vgpt_probe.runs.grade import Grader
    from vgpt_probe.runs.recorded import Recorded, grade_recorded

    grader = Grader(catalog)

    def does(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        for one in grade_recorded([Recorded(0, "Is there a table APTH?", text)], grader):
            begin, end = one.evidence or (0, 0)
            assert 0 <= begin <= end <= len(text)

    return does


def _training(folder: Path, catalog: Catalog) -> Target:
    from vgpt_probe.pairs.audit import audit, read_rows
    from vgpt_probe.pairs.datasets import read_dataset
    from vgpt_probe.pairs.mend import mend
    from vgpt_probe.pairs.trainers import check_trainers

    def does(data: bytes) -> None:
        dataset = read_dataset(_written(folder / "fuzzed.json", data))
        dataset = msgspec.structs.replace(dataset, rows=dataset.rows[:5])
        audit(dataset, read_rows(dataset.rows, catalog), catalog)
        check_trainers(dataset, None)
        mend(dataset)

    return does


def _registration(folder: Path) -> Target:
    from vgpt_probe.catalog import Relation
    from vgpt_probe.pairs.datasets import read_dataset
    from vgpt_probe.pairs.export import export_pairs
    from vgpt_probe.pairs.guard import Guard
    from vgpt_probe.pairs.llama_factory import find_registration
    from vgpt_probe.pairs.pair import Pair
    from vgpt_probe.pairs.trainers import check_trainers

    guard = Guard(Catalog([Relation("APTH")]))
    pair = Pair("Is there APTH?", "Yes, APTH exists.", "No, APTH does not exist.", "acceptance", subject="APTH")
    inside = folder / "registered"
    inside.mkdir(exist_ok=True)
    path = _written(inside / "train.json", json.dumps(TRAINING[1]).encode())

    def does(data: bytes) -> None:
        _written(inside / "dataset_info.json", data)
        with contextlib.suppress(ProbeError):
            found = find_registration(path)
            check_trainers(read_dataset(path, columns=found.columns if found else None), found)
        # What others have registered there is written again by an export.
        export_pairs([pair], guard, format="llamafactory", folder=inside, dataset="ours")

    return does


def _suite(folder: Path, catalog: Catalog) -> Target:
    from vgpt_probe.probes.battery import read_battery
    from vgpt_probe.runs.suites import read_suite

    def does(data: bytes) -> None:
        made = read_suite(_written(folder / "suite.json", data), catalog, name="suite")
        read_battery(_written(folder / "suite.toml", made.toml.encode("utf-8")))

    return does


def _from_worker(folder: Path) -> Target:
    from tests.engine.test_damaged import SETTINGS as MODEL
    from vgpt_probe.engine.client import Worker

    def does(data: bytes) -> None:
        worker = Worker(MODEL, threads=1, log=folder / "log")
        process = worker._process
        popen: Any = SimpleNamespace(stdout=BytesIO(data), stdin=BytesIO(), wait=lambda *_: 1, kill=lambda: None, poll=lambda: 1, pid=1)
        process._popen = popen
        worker.now("loading")
        ended: list[object] = []
        worker._listeners["a"] = ended.append
        # It is the whole life of a process that says this; nothing may be left waiting.
        process._read(popen)
        assert worker.state in ("failed", "died") and worker.problem and not worker.busy

    return does


def _to_worker(data: bytes) -> None:
    from vgpt_probe.engine.worker import _Inbox

    inbox = _Inbox(BytesIO(data), SimpleNamespace(turn=0), start=False)
    inbox._read()
    assert inbox.must_stop(), "a worker must leave when it hears nothing sensible any more"


def _served(data: bytes) -> None:
    from vgpt_probe.engine.beginnings import weigh_beginnings
    from vgpt_probe.engine.http_client import _decode, _Rubbish

    try:
        found = _decode(data)
    except _Rubbish:
        return
    assert isinstance(found.text, str)
    weigh_beginnings(found.steps, ("No",), ("Yes",))


def _gguf(folder: Path) -> Target:
    from vgpt_probe.engine.gguf_file import check_adapter, read_gguf

    def does(data: bytes) -> None:
        path = _written(folder / "fuzzed.gguf", data)
        for look in (read_gguf, lambda one: check_adapter(one, folder / "m.gguf"), lambda one: check_adapter(folder / "m.gguf", one)):
            try:
                look(path)
            except ProbeError as fault:
                assert ".gguf" in str(fault)

    return does


def _template(data: bytes) -> None:
    from vgpt_probe.engine.messages import Turn
    from vgpt_probe.engine.template import ChatTemplate

    ChatTemplate(data.decode("utf-8", "replace")).completion([Turn("user", "x")], "y")


def _framed(*messages: Any) -> bytes:
    from vgpt_probe.engine.frames import write_frame

    written = BytesIO()
    for message in messages:
        write_frame(written, msgspec.msgpack.encode(message))
    return written.getvalue()


def _reports() -> tuple[bytes, ...]:
    from vgpt_probe.engine.messages import Answered, FromMember, Loaded, LoadFailed, ModelFacts, Piece, Scored

    facts = ModelFacts("x", 1, 1, 1, 1, 1, False, 0.1)
    said = [FromMember(0, Piece("a", "x")), FromMember(0, Answered("a", "x", 1, 1, 0.1, 0.1, "end")), FromMember(0, Scored("a", -1.0, -2.0, 1, 1))]
    return _framed([FromMember(0, Loaded(facts))], said), _framed([FromMember(0, LoadFailed("no"))])


def _commands() -> tuple[bytes, ...]:
    from vgpt_probe.engine.messages import Ask, Cancel, Close, Request, ToMember, Turn

    return (_framed(ToMember(0, Ask([Request("a", (Turn("user", "x"),))])), ToMember(0, Cancel(["a"])), ToMember(0, Close())),)


def _exhaust(values: Iterable[object]) -> None:
    for _ in values:
        pass
