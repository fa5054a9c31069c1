"""Where a run begins: anew, from its own last checkpoint under the same plan or a changed one, or from another run."""

import dataclasses
import shutil
from pathlib import Path

import pytest

from datapipe.loading.located_yaml import RecipeError
from datapipe.output import RunError
from tests.trainer import tiny_training as tiny
from trainer.checkpoint import save, state_of
from trainer.checkpointing.continuing import Beginning, begin
from trainer.checkpointing.state_file import digest_of
from trainer.corpus import CorpusSizes, UnitSize
from trainer.load import loads
from trainer.order import Order
from trainer.plan import Plan
from trainer.planning import outlook_of

PLAN = """
name: letters
output: run
model: {n_layer: 1, n_head: 1, n_kv_head: 1, d_model: 4}
seq_len: 10
data: out
tokenizer: letters-16
blends:
  even: {english: {weight: 0.5}, code: {weight: 0.5}}
  odd: {english: {weight: 0.75}, code: {weight: 0.25}}
phases:
  - {name: first, tokens: 160, batch: 4, blend: even, learning_rate: [{shape: constant, start: 0.1}]}
  - {name: second, tokens: 160, batch: 8}
"""
"""16 samples in batches of 4, then 16 in batches of 8."""
SIZES = CorpusSizes(
    {"english": {"web": UnitSize(1000, 90, 2)}, "code": {"python": UnitSize(500, 45, 1)}},
    seq_len=10,
    vocab_size=16,
    vocabulary="v1",
    fingerprint="d1",
)


def plan(*settings: str) -> Plan:
    return loads(PLAN, "plan.yaml", settings)


def begun(
    output: Path,
    *settings: str,
    sizes: CorpusSizes = SIZES,
    changed_plan: bool = False,
    warnings: list[str] | None = None,
) -> Beginning:
    """A process that begins under a plan with these changes; any warning that is not asked for is an error."""
    heard: list[str] = []
    found = begin(plan(*settings), sizes, output, str(output.parent), changed_plan, heard.append)
    if warnings is not None:
        warnings += heard
    else:
        assert heard == []
    return found


def saved(output: Path, beginning: Beginning, samples_seen: int, step: int) -> Path:
    """What the process has come to."""
    model = tiny.model()
    record = dataclasses.replace(beginning.record, samples_seen=samples_seen, step=step)
    return save(output, state_of(record, model, tiny.adamw(model)))


def test_a_run_without_checkpoints_begins_anew(tmp_path: Path) -> None:
    found = begun(tmp_path / "run")
    assert (found.state, found.record.samples_seen, found.record.step) == (None, 0, 0)
    assert [(one.first, one.end) for one in found.record.course.stretches] == [(0, 16), (16, 32)]
    assert found.record.plan == PLAN


def test_a_run_goes_on_where_its_last_checkpoint_is(tmp_path: Path) -> None:
    output = tmp_path / "run"
    saved(output, begun(output), 8, 2)
    found = begun(output)
    assert found.state is not None
    assert found.goes_on
    assert (found.record.samples_seen, found.record.step, found.changes) == (8, 2, ())
    assert found.record.course == begun(tmp_path / "other").record.course


@pytest.mark.parametrize(
    "setting",
    [
        "execution.micro_batch=2",
        "execution.recompute=true",
        "execution.compile=true",
        "execution.loss_chunk=7",
        "execution.deterministic=true",
        "logs.every_steps=5",
        "checkpoints.every_tokens=100",
        "checkpoints.keep_last=1",
        "validation.every_tokens=50",
        "stop.skipped_steps=3",
        "phases.1.gpus=8",
        "phases.1.iteration_seconds=0.5",
        "hardware.gpu=a100",
    ],
)
def test_what_changes_neither_samples_nor_numbers_may_change(tmp_path: Path, setting: str) -> None:
    output = tmp_path / "run"
    saved(output, begun(output), 8, 2)
    found = begun(output, setting)
    assert (found.record.samples_seen, found.changes, found.record.settings) == (8, (), (setting,))


