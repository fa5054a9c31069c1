"""A run between two steps: what it is made of, where it is, and what it keeps of that."""

import dataclasses
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch

from trainer.checkpoint import state_of
from trainer.checkpointing.record import Record
from trainer.checkpointing.retention import remove_others
from trainer.checkpointing.saves import Saves
from trainer.course import Course, Stretch
from trainer.data import Batch, Batches
from trainer.model import Transformer
from trainer.plan import Plan
from trainer.processes.world import ALONE, World
from trainer.running.account import Clock, is_due, shares
from trainer.running.compute_time import ComputeTime
from trainer.running.divergence import DivergedError, Tracked
from trainer.running.figures import of_domains, validation_record
from trainer.running.log import Log
from trainer.running.progress import TrainingProgress
from trainer.running.spikes import Spikes
from trainer.running.step import StepResult
from trainer.running.stragglers import Stragglers, slowest
from trainer.running.validation import validate
from trainer.schedule import step_of
from trainer.tokens.reading import Reader
from trainer.tokens.validation_windows import ValidationUnit


@dataclass
class Training:
    """A run in progress."""

    plan: Plan
    output: Path
    course: Course
    reader: Reader
    validation: tuple[ValidationUnit, ...]
    model: Transformer
    optimizer: torch.optim.Optimizer
    record: Record
    """What every checkpoint says, but for where the run is."""
    log: Log
    clock: Clock
    progress: TrainingProgress
    saves: Saves
    samples_seen: int = 0
    tracked: Tracked = field(default_factory=Tracked)
    spikes: Spikes = field(default_factory=Spikes)
    world: World = ALONE
    """The processes of the run."""
    saved: int | None = None
    """Samples seen of the last checkpoint,"""
    saved_time: float = field(default_factory=time.monotonic)
    """and when it was."""
    changes: tuple[str, ...] = ()
    """How the plan differs from that of the checkpoint it went on from."""

    compute_time: ComputeTime | None = None
    """Of this process; None where there are no others, or blocks are compiled."""
    stragglers: Stragglers = field(default_factory=Stragglers)
    hosts: list[str] = field(default_factory=list)
    """By rank."""

    @property
    def step(self) -> int:
        """Steps so far, skipped ones among them."""
        return step_of(self.course, self.samples_seen)

    @property
    def is_over(self) -> bool:
        """Whether the course has no more steps."""
        return self.samples_seen >= self.course.stretches[-1].end

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return self.model.head.weight.device

    def stretches_ahead(self) -> Iterator[Stretch]:
        """What is left of the course; the first may be half done."""
        return (stretch for stretch in self.course.stretches if stretch.end > self.samples_seen)

    def batches(self, stretch: Stretch) -> Batches:
        """Those of a stretch that are left."""
        only = dataclasses.replace(self.course, stretches=(stretch,))
        is_pinned = self.device.type == "cuda"
        return Batches(self.reader, only, self.samples_seen, self.world.data_rank, self.world.degrees.data, is_pinned)

    def begin(self, threads: int) -> None:
        """The process begins, or goes on."""
        parameters, device = self.model.shape.parameters, str(self.device)
        started = {"parameters": parameters, "device": device, "threads": threads, "gpus": self.world.size}
        if self.world.size > 1:
            self.hosts = self.world.gathered(socket.gethostname())
            if not self.plan.execution.compile:
                self.compute_time = ComputeTime(self.model, self.device)
        self.note("start", {**started, "changes": list(self.changes)})
        if self.saved is not None:
            self.progress.say(f"goes on after step {self.step:,}, {self.samples_seen * self.course.seq_len:,} tokens")
        for line in self.changes:
            self.progress.say(f"changed: {line}")

    def enter(self, stretch: Stretch) -> None:
        """Say so where a stretch begins, and measure what the first one begins with."""
        if self.samples_seen == 0 and self.plan.validation.at_start:
            self.validate()
        if self.samples_seen == stretch.first:
            self.spikes = Spikes()  # of another blend another loss is usual
            self.note("phase", {"phase": stretch.phase, "batch": stretch.batch, "gpus": stretch.gpus})

    def count(self, phase: str, batch: Batch, result: StepResult, rate: float, seconds: float) -> None:
        """A step is done: it took `seconds` beside waiting for its batch."""
        tokens = (batch.end - batch.first) * self.course.seq_len
        self.samples_seen = batch.end
        self.tracked = self.tracked.after(result.loss, result.is_skipped, self.plan.stop)
        self.clock.add(tokens, seconds + batch.wait_seconds, batch.wait_seconds)
        step, figures = self.step, {"loss": result.loss, "grad_norm": result.grad_norm}
        if result.is_skipped:
            self.note("skipped", {**figures, "in_a_row": self.tracked.skipped_in_a_row})
            self.progress.say(f"step {step:,}: its gradient is not finite: skipped")
        else:
            self._tell_spikes(result)
            if step % self.plan.logs.every_steps == 0:
                given = shares(self.reader.order, self.samples_seen)
                seen = self.samples_seen * self.course.seq_len
                speed = {**self._tell_stragglers(self.clock.steps, self.clock.wait_seconds), **self.clock.means()}
                self.note("step", {**figures, "rate": rate, **speed, "tokens": seen, "shares": given})
        self.progress.step(phase, step, self.samples_seen, result.loss, rate)

    def _tell_spikes(self, result: StepResult) -> None:
        """A line of each that the step begins."""
        for spike in self.spikes.found(result.loss, result.grad_norm):
            self.note("spike", dataclasses.asdict(spike))
            what = "gradient norm" if spike.of == "grad_norm" else spike.of
            self.progress.say(f"step {self.step:,}: spike: {what} {spike.value:.3g}, usual is {spike.usual:.3g}")
        self.spikes = self.spikes.after(result.loss, result.grad_norm)

    def _tell_stragglers(self, steps: int, wait_seconds: float) -> dict[str, object]:
        """For a line of the log, of so many steps: the slowest process. One that is slow for long gets its own line."""
        if self.compute_time is None:
            return {}
        seconds = self.world.numbers((self.compute_time.taken() + wait_seconds) / steps)
        for one in self.stragglers.after(steps, seconds):
            self.note("straggler", {**dataclasses.asdict(one), "host": self.hosts[one.rank]})
            self.progress.say(
                f"rank {one.rank} on {self.hosts[one.rank]} is slow: over {one.steps:,} steps it computed "
                f"{one.seconds:.3g} s each, {one.seconds / one.median:.1f} times the median of all ranks"
            )
        return {"slowest": slowest(seconds)}

    def measure_and_save(self, batch: Batch, is_edge: bool) -> None:
        """Validate and save at the edges of phases, and where the plan's intervals have it."""
        before, after = batch.first * self.course.seq_len, batch.end * self.course.seq_len
        self.world.pulse.doing = "validating"
        if is_edge or is_due(before, after, self.plan.validation.every_tokens):
            self.validate()
        self.world.pulse.doing = "saving"
        self.end_save(wait=False)
        settings, minutes = self.plan.checkpoints, (time.monotonic() - self.saved_time) / 60
        is_late = self.world.from_first(settings.every_minutes is not None and minutes >= settings.every_minutes)
        if is_edge:
            self.save()
        elif not self.tracked.is_doubtful and (is_late or is_due(before, after, settings.every_tokens)):
            self.save(in_background=settings.background)

    def validate(self) -> None:
        """Measure the loss on what is held out."""
        if not self.validation:
            return
        measured = validate(self.model, self.reader.corpus, self.validation, self.plan.execution, self.world)
        self.note("validation", validation_record(measured))
        means = (f"{domain} {figures.loss:.3f}" for domain, figures in of_domains(measured).items())
        self.progress.say(f"validation at {self.samples_seen * self.course.seq_len:,} tokens: {', '.join(means)}")

    def save(self, is_diverged: bool = False, in_background: bool = False) -> Path | None:
        """Write a checkpoint; None where the last one is of this very moment, or it is only begun. Raises RunError."""
        self.end_save()
        if self.saved == self.samples_seen:
            return None
        record = dataclasses.replace(
            self.record, samples_seen=self.samples_seen, step=self.step, tracked=self.tracked, spikes=self.spikes
        )
        state = state_of(record, self.model, self.optimizer)
        if not is_diverged:  # the log is cut behind this line where the run goes on from here: it is there first
            self.note("checkpoint", {})
            self.log.flush()
        folder = None
        if in_background:
            self.saves.begin(state)
        else:
            folder = self.saves.save(state, is_diverged)
            self._remove_others()
        self.saved, self.saved_time = self.samples_seen, time.monotonic()
        return folder

    def end_save(self, wait: bool = True) -> None:
        """The checkpoint that was begun takes its place, if it is written; with `wait` it will be. Raises RunError."""
        if self.saves.finish(wait) is not None:
            self._remove_others()

    def _remove_others(self) -> None:
        if self.world.is_first:
            remove_others(self.output, self.record)

    def note(self, kind: str, record: dict[str, object]) -> None:
        """A line of the log."""
        self.log.add(kind, self.samples_seen, self.step, record)

    def give_up(self, why: str) -> None:
        """The run has diverged: what it has come to is saved aside. Raises DivergedError."""
        self.note("stop", {"why": why})
        folder = self.save(is_diverged=True)
        raise DivergedError(
            f"diverged at step {self.step:,}: {why}; its state is in {folder}, from which nothing goes on by itself; "
            "the checkpoints before are as they were: change the plan, and give --changed-plan"
        )

    def leave(self, why: str) -> None:
        """The process ends before the course does: what it has come to is saved."""
        self.save()
        self.note("stop", {"why": why})
        self.progress.say(f"saved after step {self.step:,}, in {self.output}; the same command goes on from there")

    def finish(self) -> None:
        """The course is done."""
        self.end_save()
        self.note("end", {})
        self.progress.say(f"{self.step:,} steps, {self.samples_seen * self.course.seq_len:,} tokens: {self.output}")

    def close(self) -> None:
        """Let go of files."""
        self.saves.close()
        self.reader.close()
        self.log.close()
