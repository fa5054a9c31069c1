"""A checkpoint of one process as several would have written it."""

from pathlib import Path

from trainer.checkpoint import load, write_record
from trainer.checkpointing.state_file import MODEL, OPTIMIZER, part_name
from trainer.checkpointing.tensor_file import sharding_note, write_tensors


def divide(folder: Path, count: int) -> None:
    """Share out the rows of every tensor among so many files, the last ones without rows where there are few."""
    state, files = load(folder), {}
    for kind, tensors in ((MODEL, state.model), (OPTIMIZER, state.optimizer)):
        for number in range(count):
            parts, firsts = {}, {}
            for name, tensor in tensors.items():
                rows = -(-len(tensor) // count)
                first = min(len(tensor), number * rows)
                parts[name] = tensor[first : first + rows]
                firsts[name] = (first, *(0,) * (tensor.ndim - 1))
            file = part_name(kind, number, count)
            files[file] = write_tensors(folder / file, parts, notes=sharding_note(firsts))
        (folder / kind).unlink()
    write_record(folder, state.record, files)
