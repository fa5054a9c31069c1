"""`trainer import`: a Nemotron folder of Hugging Face's libraries as a checkpoint that a plan can start from."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from datapipe import storage
from datapipe.observing.voice import Voice
from datapipe.output import RunError
from tokenizer.model_file import Model, read_model
from trainer.checkpoint import State, save
from trainer.checkpointing.folders import checkpoints_in
from trainer.checkpointing.record import Record, Terms, Vocabulary
from trainer.course import Course
from trainer.export import INDEX, WEIGHTS
from trainer.generating.run_tokenizer import MODEL_FILE
from trainer.hugging_face.config import shape_of
from trainer.hugging_face.tensor_names import names, sizes
from trainer.shapes import Shape

if TYPE_CHECKING:
    from rich.console import Console

TOKENIZER_JSON = "tokenizer.json"
READ = (torch.float32, torch.bfloat16, torch.float16)
"""What tensors may be of; all become fp32, which holds each of them exactly."""


def import_hugging_face(
    path: str, output: str, *, tokenizer: str | None = None, console: "Console | None" = None
) -> Path:
    """Make a checkpoint of the model in folder `path`, at 0 samples seen, without moments, in the new run `output`; its
    folder. Takes the memory of the weights in fp32.

    Its vocabulary is that of `tokenizer`, a SentencePiece model, or of tokenizer.model in the folder; without either
    it is not known. Raises RunError for a model that is not ours, missing, unexpected or wrongly shaped tensors, and a
    tokenizer that is not the folder's.
    """
    from rich.console import Console

    say = Voice(console or Console(stderr=True))
    source, target = Path(path), Path(output)
    if checkpoints_in(target):
        raise RunError(f"{target}: has checkpoints of a run already: give another --output")
    shape, seq_len = shape_of(_json(source / "config.json"), str(source / "config.json"))
    model = _tokenizer(source, tokenizer, shape)
    state = State(_record(source, shape, seq_len, model), _tensors(source, shape), {})
    folder = save(target, state)
    if model is None:
        say(f"{source}: no {MODEL_FILE}, so what its ids mean is not known; --tokenizer FILE says it")
    else:
        storage.write_bytes(str(target / MODEL_FILE), model.data)
    say(f"{folder}: {shape.parameters:,} parameters of {source}; plans start with `start.checkpoint: {target}`")
    return folder


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise RunError(f"{path}: not there: expected a folder that `save_pretrained` wrote") from None
    except ValueError:
        raise RunError(f"{path}: damaged: not JSON") from None
    if not isinstance(found, dict):
        raise RunError(f"{path}: expected a mapping")
    return found


def _record(source: Path, shape: Shape, seq_len: int, model: Model | None) -> Record:
    """Of a run that has seen nothing: what the model saw before is not known here."""
    course = Course(seed=0, seq_len=seq_len, windows={}, data="imported", stretches=(), rates=())
    name = source.resolve().name
    vocabulary = Vocabulary(name, "") if model is None else _vocabulary(name, model)
    return Record(name, samples_seen=0, step=0, terms=Terms(course, shape, vocabulary))


def _vocabulary(name: str, model: Model) -> Vocabulary:
    return Vocabulary(name, model.fingerprint, hashlib.sha256(model.data).hexdigest())


def _tensors(source: Path, shape: Shape) -> dict[str, Tensor]:
    """Our tensors by our names, fp32. Raises RunError naming the first that is not as it should be."""
    files = _weight_map(source)
    theirs, expected = names(shape), sizes(shape)
    for missing in (name for name in theirs.values() if name not in files):
        raise RunError(f"{source}: tensor {missing} is missing")
    for unexpected in sorted(files.keys() - set(theirs.values())):
        raise RunError(f"{source / files[unexpected]}: tensor {unexpected} is none of a model with this config.json")
    found: dict[str, Tensor] = {}
    for file in sorted(set(files.values())):
        of_file = {ours: name for ours, name in theirs.items() if files[name] == file}
        found |= _read(source / file, of_file, expected)
    return found


def _read(path: Path, theirs: Mapping[str, str], expected: Mapping[str, tuple[int, ...]]) -> dict[str, Tensor]:
    found = {}
    try:
        with safe_open(path, framework="pt") as file:
            for ours, name in theirs.items():
                tensor = file.get_tensor(name)
                if tuple(tensor.shape) != expected[ours]:
                    shapes = f"has shape {list(tensor.shape)}, config.json asks for {list(expected[ours])}"
                    raise RunError(f"{path}: tensor {name} {shapes}")
                if tensor.dtype not in READ:
                    raise RunError(f"{path}: tensor {name} is of {tensor.dtype}; expected one of {READ}")
                found[ours] = tensor.float()
    except (SafetensorError, OSError) as error:
        raise RunError(f"{path}: {error}") from None
    return found


def _weight_map(source: Path) -> dict[str, str]:
    """The file of every tensor: by the index where there are several, else by what is in the one."""
    if (source / INDEX).exists():
        found = _json(source / INDEX).get("weight_map")
        if not isinstance(found, dict) or not all(isinstance(file, str) for file in found.values()):
            raise RunError(f"{source / INDEX}: no weight_map in it")
        for file in set(found.values()):
            if Path(file).name != file:
                raise RunError(f"{source / INDEX}: names {file!r}; expected files of the same folder")
        return found
    try:
        with safe_open(source / WEIGHTS, framework="pt") as file:
            return dict.fromkeys(file.keys(), WEIGHTS)
    except (SafetensorError, OSError) as error:
        raise RunError(f"{source / WEIGHTS}: {error}; expected this file, or {INDEX}") from None


def _tokenizer(source: Path, given: str | None, shape: Shape) -> Model | None:
    """The SentencePiece model of the weights, as far as can be checked. Raises RunError for another one."""
    path = Path(given) if given is not None else source / MODEL_FILE
    if given is None and not path.exists():
        return None
    model = read_model(path.read_bytes(), str(path))
    if model.vocab_size > shape.vocab_size:
        raise RunError(f"{path}: {model.vocab_size:,} pieces; the model of {source} has {shape.vocab_size:,}")
    if (source / TOKENIZER_JSON).exists():
        _check_pieces(model, source / TOKENIZER_JSON)
    return model


def _check_pieces(model: Model, path: Path) -> None:
    """Raise RunError where the tokenizer beside the weights has another piece under an id."""
    page = _json(path)
    vocabulary = page.get("model", {}).get("vocab", {})
    theirs = {number: piece for piece, number in vocabulary.items()} if isinstance(vocabulary, dict) else {}
    for number, piece in enumerate(model.pieces):
        if number in theirs and theirs[number] != piece.text:
            pieces = f"id {number} is {piece.text!r} in the one, {theirs[number]!r} in the other"
            raise RunError(f"{model.name} is not the tokenizer in {path}: {pieces}")