def test_how_many_gpus_the_plan_says_now_is_in_force(tmp_path: Path) -> None:
    output = tmp_path / "run"
    saved(output, begun(output), 8, 2)
    assert [one.gpus for one in begun(output, "phases.1.gpus=8").record.course.stretches] == [None, 8]


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("phases.1.batch=16", "phases.1.batch: 8 in the checkpoint, 16 in the plan"),
        ("phases.1.blend=odd", "phases.1.blend.english: 0.5 in the checkpoint, 0.75 in the plan"),
        ("phases.1.tokens=240", "phases.1.samples: 16 in the checkpoint, 24 in the plan"),
        ("optimizer.eps=1e-5", "optimizer.eps: 1e-08 in the checkpoint, 1e-05 in the plan"),
        ("optimizer.clip=0.5", "optimizer.clip: 1.0 in the checkpoint, 0.5 in the plan"),
        ("execution.precision=fp32", "execution.precision: bf16 in the checkpoint, fp32 in the plan"),
    ],
)
def test_another_plan_is_refused_and_told(tmp_path: Path, setting: str, line: str) -> None:
    output = tmp_path / "run"
    saved(output, begun(output), 8, 2)
    with pytest.raises(RunError) as failure:
        begun(output, setting)
    said = str(failure.value)
    assert said.startswith(f"{output}: its checkpoint at sample 8 is of another plan:\n")
    assert f"\n  {line}\n" in said
    assert said.endswith("\n--changed-plan goes on under the new plan from sample 8; or change it back")


def test_another_seed_is_refused_for_good(tmp_path: Path) -> None:
    output = tmp_path / "run"
    saved(output, begun(output), 8, 2)
    with pytest.raises(RunError) as failure:
        begun(output, "seed=18")
    assert "\n  seed: 17 in the checkpoint, 18 in the plan\n" in str(failure.value)
    assert "\nchange it back, or give another output; --changed-plan would be refused: " in str(failure.value)


def test_other_data_is_refused_and_told(tmp_path: Path) -> None:
    output = tmp_path / "run"
    saved(output, begun(output), 8, 2)
    more = {**SIZES.units, "code": {"python": UnitSize(510, 46, 1)}}
    said = "\n  code/python: 45 windows in the checkpoint, 46 in the data\nchange it back, or give another output; "
    with pytest.raises(RunError, match=said):
        begun(output, sizes=dataclasses.replace(SIZES, units=more, fingerprint="d2"))


def test_a_changed_plan_goes_on_from_where_the_run_is(tmp_path: Path) -> None:
    """After 8 of the first 16 samples, half of which were code, a quarter of the next 8 and of the other 16 is."""
    output = tmp_path / "run"
    first = begun(output)
    saved(output, first, 8, 2)

    found = begun(output, "phases.0.blend=odd", changed_plan=True)

    assert found.changes == (
        "phases.0.blend.code: 0.5 in the checkpoint, 0.25 in the plan",
        "phases.0.blend.english: 0.5 in the checkpoint, 0.75 in the plan",
        "phases.1.blend.code: 0.5 in the checkpoint, 0.25 in the plan",
        "phases.1.blend.english: 0.5 in the checkpoint, 0.75 in the plan",
    )
    assert (found.record.samples_seen, found.record.changed_at) == (8, 8)
    assert [(one.first, one.end) for one in found.record.course.stretches] == [(0, 8), (8, 16), (16, 32)]
    assert Order(found.record.course).cursors(8) == {"code": {"python": 4}, "english": {"web": 4}}
    assert Order(found.record.course).cursors(32) == {"code": {"python": 10}, "english": {"web": 22}}
    before, after = (Order(one.record.course).places(0, 8) for one in (first, found))
    assert before.row.tolist() == after.row.tolist()


def test_a_changed_plan_is_the_plan_from_then_on(tmp_path: Path) -> None:
    output, setting = tmp_path / "run", "phases.1.blend=odd"
    saved(output, begun(output), 8, 2)
    changed = begun(output, setting, changed_plan=True)
    saved(output, changed, 12, 3)

    again = begun(output, setting)
    assert again.record.course == changed.record.course
    assert again.changes == ()
    with pytest.raises(RunError, match=r"phases.1.blend.english: 0.75 in the checkpoint, 0.5 in the plan"):
        begun(output)
    back = begun(output, changed_plan=True)
    assert back.record.changed_at == 12
    assert back.record.course == begun(tmp_path / "other").record.course


def test_other_gpus_are_no_difference_after_a_change_either(tmp_path: Path) -> None:
    """The plan was changed for its second phase in the middle of the first."""
    output, setting = tmp_path / "run", "phases.1.blend=odd"
    saved(output, begun(output), 8, 2)
    saved(output, begun(output, setting, changed_plan=True), 12, 3)

    found = begun(output, setting, "phases.0.gpus=1", "phases.1.gpus=8")

    assert [one.gpus for one in found.record.course.stretches] == [None, 1, 8]
    assert found.changes == ()


