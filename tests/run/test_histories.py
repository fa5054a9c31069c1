"""Whatever happened to an output folder before, a run leaves what a run into an empty folder would have made.

Files come, change and go, thresholds and orders move, runs break off at any write, exchanges are divided otherwise:
after each finished run its files are those of a run into a folder that knows only the numbers of the files
(`plan.json`), and the documents in its shards are those of a run that knows nothing at all.
"""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from test_repeated import repeating
from workshop import Line, Workshop, many, rows, tree

from datapipe.exchange import Sizes
from datapipe.passes import duplicate_phases, passage_phases

FILES = ("left/a.tsv", "left/b.tsv", "left/c.tsv", "left/0.tsv", "right/d.tsv", "right/e.tsv")
WHOLE_FOLDERS = ("shards/", "validation/", "mixture.json")
"""Nobody may find anything there that the last run did not make; elsewhere files of sources that are gone may lie."""

SETTINGS: dict[str, tuple[str, ...]] = {
    "domains.english.rules.0.max": ("400", "100"),
    "passes.measure.steps.letters.bonus": ("0", "1"),
    "passes.extract.steps.select.rules.0.none_of": ("[xx]", "[th]"),
    "domains.others.by": ("kind", "language"),
    "holdout.fraction": ("0.05", "0.1"),
    "seed": ("17", "18"),
    "shard_bytes": ("65536", "90000"),
    "columns": ("[letter_count, exact_cluster_size]", "[]"),
    "passes.duplicates.keep.0.order": ("ascending", "descending"),
    "passes.duplicates.exact.scope": ("global", "language"),
    "passes.duplicates.exact.normalize": ("white_space", "folded"),
    "passes.duplicates.exact.against": ("[]", "[earlier]"),
}

OF_PASSAGES = {
    "passes.passages.repeated.keep": ("first", "none"),
    "passes.passages.repeated.span": ("1", "2"),
}
PASSAGES = """  - name: passages
    repeated: {unit: sentence}
"""
DUPLICATES = """
  - name: duplicates
    exact: {}
    keep: [{column: kind, order: ascending}]
"""
SIZES = (Sizes(), Sizes(20_000, 20_000, 2_000), Sizes(16_000, 2_500, 1_000), Sizes(16_000, 1_250, 1_000))
"""Of the exchanges: one partition, several, and two levels of two sizes."""


class Killed(BaseException):
    """The end of a process, as far as it can be had without one: nothing but `finally` runs after it."""


