"""The tokenizer of a trained model: found where its tokens are, and refused where it is another one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from datapipe import storage
from datapipe.loading.located_yaml import RecipeError
from datapipe.output import RunError, placed
from tokenizer.encoding.manifest import FILE, read_manifest
from tokenizer.model_file import Model, read_model
from trainer.load import loads

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

    from trainer.generating.saved_model import SavedModel
    from trainer.plan import Plan

MODEL_FILE = "tokenizer.model"
GIVE = "give it: --tokenizer FILE (a SentencePiece model)"


@dataclass(frozen=True)
class RunTokenizer:
    """A SentencePiece model, and how documents were set apart in training."""

    path: str
    """Of its file."""
    model: Model
    bos: int | None
    """Begins each document; None: nothing does."""
    eos: int | None
    """Ends each document; None: nothing does, and a model never ends by itself."""

    @cached_property
    def _processor(self) -> "SentencePieceProcessor":
        from sentencepiece import SentencePieceProcessor

        return SentencePieceProcessor(model_proto=self.model.data)

    def encode(self, text: str) -> list[int]:
        """Ids of a text, with nothing before or after them."""
        ids: list[int] = self._processor.encode(text)
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """Text of ids; control symbols have none, nor have ids above the last piece (padding of a vocabulary)."""
        text: str = self._processor.decode([one for one in ids if one < self.model.vocab_size])
        return text

    @property
    def start(self) -> list[int]:
        """What stands in front of a document in training: its bos, or the eos of the one before."""
        first = self.eos if self.bos is None else self.bos
        return [] if first is None else [first]


def run_tokenizer(saved: "SavedModel", given: str | None, root: str | None) -> RunTokenizer:
    """The tokenizer in file or folder `given`; else beside the run; else beside the tokens it was trained on.

    Raises RunError where there is none, or it is not the one that the model learned the ids of.
    """
    plan = _plan(saved)
    path = _path(saved, plan, given, root)
    try:
        model = read_model(storage.read_bytes(path), path)
    except FileNotFoundError:
        raise RunError(f"{path}: no such tokenizer; {GIVE}") from None
    _check(saved, model)
    bos, eos = _ends(model, path.rpartition("/")[0], plan)
    return RunTokenizer(path, model, bos, eos)


def _plan(saved: "SavedModel") -> "Plan | None":
    """The plan of the run; None where it had none (an imported model) or it is one of another version."""
    try:
        return loads(saved.record.plan, str(saved.output / "plan.yaml"), saved.record.settings)
    except RecipeError:
        return None


def _path(saved: "SavedModel", plan: "Plan | None", given: str | None, root: str | None) -> str:
    if given is not None:
        return storage.join(given, MODEL_FILE) if Path(given).is_dir() else given
    beside = saved.output / MODEL_FILE
    if beside.exists():
        return str(beside)
    if plan is None or plan.data is None or plan.tokenizer is None:
        raise RunError(f"{saved.folder}: nothing says where its tokenizer is; {GIVE}")
    return storage.join(placed("data", plan.data, root), "tokens", plan.tokenizer, MODEL_FILE)


def _check(saved: "SavedModel", model: Model) -> None:
    """Raise RunError where the ids of `model` are not those that were learned, as far as that is known."""
    known, pieces = saved.record.terms.vocabulary, saved.record.terms.shape.vocab_size
    if known.fingerprint and known.fingerprint != model.fingerprint:
        raise RunError(
            f"{model.name} is vocabulary {model.fingerprint}; {saved.folder} was trained on {known.fingerprint} "
            f"({known.tokenizer}): its ids mean other pieces"
        )
    if model.vocab_size > pieces:
        raise RunError(f"{model.name} has {model.vocab_size:,} pieces; {saved.folder} was trained with {pieces:,}")


def _ends(model: Model, folder: str, plan: "Plan | None") -> tuple[int | None, int | None]:
    """Ids that begin and end documents: as the tokens have it, as the plan has it, or as the model names its eos."""
    if storage.exists(storage.join(folder, FILE)):
        manifest = read_manifest(folder)
        if manifest.vocabulary == model.fingerprint:
            return manifest.bos, manifest.eos
    if plan is not None and plan.megatron is not None:
        return None, plan.megatron.eos
    return None, model.eos_id if model.eos_id >= 0 else None
