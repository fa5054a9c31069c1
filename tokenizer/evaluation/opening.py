"""Finding tokenizers: which file a place means, what makes a tokenizer of it, what it is called beside others."""

import hashlib
from pathlib import Path

from datapipe import storage
from datapipe.output import RunError
from tokenizer.evaluation.hugging_face import HuggingFace
from tokenizer.evaluation.sentence_piece import SentencePiece
from tokenizer.evaluation.tokenizers import Named, Tokenizer

FILES = ("tokenizer.model", "tokenizer.json")
"""What a folder is searched for, in this order, and then for a single `*.model`."""


def open_tokenizers(places: list[str]) -> list[Named]:
    """The tokenizers at `places`: files, or folders that hold one. Raises RunError."""
    paths = [_file_at(place) for place in places]
    names = _names(paths)
    return [_open(name, path) for name, path in zip(names, paths, strict=True)]


def _file_at(place: str) -> str:
    if "://" in place:
        return place
    if not Path(place).is_dir():
        return str(Path(place).absolute())
    folder = Path(place).absolute()
    found = [folder / name for name in FILES if (folder / name).is_file()] or sorted(folder.glob("*.model"))
    if not found:
        raise RunError(f"{place}: no tokenizer there; expected {' or '.join(FILES)}")
    return str(found[0])


def _names(paths: list[str]) -> list[str]:
    """The folder's name for files of a usual name, else the file's; the whole path where two are called alike."""
    short = [_short_name(path) for path in paths]
    return [path if short.count(name) > 1 else name for name, path in zip(short, paths, strict=True)]


def _short_name(path: str) -> str:
    *folders, file = path.rstrip("/").split("/")
    return folders[-1] if file in FILES and folders and folders[-1] else file


def _open(name: str, path: str) -> Named:
    try:
        data = storage.read_bytes(path)
    except FileNotFoundError:
        raise RunError(f"{path}: no such tokenizer") from None
    is_json = path.endswith(".json") or data.lstrip()[:1] == b"{"
    tokenizer: Tokenizer = HuggingFace(data, path) if is_json else SentencePiece(data, path)
    return Named(name, path, hashlib.sha256(data).hexdigest(), tokenizer)