class Histories(RuleBasedStateMachine):
    """Everything that may happen to one output folder."""

    recipe_settings: ClassVar = SETTINGS
    passages: ClassVar = ""

    @initialize()
    def begin(self) -> None:
        """Two files, run once."""
        self.folder = Path(tempfile.mkdtemp(prefix="histories-"))
        self.workshop = Workshop.at(self.folder / "workshop")
        recipe = self.workshop.folder / "recipe.yaml"
        text = recipe.read_text().replace("\ndomains:", f"{DUPLICATES}domains:")
        recipe.write_text(text.replace("  - name: measure", f"{self.passages}  - name: measure"))
        self.sizes = SIZES[0]
        self.chosen = {key: values[0] for key, values in self.recipe_settings.items()}
        self.clocks: dict[tuple[str, int, int], int] = {}
        self.write("left/a.tsv", 1, 300)
        self.write("right/d.tsv", 2, 100)
        self.workshop.run("output=earlier")
        self.write("left/a.tsv", 3, 300)
        self.run()

    def teardown(self) -> None:
        """Remove it."""
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)

    @rule(name=st.sampled_from(FILES), seed=st.integers(0, 3), size=st.sampled_from((0, 1, 40, 300, 700)))
    def write(self, name: str, seed: int, size: int) -> None:
        """A file is added or changed, or put back as it was, with the stamp it had then."""
        path = self.workshop.write(name, self.lines(size, seed, name))
        clock = self.clocks.setdefault((name, seed, size), 1_000_000_000 + len(self.clocks))
        os.utime(path, ns=(clock, clock))

    @rule(name=st.sampled_from(FILES))
    def remove(self, name: str) -> None:
        """A file goes; each source keeps one, for a source without files is an error."""
        path = self.workshop.folder / name
        if path.exists() and len(list(path.parent.iterdir())) > 1:
            path.unlink()

    @rule(name=st.sampled_from(sorted(SETTINGS | OF_PASSAGES)), choice=st.integers(0, 1))
    def change_the_recipe(self, name: str, choice: int) -> None:
        """A key of the recipe takes another value."""
        if name in self.recipe_settings:
            self.chosen[name] = self.recipe_settings[name][choice]

    @rule(sizes=st.sampled_from(SIZES))
    def divide_exchanges_otherwise(self, sizes: Sizes) -> None:
        """Which is no part of any promise."""
        self.sizes = sizes

    @rule(writes=st.integers(0, 80))
    def run_and_break_off(self, writes: int) -> None:
        """A run ends before the file after so many others has its name."""
        left = writes

        def fsync(_: int) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fsync", fsync)
            self.divide(patch)
            with contextlib.suppress(Killed):
                self.workshop.run(*self.settings())

    @rule()
    def run(self) -> None:
        """A run ends well: compare."""
        with pytest.MonkeyPatch.context() as patch:
            self.divide(patch)
            self.workshop.run(*self.settings())
        self.compare_bytes()
        self.compare_documents()

    def lines(self, size: int, seed: int, name: str) -> list[Line]:
        """The same texts in other files of the same seed, but not the same kinds."""
        kinds = many(size, len(name) + ord(name[-5]))
        return [(kind, *rest) for (kind, _, _), (_, *rest) in zip(kinds, many(size, seed), strict=True)]

    def divide(self, patch: pytest.MonkeyPatch) -> None:
        """Have exchanges divided so."""
        patch.setattr(duplicate_phases, "SIZES", self.sizes)
        patch.setattr(passage_phases, "SIZES", self.sizes)

    def settings(self) -> list[str]:
        """As `--set` takes them."""
        return [f"{key}={value}" for key, value in self.chosen.items()]

    def compare_bytes(self) -> None:
        """With a run into a folder that knows the numbers of the files."""
        fresh = self.folder / "workshop" / "fresh"
        fresh.mkdir()
        shutil.copy(self.workshop.out / "plan.json", fresh)
        self.workshop.run("output=fresh", *self.settings())
        expected, found = tree(fresh), tree(self.workshop.out)
        shutil.rmtree(fresh)
        assert {name: found.get(name) for name in expected} == expected
        assert {n for n in found if n.startswith(WHOLE_FOLDERS)} == {n for n in expected if n.startswith(WHOLE_FOLDERS)}

    def compare_documents(self) -> None:
        """With a run that knows nothing: the same documents in the same units, but in other shards."""
        self.workshop.run("output=anew", *self.settings())
        anew = self.workshop.folder / "anew"
        assert packed(self.workshop.out) == packed(anew)
        shutil.rmtree(anew)


class PassageHistories(Histories):
    """With passages that repeat: which occurrence is the first follows from the numbers of files, unlike all else."""

    recipe_settings: ClassVar = SETTINGS | OF_PASSAGES
    passages: ClassVar = PASSAGES

    def lines(self, size: int, seed: int, name: str) -> list[Line]:
        """Texts of sentences that others have too."""
        return [*super().lines(size // 2, seed, name), *repeating(size // 2, seed)]

    def compare_documents(self) -> None:
        """Promised for one and the same `plan.json` only."""


def packed(output: Path) -> dict[str, list[dict[str, Any]]]:
    """Rows of every unit, in order of their ids."""
    units = {str(path.parent.relative_to(output)) for path in output.glob("[sv][ha]*/*/*/*.parquet")}
    return {unit: sorted(rows(output, f"{unit}/*.parquet"), key=lambda row: str(row["id"])) for unit in units}


CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@pytest.mark.parametrize(
    ("examples", "steps"), [(2, 7), pytest.param(8, 20, marks=pytest.mark.slow)], ids=["short", "long"]
)
@pytest.mark.parametrize("machine", [Histories, PassageHistories])
def test_any_history_ends_as_a_fresh_run_would(machine: type[Histories], examples: int, steps: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=CHECKS
        ),
    )


def test_a_corpus_that_grows_divides_what_is_unchanged_anew() -> None:
    """32 partitions and 64 have the same maps, to the byte, but not the same relays."""
    history = Histories()
    history.begin()
    for sizes in SIZES[2:]:
        history.sizes = sizes
        history.write("left/b.tsv", 1, 300)
        history.write("right/e.tsv", 3, 700)
        history.run()
    history.teardown()


def test_another_share_to_hold_out_is_counted_anew_behind_duplicates() -> None:
    history = Histories()
    history.begin()
    history.change_the_recipe("holdout.fraction", 1)
    history.run()
    history.teardown()
