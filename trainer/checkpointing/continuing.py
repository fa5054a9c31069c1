"""Where a run begins: anew, from its own last checkpoint, or from that of another run. What differs is told."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from datapipe.loading.located_yaml import RecipeError
from datapipe.output import RunError, placed
from trainer.checkpoint import State, load, load_last, load_latest
from trainer.checkpointing.differences import differences, fixed_differences, shortened
from trainer.checkpointing.finding import Warn, is_checkpoint
from trainer.checkpointing.record import Origin, Record, Terms, Vocabulary
from trainer.checkpointing.state_file import digest_of
from trainer.corpus import CorpusSizes, shape_of
from trainer.course import Course
from trainer.plan import Plan, Start
from trainer.processes.world import ALONE, World
from trainer.settle import changed, settle


@dataclass(frozen=True)
class Beginning:
    """What a process starts with."""

    record: Record
    """Where the run is, and the terms it goes on under."""
    state: State | None = None
    """Whose tensors are put into the model; None: it begins with weights of the plan's seed."""
    keeps_moments: bool = True
    """Whether AdamW takes the state's too."""
    changes: tuple[str, ...] = ()
    """What `--changed-plan` has changed, line by line."""
    goes_on: bool = False
    """Whether the state is the run's own; one that starts from another run's begins at its sample 0."""


def begin(
    plan: Plan,
    sizes: CorpusSizes,
    output: Path,
    root: str | None,
    changed_plan: bool,
    warn: Warn,
    world: World = ALONE,
) -> Beginning:
    """Where the run in `output` begins or goes on; `warn` hears of checkpoints that are passed over. All processes of
    the run look together.

    Raises RunError where its last checkpoint is of another plan and `changed_plan` is not given, or cannot help; and
    RecipeError for a plan that cannot be settled.
    """
    state = load_latest(output, warn, world)
    if state is not None:
        return world.together(lambda: _resumed(plan, sizes, output, state, changed_plan))
    if changed_plan:
        warn(f"{output}: there is no checkpoint yet, so --changed-plan changes nothing")
    if (start := plan.start) is not None:
        path = placed("start.checkpoint", start.checkpoint, root)
        found = _start(path, warn, world)
        return world.together(lambda: _started(plan, start, sizes, path, found, warn))
    return world.together(lambda: Beginning(_first_record(plan, terms_of(plan, sizes, settle(plan, sizes)))))


def _start(path: str, warn: Warn, world: World) -> tuple[Path, State] | None:
    """What `start_at` finds, by all processes together: what the path is, the first one says."""
    if world.on_first(lambda: is_checkpoint(path)):
        return Path(path), load(Path(path), world)
    return load_last(Path(path), warn, world)


def terms_of(plan: Plan, sizes: CorpusSizes, course: Course) -> Terms:
    """What a run of this plan keeps to."""
    vocabulary = Vocabulary(plan.tokenizer or "token files", sizes.vocabulary, sizes.model_sha256)
    execution = plan.execution
    shape = shape_of(plan, sizes)
    return Terms(course, shape, vocabulary, plan.optimizer, execution.precision, execution.document_mask, execution.fp8)


def _first_record(plan: Plan, terms: Terms, origin: Origin | None = None) -> Record:
    return _of_plan(Record(plan.name, 0, 0, terms, origin=origin), plan)


def _of_plan(record: Record, plan: Plan) -> Record:
    """With what the present plan says beside terms."""
    return dataclasses.replace(
        record, name=plan.name, plan=plan.text, settings=plan.settings, retention=plan.checkpoints
    )


def _resumed(plan: Plan, sizes: CorpusSizes, output: Path, state: State, changed_plan: bool) -> Beginning:
    """The run itself, from its last checkpoint: under the plan it had, or a changed one."""
    record = state.record
    if not record.course.stretches:
        how = "give another output, and this one as start.checkpoint"
        raise RunError(f"{output}: holds {record.name}, a model that was trained elsewhere: {how}")
    fixed = fixed_differences(record.terms, terms_of(plan, sizes, record.course))
    if fixed:
        why = "a model's weights fit no other model and no other vocabulary: give this plan another output"
        raise RunError(_refusal(output, record, fixed, why))
    try:
        course = _same_course(plan, sizes, record)
    except RecipeError:  # had it been the plan from the start
        if not changed_plan:
            raise
        course = changed(record.course, plan, sizes, record.samples_seen)
    terms = terms_of(plan, sizes, course)
    lines = differences(record.terms, terms)
    if lines and not changed_plan:
        raise RunError(_refusal(output, record, lines, _way_out(plan, sizes, record)))
    if lines:
        course = changed(record.course, plan, sizes, record.samples_seen)
        record = dataclasses.replace(record, changed_at=record.samples_seen)
        terms = terms_of(plan, sizes, course)
    return Beginning(
        _of_plan(dataclasses.replace(record, terms=terms), plan), state, changes=tuple(lines), goes_on=True
    )


def _way_out(plan: Plan, sizes: CorpusSizes, record: Record) -> str:
    """What helps where a plan differs from that of its checkpoint."""
    try:
        changed(record.course, plan, sizes, record.samples_seen)
    except RecipeError as error:
        return f"change it back, or give another output; --changed-plan would be refused: {error}"
    return f"--changed-plan goes on under the new plan from sample {record.samples_seen:,}; or change it back"


def _same_course(plan: Plan, sizes: CorpusSizes, record: Record) -> Course:
    """The course that the checkpoint has, if the plan is still the same. The run's own start is not needed for that:
    where units were when it began stands in its course."""
    if record.changed_at is not None:
        return changed(record.course, plan, sizes, record.changed_at)
    return settle(plan, sizes, record.course if plan.start is not None else None)


def _refusal(output: Path, record: Record, lines: list[str], why: str) -> str:
    shown = "\n".join(f"  {line}" for line in shortened(lines))
    return f"{output}: its checkpoint at sample {record.samples_seen:,} is of another plan:\n{shown}\n{why}"


def _started(
    plan: Plan, start: Start, sizes: CorpusSizes, path: str, found: tuple[Path, State] | None, warn: Warn
) -> Beginning:
    """A new run, with what another one has learnt."""
    if found is None:
        raise RunError(f"start.checkpoint: {path}: neither a checkpoint nor the output of a run that has one")
    folder, state = found
    earlier = state.record
    terms = terms_of(plan, sizes, settle(plan, sizes, earlier.course, earlier.samples_seen))
    lines = fixed_differences(earlier.terms, terms)
    if lines:
        shown = "\n".join(f"  {line}" for line in lines)
        what = "give another checkpoint, or the same model and tokenizer"
        raise RunError(f"{folder}: this plan cannot start from it:\n{shown}\n{what}")
    if not (sizes.vocabulary and earlier.terms.vocabulary.fingerprint):
        warn(
            f"{folder}: whether its vocabulary is that of the tokens is not known; their ids must mean the same pieces"
        )
    origin = Origin(str(folder), digest_of(folder), earlier.name, earlier.samples_seen)
    return Beginning(_first_record(plan, terms, origin), state, keeps_moments=start.optimizer == "keep")
