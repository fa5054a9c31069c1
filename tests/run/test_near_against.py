"""Near-duplicates of what earlier runs have kept, and who stays of those that are alike."""

import dataclasses
import itertools
import re
import shutil
import tempfile
from operator import attrgetter
from pathlib import Path

import pytest
from catalogue import Row, documents, duplicates_of, kept_ids, recipe, run_quietly, table, write_rows
from hypothesis import given, settings
from hypothesis import strategies as st
from test_near import corpora, cut_small, documents_of, evidence_in, near_of, near_passes, rules_of
from workshop import redone, tree, written

from datapipe.loading.located_yaml import RecipeError
from datapipe.output import RunError
from datapipe.passes import removals
from datapipe.stages.minhash import Minhash
from tests.plain_near import Evidence, candidates, compare, decide

WORDS = ["".join(letters) for letters in itertools.product("abcdefghij", repeat=3)]


def row(text: str, **columns: object) -> Row:
    return {**dict.fromkeys(["url", "date", "stars", "score", "good", "language"]), "text": text, **columns}


def window(first: int, words: int = 10) -> str:
    """Two of ten words that are one word apart share 9 of 11, if two apart 8 of 12: 0.82 and 0.67."""
    return " ".join(WORDS[first : first + words])


def near(more: str = "", others: str = "", bands: str = "bands: 64, rows: 1") -> str:
    """A pass that compares sets of words, and misses hardly any pair."""
    return f"  - {{name: duplicates, {others}near: {{ngram: 1, {bands}{more}}}}}"


STARS = "keep: [{column: stars, order: descending}], "


def texts(output: Path) -> set[str]:
    return {one["text"] for one in table(output, "shards/**/*.parquet")}


def fallen(output: Path) -> dict[str, tuple[str, int]]:
    """Every text that left, with the one that stayed, if it is of the same run, and the size of the cluster."""
    found = {name: one["text"] for name, one in documents(output).items()}
    return {found[name]: (found.get(other, other), size) for name, (other, size) in duplicates_of(output).items()}


def test_of_a_chain_in_which_only_neighbours_are_alike_every_second_one_stays(tmp_path: Path) -> None:
    a, b, c, d = (window(start) for start in range(4))
    write_rows(tmp_path, "web", [row(text) for text in (a, b, c, d)])
    output = run_quietly(recipe(tmp_path, ["web"], near(), columns="[near_cluster_size]"), tmp_path)

    assert fallen(output) == {b: (a, 2), d: (c, 2)}
    sizes = {one["text"]: one["near_cluster_size"] for one in table(output, "shards/**/*.parquet")}
    assert sizes == {a: 2, c: 2}


def test_the_recipes_order_decides_who_of_a_chain_stays(tmp_path: Path) -> None:
    a, b, c, d = (window(start) for start in range(4))
    write_rows(tmp_path, "web", [row(a, stars=1), row(b, stars=5), row(c, stars=3), row(d, stars=2)])
    output = run_quietly(recipe(tmp_path, ["web"], near(others=STARS)), tmp_path)

    assert fallen(output) == {a: (b, 3), c: (b, 3)}
    assert texts(output) == {b, d}


def test_where_the_best_copy_fails_a_rule_the_next_best_stays(tmp_path: Path) -> None:
    best, good, bad = (window(start, 40) for start in range(3))
    write_rows(tmp_path, "web", [row(good, score=0.5), row(best, score=0.9, stars=-1), row(bad, score=0.1)])
    order = "keep: [{column: score, order: descending}], "
    output = run_quietly(recipe(tmp_path, ["web"], near(others=order)), tmp_path)

    assert fallen(output) == {bad: (good, 2)}
    assert texts(output) == {good}


