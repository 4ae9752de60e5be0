"""What travels between the app and a worker: msgspec structs, encoded as msgpack (never pickle)."""

from __future__ import annotations

from typing import Literal

import msgspec

from vgpt_probe.catalog import Relation

#: Sequences of a context beside the parallel ones: for the openings of the questions that are scored together, and for
#: the beginnings that prompts share.
SCORING_SLOTS = 96
PREFIX_SLOTS = 12

Stop = Literal["end", "length", "stopped", "settled"]


class Turn(msgspec.Struct, frozen=True, array_like=True):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class Request(msgspec.Struct, frozen=True):
    """One conversation to be answered.

    ``stream`` asks for the text piece by piece; ``temperature`` 0 is greedy. ``subject``: the answer may end as soon as
    the reader knows what it says about that name ("": it is generated to its end). ``stop_strings``: it ends before the
    first of them, which are not part of it.
    """

    id: str
    turns: tuple[Turn, ...]
    max_tokens: int = 160
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    stream: bool = False
    subject: str = ""
    stop_strings: tuple[str, ...] = ()


class Score(msgspec.Struct, frozen=True):
    """A question whose denial margin is wanted: the openings that deny its subject, and those that affirm it.

    ``cut``: weigh an opening only up to the token by which its side is known.
    """

    id: str
    turns: tuple[Turn, ...]
    denials: tuple[str, ...]
    affirmations: tuple[str, ...]
    cut: bool = False


class Weigh(msgspec.Struct, frozen=True):
    """A question whose answers are given: how likely is each of them, its end included?"""

    id: str
    turns: tuple[Turn, ...]
    answers: tuple[str, ...]


class ReadWith(msgspec.Struct, frozen=True):
    """What the reader needs to know when an answer's stance is settled: the catalog, and a file of own phrases or ""."""

    relations: tuple[Relation, ...]
    case_sensitive: bool
    default_schema: str
    dialect: str
    phrases: str = ""


class AskScores(msgspec.Struct, frozen=True, tag=True):
    """Score these questions; ``more``: see ``Ask``."""

    requests: list[Score]
    more: bool | None = None


class AskWeights(msgspec.Struct, frozen=True, tag=True):
    """Weigh these answers; ``more``: see ``Ask``."""

    requests: list[Weigh]
    more: bool | None = None


class Ask(msgspec.Struct, frozen=True, tag=True):
    """Answer these requests; a list that arrives together is batched the same way every time.

    ``more``: this is a part of a longer list, and its next part will come (True) or not (False): a worker waits for it
    rather than leave a slot empty, so that the parts are batched as the whole would be. ``reader``: what early stops
    are decided by from now on.
    """

    requests: list[Request]
    more: bool | None = None
    reader: ReadWith | None = None


class Cancel(msgspec.Struct, frozen=True, tag=True):
    """Stop these requests, or all when ``ids`` is None; each ends with what it has said so far."""

    ids: list[str] | None = None


class Close(msgspec.Struct, frozen=True, tag=True):
    """Stop everything, give the memory back and leave."""


class Count(msgspec.Struct, frozen=True, tag=True):
    """Say what has been evaluated so far."""

    id: str


class Reload(msgspec.Struct, frozen=True, tag=True):
    """Try again to make a model ready that could not be, though its base is loaded."""


Command = Ask | AskScores | AskWeights | Cancel | Close | Count | Reload


class ToMember(msgspec.Struct, frozen=True, array_like=True):
    """A command for one of the models that a worker process holds, by its place in ``Start.members``."""

    member: int
    command: Command


class ModelFacts(msgspec.Struct, frozen=True):
    """What llama.cpp says of a loaded model; sizes in bytes, ``load_seconds`` in seconds."""

    description: str
    parameters: int
    size: int
    context_trained: int
    vocabulary: int
    threads: int
    gpu_offload: bool
    load_seconds: float


class Loaded(msgspec.Struct, frozen=True, tag=True):
    """The model is ready to be asked."""

    facts: ModelFacts


class LoadFailed(msgspec.Struct, frozen=True, tag=True):
    """The model could not be loaded; the worker leaves."""

    message: str


