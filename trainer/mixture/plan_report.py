"""`trainer mix plan`: shares, tokens, epochs and what they are worth, of static mixtures side by side."""

import dataclasses
import json
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from trainer.mixture.data_materials import is_estimated
from trainer.mixture.experiment import Experiment
from trainer.mixture.load import load
from trainer.mixture.materials import Materials, read_materials
from trainer.mixture.outlook import ComponentOutlook, MixtureOutlook, outlook_of
from trainer.mixture.space import cap_of, space_of
from trainer.mixture.static import CURRENT, static_mixtures
from trainer.reckoning.plan_report import large

COLUMNS = 8
"""Components that stand side by side; where there are more, mixtures do."""


def print_mixtures(file: Path, root: str | None, settings: Sequence[str], as_json: bool) -> bool:
    """Print them. False where the current mixture breaks a cap: the command's exit code is 1."""
    experiment = load(file, settings)
    materials = read_materials(experiment, root)
    space = space_of(experiment, materials)
    mixtures = {
        name: outlook_of(name, weights_PK, experiment, materials, space)
        for name, weights_PK in static_mixtures(experiment, materials).items()
    }
    if as_json:
        print(json.dumps(_plain(experiment, materials, mixtures), ensure_ascii=False, indent=1))
    else:
        _print(experiment, materials, mixtures, Console())
    return not mixtures[CURRENT].broken


def _plain(experiment: Experiment, materials: Materials, mixtures: Mapping[str, MixtureOutlook]) -> dict[str, object]:
    """All of it, for programs."""
    return {
        "name": experiment.name,
        "sizes_estimated_from_bytes": is_estimated(experiment),
        "phase_tokens": dict(materials.phase_tokens),
        "components": {
            name: {
                "domain": one.domain,
                "units": len(one.shares),
                "tokens": one.tokens,
                "bytes": one.bytes,
                "max_epochs": cap_of(experiment, name),
            }
            for name, one in materials.components.items()
        },
        "mixtures": [dataclasses.asdict(one) for one in mixtures.values()],
    }


def _print(
    experiment: Experiment, materials: Materials, mixtures: Mapping[str, MixtureOutlook], console: Console
) -> None:
    lengths = ", ".join(f"{name} {large(tokens)}" for name, tokens in materials.phase_tokens.items())
    console.print(Text(f"experiment {experiment.name}: tokens of {lengths}"))
    if is_estimated(experiment):
        console.print(
            Text("tokens are estimated from bytes, as mixture.json does: nothing says whose are meant"), soft_wrap=True
        )
    if experiment.base is not None and experiment.base.start is not None:
        console.print(
            Text("epochs are counted from this plan's start, not from that of what it goes on from"), soft_wrap=True
        )
    console.print(_current(materials, mixtures[CURRENT]))
    for place, phase in enumerate(_phases_that_differ(materials, mixtures)):
        title = "share of tokens in percent" + (f", {phase}" if phase else "")
        console.print(_side_by_side(title, mixtures, partial(_share, place)))
    console.print(_side_by_side("epochs in the full run", mixtures, partial(_epochs, experiment.caps.warn_epochs)))
    whole = [name for name, mixture in mixtures.items() if _loses_nothing(mixture)]
    for name, mixture in mixtures.items():
        if name not in whole:
            console.print(_worth(name, mixture), soft_wrap=True)
    if whole:
        console.print(Text(f"{', '.join(whole)}: no text is read twice, nothing is lost"), soft_wrap=True)


def _phases_that_differ(materials: Materials, mixtures: Mapping[str, MixtureOutlook]) -> Sequence[str]:
    """The phases; one without a name where all mixtures are the same in all of them."""
    weights = [one.weights for mixture in mixtures.values() for one in mixture.components.values()]
    return list(materials.phase_tokens) if any(len(set(of_phases)) > 1 for of_phases in weights) else [""]


def _current(materials: Materials, mixture: MixtureOutlook) -> Padding:
    """Today's mixture by phase. What tokens are worth is known at the end."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title="today's mixture", title_justify="left")
    for title in ("phase", "component"):
        table.add_column(title, no_wrap=True)
    for title in ("there is", "share %", "tokens", "epochs", "so far", "worth"):
        table.add_column(title, justify="right")
    for place, phase in enumerate(materials.phase_tokens):
        for name, one in mixture.components.items():
            table.add_row(
                Text(phase),
                Text(name),
                large(materials.components[name].tokens),
                _share(place, one),
                large(one.tokens[place]),
                f"{one.phase_epochs[place]:.2f}",
                f"{math.fsum(one.phase_epochs[: place + 1]):.2f}",
                large(one.effective_tokens) if place + 1 == len(one.tokens) else "",
            )
    return Padding(table, (1, 0, 0, 0))


def _side_by_side(
    title: str, mixtures: Mapping[str, MixtureOutlook], cell: Callable[[ComponentOutlook], Text]
) -> Padding:
    """Mixtures by components, or the other way round where that is narrower."""
    components = list(mixtures[CURRENT].components)
    rows, columns = (mixtures, components) if len(components) <= COLUMNS else (components, mixtures)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    table.add_column("")
    for column in columns:
        table.add_column(Text(column, overflow="fold"), justify="right")
    for row in rows:
        pairs = [(row, column) if row in mixtures else (column, row) for column in columns]
        table.add_row(Text(row), *(cell(mixtures[mixture].components[component]) for mixture, component in pairs))
    return Padding(table, (1, 0, 0, 0))


def _share(place: int, one: ComponentOutlook) -> Text:
    return Text(f"{100 * one.weights[place]:.2f}")


def _epochs(warn: float, one: ComponentOutlook) -> Text:
    """With a mark where they are more than one wants: ! above the cap, ? above `warn`."""
    if one.is_above_cap:
        return Text(f"{one.epochs:.2f} !", style="bold red")
    if one.epochs > warn:
        return Text(f"{one.epochs:.2f} ?", style="yellow")
    return Text(f"{one.epochs:.2f}  ")


def _loses_nothing(mixture: MixtureOutlook) -> bool:
    """All that is read is fresh, and there is nothing else to say of it."""
    is_fresh = all(one.epochs <= 1 for one in mixture.components.values())
    return is_fresh and not mixture.broken and not mixture.warnings


def _worth(name: str, mixture: MixtureOutlook) -> Text:
    """A line on what a mixture is worth, and what it breaks."""
    share = mixture.effective_tokens / mixture.tokens
    line = Text(f"{name}: worth {large(mixture.effective_tokens)} fresh tokens, {100 * share:.1f} % of those read")
    for words, style in ((mixture.broken, "bold red"), (mixture.warnings, "yellow")):
        if words:
            what = "breaks" if words is mixture.broken else "note"
            line.append(f"; {what} ").append("; ".join(words), style=style)
    return line
