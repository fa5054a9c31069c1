"""A finished model's folder: `tokenizer.model`, `pieces.jsonl`, and `lineage.json`, which says what it was made of."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from datapipe import storage
from tokenizer.model_file import Model

MODEL, PIECES, LINEAGE = "tokenizer.model", "pieces.jsonl", "lineage.json"
MADE_OF_IT = ("hf/", "evaluation.")
"""What other commands leave beside a model: beginnings of paths."""


def model_folder(folder: str, name: str) -> str:
    """Where a tokenizer's model lies below the recipe's output."""
    return storage.join(folder, "models", name)


def write_model(folder: str, model: Model, counts: Sequence[float], lineage: Mapping[str, Any]) -> int:
    """Write the three files, `lineage.json` last: without it the model is not finished. Returns bytes written.

    What was made of another model in the folder goes: its files for Hugging Face would be taken for this one's.

    `counts`: how often the pair of each merge stood in the weighted text, in order.
    """
    _forget_another(folder, model)
    outputs = [
        storage.write_bytes(storage.join(folder, MODEL), model.data),
        storage.write_bytes(storage.join(folder, PIECES), pieces_jsonl(model, counts)),
    ]
    files = {
        name: {"bytes": one.bytes, "sha256": one.sha256} for name, one in zip((MODEL, PIECES), outputs, strict=True)
    }
    made = {**lineage, "vocabulary": model.fingerprint, "files": files}
    text = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
    outputs.append(storage.write_bytes(storage.join(folder, LINEAGE), text.encode()))
    return sum(one.bytes for one in outputs)


def _forget_another(folder: str, model: Model) -> None:
    """Remove what was made of the model that is there, unless it is this very one."""
    try:
        if storage.read_bytes(storage.join(folder, MODEL)) == model.data:
            return
    except FileNotFoundError:
        pass  # what is left of it may still be there
    for path in storage.files_below(folder):
        if path[len(folder) + 1 :].startswith(MADE_OF_IT):
            storage.remove(path)


def pieces_jsonl(model: Model, counts: Sequence[float]) -> bytes:
    """A line for each piece: id, piece, kind, score, and of a merge its count."""
    count_of = iter(counts)
    lines = []
    for number, piece in enumerate(model.pieces):
        line: dict[str, Any] = {"id": number, "piece": piece.text, "kind": piece.kind, "score": piece.score + 0.0}
        if piece.kind == "normal" and len(piece.text) > 1:
            line["count"] = next(count_of)
        lines.append(json.dumps(line, ensure_ascii=False) + "\n")
    return "".join(lines).encode()


def finished(folder: str, fingerprint: str, verify: bool = False) -> bool:
    """Whether the model of that fingerprint is there, whole; `verify` recomputes the sums of its files."""
    try:
        lineage = json.loads(storage.read_bytes(storage.join(folder, LINEAGE)))
        if lineage["fingerprint"] != fingerprint:
            return False
        return all(_is_whole(storage.join(folder, name), file, verify) for name, file in lineage["files"].items())
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return False  # damaged: made anew


def _is_whole(path: str, file: Mapping[str, Any], verify: bool) -> bool:
    if storage.size_of(path) != file["bytes"]:
        return False
    return not verify or hashlib.sha256(storage.read_bytes(path)).hexdigest() == file["sha256"]
