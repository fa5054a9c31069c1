"""The plan of a proxy, checked by the numbers that can be reckoned by hand."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datapipe.output import RunError
from tests.trainer.small_course import corpus_of
from trainer.load import loads
from trainer.mixture.experiment import Experiment, Proxy, ProxyRate
from trainer.mixture.materials import Material, Materials
from trainer.mixture.proxies import proxy_plan, sample_fraction
from trainer.mixture.proxy_keys import changed_settings, proxy_keys
from trainer.mixture.swarm import Swarm
from trainer.plan import Model, Optimizer, Plan
from trainer.schedule import phase_edges, rate_at, settled_rates
from trainer.settle import settle

MODEL = Model(n_layer=1, n_head=1, n_kv_head=1, d_model=8)
PROXY = Proxy(MODEL, tokens=4000, batch=4, tokenizer="t", learning_rate=ProxyRate(1e-3, warm_up=0.1))
WINDOWS = {"code": {"C": 100}, "english": {"books": 250, "web": 450}}
SIZES = corpus_of(WINDOWS)
MATERIALS = Materials(
    {
        "english": Material("english", {"books": 0.25, "web": 0.75}, 7000, None, {}),
        "code": Material("code", {"C": 1.0}, 1000, None, {}),
    },
    {"stable": 30_000, "decay": 10_000},
)
EXPERIMENT = Experiment("try", "out/try", data="out/data")
WEIGHTS_PK = np.array([[0.8, 0.2], [0.1, 0.9]])


def plan_of(proxy: Proxy = PROXY, weights_PK: Any = WEIGHTS_PK, seed: int = 5) -> Plan:
    return proxy_plan(EXPERIMENT, proxy, SIZES, MATERIALS, weights_PK, seed, "out/try/runs/0007")


def test_phases_have_their_share_of_the_tokens_and_a_blend_of_their_own() -> None:
    plan = plan_of()
    assert [(phase.name, phase.tokens, phase.batch, phase.blend) for phase in plan.phases] == [
        ("stable", 3000, 4, "stable"),
        ("decay", 1000, 4, "decay"),
    ]
    assert {name: one.weight for name, one in plan.blends["decay"].items()} == {"english": 0.1, "code": 0.9}
    assert [edges.end for edges in phase_edges(plan, 10)] == [300, 400]


def test_the_rate_warms_up_and_falls_once_over_all_phases() -> None:
    rates = settled_rates(plan_of(), 10)
    assert [rate_at(rates, samples) for samples in (20, 40, 220, 400)] == pytest.approx([5e-4, 1e-3, 5.5e-4, 1e-4])


def test_a_constant_rate_stays_and_a_warm_up_of_less_than_a_sequence_is_none() -> None:
    rate = ProxyRate(1e-3, warm_up=0.001, shape="constant")
    rates = settled_rates(plan_of(dataclasses.replace(PROXY, learning_rate=rate)), 10)
    assert [rate_at(rates, samples) for samples in (1, 400)] == [1e-3, 1e-3]


def test_units_are_repeated_as_often_as_in_the_full_run() -> None:
    plan = plan_of()
    assert plan.data_fraction == 0.1  # 4,000 of 40,000 tokens
    course = settle(plan, corpus_of({d: {u: n // 10 for u, n in of.items()} for d, of in WINDOWS.items()}))
    assert course.windows == {"code": {"C": 10}, "english": {"books": 25, "web": 45}}


def test_repetition_is_matched_also_where_the_proxys_tokenizer_makes_fewer_tokens_of_the_text() -> None:
    fewer = corpus_of({"code": {"C": 50}, "english": {"books": 125, "web": 225}})
    assert sample_fraction(PROXY, fewer, MATERIALS) == 0.2


def test_text_that_the_proxys_tokenizer_has_none_of_is_not_counted_as_there() -> None:
    without_books = corpus_of({"code": {"C": 100}, "english": {"web": 450}})
    assert sample_fraction(PROXY, without_books, MATERIALS) == pytest.approx(4000 * 8000 / (40_000 * 5500))


def test_as_is_and_runs_longer_than_the_full_one_see_all() -> None:
    assert sample_fraction(dataclasses.replace(PROXY, repetition="as_is"), SIZES, MATERIALS) == 1
    assert sample_fraction(dataclasses.replace(PROXY, tokens=50_000), SIZES, MATERIALS) == 1


@pytest.mark.parametrize("checkpoints", [1, 2, 3, 4, 7])
def test_there_are_as_many_measurements_as_asked_for_the_last_at_the_end(checkpoints: int) -> None:
    one_phase = dataclasses.replace(MATERIALS, phase_tokens={"all": 40_000})
    proxy = dataclasses.replace(PROXY, checkpoints=checkpoints)
    plan = proxy_plan(EXPERIMENT, proxy, SIZES, one_phase, WEIGHTS_PK[:1], 5, "out/try/runs/0007")
    every = plan.validation.every_tokens
    assert every is not None
    ends = range(40, 4001, 40)  # tokens after every step
    due = [end for end in ends if end // every > (end - 40) // every or end == 4000]
    assert len(due) == checkpoints
    assert due[-1] == 4000


def test_the_optimizer_is_that_of_the_full_run() -> None:
    optimizer = Optimizer(betas=(0.8, 0.9), eps=1e-5, weight_decay=0.2, clip=0.5, z_loss=1e-4)
    base = dataclasses.replace(plan_of(), optimizer=optimizer)
    experiment = dataclasses.replace(EXPERIMENT, base=base)
    assert proxy_plan(experiment, PROXY, SIZES, MATERIALS, WEIGHTS_PK, 5, "out/p").optimizer == optimizer
    assert plan_of().optimizer == Optimizer()


def test_a_swarm_of_another_optimizer_is_told_by_key() -> None:
    keys = {name: value for name, value in proxy_keys(EXPERIMENT, PROXY).items() if name != "optimizer"}
    swarm = Swarm(("english", "code"), tuple(MATERIALS.phase_tokens), MATERIALS, keys, "design", ())
    assert changed_settings(swarm, EXPERIMENT, PROXY, MATERIALS) == []
    base = dataclasses.replace(plan_of(), optimizer=Optimizer(eps=1e-5))
    changes = changed_settings(swarm, dataclasses.replace(EXPERIMENT, base=base), PROXY, MATERIALS)
    assert changes == ["proxy.optimizer.eps was 1e-08, is 1e-05"]


def test_the_text_is_a_plan_of_its_own_and_says_the_same() -> None:
    plan = plan_of()
    again = loads(plan.text, plan.file)
    assert again == plan
    assert (plan.name, plan.output, plan.seed, plan.seq_len) == ("try", "out/try/runs/0007", 5, 10)
    assert plan.stop.loss_above == 3.0


def test_what_a_proxy_says_of_its_training_is_in_its_plan() -> None:
    keys = {"precision": "fp32", "micro_batch": 2, "max_validation_tokens": 70, "loss_above": 1.5}
    plan = plan_of(dataclasses.replace(PROXY, **keys))
    assert (plan.execution.precision, plan.execution.micro_batch) == ("fp32", 2)
    assert (plan.validation.max_tokens, plan.stop.loss_above) == (70, 1.5)
    assert plan_of(dataclasses.replace(PROXY, loss_above=None)).stop.loss_above is None


def test_equal_mixtures_have_equal_texts_and_seeds_are_all_that_differs() -> None:
    assert plan_of().text == plan_of().text
    assert plan_of(seed=6).text == plan_of().text.replace("seed: 5", "seed: 6")


def test_weights_come_back_from_the_text_to_the_last_bit() -> None:
    weights_PK = np.random.default_rng(1).dirichlet(np.ones(2), 2)
    blends = loads(plan_of(weights_PK=weights_PK).text).blends
    found = [[blends[phase][domain].weight for domain in ("english", "code")] for phase in ("stable", "decay")]
    assert found == (weights_PK / weights_PK.sum(axis=1, keepdims=True)).tolist()


def test_without_tokens_there_is_nothing_to_train_on() -> None:
    experiment = dataclasses.replace(EXPERIMENT, file=str(Path("m.yaml")))
    with pytest.raises(RunError, match=r"m.yaml: proxy.tokenizer is missing"):
        proxy = dataclasses.replace(PROXY, tokenizer=None)
        proxy_plan(experiment, proxy, SIZES, MATERIALS, WEIGHTS_PK, 5, "out")
