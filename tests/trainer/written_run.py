"""The output folder of a run as `trainer run` leaves it, written by hand: every figure is one a reader can work out."""

import json
from pathlib import Path

from trainer.course import PARTS, Course, Parts, SettledRate, Stretch, course_json
from trainer.running.log import JsonLines, Log

HALF = PARTS // 2
PARTS_OF = Parts({"code": HALF, "prose": HALF}, {"code": {"python": PARTS}, "prose": {"books": PARTS}})
COURSE = Course(
    seed=17,
    seq_len=10,
    windows={"code": {"python": 100}, "prose": {"books": 50}},
    data="0" * 32,
    stretches=(
        Stretch("ramp", 0, 200, 4, PARTS_OF, {"code": {"python": 0}, "prose": {"books": 0}}),
        Stretch("main", 200, 1000, 8, PARTS_OF, {"code": {"python": 100}, "prose": {"books": 100}}),
    ),
    rates=(SettledRate("linear", 0, 200, 0.0, 1e-3), SettledRate("cosine", 200, 1000, 1e-3, 1e-4)),
)
"""150 steps of 2,000 and 8,000 tokens: half the samples are code, half prose."""


def loss_after(samples: int) -> float:
    """Falls from 9 to 4 over the run."""
    return 9 - 5 * samples / 1000


def write_run(folder: Path, until: int = 1000) -> str:
    """The first `until` samples of COURSE."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "course.json").write_text(course_json(COURSE))
    (folder / "plan.yaml").write_text("name: written\n# <b>the plan</b>\n")
    log = Log([JsonLines(str(folder))])
    log.add("start", 0, 0, {"phase": "ramp", "parameters": 1_234_567, "device": "cpu", "threads": 1, "plan": "x"})
    step = samples = 0
    _validate(log, 0, 0)
    for stretch in COURSE.stretches:
        while samples < min(stretch.end, until):
            samples, step = samples + stretch.batch, step + 1
            figures = {"loss": loss_after(samples), "grad_norm": 1.5, "rate": 1e-4, "tokens_per_s": 500.0, "mfu": None}
            times = {"step_seconds": 0.1, "data_wait_seconds": 0.001, "tokens": samples * 10}
            log.add("step", samples, step, {**figures, **times, "shares": {"code": [0.5, 0.5], "prose": [0.5, 0.5]}})
        _validate(log, samples, step)
    if until == 1000:
        log.add("end", samples, step, {})
    log.close()
    return str(folder)


def _validate(log: Log, samples: int, step: int) -> None:
    losses = {"code": loss_after(samples) - 1, "prose": loss_after(samples)}
    of = {
        name: {"loss": loss, "bits_per_byte": loss / 3, "tokens": 900, "bytes": 3000} for name, loss in losses.items()
    }
    units = {"code": {"python": of["code"]}, "prose": {"books": of["prose"]}}
    log.add("validation", samples, step, {"domains": of, "units": units})


def append(folder: str, **record: object) -> None:
    """One line more."""
    with (Path(folder) / "log.jsonl").open("a") as file:
        file.write(json.dumps(record) + "\n")
