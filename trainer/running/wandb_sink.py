"""Records in Weights & Biases. Its key, its server and whether it is online come from its own environment."""

import uuid
from pathlib import Path

from datapipe import storage
from datapipe.output import RunError
from trainer.running.log import Record
from trainer.running.sinks import scalars

ID = "wandb-run"
"""File of the output with the id of the run there, so that a process that goes on adds to the same one."""


class WeightsAndBiases:
    """Scalars over steps, in one run however often the process starts."""

    def __init__(self, project: str, name: str, output: Path, plan: str, step: int) -> None:
        """Begin a run, or go on with it behind `step`. Raises RunError where library or login are missing.

        Steps that were logged before are not logged again: the server keeps the first of two.
        """
        try:
            import wandb
        except ModuleNotFoundError:
            raise RunError("logs.wandb needs a library: pip install 'corpusmill[wandb]'") from None
        settings = wandb.Settings(console="off", disable_git=True, save_code=False)
        try:
            self._run = wandb.init(
                project=project,
                name=name,
                id=_id(output, step),
                dir=str(output),
                config={"plan": plan},
                resume="allow",
                settings=settings,
            )
        except wandb.Error as error:
            message = " ".join(str(error).split())
            raise RunError(f"logs.wandb: {message}; log in, or set WANDB_MODE=offline") from None
        self._last = self._run.step - 1

    def write(self, record: Record) -> None:
        """Its numbers; samples beside them, for charts over those."""
        numbers = scalars(record)
        if numbers and record["step"] >= self._last:
            self._last = record["step"]
            self._run.log({**numbers, "samples_seen": record["samples_seen"]}, step=record["step"])

    def flush(self) -> None:
        """Its own process does."""

    def close(self) -> None:
        """Wait until all was written."""
        self._run.finish()


def _id(output: Path, step: int) -> str:
    """That of the run so far; a new one where training begins anew."""
    path = output / ID
    if step and path.exists():
        return path.read_text().strip()
    new = uuid.uuid4().hex[:16]
    storage.write_bytes(str(path), f"{new}\n".encode())
    return new