def test_copies_that_left_before_count(tmp_path: Path) -> None:
    a, b = window(0), window(1)
    write_rows(tmp_path, "web", [row(a), row(a), row(a), row(b), row(b), row(window(100))])
    one = recipe(tmp_path, ["web"], near(others="exact: {}, "), columns="[exact_cluster_size, near_cluster_size]")
    output = run_quietly(one, tmp_path)

    rows = {one["text"]: one for one in table(output, "shards/**/*.parquet")}
    assert (rows[a]["exact_cluster_size"], rows[a]["near_cluster_size"]) == (3, 5)
    assert (rows[window(100)]["exact_cluster_size"], rows[window(100)]["near_cluster_size"]) == (1, 1)
    (gone,) = table(output, "decisions/duplicates.near/*.parquet")
    assert (gone["step"], gone["drop_reason"], gone["failed"]) == ("duplicates", "duplicates.near", ["duplicates.near"])
    assert gone["cluster_size"] == 5


def test_a_page_in_a_longer_one_leaves_whichever_is_preferred(tmp_path: Path) -> None:
    page, book = window(10), window(0, 40)
    write_rows(tmp_path, "web", [row(page, stars=9), row(book, stars=1)])
    output = run_quietly(recipe(tmp_path, ["web"], near(", containment: 1.0", STARS)), tmp_path)
    assert fallen(output) == {page: (book, 2)}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs `plain` and `stored`, which keeps its shingles, over two documents and a copy of one."""
    folder = tmp_path_factory.mktemp("first")
    write_rows(folder, "old", [row(window(0, 40)), row(window(1, 40)), row(window(200, 40))])
    for output, more in (("plain", ""), ("stored", ", store_shingles: true")):
        run_quietly(recipe(folder, ["old"], near(more), output), folder)
    return folder


@pytest.fixture
def earlier(first: Path, tmp_path: Path) -> Path:
    """A copy of them."""
    shutil.copytree(first, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.mark.parametrize("index", ["plain", "stored"])
def test_what_an_earlier_run_kept_stays_and_what_is_alike_leaves(earlier: Path, index: str) -> None:
    new = [window(2, 40), window(500, 40), window(501, 40), window(203, 40)]
    write_rows(earlier, "new", [row(text, stars=5) for text in new])
    one = recipe(earlier, ["new"], near(f", against: [{index}]", STARS), columns="[near_cluster_size]")
    output = run_quietly(one, earlier)

    kept = {one["text"]: one["id"] for one in table(earlier / index, "shards/**/*.parquet")}
    # The second document of the earlier run fell there: only what it kept is compared with.
    assert fallen(output) == {
        new[0]: (kept[window(0, 40)], 3), new[2]: (new[1], 2), new[3]: (kept[window(200, 40)], 2),
    }  # fmt: skip
    assert texts(output) == {new[1]}
    found = table(output, "evidence/duplicates.near/*.parquet")
    assert {one["other_id"] for one in found} <= set(kept.values()) | documents(output).keys()
    pair = next(one for one in found if one["other_id"] == kept[window(0, 40)])
    assert pair["reason"] == ("alike" if index == "stored" else "alike by signature")
    assert pair["jaccard"] == (pytest.approx(38 / 42) if index == "stored" else None)


def test_a_chain_of_runs_is_compared_link_by_link(tmp_path: Path) -> None:
    batches = {"a": [0, 300], "b": [1, 500], "c": [2, 301, 501, 700]}
    for name, starts in batches.items():
        write_rows(tmp_path, name, [row(window(start, 40)) for start in starts])
    for name, against in (("a", ""), ("b", "a"), ("c", "a, b")):
        run_quietly(recipe(tmp_path, [name], near(f", store_shingles: true, against: [{against}]"), name), tmp_path)

    assert {name: texts(tmp_path / name) for name in "abc"} == {
        "a": {window(0, 40), window(300, 40)}, "b": {window(500, 40)}, "c": {window(700, 40)},
    }  # fmt: skip
    # The index of b holds only what b kept: the cluster in a has the size that it had there, and one more.
    assert sorted(size for _, size in duplicates_of(tmp_path / "c").values()) == [2, 2, 2]


def test_documents_that_an_earlier_run_has_are_duplicates_of_themselves(earlier: Path) -> None:
    output = run_quietly(recipe(earlier, ["old"], near(", against: [stored]")), earlier)
    found = duplicates_of(output)

    assert kept_ids(output) == set()
    themselves = {name for name, (survivor, _) in found.items() if survivor == name}
    assert themselves == kept_ids(earlier / "stored")
    assert len(found) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bands": "bands: 32, rows: 2"}, r"expected near \(bands: 32, rows: 2\), that run compared near "
         r"\(bands: 64, rows: 1\)"),
        ({"more": ", scope: language"}, r"expected near \(scope: \[language\]\), that run .* near \(scope: global\)"),
        ({"more": ", unit: char, max_chars: 9"}, r"expected near \(unit: char, max_chars: 9\), that run compared near "
         r"\(unit: word, max_chars: 500000\)"),
        ({"folder": "exact"}, r"that run compared exact \(normalize: white_space, scope: global\)"),
        ({"folder": "gnawed"}, r"near.shingles/.*\.records is gone: the run's recipe, run once more, makes it again"),
        ({"folder": "nowhere"}, r"not the output folder of a finished run"),
    ],
)  # fmt: skip
def test_runs_that_cannot_be_compared_with_are_refused_with_the_reason(
    earlier: Path, options: dict[str, str], message: str
) -> None:
    shutil.copytree(earlier / "stored", earlier / "gnawed")
    next((earlier / "gnawed/indexes/duplicates.near.shingles").iterdir()).unlink()
    run_quietly(recipe(earlier, ["old"], "  - {name: duplicates, exact: {}}", "exact"), earlier)
    options = dict(options)
    more = f", against: [{options.pop('folder', 'stored')}]{options.pop('more', '')}"

    with pytest.raises(RecipeError, match=message) as caught:
        run_quietly(recipe(earlier, ["old"], near(more, **options)), earlier)
    assert re.search(r"/recipe.yaml:\d+: passes.1.near.against.0: ", str(caught.value))
    assert not (earlier / "out/documents").exists()


def test_a_damaged_index_is_named_and_its_own_recipe_mends_it(earlier: Path) -> None:
    stored = recipe(earlier, ["old"], near(", store_shingles: true"), "stored")
    later = recipe(earlier, ["old"], near(", against: [stored]"))
    for folder in ("duplicates.near", "duplicates.near.shingles"):
        (path,) = (earlier / "stored/indexes" / folder).glob("old-000000-0000-0000.records")
        path.write_bytes(path.read_bytes()[:-9])
        with pytest.raises(OSError, match=f"damaged; run its recipe again with --verify: '{path}'"):
            run_quietly(later, earlier, verify=True)
        run_quietly(stored, earlier, verify=True)
    assert kept_ids(run_quietly(later, earlier)) == set()


def test_an_index_of_other_hashes_is_refused(earlier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Minhash, "version", 9)

    with pytest.raises(RecipeError, match=r"expected near \(version: 9\), that run compared near \(version: 1\)"):
        run_quietly(recipe(earlier, ["old"], near(", against: [stored]")), earlier)


def test_the_index_of_a_run_that_has_begun_again_is_refused_until_it_ends(
    earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have written some files anew, which the page of before does not name."""
    monkeypatch.setattr(removals, "ALARM_DOCUMENTS", 1)
    with pytest.raises(RunError, match="source 'old' loses 1 of 3 documents"):
        run_quietly(
            recipe(earlier, ["old"], near(", store_shingles: true, max_removed_fraction: 0.1"), "stored"), earlier
        )

    with pytest.raises(RecipeError, match=r"duplicates.near.json is gone: the run's recipe, run once more"):
        run_quietly(recipe(earlier, ["old"], near(", against: [stored]")), earlier)


