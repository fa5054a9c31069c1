"""A whole run whose recipe says `repeat`: a document is written by how many it stands for, exact copies too."""

import dataclasses
import io
import json
from collections import Counter
from pathlib import Path

import pytest
from catalogue import recipe, run_quietly, table, write_rows
from rich.console import Console
from workshop import redone, written

from datapipe import run
from datapipe.report.figures import read_figures
from datapipe.report.funnel import funnel

WORDS = [f"{a}{b}" for a in ("stone", "river", "wheat", "mill", "grain") for b in ("bank", "field", "house", "side")]
TWICE = " ".join(WORDS)
"""Three documents are nearly this: two are equal, one has a word more."""
ALONE = " ".join(reversed(WORDS))
PASS = "  - {{name: d, exact: {{}}, near: {{repeat: {table}}}, keep: [{{column: stars, order: descending}}]}}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four documents: three of one cluster, one alone."""
    texts = [TWICE, TWICE + "  ", f"{TWICE} again", ALONE]
    write_rows(tmp_path, "a", [{"text": text, "stars": stars} for stars, text in enumerate(texts)])
    return tmp_path


def often(folder: Path, table: str) -> Path:
    return run_quietly(recipe(folder, ["a"], PASS.format(table=table), columns="[near_cluster_size]"), folder)


def test_a_document_is_written_by_all_that_it_stands_for(folder: Path) -> None:
    found = table(often(folder, "{2: 2, 3: 4}"), "shards/**/*.parquet")

    assert Counter((row["text"], row["near_cluster_size"]) for row in found) == {
        (f"{TWICE} again", 3): 4, (ALONE, 1): 1
    }  # fmt: skip


def test_mixture_and_account_count_what_is_written(folder: Path) -> None:
    output = often(folder, "{3: 4}")
    (unit,) = json.loads((output / "mixture.json").read_text())["domains"]["all"]["units"].values()

    size = 4 * len(f"{TWICE} again") + len(ALONE)
    assert (unit["documents"], unit["bytes"]) == (5, size)
    assert json.loads((output / "run.json").read_text())["kept"]["all"]["a"] == {"documents": 5, "bytes": size}


def test_the_funnel_counts_documents_and_not_their_copies(folder: Path) -> None:
    levels = funnel(read_figures(str(often(folder, "{3: 4}"))))

    assert (levels[0].left, levels[-1].left) == (4, 2)


def test_validation_is_chosen_among_documents(folder: Path) -> None:
    one = recipe(folder, ["a"], PASS.format(table="{1: 3}"))
    holdout = dataclasses.replace(one.holdout, fraction=0.49, min_documents=1, max_fraction=0.49)
    output = run_quietly(dataclasses.replace(one, holdout=holdout), folder)
    kept, held = (table(output, f"{split}/**/*.parquet") for split in ("shards", "validation"))

    assert len({row["id"] for row in [*kept, *held]}) == 2
    assert len(kept) == 3 * len({row["id"] for row in kept})
    assert len(held) == len({row["id"] for row in held})
    assert not {row["id"] for row in kept} & {row["id"] for row in held}


def test_another_table_gathers_and_packs_again(folder: Path) -> None:
    before = written(often(folder, "{3: 4}"))
    after = written(often(folder, "{3: 2}"))

    assert {name.partition("/")[0] for name in redone(before, after)} == {"gather", "pack"}


def test_a_rerun_does_nothing(folder: Path) -> None:
    before = written(often(folder, "{3: 4}"))
    one = recipe(folder, ["a"], PASS.format(table="{3: 4}"), columns="[near_cluster_size]")
    run(one, root=str(folder), console=Console(file=io.StringIO()))

    assert redone(before, written(folder / "out")) == set()
