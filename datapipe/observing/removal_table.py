"""What a run shows that stops because a source or language loses too many documents: clusters that took them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from datapipe.duplicates.clusters import Cluster
from datapipe.report.words import visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

OPENING_CHARACTERS = 240


def print_removals(
    console: "Console", title: str, clusters: Sequence[Cluster], texts: Mapping[str, str | None]
) -> None:
    """Print clusters, each with what stays and one of those that fall, and how their texts begin."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(f"{title}: its largest clusters"), title_justify="left", show_lines=True)
    table.add_column("documents", justify="right")
    table.add_column("stays", overflow="fold", ratio=1)
    table.add_column("falls, for example", overflow="fold", ratio=1)
    for one in clusters:
        falls = one.fallen[0] if one.fallen else ""
        table.add_row(f"{one.size:,}", _shown(one.survivor, texts), _shown(falls, texts))
    console.print(table)


def _shown(identifier: str, texts: Mapping[str, str | None]) -> "Text":
    """The id and the opening of its text; a text of an earlier run is not here."""
    from rich.text import Text

    text = texts.get(identifier)
    if text is None:
        return Text(visible(identifier)).append("\n(of an earlier run)" if identifier else "", style="dim")
    opening = " ".join(text[: 2 * OPENING_CHARACTERS].split())[:OPENING_CHARACTERS]
    return Text(visible(identifier), style="bold").append(f"\n{visible(opening)}", style="not bold")
