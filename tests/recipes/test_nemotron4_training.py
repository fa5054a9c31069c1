"""The training recipes of Nemotron-4 15B keep to the paper and to what was published beside it."""

import re
from pathlib import Path

import pytest

from datapipe.loading.load import loads as load_recipe
from trainer.load import load
from trainer.schedule import phase_edges, rate_at, settled_rates

FOLDER = Path(__file__).parents[2] / "recipes" / "nemotron4_15b"
SEQ_LEN = 4096
PRETRAIN = load(FOLDER / "pretrain.yaml")
CONTINUE = load(FOLDER / "continue.yaml")


def test_the_ramp_has_the_steps_of_its_batches_and_eight_trillion_tokens() -> None:
    phases = phase_edges(PRETRAIN, SEQ_LEN)
    assert [phase.steps for phase in phases] == [127_157, 63_579, 1_610_650]
    assert phases[-1].edge * SEQ_LEN == 8 * 10**12
    assert phases[-1].end - phases[-1].edge == 760


def test_every_copy_of_the_model_takes_four_sequences_in_every_phase() -> None:
    """Table 2 of the paper: 96, 192 and 288 copies on 8 GPUs each."""
    copies = [(phase.gpus or 0) // PRETRAIN.execution.tensor_parallel for phase in PRETRAIN.phases]
    assert copies == [96, 192, 288]
    assert [phase.batch / number for phase, number in zip(PRETRAIN.phases, copies, strict=True)] == [4, 4, 4]


WARM_UP, DECAYED, END = 3_906_252, 1_949_218_748, 1_953_125_000


@pytest.mark.parametrize(
    ("samples_seen", "rate"),
    [
        (384, 4.5e-4 * 384 / WARM_UP),
        (WARM_UP // 2, 2.25e-4),
        (WARM_UP - 1, 4.5e-4 * (1 - 1 / WARM_UP)),
        (WARM_UP, 4.5e-4),
        (WARM_UP + (DECAYED - WARM_UP) // 2, (4.5e-4 + 4.5e-5) / 2),
        (DECAYED, 4.5e-5),
        (DECAYED + 1, 4.5e-5),
        (END, 4.5e-5),
        (END + 760, 4.5e-5),
    ],
)
def test_the_rate_warms_up_over_16_billion_tokens_and_rests_for_as_many(samples_seen: int, rate: float) -> None:
    assert rate_at(settled_rates(PRETRAIN, SEQ_LEN), samples_seen) == pytest.approx(rate, rel=1e-9)


def test_the_rate_only_falls_between_warm_up_and_rest() -> None:
    rates = settled_rates(PRETRAIN, SEQ_LEN)
    assert [(rate.first, rate.end) for rate in rates] == [(0, WARM_UP), (WARM_UP, DECAYED), (DECAYED, END)]
    assert rate_at(rates, WARM_UP + 1_000_000) < 4.5e-4
    assert rate_at(rates, DECAYED - 1_000_000) > 4.5e-5


def test_continued_training_goes_on_at_the_rate_and_batch_that_pretraining_ended_with() -> None:
    rates = settled_rates(CONTINUE, SEQ_LEN)
    assert rates[0].start_rate == rate_at(settled_rates(PRETRAIN, SEQ_LEN), END) == 4.5e-5
    assert rates[-1].end_rate == 4.5e-7
    assert CONTINUE.phases[0].batch == PRETRAIN.phases[-1].batch
    assert CONTINUE.start is not None and CONTINUE.start.checkpoint == PRETRAIN.output


def test_the_blend_changes_where_the_rate_has_come_down_to_a_fifth() -> None:
    first, last = phase_edges(CONTINUE, SEQ_LEN)
    rate = rate_at(settled_rates(CONTINUE, SEQ_LEN), first.edge)
    assert rate == pytest.approx(4.5e-5 / 5, rel=0.01)
    assert first.edge / last.edge == pytest.approx(0.711, abs=0.002)
    assert [phase.blend for phase in CONTINUE.phases] == ["quality", "weak_areas"]


def test_both_plans_train_one_model_on_the_data_and_the_tokens_of_the_recipes_beside_them() -> None:
    assert PRETRAIN.shape == CONTINUE.shape and PRETRAIN.shape is not None
    assert PRETRAIN.shape.parameters == 15_628_775_424
    for plan in (PRETRAIN, CONTINUE):
        assert (plan.data, plan.tokenizer) == ("out/nemotron4_15b", "nemotron4_15b-256000")


def test_pretraining_has_one_blend_of_70_15_15() -> None:
    (blend,) = PRETRAIN.blends.values()
    assert {domain: one.weight for domain, one in blend.items()} == {
        "english": 0.70,
        "multilingual": 0.15,
        "code": 0.15,
    }


@pytest.mark.parametrize("file", ["pretrain.yaml", "continue.yaml"])
def test_the_readme_tells_where_the_numbers_of_a_plan_come_from(file: str) -> None:
    readme = (FOLDER / "README.md").read_text("utf-8")
    assert f"`{file}`" in readme


def test_the_domain_that_continued_training_adds_fits_into_the_data_recipe() -> None:
    """As the README has it: in front of the others, with a source of its own."""
    readme, recipe = ((FOLDER / name).read_text("utf-8") for name in ("README.md", "recipe.yaml"))
    (domain,) = re.findall("`(- {name: qa, [^`]*)`", readme)
    source = "- {name: qa, reader: jsonl, paths: [qa.jsonl]}"
    changed = recipe.replace("sources:\n", f"sources:\n  {source}\n").replace("domains:\n", f"domains:\n  {domain}\n")
    domains = load_recipe(changed, str(FOLDER / "recipe.yaml")).domains
    assert {one.name for one in domains} == set(CONTINUE.blends["weak_areas"])
    assert domains[0].weight == 0
