"""What a line of the log says of steps: speed, waiting, and whose tokens they were so far."""

from dataclasses import dataclass

from trainer.course import PARTS, Course
from trainer.order import Order
from trainer.reckoning.hardware import Gpu, mfu


@dataclass
class Clock:
    """Time of the steps since the last line. Validation, checkpoints and logs take none of it."""

    flops_per_token: int
    gpus: int
    gpu: Gpu | None
    """None: hardware whose peak is not known, such as CPUs."""
    steps: int = 0
    tokens: int = 0
    seconds: float = 0.0
    wait_seconds: float = 0.0

    def add(self, tokens: int, seconds: float, wait_seconds: float) -> None:
        """A step took `seconds`, of which it waited `wait_seconds` for its batch."""
        self.steps += 1
        self.tokens += tokens
        self.seconds += seconds
        self.wait_seconds += wait_seconds

    def means(self) -> dict[str, float | None]:
        """Per step, since the last time this was asked."""
        speed = self.tokens / max(self.seconds, 1e-9)
        found = {
            "tokens_per_s": speed,
            "mfu": None if self.gpu is None else mfu(self.flops_per_token, speed, self.gpus, self.gpu),
            "step_seconds": self.seconds / self.steps,
            "data_wait_seconds": self.wait_seconds / self.steps,
        }
        self.steps, self.tokens, self.seconds, self.wait_seconds = 0, 0, 0.0, 0.0
        return found


def shares(order: Order, samples_seen: int) -> dict[str, list[float]]:
    """Of every domain that the course has samples of: the share it was given so far, and what the plan asks for."""
    planned = planned_samples(order.course, samples_seen)
    given = {domain: sum(units.values()) for domain, units in order.used(0, samples_seen).items()}
    return {domain: [given[domain] / samples_seen, planned[domain] / samples_seen] for domain in planned}


def planned_samples(course: Course, samples_seen: int) -> dict[str, float]:
    """Samples that each domain's share comes to, of the first `samples_seen` of a course."""
    found: dict[str, float] = {}
    for stretch in course.stretches:
        samples = max(0, min(samples_seen, stretch.end) - stretch.first)
        for domain, parts in stretch.parts.domains.items():
            found[domain] = found.get(domain, 0.0) + samples * parts / PARTS
    return found


def is_due(before: int, after: int, every: int | None) -> bool:
    """Whether a multiple of `every` was reached or crossed on the way; None: never."""
    return every is not None and after // every > before // every
