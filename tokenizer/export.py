"""`tokenizer export`: a model as files for Hugging Face's libraries, left only where they are proven to be the same."""

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from datapipe import storage
from datapipe.fingerprints import digest
from datapipe.observing.progress import LOG_SECONDS
from datapipe.observing.voice import Voice
from datapipe.output import RunError, placed
from tokenizer.encoding.adversarial import adversarial_texts
from tokenizer.evaluation.parallel_text import DECLARATION, read_parallel
from tokenizer.evaluation.texts import Texts, of_files, of_run
from tokenizer.exporting.hugging_face import converted, files, loaded
from tokenizer.exporting.proof import LISTED, Compared, Proof, prove
from tokenizer.model_file import Model, read_model
from tokenizer.recipe import TokenizerRecipe

if TYPE_CHECKING:
    from rich.console import Console
    from tokenizers import Tokenizer

FOLDER = "hf"
"""Below the model's folder."""
PROOF = "proof.json"
"""What was compared. Written last and removed first: without it the folder holds no finished export."""
FORMAT = 1
"""Raised when what a proof compares, or what it says, changes: then all is proven anew."""
MAX_FILE_BYTES = 1 << 30
"""Of a file that texts are taken from."""


def export(
    recipe: TokenizerRecipe,
    *,
    vocab_size: int | None = None,
    texts: Iterable[str] = (),
    root: str | None = None,
    again: bool = False,
    console: "Console | None" = None,
) -> list[str]:
    """Export the recipe's models, or the one of `vocab_size`, each into its folder `hf`; these folders.

    They are compared on the validation documents of the data (or, instead, on files `texts`), and on what
    `export_model` always takes; what has been proven with just these, only if `again`. Raises RunError.
    """
    sizes = recipe.train.vocab_sizes
    if vocab_size is not None and vocab_size not in sizes:
        raise RunError(f"{recipe.file}: no size {vocab_size:,}; train.vocab_sizes has {', '.join(map(str, sizes))}")
    given = tuple(texts)
    output = placed("output", recipe.output, root)
    data = placed("data", recipe.data, root)
    held_out = _files(given) if given else {"validation": _documents(of_run(data, recipe.evaluate.max_bytes))}
    targets = []
    for size in sizes if vocab_size is None else (vocab_size,):
        folder = storage.join(output, "models", recipe.tokenizer(size))
        targets.append(storage.join(folder, FOLDER))
        export_model(storage.join(folder, "tokenizer.model"), targets[-1], held_out, again, console)
    return targets


def export_file(
    path: str,
    target: str | None = None,
    *,
    texts: Iterable[str] = (),
    again: bool = False,
    console: "Console | None" = None,
) -> str:
    """Export the model in `path` into `target`, or a folder `hf` beside it; that folder. Raises RunError."""
    folder = target or storage.join(path.rpartition("/")[0] or ".", FOLDER)
    export_model(path, folder, _files(tuple(texts)), again, console)
    return folder


def export_model(
    path: str, target: str, texts: Mapping[str, list[str]], again: bool, console: "Console | None"
) -> None:
    """Write the files of the model in `path` into the folder `target`, once they are proven to be the same.

    On `texts`, by name; on the Universal Declaration of Human Rights in all languages; on adversarial texts. Nothing is
    proven `again` where just these files lie there, with the proof of just these texts by the same libraries. Raises
    RunError where the model cannot be converted or a single document differs: then nothing has been written.
    """
    from rich.console import Console

    say = Voice(console or Console(stderr=True))
    model = read_model(_read(path), path)
    written = files(model, converted(model))
    compared = {**texts, "declaration": list(_declaration()), "adversarial": list(adversarial_texts(model))}
    subject = _subject(model, written, compared)
    total, when = None if again else proven_before(target, subject), ", proven before"
    if total is None:
        proof = _proven(model, loaded(written["tokenizer.json"]), compared, say)
        storage.remove(storage.join(target, PROOF))
        for name, content in written.items():
            storage.write_bytes(storage.join(target, name), content)
        storage.write_bytes(storage.join(target, PROOF), _page(subject, proof))
        total, when = proof.total(), ""
    say(
        f"{target}: the same ids and the same text, both ways, for {total.documents:,} documents, "
        f"{total.bytes:,} bytes, {total.ids:,} ids{when}"
    )


def _proven(model: Model, tokenizer: "Tokenizer", texts: Mapping[str, Iterable[str]], say: Voice) -> Proof:
    """The proof, with nothing that differs. Raises RunError after a list of what does."""
    proof, spoken = Proof(), time.monotonic()
    for proof in prove(model, tokenizer, texts):
        if time.monotonic() - spoken > LOG_SECONDS:
            spoken = time.monotonic()
            say(f"export: {proof.total().documents:,} documents, {proof.total().bytes / 1e6:,.1f} MB compared")
    if proof.differing:
        for difference in proof.differences:
            say(f"  {difference}")
        more = f", the first {LISTED} above" if proof.differing > LISTED else ""
        raise RunError(
            f"{model.name}: {proof.differing:,} of {proof.total().documents:,} documents differ between SentencePiece "
            f"and tokenizers{more}; nothing is written"
        )
    return proof


def _subject(model: Model, written: Mapping[str, bytes], texts: Mapping[str, list[str]]) -> dict[str, Any]:
    """What a proof is about: while it stays the same, so does the proof."""
    return {
        "format": FORMAT,
        "model": {"sha256": _sha256(model.data), "fingerprint": model.fingerprint},
        "files": {name: _sha256(content) for name, content in written.items()},
        "libraries": {name: version(name) for name in ("sentencepiece", "tokenizers")},
        "encode_special_tokens": True,
        "texts": {where: digest(documents) for where, documents in texts.items()},
    }


def proven_before(target: str, subject: Mapping[str, Any]) -> Compared | None:
    """What was compared when the files that lie there were proven; None where just these never were."""
    try:
        page = json.loads(storage.read_bytes(storage.join(target, PROOF)))
        lying = {name: _sha256(storage.read_bytes(storage.join(target, name))) for name in subject["files"]}
        is_same = lying == subject["files"] and {key: page[key] for key in subject} == subject
        return Compared(**page["compared"]["all"]) if is_same and page["differing_documents"] == 0 else None
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def _page(subject: Mapping[str, Any], proof: Proof) -> bytes:
    page = {
        **subject,
        "differing_documents": proof.differing,
        "compared": {where: asdict(sums) for where, sums in {**proof.compared, "all": proof.total()}.items()},
    }
    return (json.dumps(page, indent=1) + "\n").encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _declaration() -> Iterator[str]:
    """The articles of the Universal Declaration of Human Rights, one language after the other."""
    for articles in read_parallel([DECLARATION]).texts.values():
        yield from articles.values()


def _files(paths: tuple[str, ...]) -> dict[str, list[str]]:
    return {"files": _documents(of_files(paths, MAX_FILE_BYTES))} if paths else {}


def _documents(texts: Texts) -> list[str]:
    return [document for cell in texts.cells for document in cell.texts.to_pylist()]


def _read(path: str) -> bytes:
    try:
        return storage.read_bytes(path)
    except FileNotFoundError:
        raise RunError(f"{path}: no such model; `tokenizer train` writes those of a recipe") from None
