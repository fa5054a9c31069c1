"""What the log of a proxy tells, of a log in a few lines."""

from typing import Any

from trainer.mixture.measured import measurements, seconds_of


def record(kind: str, time: float, samples_seen: int = 0, bits: float | None = 1.0) -> dict[str, Any]:
    figures = {"bits_per_byte": bits}
    return {
        "kind": kind,
        "time": time,
        "samples_seen": samples_seen,
        "domains": {"code": figures},
        "units": {"code": {"python": figures}},
    }


def test_time_between_the_end_of_a_process_and_the_next_start_is_nobody_s() -> None:
    times = (("start", 10.0), ("step", 13.0), ("start", 100.0), ("step", 101.0), ("validation", 104.0))
    assert seconds_of([record(kind, time) for kind, time in times]) == 3 + 4
    assert seconds_of([]) == 0


def test_every_validation_is_a_measurement_in_tokens() -> None:
    log = [record("step", 1, 4), record("validation", 2, 4, 2.5), record("validation", 3, 8, None)]
    assert [(one.tokens, dict(one.targets)) for one in measurements(log, 10)] == [
        (40, {"code": 2.5, "code/python": 2.5}),
        (80, {"code": None, "code/python": None}),
    ]
