"""Two CSV files, mixtures and metrics, joined by run: as RegMix (sail-sg/regmix, `data/`) and Olmix (allenai/olmix)
leave them.

RegMix: `train_mixture_1m.csv` (`index, train_the_pile_arxiv, ...`, three decimals) and `train_pile_loss_1m.csv`
(`index, metric/the_pile_arxiv_val_loss, ...`, nats per token). Olmix: `ratios.csv` and `metrics.csv` (`run` or
`run_id`, `name`, `index`, and an unnamed column of pandas beside components and bits per byte).
"""

from dataclasses import dataclass
from pathlib import Path

from datapipe.output import RunError
from trainer.mixture.importing.imported import Imported, component_names
from trainer.mixture.importing.table import Row, Table, matched, number, read_table


@dataclass(frozen=True)
class TwoTables:
    """How a project names its columns."""

    ids: tuple[str, ...]
    """Of a run: the first that is there."""
    labels: tuple[str, ...]
    """Columns that are neither weights nor metrics."""
    weights: tuple[str, ...]
    metrics: tuple[str, ...]
    """Patterns: the first that means every other column."""


REGMIX = TwoTables(("index", ""), (), ("train_*", "*"), ("metric/*_val_loss", "metric/*", "*"))
OLMIX = TwoTables(("run_id", "run"), ("", "name", "index", "Unnamed: 0"), ("*",), ("*",))


def read_two_tables(
    layout: TwoTables, files: list[Path], weights: str | None, metrics: str | None
) -> tuple[list[Imported], list[str]]:
    """The runs of the first file, with what the second says of them; and what must be told."""
    if len(files) != 2:
        raise RunError(f"{len(files)} files: expected two, that of the mixtures and that of the metrics")
    mixtures, measured = (read_table(path) for path in files)
    names = component_names(_chosen(layout, layout.weights, mixtures, weights, "--weights"))
    targets = _chosen(layout, layout.metrics, measured, metrics, "--metrics")
    rows = _by_id(measured, _id_column(layout, measured))
    column = _id_column(layout, mixtures)
    runs = []
    for row in mixtures.rows:
        found = rows.pop(_id(row, column), None)
        said = {name: number(row.cells[one], row.place, one) for one, name in names.items()}
        told = (
            {name: number(found.cells[one], found.place, one) for one, name in targets.items()}
            if found is not None
            else None
        )
        runs.append(Imported(_id(row, column), row.place, said, told))
    if not any(run.metrics for run in runs):
        raise RunError(f"{files[1]}: none of its {len(measured.rows):,} runs has a mixture in {files[0]}")
    return runs, [f"{row.place}: run {name} has no mixture in {files[0]}: not used" for name, row in rows.items()]


def _chosen(layout: TwoTables, usual: tuple[str, ...], table: Table, asked: str | None, option: str) -> dict[str, str]:
    """Columns of a table and what they are called."""
    possible = tuple(name for name in table.columns if name not in (*layout.ids, *layout.labels))
    if asked is not None:
        found = matched(asked, possible)
        if not found:
            raise RunError(f"{table.file}: {option} {asked}: no such column; there are {', '.join(possible[:20])}")
        return found
    for pattern in usual:
        found = matched(pattern, possible)
        if found and len(found) == len(possible):
            return found
    raise RunError(f"{table.file}, line 1: no column beside {', '.join(filter(None, table.columns)) or 'none'}")


def _id_column(layout: TwoTables, table: Table) -> str:
    for name in layout.ids:
        if name in table.columns:
            return name
    expected = " or ".join(repr(name) for name in layout.ids if name)
    raise RunError(f"{table.file}, line 1: expected a column {expected} that names runs, found {table.columns[0]!r}")


def _by_id(table: Table, column: str) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for row in table.rows:
        name = _id(row, column)
        if name in rows:
            raise RunError(f"{row.place}: run {name!r} stands there twice, first at {rows[name].place}")
        rows[name] = row
    return rows


def _id(row: Row, column: str) -> str:
    if not row.cells[column]:
        raise RunError(f"{row.place}: no {column or 'first column'} that names the run")
    return row.cells[column]
