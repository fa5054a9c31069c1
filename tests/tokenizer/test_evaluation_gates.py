"""Limits that fail an evaluation."""

from pathlib import Path

import pytest

from datapipe.output import RunError
from tests.tokenizer.hand_made import ENGLISH, cell, hand_made, texts_of
from tokenizer.evaluation.gates import check_gates, parse_gate, try_gates
from tokenizer.evaluation.measuring import Evaluation, measure
from tokenizer.recipe import Gate


@pytest.fixture
def evaluation(tmp_path: Path) -> Evaluation:
    return measure([hand_made(tmp_path)], texts_of(cell("abab"), cell(unit="empty")), ENGLISH)


@pytest.mark.parametrize(
    ("written", "gate"),
    [
        ("bytes_per_token>=4", Gate("bytes_per_token", "all", 4, None)),
        ("bytes_per_token[english/web] >= 4.25", Gate("bytes_per_token", "english/web", 4.25, None)),
        ("parity[ sr-Cyrl ]<=1e1", Gate("parity", "sr-Cyrl", None, 10)),
        ("digit_tokens[ARABIC-INDIC]>=1", Gate("digit_tokens", "ARABIC-INDIC", 1, None)),
        ("fertility[code/C [old]]<=-.5", Gate("fertility", "code/C [old]", None, -0.5)),
    ],
)
def test_a_gate_is_a_metric_a_group_and_a_limit(written: str, gate: Gate) -> None:
    assert parse_gate(written) == gate


@pytest.mark.parametrize(
    "written", ["", "fertility", "fertility=3", "fertility<=x", "fertility<=1-", "[en]>=1", "a>=1,b"]
)
def test_what_is_no_gate_is_refused(written: str) -> None:
    with pytest.raises(RunError, match=r"expected METRIC\[GROUP\]>=NUMBER or METRIC\[GROUP\]<=NUMBER"):
        parse_gate(written)


@pytest.mark.parametrize(
    ("gate", "passes"),
    [
        ("bytes_per_token>=2", True),
        ("bytes_per_token>=2.01", False),
        ("bytes_per_token<=2", True),
        ("bytes_per_token<=1.99", False),
        ("bytes_per_token[words/empty]>=0", False),  # nothing to measure holds nothing
        ("parity[en]<=1", True),
    ],
)
def test_limits_belong_to_what_they_allow(gate: str, passes: bool, evaluation: Evaluation) -> None:
    (verdict,) = try_gates([parse_gate(gate)], evaluation)
    assert verdict.passes == passes


def test_what_failed_is_told_in_a_line(evaluation: Evaluation) -> None:
    between, empty = try_gates([Gate("fertility", "all", 3, 4), Gate("fertility", "words/empty", 3)], evaluation)
    assert between.line == "by-hand: fertility[all] is 2, expected at least 3 and at most 4"
    assert empty.line == "by-hand: fertility[words/empty] is nothing to measure, expected at least 3"


@pytest.mark.parametrize(
    ("gate", "message"),
    [
        (Gate("fertilty", "all", 1), r"no metric 'fertilty'; did you mean 'fertility'\? possible: adversarial"),
        (Gate("fertility", "word", 1), r"fertility has no group 'word'; did you mean 'words'\? possible: all, words"),
        (Gate("parity", "all", 1), r"parity has no group 'all'; possible: en"),
        (Gate("parity_worst", "en", 1), r"parity_worst has no group 'en'; possible: all"),
        (Gate("digit_tokens", "THAY", 1), r"digit_tokens has no group 'THAY'; did you mean 'THAI'\?"),
        (Gate("fertility"), r"gate fertility\[all\]: expected a min or a max"),
    ],
)
def test_what_is_not_measured_is_refused_with_what_there_is(gate: Gate, message: str, evaluation: Evaluation) -> None:
    with pytest.raises(RunError, match=message):
        check_gates([gate], evaluation.texts, evaluation.parallel)


def test_every_metric_has_figures_of_exactly_the_groups_that_gates_know(evaluation: Evaluation) -> None:
    for metric, figures in evaluation.tokenizers[0].figures.items():
        gates = [Gate(metric, group, 0) for group in figures]
        check_gates(gates, evaluation.texts, evaluation.parallel)
        with pytest.raises(RunError) as found:
            check_gates([Gate(metric, "none such", 0)], evaluation.texts, evaluation.parallel)
        assert str(found.value).endswith("possible: " + ", ".join(sorted(figures)))
