"""Which process a job ends for, and why: decided from what all of them say, or do not say any more. No torch here.

All processes of a run take part in the same collectives in the same order. So of those that stand still the one that
has taken part in the fewest is the one that the others wait for, whatever they do it in.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from datapipe.output import RunError

BROKEN_SECONDS = 5.0
"""After a process has lost its connections: so long another may take to be found dead, before it is named itself."""

DIED = "died (killed from outside, or out of memory)"


def silent(seconds: float) -> str:
    """What is said of a process that says nothing."""
    return f"was not heard of for {seconds:.0f} s (stopped, or its node is gone)"


class LostProcessError(RunError):
    """A run has ended since one of its processes has died, hangs or failed: it can be started again."""


@dataclass(frozen=True)
class Member:
    """A process of the run."""

    host: str
    pid: int


@dataclass(frozen=True)
class Beat:
    """What a process says of itself."""

    position: int = 0
    """Collectives that it has taken part in."""
    step: int = 0
    doing: str = "starting"
    is_patient: bool = False
    saves: int = 0
    """Collectives of saves, which may go on beside training: they count where the others are equal."""


@dataclass(frozen=True)
class Verdict:
    """Why the job ends."""

    rank: int
    """For whom."""
    line: str


@dataclass
class _Known:
    """What is known of one."""

    beat: Beat
    heard: float
    """When it last said anything,"""
    moved: float
    """and when that was something new."""
    is_away: bool = False
    """Whether it has left in order."""


class Judge:
    """Hears all processes. Times are seconds of one clock, that of who hears: those of other machines do not matter."""

    def __init__(self, members: Sequence[Member], limit_seconds: float, now: float) -> None:
        """None has said anything yet; each has `limit_seconds` for that."""
        self._members, self._limit = members, limit_seconds
        self._known = [_Known(Beat(), now, now) for _ in members]
        self._broken: tuple[int, str, float] | None = None
        self._verdict: Verdict | None = None

    def hear(self, rank: int, beat: Beat, now: float) -> None:
        """A process says where it is."""
        known = self._known[rank]
        known.heard = now
        if beat != known.beat:
            known.beat, known.moved = beat, now

    def leave(self, rank: int) -> None:
        """It ends in order."""
        self._known[rank].is_away = True

    def fail(self, rank: int, why: str) -> None:
        """It ends by an error of its own."""
        if not self._known[rank].is_away:
            self._decide(rank, f"failed: {why}")
            self.leave(rank)

    def broken(self, rank: int, why: str, now: float) -> None:
        """It can no longer speak with others, one of which may be dead."""
        self._broken = self._broken or (rank, why, now)

    def lost(self, rank: int) -> None:
        """It is gone without a word."""
        if not self._known[rank].is_away:
            self._decide(rank, DIED)
            self.leave(rank)

    def verdict(self, now: float) -> Verdict | None:
        """Why the job must end; None: it need not. The first verdict stays."""
        left = [rank for rank, known in enumerate(self._known) if not known.is_away]
        if self._verdict is None and left:
            quiet = min(left, key=lambda rank: self._known[rank].heard)
            behind = min(left, key=self._place)
            seconds = now - self._known[quiet].heard
            still = now - self._known[behind].moved
            if seconds > self._limit:
                self._decide(quiet, silent(seconds))
            elif still > self._limit and not self._known[behind].beat.is_patient:
                self._decide(behind, self._hanging(left, behind, still))
            elif self._broken is not None and now - self._broken[2] > BROKEN_SECONDS:
                self._decide(self._broken[0], f"lost its connection to others: {self._broken[1]}")
        return self._verdict

    def _place(self, rank: int) -> tuple[int, int]:
        beat = self._known[rank].beat
        return beat.position, beat.saves

    def _hanging(self, left: list[int], behind: int, seconds: float) -> str:
        same = sum(self._place(rank) == self._place(behind) for rank in left)
        if same == len(left) > 1:  # as where a GPU hangs: processes run ahead of it
            return f"hangs, as do all {same:,} at the same place, for {seconds:.0f} s"
        return f"hangs: the others wait for it, and nothing has moved for {seconds:.0f} s"

    def _decide(self, rank: int, what: str) -> None:
        if self._verdict is None:
            member, beat = self._members[rank], self._known[rank].beat
            where = f"at step {beat.step:,}, {beat.doing}" if beat.step else beat.doing
            self._verdict = Verdict(rank, f"rank {rank} on {member.host} (pid {member.pid}; {where}) {what}")
