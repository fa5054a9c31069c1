"""`trainer mix import`: runs of others as an experiment of ours, with nothing trained."""

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from datapipe import storage
from datapipe.loading.located_yaml import suggest
from datapipe.output import RunError
from trainer.mixture.importing.imported import (
    Imported,
    notes_of,
    results_of_imported,
    swarm_of_imported,
    without_empty_metrics,
)
from trainer.mixture.importing.sizes import ASSUMED_RUN, SCALE, assumed_sizes, read_sizes
from trainer.mixture.importing.two_tables import OLMIX, REGMIX, read_two_tables
from trainer.mixture.importing.wandb_export import read_wandb
from trainer.mixture.results import write_results
from trainer.mixture.swarm import FILE, Swarm, check_swarm, read_swarm, write_swarm

EXPERIMENT = "experiment.yaml"
LAYOUTS = ("regmix", "olmix", "wandb")
UNITS = {"regmix": "nats per token", "olmix": "bits per byte", "wandb": "as they were logged"}


@dataclasses.dataclass(frozen=True)
class Columns:
    """Patterns with one `*`, where those of the layout do not fit; what the `*` stands for becomes the name."""

    weights: str | None = None
    metrics: str | None = None


def import_evidence(
    layout: str,
    files: list[Path],
    output: Path,
    name: str | None,
    columns: Columns = Columns(),
    sizes_file: Path | None = None,
) -> tuple[Path, list[str]]:
    """Write `swarm.json`, `results.jsonl` and an `experiment.yaml` to go on with; the path of the last, and what a
    reader must know.

    `layout` is one of `LAYOUTS`. An experiment that stands there already stays: it may have been edited. Raises
    RunError that names the file, the line and what was found, and for a folder that holds another swarm.
    """
    read, told = _read(layout, files, columns)
    runs, empty = without_empty_metrics(read)
    sizes = read_sizes(sizes_file, tuple(runs[0].weights)) if sizes_file else assumed_sizes(runs)
    tokens = min(SCALE, sum(sizes.values())) if sizes_file else ASSUMED_RUN
    swarm = swarm_of_imported(runs, sizes, tokens, _origin(layout, files))
    check_swarm(swarm, str(files[0]))
    _keep_others(output, swarm)
    write_swarm(output, swarm)
    write_results(output, results_of_imported(runs))
    path = output / EXPERIMENT
    if not path.exists():
        text = _experiment(name or _name(output), output, layout, sizes, tokens, sizes_file)
        storage.write_bytes(str(path), text.encode())
    return path, [*told, *(f"metric {one}: no run has it: not used" for one in empty), *notes_of(runs)]


def _read(layout: str, files: list[Path], columns: Columns) -> tuple[list[Imported], list[str]]:
    if layout == "regmix":
        return read_two_tables(REGMIX, files, columns.weights, columns.metrics)
    if layout == "olmix":
        return read_two_tables(OLMIX, files, columns.weights, columns.metrics)
    if layout == "wandb":
        return read_wandb(files, columns.weights, columns.metrics)
    raise RunError(f"layout {layout!r}: {suggest(layout, LAYOUTS)}")


def _origin(layout: str, files: Sequence[Path]) -> str:
    parts = (f"{path.name} sha256 {hashlib.sha256(path.read_bytes()).hexdigest()[:16]}" for path in files)
    return f"{layout}: {', '.join(parts)}"


def _name(output: Path) -> str:
    name = re.sub(r"[^a-z0-9_-]", "-", output.resolve().name.lower()).strip("-_")
    return name or "imported"


def _keep_others(output: Path, swarm: Swarm) -> None:
    """Evidence that stands in the folder is never replaced by other runs."""
    if (output / FILE).exists() and read_swarm(output) != swarm:
        raise RunError(f"{output / FILE}: holds other runs; give another --output")


def _experiment(
    name: str, output: Path, layout: str, sizes: Mapping[str, int], tokens: int, sizes_file: Path | None
) -> str:
    where = (
        f"# Sizes are those of {sizes_file.name}."
        if sizes_file
        else "# Nobody said how much there is of each component: sizes below are the mean weights of the runs, large "
        "enough\n# that no cap on epochs binds. Write the true ones, and the tokens of the run that the mixture is for."
    )
    return "\n".join(
        [
            f"# Runs of others, taken over by `trainer mix import {layout}`; metrics are {UNITS[layout]}, lower is "
            "better.",
            where,
            "#   trainer mix fit|propose|report THIS_FILE",
            f"name: {json.dumps(name)}",
            f"output: {json.dumps(str(output), ensure_ascii=False)}",
            "sizes:  # tokens",
            *(f"  {json.dumps(one)}: {size}" for one, size in sizes.items()),
            f"phases: [{{name: all, tokens: {tokens}}}]",
            "",
        ]
    )
