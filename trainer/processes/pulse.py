"""What a process says of itself while the others wait for it: how far it is, and what it does. No torch here."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass
class Pulse:
    """Set by the thread that trains, read by the one that watches."""

    step: int = 0
    """The one that is computed, counted from 1; 0: none yet."""
    doing: str = "starting"
    """In words that follow the number of the step."""
    is_patient: bool = False
    """Whether this may take as long as it takes."""

    def at(self, step: int, doing: str) -> None:
        """Something else begins."""
        self.step, self.doing = step, doing

    @contextlib.contextmanager
    def patient(self, doing: str) -> Iterator[None]:
        """In the block others wait for as long as it takes, if only the process lives."""
        before, self.doing, self.is_patient = self.doing, doing, True
        try:
            yield
        finally:
            self.doing, self.is_patient = before, False