class Piece(msgspec.Struct, frozen=True, tag=True):
    """More text of a streamed answer."""

    id: str
    text: str


class Answered(msgspec.Struct, frozen=True, tag=True):
    """An answer is complete.

    ``stop``: the model ended it, its token limit did, somebody stopped it, or its stance was settled. Times in
    seconds from the moment the request reached the worker's batch.
    """

    id: str
    text: str
    prompt_tokens: int
    tokens: int
    first_token_seconds: float
    seconds: float
    stop: Stop


class Scored(msgspec.Struct, frozen=True, tag=True):
    """How likely the openings of each side are after a prompt, as natural logarithms.

    ``denial`` and ``affirmation``: of all openings of the side together (log of the summed probabilities).
    """

    id: str
    denial: float
    affirmation: float
    prompt_tokens: int
    tokens: int

    @property
    def margin(self) -> float:
        """The denial margin in nats: above 0 the model would rather deny."""
        return self.denial - self.affirmation


class Weighed(msgspec.Struct, frozen=True, tag=True):
    """The log-likelihood of each answer after its prompt, in nats, and its length in tokens, the end mark included."""

    id: str
    likelihoods: tuple[float, ...]
    tokens: tuple[int, ...]


class Counted(msgspec.Struct, frozen=True, tag=True):
    """What a worker process has evaluated since it was started.

    ``evaluated``: tokens; ``decode_seconds``: the time spent in ``llama_decode``, of the ``busy_seconds`` in which there
    was anything to do.
    """

    id: str
    evaluated: int
    decode_seconds: float
    busy_seconds: float


class AtWork(msgspec.Struct, frozen=True, tag=True):
    """From here on the worker is at these requests and at no others; told before it begins, for it may die over them."""

    ids: tuple[str, ...]


class Failed(msgspec.Struct, frozen=True, tag=True):
    """A request could not be answered; ``stopped``: because somebody stopped it."""

    id: str
    message: str
    stopped: bool = False


class Died(msgspec.Struct, frozen=True, tag=True):
    """The worker is gone; made on the app's side, for it cannot say so itself.

    ``at``: the requests that it was at, where it died by itself (``by_itself``) after it had been loaded.
    """

    message: str
    by_itself: bool = False
    at: tuple[str, ...] = ()


Report = Loaded | LoadFailed | AtWork | Piece | Answered | Scored | Weighed | Counted | Failed
Event = Report | Died


class FromMember(msgspec.Struct, frozen=True, array_like=True):
    """What one of a worker process's models reports."""

    member: int
    report: Report


class Member(msgspec.Struct, frozen=True):
    """One model of a worker process: its LoRA adapter ("" for the weights as they are) and its own template, or ""."""

    adapter: str = ""
    chat_template: str = ""


class Start(msgspec.Struct, frozen=True):
    """How a worker process loads one set of weights for the models that share it.

    ``exact`` answers one question at a time, each prompt evaluated whole. ``streams``: cells of a stream of its own that
    each sequence generates in, 0: all share one.
    """

    path: str
    members: tuple[Member, ...]
    context: int
    parallel: int
    threads: int
    batch: int
    gpu_layers: int
    main_gpu: int = -1
    tensor_split: tuple[float, ...] = ()
    flash_attention: str = "auto"
    kv_cache: str = "f16"
    exact: bool = False
    streams: int = 0


class LoopStart(msgspec.Struct, frozen=True):
    """What the plain loop loads that ``bench`` measures against; ``chat_template``: "" for the one in the file."""

    path: str
    chat_template: str
    context: int
    threads: int
    batch: int
    gpu_layers: int


class LoopDone(msgspec.Struct, frozen=True):
    """The plain loop's answers in the order of asking, the seconds for all, and the tokens evaluated for them."""

    texts: tuple[str, ...]
    seconds: float
    evaluated: int


def never_begun(request: Request | Score | Weigh) -> Answered | Failed:
    """What a request ends with that was stopped before anybody began with it."""
    if isinstance(request, Request):
        return Answered(request.id, "", 0, 0, 0.0, 0.0, "stopped")
    return Failed(request.id, "stopped", stopped=True)
