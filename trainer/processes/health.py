"""The processes of a run watch each other: one that dies or hangs ends the job, and every other one says which it was.

Each process has a thread that says every second or so where its training is (`pulse.py`, and the number of collectives
that it has taken part in), over a TCP connection of its own to rank 0, which judges (`judge.py`) and tells all of them.
Nothing of this needs the process group, which is what hangs. A process whose training stands still then leaves its
stacks, and the last collectives where torch kept them (its flight recorder), in `hangs/` of the output.
"""

import contextlib
import faulthandler
import os
import secrets
import selectors
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import torch.distributed as dist
from torch._C import _distributed_c10d as c10d

from datapipe.output import RunError
from trainer.processes.judge import BROKEN_SECONDS, DIED, Beat, Judge, LostProcessError, Member, Verdict, silent
from trainer.processes.lines import Lines, Message
from trainer.processes.pulse import Pulse
from trainer.processes.world import SAVES, World

FOLDER = "hangs"
GRACE_SECONDS = 3.0
"""After a verdict, for a process to end by itself before it is ended."""
LOST = ("gloo", "Connection closed by peer", "Connection reset by peer", "Broken pipe", "Socket Timeout", "NCCL")
"""What is in the messages of errors that mean no more than that another process does not answer."""


@contextlib.contextmanager
def watched(world: World, limit_seconds: float, output: Path) -> Iterator[None]:
    """In the block no process waits longer than `limit_seconds` for another: LostProcessError names it, or, where the
    thread that trains does not come back to hear of it, the process ends with that line and exit code 1."""
    if world.size == 1:
        yield
        return
    try:
        watch = _watch(world, limit_seconds, output)
    except RuntimeError as error:
        if isinstance(error, RunError) or not is_lost_connection(error):
            raise
        raise LostProcessError(_lost(world.rank, error)) from None
    try:
        yield
    except RuntimeError as error:  # as gloo and NCCL raise it, without a type of their own
        if isinstance(error, RunError) or not is_lost_connection(error):
            watch.fail(error)
            raise
        raise LostProcessError(watch.why(error)) from None
    except BaseException as error:
        watch.fail(error)
        raise
    else:
        watch.tell({"left": True})
    finally:
        watch.close()


def is_lost_connection(error: RuntimeError) -> bool:
    """Whether an error means that another process does not answer."""
    return isinstance(error, dist.DistError) or any(word in str(error) for word in LOST)


def _lost(rank: int, error: RuntimeError) -> str:
    """All that is known where nobody has judged."""
    return f"rank {rank} lost its connection to others: {(str(error).splitlines() or [''])[0]}"


def position(of_saves: bool = False) -> int:
    """Collectives that this process has begun so far, in all groups that it is in but that of saves, or in that."""
    known = list(dist.distributed_c10d._world.pg_map)  # at once: the thread that trains may make another meanwhile
    groups = [one for one in known if (one.group_desc == SAVES) == of_saves]
    backends = {id(one): one for group in groups for one in map(group._get_backend, group._device_types)}
    return sum(one._get_sequence_number_for_group() for one in backends.values())  # type: ignore[attr-defined]


def _watch(world: World, limit_seconds: float, output: Path) -> "_Watch":
    """All processes know of each other then, and where rank 0 listens. Raises RunError where one does not reach it."""
    members = world.gathered(Member(socket.gethostname(), os.getpid()))
    every = max(min(1.0, limit_seconds / 10), world.size / 1000)
    settings = (world, members, limit_seconds, every, output)
    is_one_host = len({member.host for member in members}) == 1
    listener = _listener(is_one_host) if world.is_first else None
    port, token = world.from_first((listener.getsockname()[1] if listener else 0, secrets.token_hex(16)))
    if listener is not None:
        return _First(*settings, listener, token)
    address = ("127.0.0.1" if is_one_host else os.environ.get("MASTER_ADDR") or members[0].host, port)
    try:
        lines = Lines(socket.create_connection(address, timeout=limit_seconds))
    except OSError as error:
        where = f"{address[0]}:{address[1]}"
        raise RunError(f"rank {world.rank} does not reach rank 0 at {where}: {error.strerror or error}") from None
    return _Other(*settings, lines, token)


