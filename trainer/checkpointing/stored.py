"""Tensors of a checkpoint that stay on the disk until they are asked for: whole or in part, however they were saved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from trainer.checkpointing.parts import Box, Part, Placed, placed, whole_box
from trainer.checkpointing.state_file import Damaged
from trainer.checkpointing.tensor_file import parts_in


@dataclass(frozen=True, eq=False)
class StoredTensors(Mapping[str, Tensor]):
    """fp32, by name. What is one part of one file is mapped from it, and takes no memory until it is used."""

    folder: Path
    index: Mapping[str, Placed]

    def __iter__(self) -> Iterator[str]:
        """Their names."""
        return iter(self.index)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.index)

    def __getitem__(self, name: str) -> Tensor:
        """The whole of one."""
        return self.part(name, whole_box(self.index[name].shape))

    def shape(self, name: str) -> tuple[int, ...]:
        """Of the whole tensor; nothing of it is read."""
        return self.index[name].shape

    def part(self, name: str, box: Box) -> Tensor:
        """A part of a tensor, of whatever parts it was saved in."""
        found = [(part, common) for part in self.index[name].parts if (common := part.box.common(box)) is not None]
        if len(found) == 1 and found[0][1] == box:
            return self._mapped(found[0][0])[box.slices(found[0][0].box)]
        tensor = torch.empty(box.shape)
        for part, common in found:
            tensor[common.slices(box)] = self._mapped(part)[common.slices(part.box)]
        return tensor

    def _mapped(self, part: Part) -> Tensor:
        """Private: who changes it changes no file."""
        array = np.memmap(self.folder / part.file, np.float32, "c", part.start, part.box.shape)
        return torch.from_numpy(array)


def index_of(folder: Path, files: Sequence[str]) -> dict[str, Placed]:
    """The tensors in some files of a checkpoint, and where they lie in them. Raises Damaged."""
    parts: dict[str, list[Part]] = {}
    for file in files:
        for name, part in parts_in(folder / file).items():
            parts.setdefault(name, []).append(part)
    index = {}
    for name, of_tensor in sorted(parts.items()):
        try:
            index[name] = placed(of_tensor)
        except ValueError as error:
            raise Damaged(f"{folder / files[0]}: {name}: {error}") from None
    return index