def test_a_phase_keeps_its_number_where_the_plan_was_changed_in_the_one_before(tmp_path: Path) -> None:
    output, setting = tmp_path / "run", "phases.0.blend=odd"
    saved(output, begun(output), 8, 2)
    saved(output, begun(output, setting, changed_plan=True), 12, 3)
    with pytest.raises(RunError, match=r"\n  phases.1.batch: 8 in the checkpoint, 16 in the plan\n"):
        begun(output, setting, "phases.1.batch=16")


def test_a_changed_plan_is_held_to_its_caps_by_what_was_seen(tmp_path: Path) -> None:
    """Of 45 windows of code 3 were seen, 2 + 4 follow: 0.2 epochs. Had the plan been so from the start: 8 + 4."""
    output = tmp_path / "run"
    saved(output, begun(output, "phases.0.blend=odd"), 12, 3)
    new = ("phases.1.blend=odd", 'phases.1.max_epochs={"code": 0.22}')
    with pytest.raises(RecipeError, match=r"code/python needs 0\.2667 epochs, the cap is 0\.22"):
        begun(output, *new)

    found = begun(output, *new, changed_plan=True)

    assert Order(found.record.course).cursors(32) == {"code": {"python": 9}, "english": {"web": 23}}
    assert found.record.changed_at == 12
    assert found.changes


def test_a_run_that_is_over_goes_on_where_a_changed_plan_is_longer(tmp_path: Path) -> None:
    output = tmp_path / "run"
    saved(output, begun(output), 32, 6)
    assert begun(output).record.samples_seen == 32
    longer = begun(output, "phases.1.tokens=320", changed_plan=True)
    assert longer.record.course.stretches[-1].end == 48


@pytest.mark.parametrize("changed_plan", [False, True])
def test_another_model_or_vocabulary_is_refused_whatever_is_given(tmp_path: Path, changed_plan: bool) -> None:
    output = tmp_path / "run"
    saved(output, begun(output), 8, 2)
    with pytest.raises(
        RunError, match=r"\n  model.n_layer: 1 in the checkpoint, 2 in the plan\na model's weights fit no"
    ):
        begun(output, "model.n_layer=2", changed_plan=changed_plan)
    other = dataclasses.replace(SIZES, vocabulary="v2")
    with pytest.raises(
        RunError, match=r"vocabulary: letters-16 \(v1\) in the checkpoint, letters-16 \(v2\) in the data"
    ):
        begun(output, sizes=other, changed_plan=changed_plan)


def test_a_change_without_a_checkpoint_is_told(tmp_path: Path) -> None:
    warnings: list[str] = []
    begun(tmp_path / "run", changed_plan=True, warnings=warnings)
    assert warnings == [f"{tmp_path}/run: there is no checkpoint yet, so --changed-plan changes nothing"]


START = 'start={"checkpoint": "earlier"}'


def a_finished_run(folder: Path) -> Path:
    """The checkpoint at its end: 16 samples of each unit."""
    return saved(folder / "earlier", begun(folder / "earlier"), 32, 6)


def test_a_new_run_starts_with_what_another_has_learnt(tmp_path: Path) -> None:
    checkpoint = a_finished_run(tmp_path)

    found = begun(tmp_path / "next", START)

    assert found.state is not None
    assert found.keeps_moments
    assert not found.goes_on
    assert (found.record.samples_seen, found.record.step) == (0, 0)
    origin = found.record.origin
    assert origin is not None
    assert (origin.path, origin.digest) == (str(checkpoint), digest_of(checkpoint))
    assert (origin.name, origin.samples_seen) == ("letters", 32)
    assert found.record.course.stretches[0].cursors == {"code": {"python": 16}, "english": {"web": 16}}


def test_units_and_moments_may_begin_anew(tmp_path: Path) -> None:
    a_finished_run(tmp_path)
    fresh = begun(tmp_path / "next", 'start={"checkpoint": "earlier", "cursors": "fresh", "optimizer": "fresh"}')
    assert not fresh.keeps_moments
    assert fresh.record.course.stretches[0].cursors == {"code": {"python": 0}, "english": {"web": 0}}