def _listener(is_one_host: bool) -> socket.socket:
    """On loopback, where no other machine has to reach it."""
    if is_one_host:
        return socket.create_server(("127.0.0.1", 0), backlog=4096)
    if socket.has_dualstack_ipv6():
        with contextlib.suppress(OSError):  # the kernel has it, and the machine has not
            return socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True, backlog=4096)
    return socket.create_server(("", 0), backlog=4096)


class _Watch:
    """The thread of one process, and what the one that trains tells it."""

    def __init__(self, world: World, members: list[Member], limit: float, every: float, output: Path) -> None:
        self.rank, self.members, self.limit, self.every, self.output = world.rank, members, limit, every, output
        self.pulse: Pulse = world.pulse
        self.verdict: Verdict | None = None
        self.decided, self.over, self.lock = threading.Event(), threading.Event(), threading.Lock()
        self.thread = threading.Thread(target=self.watch, name="watch", daemon=True)

    def watch(self) -> None:
        """What the thread does until the end."""
        raise NotImplementedError

    def tell(self, message: Message) -> None:
        """Something that rank 0 must know at once."""
        raise NotImplementedError

    def beat(self) -> Beat:
        """Where this process is."""
        return Beat(position(), self.pulse.step, self.pulse.doing, self.pulse.is_patient, position(of_saves=True))

    def fail(self, error: BaseException) -> None:
        """This process ends by an error of its own."""
        first = (str(error).splitlines() or [""])[0]
        self.tell({"failed": first if isinstance(error, RunError) else f"{type(error).__name__}: {first}"})

    def why(self, error: RuntimeError) -> str:
        """Whom the job ends for, after this process has lost a connection."""
        first = (str(error).splitlines() or [""])[0]
        self.tell({"broken": first[:300]})
        self.decided.wait(BROKEN_SECONDS + 5 * self.every)
        return self.verdict.line if self.verdict else _lost(self.rank, error)

    def close(self) -> None:
        """The thread ends: the others know why."""
        self.over.set()
        self.thread.join(2 * GRACE_SECONDS)

    def end(self, verdict: Verdict) -> None:
        """The job is over: so is this process, by itself or, where its training does not come back, by force."""
        self.verdict = verdict
        self.decided.set()
        if not self.over.wait(GRACE_SECONDS):
            self.leave_traces()
            print(f"error: {verdict.line}", file=sys.stderr, flush=True)
            os._exit(1)

    def leave_traces(self) -> None:
        """Where all threads stand, and which collectives were the last."""
        name = self.output / FOLDER / f"rank-{self.rank:05}"
        with contextlib.suppress(OSError):  # the disk may be what hangs, or be full
            name.parent.mkdir(parents=True, exist_ok=True)
            with name.with_suffix(".txt").open("w") as file:
                faulthandler.dump_traceback(file)
            name.with_suffix(".json").write_bytes(c10d._dump_fr_trace_json())  # type: ignore[attr-defined]


class _Other(_Watch):
    """Any rank but 0."""

    def __init__(
        self, world: World, members: list[Member], limit: float, every: float, output: Path, lines: Lines, token: str
    ) -> None:
        super().__init__(world, members, limit, every, output)
        self.lines, self.heard = lines, time.monotonic()
        lines.connection.settimeout(every)
        self.tell({"token": token, "rank": self.rank})
        self.thread.start()

    def watch(self) -> None:
        """Say where training is, hear what rank 0 says."""
        verdict = None
        while verdict is None and not self.over.is_set():
            self.tell({"beat": vars(self.beat())})
            said = self._said()
            if any("bye" in message for message in said or ()):
                break
            verdict = self._verdict(said)
        self.lines.close()
        if verdict is not None and not self.over.is_set():
            self.end(verdict)

    def tell(self, message: Message) -> None:
        """Over the connection; where that is lost, the thread finds out."""
        with self.lock, contextlib.suppress(OSError):
            self.lines.send(message)

    def close(self) -> None:
        """As it is written there, without waiting for what rank 0 says next."""
        self.over.set()
        with contextlib.suppress(OSError):  # lost already
            self.lines.connection.shutdown(socket.SHUT_RD)
        super().close()

    def _said(self) -> list[Message] | None:
        try:
            return self.lines.receive()
        except TimeoutError:
            return []
        except (OSError, ValueError):
            return None

    def _verdict(self, said: list[Message] | None) -> Verdict | None:
        """What rank 0 has decided, or what is to be said of rank 0."""
        first, now = self.members[0], time.monotonic()
        if said is None:
            return Verdict(0, f"rank 0 on {first.host} (pid {first.pid}) {DIED}")
        for message in said:
            if "verdict" in message:
                return Verdict(**message["verdict"])
        self.heard = now if said else self.heard
        if now - self.heard > self.limit:
            return Verdict(0, f"rank 0 on {first.host} (pid {first.pid}) {silent(now - self.heard)}")
        return None


