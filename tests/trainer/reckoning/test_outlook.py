"""What a plan comes to, in numbers: from sizes, from tokens, and from where another run has ended."""

import dataclasses
import json
from pathlib import Path

import pytest

from datapipe.loading.located_yaml import RecipeError
from datapipe.output import RunError
from tests.terminal import Terminal
from tests.trainer.small_plans import SMALL
from tokenizer.encoding.manifest import Manifest, ShardTokens, UnitTokens, write_manifest
from trainer.checkpointing.record import Record, Terms, Vocabulary
from trainer.checkpointing.state_file import MODEL, OPTIMIZER, record_bytes
from trainer.checkpointing.sums import sum_of
from trainer.cli import main
from trainer.corpus import sizes_of
from trainer.load import load, loads
from trainer.planning import outlook_of
from trainer.reckoning.outlook import Outlook
from trainer.settle import settle

NEMOTRON4 = Path(__file__).parents[3] / "recipes" / "nemotron4_15b"


@pytest.fixture
def trainer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal("trainer", main, tmp_path, monkeypatch, capsys)


def small() -> Outlook:
    return outlook_of(loads(SMALL))


def test_phases_have_their_steps_and_samples_with_the_overshoot() -> None:
    one, two = small().phases
    assert (one.steps, one.first_step, one.last_step) == (15, 1, 15)
    assert (one.first_sample, one.edge_sample, one.end_sample, one.tokens) == (0, 119, 120, 1200)
    assert (two.steps, two.first_step, two.last_step) == (5, 16, 20)
    assert (two.first_sample, two.edge_sample, two.end_sample, two.tokens) == (120, 199, 200, 800)
    totals = small().totals
    assert (totals.steps, totals.samples, totals.tokens, totals.overshoot_samples) == (20, 200, 2000, 1)


def test_rates_at_the_edges_are_those_of_the_first_and_the_last_step() -> None:
    """The warm-up is 8 samples, one step; then the rate falls over 191 samples."""
    one, two = small().phases
    assert one.first_rate == 0.5
    assert one.last_rate == pytest.approx(0.5 * (199 - 120) / 191)
    assert two.first_rate == pytest.approx(0.5 * (199 - 136) / 191)
    assert two.last_rate == 0


def test_epochs_are_counted_through_the_phases() -> None:
    one, two = small().phases
    first = {f"{unit.domain}/{unit.unit}": unit for unit in one.units}
    # a quarter of 120 samples each, and half
    assert {name: unit.samples for name, unit in first.items()} == {"a/x": 30, "a/y": 30, "b/z": 60}
    assert {name: unit.epochs for name, unit in first.items()} == {"a/x": 0.5, "a/y": 1, "b/z": 0.6}
    # of 80 samples, 60 and 20; a by tokens: 2 of 3 and 1 of 3
    second = {f"{unit.domain}/{unit.unit}": unit for unit in two.units}
    assert {name: unit.samples for name, unit in second.items()} == {"a/x": 40, "a/y": 20, "b/z": 20}
    assert second["a/x"].epochs == pytest.approx(70 / 60)
    assert second["b/z"].epochs == 0.8
    assert sum(unit.given for unit in two.units) == pytest.approx(1)


def test_caps_stand_beside_the_units_they_are_for() -> None:
    one, two = small().phases
    assert {unit.unit: unit.cap for unit in one.units} == {"x": 1, "y": 2, "z": 3}
    assert {unit.cap for unit in two.units} == {None}


def test_domains_are_asked_for_and_given() -> None:
    a, b = small().phases[1].domains
    assert (a.domain, a.asked, a.given, a.samples, a.windows) == ("a", 0.75, 0.75, 60, 90)
    assert a.epochs == pytest.approx(120 / 90)
    assert a.of_unit == "y" and 0 < a.largest_deviation < 1e-6  # a third is no whole number of 2^20 parts
    assert (b.asked, b.largest_deviation) == (0.25, 0)


def test_costs_follow_from_the_hardware() -> None:
    outlook = small()
    one, two = outlook.phases
    assert one.cost.flops == one.tokens * outlook.flops_per_token.full
    assert (one.cost.gpus, two.cost.gpus) == (1, 2)
    assert outlook.totals.flops == one.cost.flops + two.cost.flops
    assert outlook.totals.gpu_hours == pytest.approx(one.cost.gpu_hours + two.cost.gpu_hours)
    assert (outlook.gpu, outlook.peak_flops) == ("A100", 312e12)


def test_notes_say_what_the_numbers_rest_on() -> None:
    notes = " ".join(small().notes)
    assert "those of its `sizes`" in notes
    assert "left out: a/tiny" in notes


