"""A trained model, found by the folder of its run or of a checkpoint. Moments of the optimizer stay unread."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from datapipe.output import RunError, placed
from trainer.checkpointing.finding import last_sound
from trainer.checkpointing.folders import FOLDER
from trainer.checkpointing.record import Record
from trainer.checkpointing.state_file import FILE, MODEL, check_files, part_names, read_record
from trainer.checkpointing.stored import StoredTensors, index_of
from trainer.device import DTYPES
from trainer.model import Transformer


@dataclass(frozen=True)
class SavedModel:
    """The model of a checkpoint."""

    folder: Path
    """Of the checkpoint."""
    record: Record
    tensors: StoredTensors
    """fp32, by our names: none takes memory until it is used."""

    @property
    def output(self) -> Path:
        """Folder of its run."""
        return self.folder.parent.parent

    @property
    def seq_len(self) -> int:
        """Tokens that it was trained to see at once."""
        return self.record.course.seq_len


def saved_model(path: str, root: str | None, warn: Callable[[str], None]) -> SavedModel:
    """The model in checkpoint `path`, or in the last sound one of the run `path`; `warn` hears of what is passed over.

    Raises RunError where there is none, or only damaged ones.
    """
    folder = placed("RUN", path, root)
    if "://" in folder:
        raise RunError(f"{folder}: models are read from local or mounted folders: copy it there")
    found = Path(folder)
    if (found / FILE).exists():
        return _sound(found)
    last = last_sound(found, _sound, warn)
    if last is None:
        raise RunError(f"{found}: no checkpoint here: neither {FILE}, nor a sound one in {FOLDER}/")
    return last[1]


def _sound(folder: Path) -> SavedModel:
    """Raises Damaged where the weights are not those that were written."""
    record = read_record(folder)
    check_files(folder, record, kinds=(MODEL,))
    return SavedModel(folder, record, StoredTensors(folder, index_of(folder, part_names(folder, record, MODEL))))


def transformer(saved: SavedModel, dtype: str, device: str | torch.device) -> Transformer:
    """The model, ready to be asked: matrices in `dtype`, norms in fp32. Logits are those of the same weights in fp32
    with activations of that `dtype`, since every matrix is cast to it anyway. Raises RunError for tensors that do not
    fit the shape."""
    with torch.device("meta"):
        model = Transformer(saved.record.terms.shape, DTYPES[dtype])
    expected = dict(model.named_parameters())
    for name in expected.keys() ^ saved.tensors.keys():
        raise RunError(f"{saved.folder / MODEL}: tensor {name} is {'missing' if name in expected else 'none of ours'}")
    weights = {}
    for name, tensor in saved.tensors.items():
        if tensor.shape != expected[name].shape:
            raise RunError(f"{saved.folder / MODEL}: {name} has shape {list(tensor.shape)}, not its model's")
        weights[name] = tensor.to(device, DTYPES[dtype] if tensor.ndim > 1 else torch.float32)
    model.load_state_dict(weights, assign=True)
    return model.requires_grad_(False).eval()
