"""What a checkpoint says of itself beside its tensors: where the run is, and what it keeps to. No torch here.

The learning rate is not in it: it follows from the course and `samples_seen`, and nothing else may say it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from datapipe.strict import STRICT
from trainer.checkpointing.sums import FileSum
from trainer.course import Course
from trainer.plan import Checkpoints, Optimizer
from trainer.running.divergence import Tracked
from trainer.running.spikes import Spikes
from trainer.shapes import Shape

NotNegative = Annotated[int, Field(ge=0)]


@dataclass(frozen=True)
class Vocabulary:
    """What token ids mean."""

    tokenizer: str
    """Name of the folder of tokens, or of what stands for it."""
    fingerprint: str
    """Of the model, "" where it is not known: ids of another one mean other pieces."""
    model_sha256: str = ""
    """Of `tokenizer.model`, "" where there is none."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Terms:
    """All that a run keeps to from its first step to its last; with other terms it would be another run.

    What is not here may change from one start of a run to the next: micro batches, recomputation, compiling, logs,
    intervals of checkpoints and validations, when to stop.
    """

    course: Course
    """Without stretches where the model was trained elsewhere."""
    shape: Shape
    vocabulary: Vocabulary
    optimizer: Optimizer = field(default_factory=Optimizer)
    precision: Literal["bf16", "fp32"] = "bf16"
    document_mask: bool = False
    fp8: bool = False

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Origin:
    """The checkpoint of another run that this one began with."""

    path: str
    digest: str
    """xxh3-128 of its `state.json`, which holds the sums of its other files."""
    name: str
    """Of the model it is of."""
    samples_seen: NotNegative
    """In that run."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Record:
    """Where a run is."""

    name: str
    """Of the model, as the plan has it."""
    samples_seen: NotNegative
    step: NotNegative
    """Batches so far, skipped ones among them."""
    terms: Terms
    changed_at: NotNegative | None = None
    """Samples seen when the plan was last changed: the course is the present plan's from there on only."""
    optimizer_steps: Mapping[str, NotNegative] = field(default_factory=dict)
    """Updates of every parameter so far, as AdamW corrects its moments by; skipped steps are none."""
    tracked: Tracked = field(default_factory=Tracked)
    """What tells divergence,"""
    spikes: Spikes = field(default_factory=Spikes)
    """and what spikes."""
    plan: str = ""
    """Its text, for people,"""
    settings: tuple[str, ...] = ()
    """and what `--set` changed."""
    origin: Origin | None = None
    retention: Checkpoints = field(default_factory=Checkpoints)
    """Which checkpoints stay, by that plan."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of what wrote it."""
    files: Mapping[str, FileSum] = field(default_factory=dict)
    """The others of the checkpoint, by name."""
    seal: str = ""
    """xxh3-128 of `state.json` with nothing here."""

    __pydantic_config__ = STRICT

    @property
    def course(self) -> Course:
        """What samples and rates follow."""
        return self.terms.course