def test_a_plan_that_would_not_fit_into_a_gpu_says_so() -> None:
    outlook = outlook_of(load(NEMOTRON4 / "pretrain.yaml", ["execution.data_shards=1"]))
    assert not any("would take" in note for note in outlook.notes)  # 16 bytes of an eighth: 29.1 GiB
    alone = ["execution.data_shards=1", "execution.tensor_parallel=1", "execution.micro_batch=1"]
    outlook = outlook_of(
        load(
            NEMOTRON4 / "pretrain.yaml",
            [*alone, *(f"phases.{name}.gpus=96" for name in ("ramp_384", "ramp_768", "ramp_1152"))],
        )
    )
    assert any("ramp_384 would take" in note and "H100 has 74.5: more GPUs" in note for note in outlook.notes)


def test_a_plan_that_only_just_fits_says_what_it_leaves() -> None:
    outlook = outlook_of(load(NEMOTRON4 / "pretrain.yaml", ["seq_len=11_264"]))
    assert any("of the 74.5 of H100 that leaves" in note for note in outlook.notes)


def test_gpus_that_shards_do_not_divide_are_refused() -> None:
    with pytest.raises((RecipeError, RunError), match=r"gpus.* expected a multiple of .* 40, found 768"):
        outlook_of(load(NEMOTRON4 / "pretrain.yaml", ["execution.data_shards=5"]))


def test_nemotron4_comes_to_what_the_paper_says() -> None:
    outlook = outlook_of(load(NEMOTRON4 / "pretrain.yaml"))
    assert [phase.steps for phase in outlook.phases] == [127_157, 63_579, 1_610_650]
    assert [round(phase.cost.days, 1) for phase in outlook.phases] == [0.8, 0.4, 11.9]
    assert [round(phase.cost.mfu.full, 1) for phase in outlook.phases] == [34.1, 33.6, 30.4]
    assert [phase.cost.mfu.published for phase in outlook.phases] == [34.3, 33.3, 30.5]
    assert all(phase.cost.mfu.is_inside for phase in outlook.phases)
    assert [round(phase.memory.megatron_states / 2**30, 2) for phase in outlook.phases] == [11.14, 11.03, 10.99]
    assert round(outlook.totals.gpu_hours, -3) == 691_000
    assert f"{outlook.totals.flops:.3g}" == "7.52e+23"
    assert outlook.totals.overshoot_samples == 760
    assert outlook.notes == (
        "there are no tokens of nemotron4_15b-256000 in out/nemotron4_15b yet: units and epochs are those of its "
        "`sizes`, and will be others with tokens",
    )


def test_nemotron4_s_continued_training_can_be_met_and_says_that_its_start_is_not_there() -> None:
    outlook = outlook_of(load(NEMOTRON4 / "continue.yaml"))
    assert outlook.start is not None and not outlook.start.is_there
    assert any("no checkpoint" in note and "as if nothing had been read" in note for note in outlook.notes)
    qa = next(unit for unit in outlook.phases[-1].units if unit.domain == "qa")
    assert 3 < qa.epochs < 4


# ----- tokens

ON_TOKENS = """
name: on_tokens
output: out
data: data
tokenizer: words
model: {n_layer: 2, n_head: 2, n_kv_head: 1, d_model: 8}
sizes: {a: {guessed: 1001}}
blends: {one: {a: {weight: 1}}}
phases:
  - name: all
    tokens: 800
    batch: 4
    BLEND
    learning_rate: [{shape: constant, start: 1e-3}]
"""