def test_a_checkpoint_may_be_named_and_a_diverged_one_must_be(tmp_path: Path) -> None:
    first = begun(tmp_path / "earlier")
    early = saved(tmp_path / "earlier", first, 8, 2)
    saved(tmp_path / "earlier", first, 16, 4)
    model = tiny.model()
    record = dataclasses.replace(first.record, samples_seen=24, step=5)
    diverged = save(tmp_path / "earlier", state_of(record, model, tiny.adamw(model)), is_diverged=True)

    def origin(*settings: str) -> int:
        found = begun(tmp_path / "next", *settings).record.origin
        assert found is not None
        return found.samples_seen

    assert origin(START) == 16
    assert origin(START, f"start.checkpoint={early}") == 8
    assert origin(START, "start.checkpoint=earlier/checkpoints/000000000008") == 8
    assert origin(START, f"start.checkpoint={diverged}") == 24


def test_a_run_that_has_started_needs_the_other_no_more(tmp_path: Path) -> None:
    a_finished_run(tmp_path)
    started = begun(tmp_path / "next", START)
    saved(tmp_path / "next", started, 8, 2)
    shutil.rmtree(tmp_path / "earlier")

    found = begun(tmp_path / "next", START)

    assert found.record.samples_seen == 8
    assert found.record.course == started.record.course
    assert found.record.origin == started.record.origin
    changed = begun(tmp_path / "next", START, "phases.1.blend=odd", changed_plan=True)
    assert changed.record.course.stretches[0] == started.record.course.stretches[0]


def test_a_start_of_another_model_or_vocabulary_is_refused(tmp_path: Path) -> None:
    checkpoint = a_finished_run(tmp_path)
    with pytest.raises(RunError) as failure:
        begun(tmp_path / "next", START, "model.d_ff=32", sizes=dataclasses.replace(SIZES, vocabulary="v2"))
    assert str(failure.value) == (
        f"{checkpoint}: this plan cannot start from it:\n"
        "  model.d_ff: 16 in the checkpoint, 32 in the plan\n"
        "  vocabulary: letters-16 (v1) in the checkpoint, letters-16 (v2) in the data\n"
        "give another checkpoint, or the same model and tokenizer"
    )


def test_a_vocabulary_that_nobody_knows_is_told(tmp_path: Path) -> None:
    checkpoint = a_finished_run(tmp_path)
    warnings: list[str] = []
    begun(tmp_path / "next", START, sizes=dataclasses.replace(SIZES, vocabulary=""), warnings=warnings)
    (line,) = warnings
    assert line.startswith(f"{checkpoint}: whether its vocabulary is that of the tokens is not known")


def test_a_start_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="earlier: neither a checkpoint nor the output of a run that has one"):
        begun(tmp_path / "next", START)
    with pytest.raises(RunError, match="s3://bucket/run: checkpoints are read from local or mounted folders"):
        begun(tmp_path / "next", START, "start.checkpoint=s3://bucket/run")


def test_units_go_on_only_in_the_order_of_their_seed(tmp_path: Path) -> None:
    a_finished_run(tmp_path)
    with pytest.raises(RecipeError, match="seed"):
        begun(tmp_path / "next", START, "seed=18")
    assert begun(tmp_path / "next", START, "seed=18", "start.cursors=fresh").record.course.seed == 18


def imported(folder: Path) -> Path:
    """A model that was trained elsewhere, as `trainer import` leaves it."""
    model = tiny.model()
    record = begun(folder).record
    course = dataclasses.replace(record.course, seed=0, windows={}, stretches=(), rates=())
    terms = dataclasses.replace(record.terms, course=course)
    return save(folder, state_of(dataclasses.replace(record, terms=terms), model, tiny.adamw(model)))


def test_a_run_starts_from_a_model_that_was_trained_elsewhere(tmp_path: Path) -> None:
    imported(tmp_path / "earlier")
    found = begun(tmp_path / "next", START)
    assert found.record.course == begun(tmp_path / "other").record.course
    assert found.state is not None


def test_the_plan_of_such_a_run_can_be_looked_at(tmp_path: Path) -> None:
    imported(tmp_path / "earlier")
    units = '{"english": {"web": 1000}, "code": {"python": 500}}'
    found = outlook_of(plan(START, f"sizes={units}", "model.vocab_size=16"), str(tmp_path))
    assert found.start is not None
    assert (found.start.is_there, found.start.samples_seen) == (True, 0)


def test_such_a_model_is_nothing_to_go_on_with_in_its_own_folder(tmp_path: Path) -> None:
    imported(tmp_path / "run")
    with pytest.raises(RunError, match="run: holds letters, a model that was trained elsewhere: give another output"):
        begun(tmp_path / "run")
