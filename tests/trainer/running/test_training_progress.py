import io

import pytest
from rich.console import Console

from trainer.running.progress import TrainingProgress, time_left


def test_a_log_gets_a_line_with_loss_rate_speed_and_time_left() -> None:
    page = io.StringIO()
    with TrainingProgress(Console(file=page), 8, 24, seq_len=512) as progress:
        progress.step("ramp", 3, 16, 2.5, 3e-4)
    line = page.getvalue()
    assert line.startswith("ramp: step 3, 8,192 tokens, loss 2.500, rate 3.00e-04, ")
    assert line.endswith(" s left\n")


def test_what_an_earlier_process_did_is_not_counted_as_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 110.0])
    monkeypatch.setattr("trainer.running.progress.time.monotonic", lambda: next(clock))
    page = io.StringIO()
    with TrainingProgress(Console(file=page), 1000, 1100, seq_len=512) as progress:
        progress.step("main", 60, 1020, 2.5, 3e-4)
    assert "1,024 tokens/s, 40 s left" in page.getvalue()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(59, "59 s"), (119, "119 s"), (120, "2 min"), (7199, "120 min"), (7200, "2.0 h"), (172_800, "2.0 days")],
)
def test_time_left_is_told_in_a_unit_that_fits(seconds: float, text: str) -> None:
    assert time_left(seconds) == text
