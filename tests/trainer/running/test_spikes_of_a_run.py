"""A spike in real training: its line of the log, the same after a stop, and what the report says of it."""

from pathlib import Path

from tests.trainer.small_run import told, train_until, trained
from trainer.report.figures import read_run
from trainer.report.findings import find

SETTINGS = (
    "phases.0.tokens=1600",  # 50 steps, the last ten at a rate that throws the model off
    "phases.0.learning_rate=[{shape: constant, start: 1e-4, tokens: 1280}, {shape: constant, start: 1.0}]",
    "phases.1.tokens=48",
    "phases.1.learning_rate=[{shape: constant, start: 1e-4}]",
    "stop.loss_above=null",
    "checkpoints.every_tokens=null",
)


def test_a_rate_that_is_too_high_shows_and_a_stop_changes_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    assert trained(data, tmp_path / "whole", *SETTINGS) == 0
    spikes = told(tmp_path / "whole", "spike")
    first = next(one for one in spikes if one["of"] == "loss")
    assert 40 < first["step"] <= 50
    assert first["value"] > first["usual"] + 8 * 0.001

    assert train_until(data, tmp_path / "parts", first["step"] - 2, *SETTINGS) == 130
    assert trained(data, tmp_path / "parts", *SETTINGS) == 0
    assert told(tmp_path / "parts", "spike") == spikes

    (said,) = [one.text for one in find(read_run(str(tmp_path / "whole/run"))) if "above what was usual" in one.text]
    assert "the loss or the gradient norm was far above what was usual" in said
