"""`datapipe duplicates`: clusters, or what took one document, or what is like a text, on the terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from datapipe.accounts import PassAccount
from datapipe.duplicates.comparisons import Comparison, compare, compare_clusters
from datapipe.duplicates.differences import Piece
from datapipe.duplicates.falls import find_fall, home_of_survivor, pairs_of, stands_for
from datapipe.duplicates.likeness import find_alike
from datapipe.housekeeping.manifests import read_manifest
from datapipe.loading.located_yaml import RecipeError
from datapipe.locating import Library, open_run
from datapipe.passes.rounds import Round, rounds_of
from datapipe.receipts import read_receipt
from datapipe.report.duplicates import survivors_phase
from datapipe.report.samples import sampled_shards
from datapipe.report.words import visible

FALLEN = 2
"""Documents of a cluster beside the one that stayed."""
STYLES = {"equal": ("", ""), "changed": ("bold black on green", "bold black on yellow"), "beyond": ("dim", "dim")}
MARKS = {"equal": ("", ""), "changed": ("[-", "-]"), "beyond": ("", "")}
"""About what differs, on a terminal without colours."""
OPENING_CHARACTERS = 300


def print_clusters(folder: str, round_name: str | None, count: int) -> None:
    """Print the largest clusters of a round, also of a run that it has stopped. Raises RecipeError, OSError."""
    library = open_run(folder)
    one = choose_round(library, round_name)
    largest = dict(list(_largest(library, one).items())[:count])
    console = Console()
    if not largest:
        console.print(f"{one.name} found no duplicates", markup=False, highlight=False)
    shards = [receipt.shard for receipt in sampled_shards(library)] if largest else []
    for number, found in enumerate(compare_clusters(library, one, largest, shards, FALLEN), start=1):
        title = f"{one.name}, cluster {number}: {found.cluster.survivor} stayed, of {found.cluster.size:,} documents"
        console.print(Text(visible(title), style="bold"), soft_wrap=True)
        if not found.comparisons:
            console.print(f"  none of its others is in the {len(shards):,} shards looked into", highlight=False)
        for comparison in found.comparisons:
            _print_comparison(console, comparison)


def _largest(library: Library, one: Round) -> dict[str, int]:
    """The largest clusters, as the tasks that found them tell. Raises RecipeError where the run has not come so far."""
    phase = survivors_phase(one)
    manifest = read_manifest(library.folder, phase)
    if manifest is None or read_manifest(library.folder, one.name) is None:
        raise RecipeError(f"{library.folder}: the run has not come to the end of {one.name}; run the recipe on")
    account = PassAccount()
    for shard in manifest.shards:
        receipt = read_receipt(library.folder, phase, shard)
        if receipt is not None:
            account.add(receipt, "")
    return account.largest_clusters


def choose_round(library: Library, name: str | None) -> Round:
    """The round of this name; without one that of near-duplicates, or the last. Raises RecipeError."""
    rounds = {one.name: one for one in rounds_of(library.recipe)}
    if not rounds:
        raise RecipeError(f"{library.folder}: its recipe has no pass that drops duplicates")
    if name is None:
        return next((one for one in rounds.values() if one.near is not None), list(rounds.values())[-1])
    if name not in rounds:
        raise RecipeError(f"--round {name}: expected one of {', '.join(rounds)}")
    return rounds[name]


def print_fate(folder: str, identifier: str) -> None:
    """Print what became of a document in the rounds of duplicates, and why. Raises RecipeError, OSError."""
    library = open_run(folder)
    found = library.find(identifier)
    if found is None:
        raise RecipeError(f"{folder}: no document {identifier!r} was read")
    console, rounds = Console(), rounds_of(library.recipe)
    if not _follow(console, library, rounds, found[0], identifier):
        console.print(f"{visible(identifier)}: no round of duplicates dropped it", markup=False, highlight=False)
        for one in rounds:
            _print_compared(console, library, one, found[0], identifier)


def _follow(console: Console, library: Library, rounds: Sequence[Round], shard: str, identifier: str) -> bool:
    """Print what took a document, then what took the one that had stayed in its place, and so on."""
    for number, one in enumerate(rounds):
        fall = find_fall(library, one, shard, identifier)
        if fall is not None:
            console.print(Text(visible(f"{identifier} fell in {fall.words}"), style="bold"), soft_wrap=True)
            _print_comparison(console, compare(library, fall))
            home = home_of_survivor(library, one, fall.survivor, fall.size)
            if home is not None:
                _follow(console, library, rounds[number + 1 :], home, fall.survivor)
            return True
    return False


def _print_compared(console: Console, library: Library, one: Round, shard: str, identifier: str) -> None:
    """What a document that stayed in a round stands for, and the better ones that it was compared with."""
    size = stands_for(library, one, shard, identifier)
    lines = [f"{one.name}: it stands for {size:,} documents"] if size is not None and size > 1 else []
    lines += [
        f"{one.name}: compared with {pair.other_id}: {pair}" for pair in pairs_of(library, one, shard, identifier)
    ]
    for line in lines:
        console.print(f"  {visible(line)}", markup=False, highlight=False, soft_wrap=True)


def _print_comparison(console: Console, one: Comparison) -> None:
    for pair in one.pairs:
        console.print(f"  {pair}", markup=False, highlight=False, soft_wrap=True)
    if not one.pieces:
        console.print(f"  beside {visible(one.fell)}: the text of the other one is in an earlier run", markup=False)
        return
    table = Table(show_lines=False, padding=(0, 1))
    table.add_column(Text(visible(f"{one.stayed} stayed")), overflow="fold", ratio=1)
    table.add_column(Text(visible(f"{one.fell} fell")), overflow="fold", ratio=1)
    has_colours = console.is_terminal and not console.no_color
    table.add_row(*(_side(one.pieces, side, has_colours) for side in (0, 1)))
    console.print(table)


def _side(pieces: Sequence[Piece], side: int, has_colours: bool) -> Text:
    """One of the two texts, with what differs set off."""
    text = Text()
    for piece in pieces:
        part = visible((piece.left, piece.right)[side])
        if has_colours or not part:
            text.append(part, STYLES[piece.kind][side])
        else:
            opening, closing = MARKS[piece.kind]
            text.append(f"{opening}{part}{closing}")
    return text


def print_alike(folder: str, text_file: str, round_name: str | None, count: int) -> None:
    """Print the documents that are like the text of a file (`-`: standard input). Raises RecipeError, OSError."""
    library = open_run(folder)
    one = choose_round(library, round_name)
    if one.near is None:
        raise RecipeError(f"--like needs a round of near-duplicates: {one.name} compares whole texts")
    console = Console()
    found = find_alike(library, one, text_file, count)
    if not found.documents:
        console.print(f"none of {found.searched:,} documents is like it", highlight=False)
        return
    table = Table(
        title=f"of {found.searched:,} documents, by estimated Jaccard similarity", title_justify="left", show_lines=True
    )
    table.add_column("similarity", justify="right")
    table.add_column("document", overflow="fold", ratio=1)
    for document in found.documents:
        opening = " ".join(document.text[: 2 * OPENING_CHARACTERS].split())[:OPENING_CHARACTERS]
        state = f"dropped: {document.drop_reason}" if document.drop_reason else "kept"
        described = Text(visible(document.id), style="bold").append(f" ({visible(state)})\n", "not bold")
        table.add_row(f"{document.jaccard:.3f}", described.append(visible(opening), "not bold"))
    console.print(table)
