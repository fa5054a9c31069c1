"""`trainer export`: a trained model as a folder that Hugging Face's libraries load, left only when it is whole."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xxhash

from datapipe.observing.voice import Voice
from datapipe.output import RunError
from tokenizer.encoding.adversarial import adversarial_texts
from tokenizer.exporting.hugging_face import converted, files, loaded, refusal
from tokenizer.exporting.proof import prove
from trainer.checkpointing.folders import placing
from trainer.checkpointing.state_file import MODEL, part_names
from trainer.checkpointing.stored import StoredTensors
from trainer.checkpointing.tensor_file import write_tensors
from trainer.device import DTYPES
from trainer.generating.run_tokenizer import MODEL_FILE, RunTokenizer, run_tokenizer
from trainer.generating.saved_model import SavedModel, saved_model
from trainer.hugging_face.config import config
from trainer.hugging_face.tensor_names import names

if TYPE_CHECKING:
    from rich.console import Console

WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
SHARD_BYTES = 5_000_000_000
"""Of a file of weights, as `save_pretrained` of transformers 4 has it."""
TOLERANCE = 1e-5
"""Of logits, relative to the largest: fp32 sums of another order. On CPUs the difference is 0."""
PROVENANCE = "provenance.json"


def export(
    path: str,
    output: str | None = None,
    *,
    dtype: str = "bf16",
    tokenizer: str | None = None,
    verify: bool = True,
    shard_bytes: int = SHARD_BYTES,
    root: str | None = None,
    console: "Console | None" = None,
) -> Path:
    """Export the model of a run or checkpoint `path` into the folder `output`, else `hugging_face/` of its run, which
    it replaces; that folder.

    One tensor at a time is in memory. With `verify`, transformers then loads the folder, and its logits must be ours
    before the folder takes its place. Raises RunError where the model, or what is found, is not fit for that.
    """
    from rich.console import Console

    say = Voice(console or Console(stderr=True))
    saved = saved_model(path, root, say)
    target = Path(output) if output is not None else saved.output / "hugging_face"
    _check_target(target)
    found = run_tokenizer(saved, tokenizer, root)
    pages = _pages(saved, found, dtype)
    try:
        with placing(target) as folder:
            _write_weights(folder, saved, dtype, shard_bytes)
            for name, page in pages.items():
                (folder / name).write_text(json.dumps(page, indent=2) + "\n", "utf-8")
            _write_tokenizer(folder, found, verify, say)
            if verify:
                _verify(folder, saved, dtype, say)
    except OSError as error:
        raise RunError(f"{target}: not exported: {error.strerror or error}; nothing of it is left") from None
    say(f"{target}: {saved.record.terms.shape.parameters:,} parameters in {dtype}, of {saved.folder}")
    return target


def _check_target(target: Path) -> None:
    """Raise RunError where the folder that would be replaced is no export."""
    if target.exists() and not (target / PROVENANCE).exists():
        raise RunError(f"{target}: there already, and not by this command: give another --output, or remove it")


def _pages(saved: SavedModel, tokenizer: RunTokenizer, dtype: str) -> dict[str, dict[str, Any]]:
    """The JSON files, by name."""
    terms, record = saved.record.terms, saved.record
    pad = tokenizer.model.pad_id if tokenizer.model.pad_id >= 0 else None
    ids = {"bos_token_id": tokenizer.bos, "eos_token_id": tokenizer.eos, "pad_token_id": pad}
    return {
        "config.json": config(terms.shape, saved.seq_len, dtype, tokenizer.bos, tokenizer.eos, pad),
        "generation_config.json": {key: value for key, value in ids.items() if value is not None},
        PROVENANCE: {
            "name": record.name,
            "samples_seen": record.samples_seen,
            "tokens_seen": record.samples_seen * saved.seq_len,
            "weights": _digest(saved),
            "vocabulary": tokenizer.model.fingerprint,
            "data": record.course.data,
            "document_mask": terms.document_mask,
            "corpusmill": version("corpusmill"),
        },
    }


def _digest(saved: SavedModel) -> str:
    """Of the file of weights; of its parts together where there are several."""
    sums = [saved.record.files[name].xxh3_128 for name in part_names(saved.folder, saved.record, MODEL)]
    return sums[0] if len(sums) == 1 else xxhash.xxh3_128_hexdigest(" ".join(sums).encode())


def _write_weights(folder: Path, saved: SavedModel, dtype: str, shard_bytes: int) -> None:
    """All tensors under their names there, in one file or in several with an index."""
    theirs, index = names(saved.record.terms.shape), saved.tensors.index
    sizes = {name: math.prod(index[name].shape) * DTYPES[dtype].itemsize for name in theirs}
    placed = _files(sizes, shard_bytes)
    for file in sorted(set(placed.values())):
        of_file = {theirs[name]: index[name] for name, of in placed.items() if of == file}
        shapes = {name: one.shape for name, one in of_file.items()}
        tensors = StoredTensors(saved.folder, of_file)
        write_tensors(folder / file, tensors, DTYPES[dtype], {"format": "pt"}, shapes)
    if len(set(placed.values())) > 1:
        total = {"metadata": {"total_size": sum(sizes.values())}}
        page = {**total, "weight_map": {theirs[name]: of for name, of in placed.items()}}
        (folder / INDEX).write_text(json.dumps(page, indent=2) + "\n", "utf-8")


def _files(sizes: Mapping[str, int], shard_bytes: int) -> dict[str, str]:
    """The file of each tensor: full ones of at most `shard_bytes`, one after the other, or one for a larger tensor."""
    numbers = list(_numbers(sizes.values(), shard_bytes))
    count = numbers[-1]
    named = [f"model-{number:05}-of-{count:05}.safetensors" if count > 1 else WEIGHTS for number in numbers]
    return dict(zip(sizes, named, strict=True))


def _numbers(sizes: Iterable[int], shard_bytes: int) -> Iterator[int]:
    number, filled = 1, 0
    for size in sizes:
        if filled and filled + size > shard_bytes:
            number, filled = number + 1, 0
        filled += size
        yield number


def _write_tokenizer(folder: Path, tokenizer: RunTokenizer, verify: bool, say: Voice) -> None:
    """The SentencePiece model, and the same for `tokenizers` where it has a counterpart there.

    With `verify` they are compared on adversarial texts; on documents by `tokenizer export`. Raises RunError where they
    differ.
    """
    model = tokenizer.model
    (folder / MODEL_FILE).write_bytes(model.data)
    if (why := refusal(model)) is not None:
        say(f"{tokenizer.path} {why}: the export has no tokenizer.json, only {MODEL_FILE}")
        return
    written = files(model, converted(model))
    for name, content in written.items():
        (folder / name).write_bytes(content)
    if verify:
        *_, proof = prove(model, loaded(written["tokenizer.json"]), {"adversarial": adversarial_texts(model)})
        if proof.differing:
            raise RunError(
                f"{tokenizer.path}: `tokenizers` says other ids ({proof.differences[0]}); nothing is written"
            )


def _verify(folder: Path, saved: SavedModel, dtype: str, say: Voice) -> None:
    """Raise RunError where the model that transformers loads is not ours."""
    try:
        from trainer.hugging_face.export_check import largest_difference
    except ImportError:
        say("not verified: that needs transformers, which is not installed")
        return
    difference, largest = largest_difference(folder, saved, dtype)
    if not difference <= TOLERANCE * max(1.0, largest):
        raise RunError(f"{folder}: logits of transformers differ by {difference:g} from ours; nothing is written")
    say(f"logits of transformers differ from ours by {difference:g} at most (the largest is {largest:.4g})")
