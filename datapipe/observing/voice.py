"""What a run wants its user to know: said on the terminal and noted in the event log."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from datapipe.observing.event_log import EventLog
from datapipe.observing.events import Warned

if TYPE_CHECKING:
    from rich.console import Console


@dataclass
class Voice:
    """Call it with a line. What is said before there is a log is noted when there is one."""

    console: "Console"
    log: EventLog | None = None
    early: list[str] = field(default_factory=list)

    def __call__(self, line: str) -> None:
        """Say it."""
        self.console.print(line, highlight=False, soft_wrap=True, markup=False)
        if self.log is None:
            self.early.append(line)
        else:
            self.log.add(Warned(line))

    def note_in(self, log: EventLog) -> None:
        """From now on note it there."""
        self.log = log
        for line in self.early:
            log.add(Warned(line))
        self.early.clear()
