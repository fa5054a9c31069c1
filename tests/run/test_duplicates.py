"""Duplicates are decided after the rules: one of every cluster stays, however the work is cut."""

import io
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from catalogue import EXACT, Row, documents, duplicates_of, kept_ids, naive, recipe, run_quietly, table, write_rows
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from workshop import redone, tree, written

from datapipe import run
from datapipe.exchange import Sizes
from datapipe.explain import explain_document
from datapipe.loading.located_yaml import RecipeError
from datapipe.mixture import MixtureError
from datapipe.passes import duplicate_phases
from datapipe.plan_report import print_plan
from datapipe.report import print_report

SMALL = Sizes(map_bytes=600, partition_bytes=800, slice_bytes=200)
"""A few records per task, and two levels from a few dozen on."""
ROWS = st.fixed_dictionaries(
    {
        "text": st.sampled_from(["one", "one ", "o ne", "two", "two\n\ntwo", "three", "four five", ""]),
        "url": st.sampled_from([None, "http://a/x", "https://A/x/", "http://a/y", "http://b/"]),
        "date": st.sampled_from([None, "2024-01-01", "2025-06-07", "2025"]),
        "stars": st.sampled_from([None, -1, 0, 1, 7]),
        "score": st.sampled_from([None, -1.5, 0.0, 0.25]),
        "good": st.sampled_from([None, True, False]),
        "language": st.sampled_from([None, "en", "de"]),
    }
)
PREFERENCES = st.lists(
    st.tuples(
        st.sampled_from(["date", "stars", "score", "good", "language"]), st.sampled_from(["ascending", "descending"])
    ),
    max_size=3,
    unique_by=lambda one: one[0],
)
SCOPES = st.sampled_from(["global", "source", "language"])


def pass_text(exact: str | None, url: str | None, keep: list[tuple[str, str]]) -> str:
    parts = [f"exact: {exact}"] * (exact is not None) + [f"url: {url}"] * (url is not None)
    preferences = ", ".join(f"{{column: {column}, order: {order}}}" for column, order in keep)
    return f"  - {{name: duplicates, {', '.join(parts)}, keep: [{preferences}]}}"


@st.composite
def duplicate_passes(draw: st.DrawFn) -> str:
    exact = f"{{normalize: {draw(st.sampled_from(['none', 'white_space']))}, scope: {draw(SCOPES)}}}"
    url = f"{{scope: {draw(SCOPES)}}}"
    which = draw(st.sampled_from(["exact", "url", "both"]))
    return pass_text(exact if which != "url" else None, url if which != "exact" else None, draw(PREFERENCES))


CASES = given(
    st.lists(st.tuples(st.sampled_from(["a", "a-b", "b"]), ROWS), min_size=1, max_size=20),
    duplicate_passes(),
    st.sampled_from([SMALL, Sizes()]),
)
UNHURRIED = settings(deadline=None, max_examples=6)


@UNHURRIED
@CASES
def test_what_stays_is_what_plain_python_says(rows: list[tuple[str, Row]], duplicates: str, sizes: Sizes) -> None:
    check_by_plain_python(rows, duplicates, sizes)


@pytest.mark.slow
@settings(UNHURRIED, max_examples=30)
@CASES
def test_what_stays_is_it_in_many_cases(rows: list[tuple[str, Row]], duplicates: str, sizes: Sizes) -> None:
    check_by_plain_python(rows, duplicates, sizes)


def check_by_plain_python(rows: list[tuple[str, Row]], duplicates: str, sizes: Sizes) -> None:
    rows = [*rows, ("b", {**dict.fromkeys(rows[0][1]), "text": "a domain must not be empty"})]
    names = sorted({source for source, _ in rows})
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicate_phases, "SIZES", sizes)
        folder = Path(name)
        for source in names:
            own = [row for other, row in rows if other == source]
            for start in range(0, len(own), 4):
                write_rows(folder, source, own[start : start + 4], f"{start}")
        one = recipe(folder, names, duplicates)
        output = run_quietly(one, folder)

        found = documents(output)
        expected = naive(found, one.passes[-1])
        assert duplicates_of(output) == expected
        passed = {identifier for identifier, row in found.items() if row["stars"] is None or row["stars"] >= 0}
        assert kept_ids(output) == passed - expected.keys()