def test_keeping_shingles_changes_no_verdict_and_repeats_the_last_phase_alone(earlier: Path) -> None:
    before, receipts = tree(earlier / "plain"), written(earlier / "plain")
    run_quietly(recipe(earlier, ["old"], near(", store_shingles: true"), "plain"), earlier)
    after = tree(earlier / "plain")

    assert {name: sum for name, sum in after.items() if not name.startswith("indexes/")} == {
        name: sum for name, sum in before.items() if not name.startswith("indexes/")
    }
    again = {name.split("/")[-2] for name in redone(receipts, written(earlier / "plain"))}
    assert "duplicates.near" in again
    assert not {name for name in again if name.startswith("duplicates.near.")}


def test_the_index_is_the_same_however_the_work_is_cut(earlier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {path.name: path.read_bytes() for path in (earlier / "stored/indexes").rglob("*.records")}
    page = (earlier / "stored/indexes/duplicates.near.json").read_bytes()
    shutil.rmtree(earlier / "stored")
    cut_small(monkeypatch)
    run_quietly(recipe(earlier, ["old"], near(", store_shingles: true"), "stored"), earlier)

    assert {path.name: path.read_bytes() for path in (earlier / "stored/indexes").rglob("*.records")} == whole
    assert (earlier / "stored/indexes/duplicates.near.json").read_bytes() == page


@settings(deadline=None, max_examples=3)
@given(corpora(), corpora(), near_passes(), st.booleans(), st.booleans())
def test_a_run_after_another_says_what_plain_python_says_of_both(
    old: list[tuple[str, Row]], new: list[tuple[str, Row]], duplicates: str, stored: bool, small: bool
) -> None:
    check_after_another(old, new, duplicates, stored, small)


@pytest.mark.slow
@settings(deadline=None, max_examples=15)
@given(corpora(), corpora(), near_passes(), st.booleans(), st.booleans())
def test_a_run_after_another_says_it_in_many_cases(
    old: list[tuple[str, Row]], new: list[tuple[str, Row]], duplicates: str, stored: bool, small: bool
) -> None:
    check_after_another(old, new, duplicates, stored, small)


def check_after_another(
    old: list[tuple[str, Row]], new: list[tuple[str, Row]], duplicates: str, stored: bool, small: bool
) -> None:
    """Sources of the same names may take part in both runs, and so may the very same documents."""
    duplicates = duplicates.replace("near: {", f'near: {{"store_shingles": {str(stored).lower()}, ')
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        if small:
            cut_small(patch)
        folders = [Path(name) / "old", Path(name) / "new"]
        recipes, found = [], []
        for folder, drawn, alone in zip(folders, (old, new), ("seen by nobody", "nor was this"), strict=True):
            rows = [*drawn, ("b", row(alone))]  # a domain must not be empty
            for source in {source for source, _ in rows}:
                write_rows(folder, source, [row for other, row in rows if other == source])
            told = (
                duplicates
                if folder == folders[0]
                else duplicates.replace("near: {", f'near: {{"against": ["{folders[0]}/out"], ')
            )
            one = recipe(folder, sorted({source for source, _ in rows}), told, columns="[near_cluster_size]")
            output = run_quietly(one, folder)
            recipes.append(one)
            found.append(documents_of(output, one))
        sizes = {row["id"]: row["near_cluster_size"] for row in table(folders[0] / "out", "shards/**/*.parquet")}
        kept = [  # those of earlier runs come in the order of their ids
            dataclasses.replace(one, id=f"old/{one.id}", order=(one.id,), count=sizes[one.id], is_earlier=True)
            for one in found[0] if one.id in sizes
        ]  # fmt: skip
        rules = rules_of(near_of(recipes[1]))
        pairs = candidates([*kept, *found[1]], rules)
        unknown = dataclasses.replace(rules, by_signature=rules.by_signature or not stored)
        evidence = [compare(worse, better, unknown if better.is_earlier else rules) for better, worse in pairs]
        fallen, counts = decide([*kept, *found[1]], evidence)

        output = folders[1] / "out"
        expected = [dataclasses.replace(one, other_id=one.other_id.removeprefix("old/")) for one in evidence]
        by_all = attrgetter(*(field.name for field in dataclasses.fields(Evidence)[:4]))
        assert sorted(evidence_in(output), key=by_all) == sorted(expected, key=by_all)
        rows = table(output, "decisions/duplicates.near/*.parquet")
        assert {row["id"]: (row["duplicate_of"], row["cluster_size"]) for row in rows} == {
            one: (other.removeprefix("old/"), counts[other]) for one, other in fallen.items()
        }
