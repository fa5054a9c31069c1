"""The parts of a process's tensors as torch.distributed.checkpoint has them written: its planner says which of several
copies writes what, its collectives tell every process of a failure, and the files are safetensors.

Not its own writers: their `.metadata` is a pickle, and none of them tells the sums of what it wrote.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.distributed.checkpoint.metadata import Metadata, MetadataIndex
from torch.distributed.checkpoint.planner import SavePlan, SavePlanner
from torch.distributed.checkpoint.storage import StorageWriter, WriteResult
from torch.futures import Future

from datapipe.output import RunError
from trainer.checkpointing.state_file import MODEL, OPTIMIZER, part_name
from trainer.checkpointing.sums import FileSum
from trainer.checkpointing.tensor_file import sharding_note, write_tensors


@dataclass
class PartWriter(StorageWriter):
    """Writes two files into a folder that is there: weights and moments."""

    folder: Path
    moments: frozenset[str]
    """The tensors of the second."""
    number: int = 0
    """Of this process,"""
    count: int = 1
    """and how many write."""
    only_finite: bool = True
    """Whether other numbers are refused."""
    files: dict[str, FileSum] = field(default_factory=dict)
    """On the first process, in the end: what all have written."""

    def reset(self, checkpoint_id: object = None) -> None:
        """A writer is for one checkpoint."""

    def set_up_storage_writer(self, is_coordinator: bool) -> None:
        """There is nothing to set up."""

    def prepare_local_plan(self, plan: SavePlan) -> SavePlan:
        """As the planner has it."""
        return plan

    def prepare_global_plan(self, plans: list[SavePlan]) -> list[SavePlan]:
        """As the planner has it."""
        return plans

    def write_data(self, plan: SavePlan, planner: SavePlanner) -> Future[list[WriteResult]]:
        """Write what the plan leaves to this process. Raises OSError, RunError."""
        kinds: dict[str, dict[str, Tensor]] = {MODEL: {}, OPTIMIZER: {}}
        firsts: dict[str, dict[str, tuple[int, ...]]] = {MODEL: {}, OPTIMIZER: {}}
        for item in plan.items:
            name, data = item.index.fqn, item.tensor_data
            assert data is not None, "only tensors are saved this way"
            tensor = planner.resolve_data(item)
            assert isinstance(tensor, Tensor)
            if self.only_finite:
                check_finite(name, tensor)
            kind = OPTIMIZER if name in self.moments else MODEL
            kinds[kind][name], firsts[kind][name] = tensor, tuple(data.chunk.offsets)
        results = []
        for kind, tensors in kinds.items():
            notes = None if self.count == 1 else sharding_note(firsts[kind])
            file = part_name(kind, self.number, self.count)
            written = write_tensors(self.folder / file, tensors, notes=notes)
            results.append(WriteResult(MetadataIndex(file), written.bytes, written))
        done: Future[list[WriteResult]] = Future()
        done.set_result(results)
        return done

    def finish(self, metadata: Metadata, results: list[list[WriteResult]]) -> None:
        """Keep the sums of all files."""
        self.files = {one.index.fqn: one.storage_data for of_process in results for one in of_process}

    @classmethod
    def validate_checkpoint_id(cls, checkpoint_id: object) -> bool:
        """Folders are no ids."""
        return False

    def storage_meta(self) -> Any:
        """None is kept."""
        return None


def check_finite(name: str, tensor: Tensor) -> None:
    """Raise RunError for numbers that are not."""
    if tensor.numel() and not all(bound.isfinite() for bound in torch.aminmax(tensor.detach())):
        raise RunError(f"{name} holds numbers that are not finite")
