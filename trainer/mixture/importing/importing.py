"""`trainer mix import`: runs of others as an experiment of ours, with nothing trained."""

from pathlib import Path


def import_evidence(layout: str, files: list[Path], output: Path, name: str | None) -> Path:
    """Write `swarm.json`, `results.jsonl` and an `experiment.yaml` to go on with; the path of the last.

    `layout` is `regmix`, `olmix` or `wandb`. Raises RunError that names the file, the line and what was found.
    """
    raise NotImplementedError