def row(text: str, **columns: object) -> Row:
    return {**dict.fromkeys(["url", "date", "stars", "score", "good", "language"]), "text": text, **columns}


def fill(folder: Path, copies: int = 3) -> None:
    """Two sources of several files with clusters across all of them."""
    for source, number in itertools.product(["left", "right"], range(3)):
        shared = [row(f"text {k} of all", stars=number, url=f"http://x/{source}/{k}") for k in range(copies)]
        own = [row(f"text {k} of {source} {number} alone", url=f"http://y/{number}{k}") for k in range(4)]
        write_rows(folder, source, shared + own, f"{number}")


KEEP = "keep: [{column: stars, order: descending}]"
BOTH = f"  - {{name: duplicates, url: {{}}, exact: {{}}, {KEEP}}}"
SIZE_COLUMNS = "[exact_cluster_size, url_cluster_size]"


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over `fill`, with both rounds."""
    folder = tmp_path_factory.mktemp("once")
    fill(folder)
    run_quietly(recipe(folder, ["left", "right"], BOTH, columns=SIZE_COLUMNS), folder)
    return folder


@pytest.fixture
def finished(once: Path, tmp_path: Path) -> Path:
    """A copy of that run, to be damaged or changed."""
    shutil.copytree(once, tmp_path, dirs_exist_ok=True)
    for path in (once / "input").rglob("*.jsonl"):
        shutil.copystat(path, tmp_path / path.relative_to(once))
    return tmp_path


def again(folder: Path, duplicates: str = BOTH, **options: object) -> Path:
    return run_quietly(recipe(folder, ["left", "right"], duplicates, columns=SIZE_COLUMNS), folder, **options)


def test_the_shards_carry_how_many_documents_each_stands_for(once: Path) -> None:
    rows = table(once / "out", "shards/**/*.parquet")
    sizes = {row["text"]: (row["url_cluster_size"], row["exact_cluster_size"]) for row in rows}

    # Every file of a source has the three addresses x: three of each leave by address, and two texts meet two sources.
    assert {size for text, size in sizes.items() if text.endswith("of all")} == {(3, 2)}
    # The addresses y are the same in both sources.
    assert {size for text, size in sizes.items() if text.endswith("alone")} == {(2, 1)}
    assert len(rows) == 3 + 12


def test_the_best_copy_by_the_recipes_order_stays(once: Path) -> None:
    stayed = [row for row in table(once / "out", "shards/**/*.parquet") if row["text"].endswith("of all")]
    assert {(row["source"], row["id"].rpartition("/")[2]) for row in stayed} == {
        ("left", f"{record:010}") for record in range(3)
    }
    assert {row["stars"] for row in documents(once / "out").values() if row["id"] in {one["id"] for one in stayed}} == {
        2
    }


def test_arrow_counts_the_same_clusters(once: Path) -> None:
    found = pa.Table.from_pylist(list(documents(once / "out").values()))
    by_address = found.group_by("url").aggregate([("id", "count")])
    gone = pc.sum(pc.subtract(by_address["id_count"], 1)).as_py()
    dropped = table(once / "out", "decisions/duplicates.url/*.parquet")
    assert len(dropped) == gone
    left = found.filter(pc.invert(pc.is_in(found["id"], pa.array([row["id"] for row in dropped]))))
    by_text = left.group_by("text").aggregate([("id", "count")])
    assert len(table(once / "out", "decisions/duplicates.exact/*.parquet")) == left.num_rows - by_text.num_rows


def test_a_survivor_is_kept_and_never_a_duplicate_itself(once: Path) -> None:
    duplicates = duplicates_of(once / "out")
    kept = kept_ids(once / "out")
    exact = table(once / "out", "decisions/duplicates.exact/*.parquet")
    assert {row["duplicate_of"] for row in exact} <= kept
    assert not duplicates.keys() & kept
    assert all(row["drop_reason"] == row["failed"][0] == "duplicates.exact" for row in exact)


def test_the_cut_of_the_work_changes_no_byte(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tree(finished / "out")
    shutil.rmtree(finished / "out")
    monkeypatch.setattr(duplicate_phases, "SIZES", SMALL)
    again(finished)

    assert tree(finished / "out") == whole
    receipts = {path.name for path in (finished / "out/receipts").iterdir()}
    assert {"duplicates.url.relay", "duplicates.url.relay_back"} <= receipts


@pytest.mark.usefixtures("ray_cluster")
def test_ray_writes_the_same_bytes(finished: Path) -> None:
    whole = tree(finished / "out")
    shutil.rmtree(finished / "out")
    again(finished, executor="ray")

    assert tree(finished / "out") == whole


def test_a_finished_run_does_nothing_again(finished: Path) -> None:
    before, whole = written(finished / "out"), tree(finished / "out")
    again(finished)

    assert redone(before, written(finished / "out")) == set()
    assert tree(finished / "out") == whole


@pytest.mark.parametrize(
    "lost",
    [
        "exchange/duplicates.url.map/000000.records",
        "exchange/duplicates.exact.reduce/000000.records",
        "indexes/duplicates.exact/000000.records",
        "annotations/duplicates.url/left-000001-0000.parquet",
        "decisions/duplicates.exact/right-000000-0000.parquet",
        "receipts/duplicates.exact/left-000000-0000.json",
    ],
)
def test_what_is_lost_is_made_again_and_nothing_else(finished: Path, lost: str) -> None:
    out = finished / "out"
    before, whole = written(out), tree(out)
    (out / lost).unlink()
    again(finished)

    kind, pass_name, name = lost.split("/")
    task = f"{pass_name}.reduce" if kind == "indexes" else pass_name
    assert redone(before, written(out)) == {f"{task}/{name.partition('.')[0]}.json"}
    assert tree(out) == whole
    assert (out / lost).exists()


PROGRAM = """
import sys
from pathlib import Path
from test_duplicates import SMALL, again
from datapipe.passes import duplicate_phases
duplicate_phases.SIZES = SMALL
again(Path(sys.argv[1]))
"""
MOMENTS = (
    "receipts/duplicates.url.map", "exchange/duplicates.url.relay", "indexes/duplicates.url",
    "receipts/duplicates.url/left-000001-0000.json", "exchange/duplicates.exact.map/000001.records",
    "receipts/duplicates.exact.reduce", "decisions/duplicates.exact", "receipts/gather",
)  # fmt: skip


@pytest.mark.slow
def test_a_run_killed_in_any_phase_ends_with_the_same_bytes(finished: Path) -> None:
    out = finished / "out"
    whole = tree(out)
    shutil.rmtree(out)
    paths = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[2])])
    before: dict[str, int] = {}
    for moment in MOMENTS:
        command = [sys.executable, "-c", PROGRAM, str(finished)]
        with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": paths}, stdout=subprocess.DEVNULL) as process:
            while process.poll() is None and not (out / moment).exists():
                time.sleep(0.002)
            process.kill()
        after = written(out)
        # What had a receipt is as it was.
        assert all(after.get(name) == stamp for name, stamp in before.items())
        before = after
    again(finished)

    assert tree(out) == whole


def test_a_shard_whose_survivors_stay_is_not_gathered_again(finished: Path) -> None:
    before = written(finished / "out")
    # Its documents are the least of their clusters, and there is nothing else in it.
    write_rows(finished, "right", [row("text 0 of all", url="http://z"), row("text 1 of all")], "new")
    again(finished)

    made = redone(before, written(finished / "out"))
    assert {name for name in made if name.startswith(("decide/", "gather/", "duplicates/"))} == {
        f"{one}/right-000003-0000.json" for one in ("decide", "gather", "duplicates")
    } | {f"gather/left-00000{number}-0000.json" for number in (2,)}


def test_a_moved_order_hashes_no_text_again(finished: Path) -> None:
    before = written(finished / "out")
    again(finished, BOTH.replace("descending", "ascending"))

    passes = {name.partition("/")[0] for name in redone(before, written(finished / "out"))}
    assert "duplicates.exact" in passes
    assert not passes & {"extract", "duplicates", "decide"}


def test_another_normalisation_hashes_again_and_another_scope_does_not(finished: Path) -> None:
    before = written(finished / "out")
    again(finished, BOTH.replace("exact: {}", "exact: {scope: source}"))
    middle = written(finished / "out")
    again(finished, BOTH.replace("exact: {}", "exact: {normalize: folded}"))

    assert not any(name.startswith(("duplicates/", "duplicates.url")) for name in redone(before, middle))
    assert any(name.startswith("duplicates/") for name in redone(middle, written(finished / "out")))


def earlier_and_later(folder: Path) -> tuple[list[Row], list[Row]]:
    earlier = [row(f"text {k}", url=f"http://x/{k // 2}", stars=k % 3) for k in range(8)] + [row("text 1", stars=9)]
    later = [row(f"text {k}", url=f"http://x/{k // 3}", stars=7) for k in range(5, 14)] + [row("text 12", stars=8)]
    write_rows(folder, "earlier", earlier)
    write_rows(folder, "later", later)
    return earlier, later


AGAINST = f"  - {{name: duplicates, url: {{against: [AGAINST]}}, exact: {{against: [AGAINST]}}, {KEEP}}}"


@pytest.mark.parametrize("sizes", [Sizes(), SMALL])
def test_a_run_against_an_earlier_one_is_one_run_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sizes: Sizes
) -> None:
    monkeypatch.setattr(duplicate_phases, "SIZES", sizes)
    earlier_and_later(tmp_path)
    against = AGAINST.replace("AGAINST", "first")
    first = run_quietly(recipe(tmp_path, ["earlier"], BOTH, "first"), tmp_path)
    second = run_quietly(recipe(tmp_path, ["later"], against, "second"), tmp_path)
    # In one run the documents of the earlier source go first by their name.
    both = BOTH.replace("keep: [", "keep: [{column: is_late, order: ascending}, ")
    for source in ("earlier", "later"):
        path = tmp_path / "input" / source / "a.jsonl"
        path.write_text(path.read_text().replace("{", f'{{"is_late": {int(source == "later")}, '))
    whole = recipe_of_both(tmp_path, both)

    assert kept_ids(first) | kept_ids(second) == kept_ids(whole)
    together = duplicates_of(whole)
    assert duplicates_of(second) == {k: v for k, v in together.items() if k.startswith("later/")}
    assert {survivor.partition("/")[0] for survivor, _ in duplicates_of(second).values()} == {"earlier", "later"}


def recipe_of_both(folder: Path, duplicates: str) -> Path:
    import dataclasses

    import catalogue

    text = catalogue.SOURCE.replace("extra_columns: {{", "extra_columns: {{is_late: int, ")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "SOURCE", text)
        one = recipe(folder, ["earlier", "later"], duplicates, "whole")
    return run_quietly(dataclasses.replace(one), folder)


def test_a_chain_of_runs_is_compared_link_by_link(tmp_path: Path) -> None:
    write_rows(tmp_path, "a", [row("one"), row("two")])
    write_rows(tmp_path, "b", [row("two"), row("three")])
    write_rows(tmp_path, "c", [row("one"), row("two"), row("three"), row("four")])
    for name, against in (("a", ""), ("b", "a"), ("c", "a, b")):
        exact = f"  - {{name: duplicates, exact: {{against: [{against}]}}}}"
        run_quietly(recipe(tmp_path, [name], exact, name), tmp_path)

    texts = {name: [one["text"] for one in table(tmp_path / name, "shards/**/*.parquet")] for name in "abc"}
    assert {name: set(found) for name, found in texts.items()} == {"a": {"one", "two"}, "b": {"three"}, "c": {"four"}}
    # `two` was seen in a and in b, and this is the third one.
    sizes = {one["duplicate_of"][0]: one["cluster_size"] for one in table(tmp_path / "c", "decisions/duplicates.*/*")}
    assert sorted(size for _, size in duplicates_of(tmp_path / "c").values()) == [2, 2, 3]
    assert sizes.keys() == {"a", "b"}


def test_documents_that_an_earlier_run_has_are_duplicates_of_themselves(tmp_path: Path) -> None:
    write_rows(tmp_path, "a", [row("one"), row("two")])
    run_quietly(recipe(tmp_path, ["a"], EXACT, "first"), tmp_path)
    write_rows(tmp_path, "a", [row("new")], "b")
    run_quietly(recipe(tmp_path, ["a"], EXACT.replace("{}", "{against: [first]}"), "second"), tmp_path)

    assert [one["text"] for one in table(tmp_path / "second", "shards/**/*.parquet")] == ["new"]
    assert all(name == survivor for name, (survivor, _) in duplicates_of(tmp_path / "second").items())


@pytest.mark.parametrize(
    ("exact", "message"),
    [
        ("{against: [nowhere]}", r"exact.against.0: nowhere: not the output folder of a finished run"),
        ("{against: [first, input]}", r"exact.against.1: input: not the output folder of a finished run"),
        ("{against: [unfinished]}", r"unfinished: a later run of its recipe was not finished, or its index is damaged: "
         r"run it to the end"),
        ("{against: [cut]}", r"cut: a later run of its recipe was not finished, or its index is damaged"),
        ("{against: [bare]}", r"exact.json is gone: the run's recipe, run once more, makes it again"),
        ("{against: [gnawed]}", r"\.records is gone: the run's recipe, run once more, makes it again"),
        ("{against: [first], normalize: none}", r"expected exact \(normalize: none, scope: global\), that run compared "
         r"exact \(normalize: white_space, scope: global\)"),
        ("{against: [plain]}", r"that run compared no documents"),
        ("{against: [FOLDER/out]}", r"this is the run's own output"),
    ],
)  # fmt: skip
def test_runs_that_cannot_be_compared_with_are_refused_before_any_work(
    tmp_path: Path, exact: str, message: str
) -> None:
    write_rows(tmp_path, "a", [row("one")])
    run_quietly(recipe(tmp_path, ["a"], EXACT, "first"), tmp_path)
    run_quietly(recipe(tmp_path, ["a"], "", "plain"), tmp_path)
    for name in ("unfinished", "cut", "bare", "gnawed"):
        shutil.copytree(tmp_path / "first", tmp_path / name)
    os.truncate(tmp_path / "cut/indexes/duplicates.exact.json", 9)
    with (tmp_path / "unfinished/indexes/duplicates.exact.json").open("a") as page:
        page.write(" ")
    shutil.rmtree(tmp_path / "bare/indexes")
    next((tmp_path / "gnawed/indexes/duplicates.exact").iterdir()).unlink()
    wrong = recipe(tmp_path, ["a"], EXACT.replace("{}", exact.replace("FOLDER", str(tmp_path))))

    for attempt in (run_quietly, lambda one, root: print_plan(one, str(root))):
        with pytest.raises(RecipeError, match=message) as caught:
            attempt(wrong, tmp_path)
        assert re.search(r"/recipe.yaml:\d+: passes.1.exact.against.\d: ", str(caught.value))
    assert not (tmp_path / "out" / "documents").exists()


def test_a_batch_that_holds_nothing_new_ends_well_and_says_why(tmp_path: Path) -> None:
    write_rows(tmp_path, "a", [row("one"), row("two"), row("bad", stars=-1)])
    run_quietly(recipe(tmp_path, ["a"], EXACT, "first"), tmp_path)
    write_rows(tmp_path, "b", [row("one"), row("two"), row("two"), row("bad", stars=-1)])
    printed = io.StringIO()
    second = recipe(tmp_path, ["b"], EXACT.replace("{}", "{against: [first]}"), "second")
    run(second, root=str(tmp_path), console=Console(file=printed, width=400))

    assert (
        f"warning: nothing new: {tmp_path}/recipe.yaml:12: domains: domain 'all' has weight 1 and no text: "
        "of 4 documents read: 1 dropped by rules or of no domain, "
        "3 dropped as duplicates (compared with first too), 0 left"
    ) in printed.getvalue()
    assert kept_ids(tmp_path / "second") == set()
    assert len(duplicates_of(tmp_path / "second")) == 3
    # The next batch may be compared with this one.
    write_rows(tmp_path, "c", [row("two"), row("three")])
    third = recipe(tmp_path, ["c"], EXACT.replace("{}", "{against: [first, second]}"), "third")
    assert len(kept_ids(run_quietly(third, tmp_path))) == 1


def test_a_run_whose_rules_keep_nothing_fails_and_says_why(tmp_path: Path) -> None:
    write_rows(tmp_path, "a", [row("bad", stars=-1), row("bad", stars=-1)])
    with pytest.raises(MixtureError, match=r"no text: of 2 documents read: 2 dropped by rules .* 0 left"):
        run_quietly(recipe(tmp_path, ["a"], EXACT), tmp_path)


def test_a_later_pass_of_the_same_kind_counts_on(tmp_path: Path) -> None:
    for source in ("a", "b"):
        write_rows(tmp_path, source, [row("one"), row("one"), row("two")])
    passes = "  - {name: within, exact: {scope: source}}\n  - {name: across, exact: {normalize: folded}}"
    output = run_quietly(recipe(tmp_path, ["a", "b"], passes, columns="[exact_cluster_size]"), tmp_path)

    kept = {one["text"]: one["exact_cluster_size"] for one in table(output, "shards/**/*.parquet")}
    assert kept == {"one": 4, "two": 2}
    assert len(table(output, "decisions/within.exact/*.parquet")) == 2
    assert len(table(output, "decisions/across.exact/*.parquet")) == 2


def test_nothing_to_compare_is_no_error(tmp_path: Path) -> None:
    write_rows(tmp_path, "a", [row("one"), row("bad", stars=-1), row("bad", stars=-1)])
    output = run_quietly(recipe(tmp_path, ["a"], BOTH), tmp_path)

    assert duplicates_of(output) == {}
    assert len(kept_ids(output)) == 1


def test_the_report_says_what_the_rounds_found(once: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, card = ((once / "out" / name).read_text() for name in ("report.html", "card.md"))
    assert "<code>duplicates.exact</code>: 3 of 18 documents compared are dropped" in page
    assert "equal addresses" in page
    assert "right 3 of 3" in card
    assert "another document with the same text stayed" in page
    assert "Exact duplicates were not removed" not in card
    print_report(str(once / "out"))
    assert "duplicates.url" in capsys.readouterr().out


def test_a_round_that_finds_nothing_says_so(tmp_path: Path) -> None:
    write_rows(tmp_path, "a", [row("one"), row("two")])
    output = run_quietly(recipe(tmp_path, ["a"], BOTH), tmp_path)

    page = (output / "report.html").read_text()
    assert "duplicates.url had nothing to compare." in page
    assert "duplicates.exact found no duplicates among 2 documents." in page


def test_explain_names_what_stayed(once: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dropped, (stayed, size) = next(iter(duplicates_of(once / "out").items()))
    explain_document(str(once / "out"), dropped)

    shown = capsys.readouterr().out
    assert stayed in shown
    assert f"of {size} with the same" in shown
