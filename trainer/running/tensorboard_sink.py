"""Records as TensorBoard's events, in `tensorboard/` of the output."""

from pathlib import Path

from datapipe.output import RunError
from trainer.running.log import Record
from trainer.running.sinks import scalars

FOLDER = "tensorboard"


class TensorBoard:
    """Scalars over steps."""

    def __init__(self, output: Path, step: int) -> None:
        """Write behind `step`: what an earlier process wrote of later steps is purged by whoever reads. Raises
        RunError where the library is missing.
        """
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ModuleNotFoundError:
            raise RunError("logs.tensorboard needs a library: pip install 'corpusmill[tensorboard]'") from None
        self._writer = SummaryWriter(str(output / FOLDER), purge_step=step + 1 if step else None)

    def write(self, record: Record) -> None:
        """Its numbers."""
        for name, value in scalars(record).items():
            self._writer.add_scalar(name, value, record["step"], record["time"])

    def flush(self) -> None:
        """To the disk."""
        self._writer.flush()

    def close(self) -> None:
        """All of it."""
        self._writer.close()