def with_tokens(folder: Path) -> None:
    """A manifest and a mixture, and no file of tokens: none is opened."""

    def unit(*tokens: int) -> UnitTokens:
        shards = (ShardTokens("s", 1, 1, one, (one - 1) // 10, {".bin": "0"}) for one in tokens)
        return UnitTokens.of(shards, 10)

    units = {"a": {"x": unit(101, 105), "y": unit(51)}, "b": {"z": unit(401)}}
    tokens = folder / "data" / "tokens" / "words"
    tokens.mkdir(parents=True)
    manifest = Manifest("words", "0", "0", "v", 300, "uint16", None, None, "native", 10, units, {})
    write_manifest(str(tokens), manifest)
    weights = {"a": {"x": 0.15, "y": 0.35}, "b": {"z": 0.5}}
    domains = {
        domain: {"weight": 0.5, "units": {name: {"weight": weight} for name, weight in of.items()}}
        for domain, of in weights.items()
    }
    (folder / "data" / "mixture.json").write_text(json.dumps({"domains": domains}))


def test_tokens_say_units_sequences_vocabulary_and_blend(tmp_path: Path) -> None:
    with_tokens(tmp_path)
    outlook = outlook_of(loads(ON_TOKENS.replace("    BLEND\n", "")), str(tmp_path))
    assert (outlook.corpus, outlook.seq_len, outlook.model.vocab_size) == ("tokens", 10, 300)
    assert outlook.corpus_tokens == {"a": 257, "b": 401}
    (phase,) = outlook.phases
    assert phase.blend == "mixture.json"
    found = {unit.unit: (unit.samples, unit.windows) for unit in phase.units}
    assert found == {"x": (12, 20), "y": (28, 5), "z": (40, 40)}
    assert outlook.notes == ()


def test_while_there_are_no_tokens_sizes_serve_and_the_plan_says_so(tmp_path: Path) -> None:
    plan = loads(
        ON_TOKENS.replace("BLEND", "blend: one").replace("d_model: 8}", "d_model: 8, vocab_size: 300}\nseq_len: 10")
    )
    before = outlook_of(plan, str(tmp_path))
    with_tokens(tmp_path)
    after = outlook_of(plan, str(tmp_path))
    assert (before.corpus, [unit.unit for unit in before.phases[0].units]) == ("sizes", ["guessed"])
    assert "there are no tokens of words in data yet" in before.notes[0]
    assert (after.corpus, [unit.unit for unit in after.phases[0].units]) == ("tokens", ["x", "y"])


# ----- plans that start from others

CONTINUED = (
    SMALL.replace("name: small", "name: more")
    .replace("output: out", "output: more\nstart: {checkpoint: out}")
    .replace("a/x: 1, a: 2, all: 3", "all: 2.5")
)


def left_behind(folder: Path, samples_seen: int, vocab_size: int = 100) -> None:
    """What the plan SMALL leaves in its output after so many samples, with files that stand for the tensors."""
    plan = loads(SMALL)
    assert plan.shape is not None
    shape = dataclasses.replace(plan.shape, vocab_size=vocab_size)
    terms = Terms(settle(plan, sizes_of(plan)), shape, Vocabulary("", ""))
    checkpoint = folder / "out" / "checkpoints" / f"{samples_seen:012}"
    checkpoint.mkdir(parents=True)
    for name in (MODEL, OPTIMIZER):
        (checkpoint / name).write_bytes(b"tensors")
    files = {name: sum_of(checkpoint / name) for name in (MODEL, OPTIMIZER)}
    (checkpoint / "state.json").write_bytes(record_bytes(Record("small", samples_seen, 1, terms, files=files)))


def test_epochs_go_on_from_the_last_checkpoint_of_another_run(tmp_path: Path) -> None:
    left_behind(tmp_path, 120)
    left_behind(tmp_path, 200)
    outlook = outlook_of(loads(CONTINUED.replace("all: 2.5", "all: 3")), str(tmp_path))
    assert outlook.start is not None and (outlook.start.is_there, outlook.start.samples_seen) == (True, 200)
    epochs = {unit.unit: unit.epochs for unit in outlook.phases[0].units}
    # 70 of 60, 50 of 30 and 80 of 100 windows before; then 30, 30 and 60 samples
    assert epochs == {"x": pytest.approx(100 / 60), "y": pytest.approx(80 / 30), "z": pytest.approx(1.4)}
    assert outlook.phases[0].first_sample == 0
    assert not any("no checkpoint" in note for note in outlook.notes)


def test_a_damaged_checkpoint_is_passed_over_as_a_run_does_and_that_is_told(tmp_path: Path) -> None:
    left_behind(tmp_path, 120)
    left_behind(tmp_path, 200)
    (tmp_path / "out" / "checkpoints" / "000000000200" / MODEL).write_bytes(b"tensor")
    outlook = outlook_of(loads(CONTINUED), str(tmp_path))
    assert outlook.start is not None and outlook.start.samples_seen == 120
    assert "damaged checkpoint passed over" in outlook.notes[0] and "6 bytes, 7 were written" in outlook.notes[0]


def test_a_checkpoint_is_named_by_itself_too(tmp_path: Path) -> None:
    left_behind(tmp_path, 120)
    left_behind(tmp_path, 200)
    start = CONTINUED.replace("checkpoint: out", "checkpoint: out/checkpoints/000000000120")
    outlook = outlook_of(loads(start), str(tmp_path))
    assert outlook.start is not None and outlook.start.samples_seen == 120


def test_caps_count_what_the_other_run_has_read(trainer: Terminal) -> None:
    left_behind(trainer.folder, 200)
    (trainer.folder / "more.yaml").write_text(CONTINUED)
    assert "a/y needs 2.667 epochs, the cap is 2.5: 80 samples of 30 windows" in trainer.error("plan", "more.yaml")


def test_another_model_cannot_be_gone_on_from(trainer: Terminal) -> None:
    left_behind(trainer.folder, 200, vocab_size=96)
    (trainer.folder / "more.yaml").write_text(CONTINUED.replace("all: 2.5", "all: 9"))
    assert "start.checkpoint" in trainer.error("plan", "more.yaml")


def test_a_damaged_checkpoint_is_refused(trainer: Terminal) -> None:
    left_behind(trainer.folder, 200)
    next(trainer.folder.glob("out/checkpoints/*/state.json")).write_text("{}")
    (trainer.folder / "more.yaml").write_text(CONTINUED)
    assert "000000000200/state.json" in trainer.error("plan", "more.yaml")
