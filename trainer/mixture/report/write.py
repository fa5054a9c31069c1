"""`trainer mix report`: all that an experiment has come to, as one page that needs nothing else."""

from collections.abc import Sequence
from pathlib import Path

from datapipe import storage
from trainer.mixture.load import loaded
from trainer.mixture.report.gathering import gather
from trainer.mixture.report.page import page

FILE = "report.html"


def write_report(file: Path, root: str | None, settings: Sequence[str]) -> str:
    """Write `report.html` into the experiment's output, and say where. Raises RunError."""
    experiment, output = loaded(file, settings, root)
    path = str(output / FILE)
    storage.write_bytes(path, page(gather(experiment, output, root)).encode("utf-8", "replace"))
    return path
