"""One document as a trainer sees it: where its tokens lie, in which windows, and which pieces they are."""

from dataclasses import dataclass

import pyarrow.compute as pc
from rich.console import Console
from rich.text import Text

from datapipe import storage
from datapipe.output import RunError
from datapipe.report.words import visible
from datapipe.shard_files import opened, read_here
from tokenizer.encoding.manifest import Manifest, ShardTokens, read_manifest, read_shard
from tokenizer.encoding.plan import MODEL
from tokenizer.encoding.token_documents import SUFFIX
from tokenizer.model_file import read_model
from tokenizer.store import Ids

STYLES = ("black on bright_cyan", "black on bright_yellow")
"""Of neighbouring pieces."""


@dataclass(frozen=True)
class Shown:
    """A document in its shard."""

    shard: ShardTokens
    row: int
    first_token: int
    ids: Ids
    windows: range
    """Those of the shard that hold any of its tokens."""


def find_document(folder: str, id_: str) -> Shown:
    """The document of a folder of tokens. Reads the sidecars one by one. Raises RunError where it is in none."""
    manifest = read_manifest(folder)
    for units in (manifest.units, manifest.validation):
        for shard in (shard for domain in units.values() for unit in domain.values() for shard in unit.shards):
            found = _in_shard(folder, manifest, shard, id_)
            if found is not None:
                return found
    raise RunError(f"{folder}: no document {id_!r}; ids are those of the texts, such as `datapipe explain` takes")


def _in_shard(folder: str, manifest: Manifest, shard: ShardTokens, id_: str) -> Shown | None:
    with opened([storage.join(folder, shard.path + SUFFIX)]) as (file,):
        rows = read_here(file, ["id", "first_token", "tokens"])
    row = pc.index(rows["id"], id_).as_py()
    if row < 0:
        return None
    first, tokens = rows["first_token"][row].as_py(), rows["tokens"][row].as_py()
    ids = read_shard(folder, manifest, shard).tokens[first : first + tokens]
    # A token that ends one window begins the next: it is counted where it is an input.
    windows = range(first // manifest.seq_len, min(-(-(first + tokens) // manifest.seq_len), shard.windows))
    return Shown(shard, row, first, ids, windows)


def print_document(folder: str, id_: str, console: Console | None = None) -> None:
    """Print it. Raises RunError."""
    shown = console or Console()
    found = find_document(folder, id_)
    model = read_model(storage.read_bytes(storage.join(folder, MODEL)), MODEL)
    windows = f"windows {found.windows[0]:,} to {found.windows[-1]:,}" if found.windows else "in no window"
    place = f"document {found.row:,}, tokens {found.first_token:,} to {found.first_token + len(found.ids):,}"
    shown.print(Text(visible(f"{found.shard.path}: {place}, {windows}")), soft_wrap=True)
    text = Text()
    between = "" if shown.is_terminal else "|"  # colours tell neighbours apart where there are any
    for number, id_of_piece in enumerate(found.ids.tolist()):
        piece = model.pieces[id_of_piece].text
        text.append(visible(piece).replace("\n", "␊").replace("\t", "␉"), STYLES[number % 2])
        text.append(between)
        if piece == "\n":
            text.append("\n")
    shown.print(text, soft_wrap=True)
    shown.print(" ".join(map(str, found.ids.tolist())), soft_wrap=True, highlight=False)
