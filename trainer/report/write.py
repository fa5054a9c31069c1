"""`trainer report`: the page of a run, written beside its log."""

from datapipe import storage
from datapipe.output import placed
from trainer.report.figures import read_run
from trainer.report.page import page

FILE = "report.html"


def write_report(folder: str) -> str:
    """Write `report.html` into the output folder of a run, and say where. Raises RunError."""
    path = storage.join(folder, FILE)
    storage.write_bytes(path, page(read_run(folder)).encode())
    return path


def report(run: str, root: str | None = None) -> str:
    """The same for a plan (.yaml), whose output is meant, or the folder itself."""
    if run.endswith((".yaml", ".yml")):
        from trainer.load import load

        return write_report(placed("output", load(run).output, root))
    return write_report(placed("RUN", run, root))
