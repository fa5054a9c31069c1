"""Where the records of a run go: its log always, TensorBoard and Weights & Biases where the plan says so."""

from collections.abc import Iterator
from pathlib import Path

from trainer.plan import Plan
from trainer.running.log import JsonLines, Record, Sink

STEP = ("loss", "grad_norm", "rate", "tokens_per_s", "mfu", "step_seconds", "data_wait_seconds", "tokens")
VALIDATION = ("loss", "bits_per_byte")


def sinks_of(plan: Plan, output: Path, step: int) -> list[Sink]:
    """The sinks of a plan, for a run that goes on after `step`. Raises RunError where a library or login is missing."""
    found: list[Sink] = [JsonLines(str(output))]
    if plan.logs.tensorboard:
        from trainer.running.tensorboard_sink import TensorBoard

        found.append(TensorBoard(output, step))
    if plan.logs.wandb is not None:
        from trainer.running.wandb_sink import WeightsAndBiases

        found.append(WeightsAndBiases(plan.logs.wandb, plan.name, output, plan.text, step))
    return found


def scalars(record: Record) -> dict[str, float]:
    """What of a record is a number over time, by the name that charts have."""
    return {name: float(value) for name, value in _named(record) if value is not None}


def _named(record: Record) -> Iterator[tuple[str, float | None]]:
    kind = record["kind"]
    if kind == "step":
        yield from ((f"train/{name}", record.get(name)) for name in STEP)
        for domain, (given, planned) in record.get("shares", {}).items():
            yield f"share/{domain}", given
            yield f"share planned/{domain}", planned
    elif kind == "skipped":
        yield "train/skipped_in_a_row", record["in_a_row"]
    elif kind == "validation":
        for domain, figures in record["domains"].items():
            yield from ((f"validation {name}/{domain}", figures.get(name)) for name in VALIDATION)
        for domain, units in record.get("units", {}).items():
            for unit, figures in units.items():
                yield from ((f"validation {name} of {domain}/{unit}", figures.get(name)) for name in VALIDATION)
