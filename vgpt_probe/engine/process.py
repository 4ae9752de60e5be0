"""A worker process as the app sees it: started, told, listened to, and noticed when it dies."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec

from vgpt_probe.config import ModelSettings
from vgpt_probe.engine.ended import how_it_ended
from vgpt_probe.engine.frames import RUBBISH, read_frame, write_frame
from vgpt_probe.engine.gate import Gate
from vgpt_probe.engine.messages import Close, Command, FromMember, Member, Reload, Start, ToMember
from vgpt_probe.engine.plan import own_streams

if TYPE_CHECKING:
    from vgpt_probe.engine.client import Worker

#: Seconds that a worker has to leave by itself after it was told to close.
PATIENCE = 5.0

#: How often a thread looks whether the others are done before it sleeps (GNU's OpenMP; others have their own ways).
SPINS = "1000"
#: How far a process that gives way is behind this one, in steps of the system's niceness.
BEHIND = 10
#: Seconds of silence that are no hang: a worker gives a sign of life every two.
LEAST_SILENCE = 6


class WorkerProcess:
    """The process that holds one set of weights, and the workers whose models share it (``members``).

    How it loads is read from the settings of the first member. ``gate``: who lets it in when not all models fit;
    ``crowded``: there are more threads than cores; ``gives_way``: it runs below this process's priority.
    All members share ``lock``; they hear what concerns them in the process's reader thread.
    """

    def __init__(
        self,
        *,
        threads: int,
        log: Path,
        exact: bool = False,
        gate: Gate | None = None,
        crowded: bool = False,
        gives_way: bool = False,
    ) -> None:
        self.members: list[Worker] = []
        self.threads = threads
        self.log = log
        self.exact = exact
        self._crowded = crowded
        self._gives_way = gives_way
        self.lock = threading.RLock()
        self.closing = False
        self._gate = gate
        self._popen: subprocess.Popen[bytes] | None = None
        self._timer: threading.Timer | None = None
        self._too_late: str | None = None
        self._heard = 0.0
        self._files: list[tuple[int, int]] = []

    @property
    def pid(self) -> int | None:
        return self._popen.pid if self._popen else None

    @property
    def alive(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    @property
    def busy(self) -> int:
        """How many requests of all members are unanswered."""
        return sum(member.busy for member in self.members)

    @property
    def settings(self) -> ModelSettings:
        return self.members[0].settings

    def start(self, asking: Worker) -> None:
        """Load the weights, or only what one member adds to them; waits its turn at the gate. Returns at once."""
        with self.lock:
            held = any(member.state in ("loading", "ready") for member in self.members)
            if held and self.alive and not self.closing:
                asking.now("loading")
                self.send(asking, Reload())
            elif self._gate is None or self._gate.enter(self):
                self.spawn()
            else:
                for member in self.members:
                    member.now("waiting")

    def admitted(self) -> None:
        """The gate lets this process in that had to wait."""
        with self.lock:
            if any(member.state == "waiting" for member in self.members):
                self.spawn()
                return
        if self._gate is not None:
            self._gate.left(self)

    def spawn(self) -> None:
        """Start the process and load all members."""
        first = self.settings
        start = Start(
            path=first.path,
            members=tuple(Member(one.settings.adapter, one.settings.chat_template) for one in self.members),
            context=first.context,
            parallel=first.parallel,
            threads=self.threads,
            batch=first.batch,
            gpu_layers=first.gpu_layers,
            main_gpu=first.main_gpu,
            tensor_split=first.tensor_split,
            flash_attention=first.flash_attention,
            kv_cache=first.kv_cache,
            exact=self.exact,
            streams=0 if self.exact else own_streams(first),
        )
        self.closing = False
        self._too_late = None
        self._files = self._look()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self._popen = _spawn(log, self._crowded)
        popen = self._popen
        if self._gives_way:
            _fall_behind(popen.pid)
        for member in self.members:
            member.now("loading")
        self._write(popen, msgspec.msgpack.encode(start))
        threading.Thread(target=self._read, args=(popen,), name=f"worker {first.name}", daemon=True).start()
        limit = max(member.settings.load_timeout for member in self.members)
        self._timer = threading.Timer(limit, self._too_slow, args=(popen, limit))
        self._timer.daemon = True
        self._timer.start()
        silence = max(LEAST_SILENCE, *(member.settings.answer_timeout for member in self.members))
        threading.Thread(target=self._listen, args=(popen, silence), name=f"watch {first.name}", daemon=True).start()

    def send(self, member: Worker, command: Command) -> None:
        if self._popen is not None:
            self._heard = time.monotonic()
            self._write(self._popen, msgspec.msgpack.encode(ToMember(self.members.index(member), command)))

    def stale(self) -> bool:
        """Whether a file of the model has been replaced or changed since it was loaded."""
        return bool(self._files) and self._look() != self._files

    def close(self, *, patience: float = PATIENCE, only_if_idle: bool = False) -> None:
        """Unload: tell the process to leave and wait for it; after ``patience`` seconds it is killed."""
        if only_if_idle and self.busy:
            return
        with self._at_most(patience), self.lock:
            if only_if_idle and self.busy:
                return
            popen = self._popen
            running = popen is not None and popen.poll() is None
            if popen is not None and running:
                self.closing = True
                self._write(popen, msgspec.msgpack.encode(ToMember(0, Close())))
            orphans = [member.told_to_leave() for member in self.members]
        for tell in orphans:
            tell()
        if popen is None or not running:
            return
        try:
            popen.wait(patience)
        except subprocess.TimeoutExpired:
            popen.kill()
            popen.wait()

    @contextlib.contextmanager
    def _at_most(self, patience: float) -> Iterator[None]:
        """End the process after so many seconds: whoever writes to one that reads no more waits, and holds the lock."""
        popen = self._popen

        def end() -> None:
            if popen is not None and popen is self._popen:
                self._too_late = "it hung: it took no more commands"
                popen.kill()

        timer = threading.Timer(patience, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def idle(self) -> None:
        """Nothing is left to answer: let another model in if one waits."""
        if self._gate is not None:
            self._gate.idle(self)

    def one_is_settled(self) -> None:
        """A member is ready or cannot be: after the last one, loading has taken no longer than it may."""
        if self._timer is not None and not any(member.state == "loading" for member in self.members):
            self._timer.cancel()
            self._timer = None

    def _look(self) -> list[tuple[int, int]]:
        looked = []
        for path in dict.fromkeys(
            [self.settings.path, *(member.settings.adapter for member in self.members)]
        ):
            if path:
                try:
                    found = Path(path).stat()
                    looked.append((found.st_size, found.st_mtime_ns))
                except OSError:
                    looked.append((-1, -1))
        return looked

    def _write(self, popen: subprocess.Popen[bytes], data: bytes) -> None:
        try:
            assert popen.stdin is not None
            write_frame(popen.stdin, data)
        except OSError:
            # It has just died; the reader thread finds out and tells.
            return

    def _read(self, popen: subprocess.Popen[bytes]) -> None:
        decoder = msgspec.msgpack.Decoder(list[FromMember])
        assert popen.stdout is not None
        rubbish: str | None = None
        while (data := read_frame(popen.stdout)) is not None:
            self._heard = time.monotonic()
            try:
                for said in decoder.decode(data):
                    self.members[said.member].handle(said.report)
            except (*RUBBISH, IndexError) as fault:
                rubbish = f"it sent something unreadable ({fault})"
                popen.kill()
                break
        status = popen.wait()
        loading = any(member.state == "loading" for member in self.members)
        how = ("it stopped while loading: " if loading else "") + (rubbish or self._how_it_ended(status))
        self._ended(popen, self._too_late or how)

    def _ended(self, popen: subprocess.Popen[bytes], how: str) -> None:
        for pipe in (popen.stdin, popen.stdout):
            if pipe:
                _close_quietly(pipe)
        with self.lock:
            if popen is not self._popen:
                return
            if self._timer is not None:
                self._timer.cancel()
            orphans = [] if self.closing else [member.process_ended(how) for member in self.members]
            self.closing = False
            following = self._gate.release(self) if self._gate is not None else None
        for tell in orphans:
            tell()
        if following is not None:
            following.admitted()

    def _too_slow(self, popen: subprocess.Popen[bytes], limit: int) -> None:
        with self.lock:
            if popen is self._popen and any(member.state == "loading" for member in self.members):
                self._too_late = f"it was not loaded within {limit} s (see 'load_timeout')"
                popen.kill()

    def _listen(self, popen: subprocess.Popen[bytes], limit: int) -> None:
        """End a process that owes answers and has given no sign of life for so many seconds."""
        late = False
        while popen.poll() is None:
            time.sleep(min(5.0, limit / 4))
            # Without the lock: whoever writes to a process that reads no more holds it until that process is ended.
            loading = any(member.state == "loading" for member in self.members)
            silent = time.monotonic() - self._heard > limit
            was_late, late = late, bool(self.busy) and silent and not loading and not self.closing
            # Twice: after a pause of this process or of the whole machine the signs of life lie in the pipe, unread.
            if late and was_late and popen is self._popen:
                self._too_late = f"it hung: no sign of life for {limit} s (see 'answer_timeout')"
                popen.kill()

    def _how_it_ended(self, status: int) -> str:
        how = how_it_ended(status, self.log)
        return f"{how}; its file was changed after it was loaded" if self.stale() else how


def environment(crowded: bool) -> dict[str, str]:
    """The environment of a process that evaluates: how its threads wait for each other, unless the user has said it.

    Threads that spin for long starve everybody, themselves included, as soon as another program wants a core; those
    that sleep at once halve the speed of a small model. So they spin for some microseconds, then sleep; where there are
    more threads than cores (``crowded``) they sleep at once.
    """
    # GGML: else a debugger is started on a process that aborts, which takes seconds.
    found = os.environ | {"PYTHONUTF8": "1", "GGML_NO_BACKTRACE": "1"}
    if "OMP_WAIT_POLICY" not in found and "GOMP_SPINCOUNT" not in found:
        found |= {"OMP_WAIT_POLICY": "passive"} if crowded else {"GOMP_SPINCOUNT": SPINS}
    return found


def _spawn(log: IO[bytes], crowded: bool) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "vgpt_probe.engine.worker"]
    # A Ctrl+C in the terminal is for the app; it tells its workers what to do.
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        bufsize=0,
        env=environment(crowded),
        creationflags=flags,
        start_new_session=sys.platform != "win32",
    )


def _fall_behind(pid: int) -> None:
    """Let a process that has just been started come after this one where both want a core; its threads inherit it."""
    import psutil

    with contextlib.suppress(psutil.Error, OSError):
        if sys.platform == "win32":
            psutil.Process(pid).nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            psutil.Process(pid).nice(min(19, psutil.Process().nice() + BEHIND))
    # Linux on a desk weighs sessions against each other first, and a worker has a session of its own.
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(BEHIND), encoding="utf-8")


def _close_quietly(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:
        return