class _First(_Watch):
    """Rank 0, which judges."""

    def __init__(
        self,
        world: World,
        members: list[Member],
        limit: float,
        every: float,
        output: Path,
        listener: socket.socket,
        token: str,
    ) -> None:
        super().__init__(world, members, limit, every, output)
        self.token = token
        self.judge = Judge(members, limit, time.monotonic())
        self.ranks: dict[Lines, int | None] = {}
        """Of every connection that is open; None: it has not said yet whose it is."""
        self.selector = selectors.DefaultSelector()
        self.selector.register(listener, selectors.EVENT_READ)
        self.listener = listener
        self.thread.start()

    def watch(self) -> None:
        """Hear all, judge, and tell them."""
        verdict, said = None, time.monotonic()
        while verdict is None and not self.over.is_set():
            self._hear()
            now = time.monotonic()
            with self.lock:
                self.judge.hear(0, self.beat(), now)
                verdict = self.judge.verdict(now)
            if now - said >= self.every:
                self._say({"here": True})
                said = now
        with self.lock:  # the process may be ending by an error that nobody has judged yet
            verdict = verdict or self.judge.verdict(time.monotonic())
        self._say({"bye": True} if verdict is None else {"verdict": vars(verdict)})
        self._see_off()
        if verdict is not None:
            self.end(verdict)

    def tell(self, message: Message) -> None:
        """What others say over their connections."""
        self._take(0, message)

    def _take(self, rank: int, message: Message) -> None:
        with self.lock:
            if "beat" in message:
                self.judge.hear(rank, Beat(**message["beat"]), time.monotonic())
            elif "failed" in message:
                self.judge.fail(rank, message["failed"])
            elif "broken" in message:
                self.judge.broken(rank, message["broken"], time.monotonic())
            elif "left" in message:
                self.judge.leave(rank)

    def _hear(self) -> None:
        for key, _ in self.selector.select(min(self.every, 0.2)):
            if key.fileobj is self.listener:
                with contextlib.suppress(OSError):  # too many open files: who asked is taken in when there is room
                    connection, _ = self.listener.accept()
                    connection.settimeout(GRACE_SECONDS)
                    lines = Lines(connection)
                    self.ranks[lines] = None
                    self.selector.register(connection, selectors.EVENT_READ, lines)
            else:
                self._hear_one(key.data)

    def _hear_one(self, lines: Lines) -> None:
        try:
            messages = lines.receive()
            for message in messages or ():
                if self.ranks[lines] is None:
                    self.ranks[lines] = self._rank(message)
                else:
                    self._take(self.ranks[lines] or 0, message)
        except (OSError, ValueError, TypeError):
            messages = None
        if messages is None:
            rank = self.ranks.pop(lines)
            self.selector.unregister(lines.connection)
            lines.close()
            if rank is not None:
                with self.lock:
                    self.judge.lost(rank)

    def _rank(self, message: Message) -> int:
        """Who has connected. Raises ValueError where it is nobody of this run."""
        rank = message.get("rank")
        if message.get("token") != self.token or not isinstance(rank, int) or not 0 < rank < len(self.members):
            raise ValueError("not of this run")
        return rank

    def _say(self, message: Message) -> None:
        for lines in [lines for lines, rank in self.ranks.items() if rank is not None]:
            with contextlib.suppress(OSError):  # it will be found out when it is heard
                lines.send(message)

    def _see_off(self) -> None:
        """Wait until the others have hung up: of what was said over a connection that is closed here, some is lost."""
        until = time.monotonic() + GRACE_SECONDS
        while self.ranks and time.monotonic() < until:
            self._hear()
        for lines in self.ranks:
            lines.close()
        self.selector.close()
        self.listener.close()
