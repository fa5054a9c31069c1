"""What a swarm costs, before and after its first runs."""

import pytest

from datapipe.output import RunError
from tests.trainer.mixture.sized import sized
from trainer.mixture.designing.cost import SwarmCost, cost_of, swarm_cost
from trainer.mixture.designing.growing import new_swarm
from trainer.mixture.designing.report import cost_lines
from trainer.mixture.results import Result
from trainer.mixture.space import space_of

PROXY = "proxy: {model: {preset: 1m}, tokens: 1_000_000, batch: 1}"
IDS = [f"{number:04}" for number in range(10)]


def cost(rest: str = "", *results: Result) -> SwarmCost:
    """Of ten runs at 7.2 MFLOPs a token: 7.2e12 FLOPs each."""
    experiment, _ = sized(f"{PROXY}\n{rest}")
    assert experiment.proxy is not None
    return cost_of(experiment, experiment.proxy, 7_200_000, IDS, results)


def result(run: str, seconds: float) -> Result:
    return Result(run, "done", "", (), seconds, 7.2e12, "cpu")


def test_flops_are_runs_by_tokens_by_those_of_a_token() -> None:
    assert cost().flops == 10 * 1_000_000 * 7_200_000


def test_a_proxy_that_says_its_sizes_is_reckoned_before_there_are_tokens() -> None:
    """6 x (1,081,344 + 128 x 1,000) and 12 x 6 layers x 4 heads x 32 x 256 positions of attention."""
    experiment, materials = sized(
        "proxy: {model: {preset: 1m, vocab_size: 1000}, tokens: 1_000, batch: 1, seq_len: 256}"
    )
    assert experiment.proxy is not None
    swarm, _ = new_swarm(experiment, materials, space_of(experiment, materials))
    found = swarm_cost(experiment, experiment.proxy, None, swarm, ())
    assert found.flops_per_token == 6 * (1_081_344 + 128_000) + 12 * 6 * 4 * 32 * 256
    assert found.runs == len(swarm.runs)


def test_without_tokens_and_sizes_there_is_no_cost() -> None:
    experiment, materials = sized(PROXY)
    assert experiment.proxy is not None
    swarm, _ = new_swarm(experiment, materials, space_of(experiment, materials))
    with pytest.raises(RunError, match="data is missing"):
        swarm_cost(experiment, experiment.proxy, None, swarm, ())


def test_of_cpus_nothing_is_known_before_a_first_run() -> None:
    found = cost()
    assert (found.seconds, found.hours) == (None, None)
    assert cost_lines(found) == [
        "cost: 10 runs x 1,000,000 tokens x 7,200,000 FLOPs = 7.2e+13 FLOPs, 7.2e+12 a run",
        "time: no rate is known before a first run; after one this command tells hours",
    ]


def test_runs_that_are_done_tell_the_rate_and_are_not_paid_again() -> None:
    """Three are done, in 30, 36 and 90 seconds: seven more take the median, 7 x 36 s x 2 CPUs = 0.14 CPU-hours."""
    found = cost("run: {num_cpus: 2}", result("0000", 30), result("0001", 90), result("0002", 36))
    assert (found.runs, found.done) == (7, 3)
    assert found.seconds == pytest.approx(36)
    assert found.hours == pytest.approx(7 * 36 * 2 / 3600)
    assert cost_lines(found)[1] == "time: 36 s a run, 0.14 CPU-hours in all; as 3 runs had it on cpu"


def test_gpus_that_runs_share_cost_as_much_as_one_after_the_other() -> None:
    """An H100 at 40 % of 989 TFLOP/s does 7.2e13 FLOPs in 0.182 s, by however many runs they are shared."""
    whole, shared = cost("run: {num_gpus: 1}"), cost("run: {num_gpus: 0.25}")
    assert whole.hours == pytest.approx(7.2e13 / (0.4 * 989e12) / 3600)
    assert shared.hours == pytest.approx(whole.hours)
    assert shared.seconds == pytest.approx(4 * (whole.seconds or 0))
    assert "stated: H100 at an MFU of 40%" in cost_lines(shared)[1]
