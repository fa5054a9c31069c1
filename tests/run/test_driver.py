"""A whole run: its order, its accounts, what stops it, and trials on part of the input."""

import io
import json
from pathlib import Path

import pyarrow.dataset as ds
import pytest
from rich.console import Console
from workshop import Workshop, many, rows, texts, tree

from datapipe import run
from datapipe.accounts import PassAccount
from datapipe.driver import unit_sizes
from datapipe.loading.located_yaml import RecipeError
from datapipe.mixture import MixtureError, UnitSize
from datapipe.output import RunError
from datapipe.passes.reading import is_sampled
from datapipe.receipts import Receipt, UnitCount
from datapipe.report import check_it_is_of_the_latest_run


def small(workshop: Workshop) -> Workshop:
    """Ten documents: one unreadable, one that breaks a step, one dropped early, two by rules; five in training."""
    workshop.write(
        "left/a.tsv",
        [("tale", "en", "stone river"), ("tale", "en", "ab"), ("song", "xx", "gone"), "?", ("tale", "en", "BOOM"),
         ("song", "de", "mill"), ("", "de", "wheat")],
    )  # fmt: skip
    workshop.write("right/b.tsv", [("song", "en", "grinds slowly"), ("song", "qq", "mill"), ("song", "th", "xyz")])
    return workshop


KEEP_ALL = ("holdout.fraction=0", "max_error_fraction=0.5")


def account(workshop: Workshop, name: str = "out") -> dict:
    return json.loads((workshop.folder / name / "run.json").read_text())


def test_a_run_says_what_became_of_every_record(workshop: Workshop) -> None:
    small(workshop).run(*KEEP_ALL)

    done = account(workshop)
    extract, decide = done["passes"]["extract"], done["passes"]["decide"]
    assert list(done["passes"]) == ["extract", "measure", "look", "decide", "gather", "pack"]
    assert (extract["shards"], extract["rows_in"], extract["rows_out"], extract["quarantined"]) == (2, 10, 8, 1)
    assert extract["records_of_source"] == {"left": 7, "right": 3}
    assert extract["quarantined_of_source"] == {"left": 1, "right": 0}
    assert (decide["rows_in"], decide["rows_out"]) == (8, 5)
    assert decide["counts"] == [
        ["left", "de", "", "", 2, 9],
        ["left", "en", "", "", 1, 11],
        ["left", "en", "domains.english", "english.letter_count.min", 1, 2],
        ["left", "en", "quarantine", "quarantined", 1, 4],
        ["right", "en", "", "", 1, 13],
        ["right", "qq", "domains", "no_domain", 1, 4],
        ["right", "th", "", "", 1, 3],
    ]
    assert decide["failed"] == {
        "english.letter_count.missing": 1, "english.letter_count.min": 1, "no_domain": 1, "quarantined": 1
    }  # fmt: skip
    assert done["mixture"] == json.loads((workshop.out / "mixture.json").read_text())
    assert done["name"] == "letters"


def test_documents_end_in_the_shards_of_their_units_with_the_columns_asked_for(workshop: Workshop) -> None:
    small(workshop).run(*KEEP_ALL)

    shards = sorted(
        str(path.relative_to(workshop.out / "shards")) for path in workshop.out.glob("shards/*/*/*.parquet")
    )
    assert shards == [
        "english/left/000000.parquet", "english/right/000000.parquet", "others/song/000000.parquet",
        "others/unknown/000000.parquet",
    ]  # fmt: skip
    (row,) = rows(workshop.out, "shards/english/right/*.parquet")
    assert list(row) == ["id", "source", "source_id", "url", "date", "text", "kind", "language", "letter_count"]
    assert (row["text"], row["letter_count"]) == ("grinds slowly", 13)


def test_the_mixture_follows_the_bytes_that_were_kept(workshop: Workshop) -> None:
    """English: 11 and 13 bytes share 0.7; others: 7 of song and 5 of no name share 0.3."""
    small(workshop).run(*KEEP_ALL)

    domains = account(workshop)["mixture"]["domains"]
    weights = {unit: data["weight"] for domain in domains.values() for unit, data in domain["units"].items()}
    assert weights == pytest.approx(
        {"left": 0.7 * 11 / 24, "right": 0.7 * 13 / 24, "song": 0.3 * 7 / 12, "unknown": 0.3 * 5 / 12}
    )


def test_shards_load_as_one_dataset(workshop: Workshop) -> None:
    small(workshop).run(*KEEP_ALL)

    found = ds.dataset(workshop.out / "shards").to_table()
    assert sorted(found["text"].to_pylist()) == ["grinds slowly", "mill", "stone river", "wheat", "xyz"]


def test_the_output_folder_is_returned(workshop: Workshop) -> None:
    small(workshop)
    path = workshop.folder / "recipe.yaml"
    path.write_text(path.read_text() + "max_error_fraction: 0.5\n")

    assert run(path, root=str(workshop.folder)) == str(workshop.out)
    assert run(str(path), root=str(workshop.folder)) == str(workshop.out)


def test_another_recipe_in_the_same_folder_is_refused(workshop: Workshop) -> None:
    small(workshop).run(*KEEP_ALL)
    whole = tree(workshop.out)

    with pytest.raises(RunError, match=r"out holds the output of recipe 'letters', not of 'numbers'"):
        workshop.run("name=numbers")
    assert tree(workshop.out) == whole


def test_too_many_unreadable_records_stop_the_run_with_the_numbers(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", [*many(18, 1), "?", "?"])
    workshop.write("right/b.tsv", many(100, 2))

    with pytest.raises(
        RunError,
        match=r"source 'left': 2 of 20 records are in quarantine, "
        r"more than max_error_fraction 0\.05; see .*/out/quarantine",
    ):
        workshop.run()
    assert not (workshop.out / "annotations").exists()
    workshop.run("max_error_fraction=0.1")


def test_too_many_errors_leave_a_table_with_the_most_frequent_ones(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", [*many(16, 1, ("en",)), ("a", "en", "CRASH"), "?", "?", ("a", "en", "CRASH!")])
    workshop.write("right/b.tsv", [*many(19, 2), ("a", "en", "CRASH")])
    printed = io.StringIO()
    with pytest.raises(RunError, match="source 'left': 4 of 20"):
        run(workshop.recipe(), root=str(workshop.folder), console=Console(file=printed, width=200))

    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in printed.getvalue().splitlines()]
    table = [row for row in cells if row]
    assert [row[:8] for row in table] == [
        ["left", "20", "4", "20.00%", "5.00%", "2", "read", "a line of doubt"],
        ["", "", "", "", "", "2", "trim", "ValueError: crashed"],
        ["right", "20", "1", "5.00%", "5.00%", "1", "trim", "ValueError: crashed"],
    ]
    assert [row[8][-2:] for row in table] == ["17", "16", "19"]


def test_the_share_of_errors_counts_per_source(workshop: Workshop) -> None:
    """2 of 120 records would pass; 2 of 20 of one source do not."""
    workshop.write("left/a.tsv", many(100, 1))
    workshop.write("right/b.tsv", [*many(18, 2), "?", "?"])

    with pytest.raises(RunError, match="source 'right': 2 of 20"):
        workshop.run()


def test_a_step_that_breaks_on_too_many_stops_the_run_in_any_pass(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", [*many(18, 1, ("en",)), ("a", "en", "BOOM"), ("a", "en", "BOOM")])
    workshop.write("right/b.tsv", many(100, 2))

    with pytest.raises(RunError, match="source 'left': 2 of 20 records are in quarantine"):
        workshop.run()
    assert (workshop.out / "quarantine/measure/left-000000-0000.parquet").exists()
    assert not (workshop.out / "annotations/look").exists()


def test_too_many_errors_stop_a_long_pass_before_its_end(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datapipe.passes.phases.EARLY_CHECK_RECORDS", 100)
    for name in "abc":
        workshop.write(f"left/{name}.tsv", [*many(250, 1), *["?"] * 50])
    workshop.write("right/b.tsv", many(100, 2))

    with pytest.raises(RunError, match="source 'left': 50 of 300 records"):
        workshop.run()
    assert len(list((workshop.out / "receipts/extract").glob("left-000001-*.json"))) == 0


def test_a_path_that_matches_nothing_stops_the_run_before_it_begins(workshop: Workshop) -> None:
    with pytest.raises(RecipeError, match="matches no file"):
        workshop.run()
    assert not (workshop.out / "plan.json").exists()


def test_a_domain_without_documents_is_refused_but_accounted(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", many(50, 1, ("en",)))
    workshop.write("right/b.tsv", many(50, 2, ("en",)))

    with pytest.raises(MixtureError, match=r"domain 'others' has weight 0\.3 and no text"):
        workshop.run()
    problem = account(workshop)["mixture_error"]
    assert problem.startswith(f"{workshop.folder}/recipe.yaml:")
    assert ": domains: domain 'others' has weight 0.3 and no text: of 100 documents read: " in problem
    assert not (workshop.out / "mixture.json").exists()


def test_a_trial_too_small_for_its_weights_ends_with_a_report_that_says_so(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", many(50, 1, ("en",)))
    workshop.write("right/b.tsv", many(50, 2, ("en",)))

    workshop.run(max_shards=1)
    folder = workshop.folder / "out-max-shards-1"
    assert "has weight 0.3 and no text" in account(workshop, folder.name)["mixture_error"]
    assert "has weight 0.3 and no text" in (folder / "report.html").read_text()
    assert not (folder / "mixture.json").exists()


def test_figures_of_the_run_before_are_not_told_for_one_that_failed(workshop: Workshop) -> None:
    small(workshop).run(*KEEP_ALL)
    check_it_is_of_the_latest_run(str(workshop.out))

    with pytest.raises(RunError, match="are in quarantine"):
        workshop.run("holdout.fraction=0", "max_error_fraction=0.01")
    with pytest.raises(RunError, match=r"the latest run has not finished .*; report.html is of the run before"):
        check_it_is_of_the_latest_run(str(workshop.out))

    workshop.run(*KEEP_ALL)
    check_it_is_of_the_latest_run(str(workshop.out))


def test_a_sample_goes_to_a_folder_of_its_own_with_a_smaller_budget(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", many(600, 1))
    workshop.write("right/b.tsv", many(200, 2))
    workshop.run()
    whole = tree(workshop.out)
    workshop.run(sample=0.25)

    sampled = workshop.folder / "out-sample-0.25"
    everything = [row["id"] for row in rows(workshop.out, "documents/extract/*.parquet")]
    assert [row["id"] for row in rows(sampled, "documents/extract/*.parquet")] == [
        one for one in everything if is_sampled(one, 0.25)
    ]
    assert json.loads((sampled / "mixture.json").read_text())["budget_tokens"] == 25_000
    done = account(workshop, "out-sample-0.25")
    extract = done["passes"]["extract"]
    assert done["sample"] == 0.25
    assert extract["rows_in"] == extract["quarantined"] + sum(count[4] for count in extract["counts"])
    assert tree(workshop.out) == whole


def test_a_trial_on_some_groups_reads_the_first_of_every_source(workshop: Workshop) -> None:
    """Of 3 equal groups one: a third of the first source's bytes, all of the second's."""
    for name in "abc":
        workshop.write(f"left/{name}.tsv", many(400, 7))
    workshop.write("right/b.tsv", many(100, 2))
    workshop.run(max_shards=1)

    trial = workshop.folder / "out-max-shards-1"
    assert {path.name[:11] for path in (trial / "documents/extract").iterdir()} == {"left-000000", "right-00000"}
    left, right = ((workshop.folder / name).stat().st_size for name in ("left/a.tsv", "right/b.tsv"))
    share = (left + right) / (3 * left + right)
    assert json.loads((trial / "mixture.json").read_text())["budget_tokens"] == round(100_000 * share)
    assert not workshop.out.exists()


def test_a_first_run_finds_nothing(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", many(20, 1))
    workshop.write("right/b.tsv", many(20, 2))

    assert workshop.run().splitlines()[:2] == [f"output: {workshop.out}", "nothing is finished yet"]


def test_a_rerun_says_what_is_finished_of_this_recipe(workshop: Workshop) -> None:
    """Another rule changes the decisions and what follows, not what was extracted and measured."""
    workshop.write("left/a.tsv", many(20, 1))
    workshop.write("right/b.tsv", many(20, 2))
    workshop.run()

    assert workshop.run("domains.english.rules.0.max=77").splitlines()[1] == (
        "finished before, in shards: extract 2, measure 2, look 2; what is still there is not done again"
    )


def test_progress_tells_documents_bytes_and_what_was_finished_before(workshop: Workshop) -> None:
    small(workshop)
    first = workshop.run(*KEEP_ALL).splitlines()[2:]  # behind what was found done
    second = workshop.run(*KEEP_ALL).splitlines()[2:]

    assert [line.partition(":")[0] for line in first] == ["extract", "measure", "look", "decide", "gather", "pack"]
    assert first[0].startswith("extract: 2/2 tasks, 10 documents, 0.0 MB, ")
    assert "80.0 % kept" in first[0]
    assert "finished before" not in first[0]
    assert "2 shards were finished before" in second[0]


def test_the_plan_knows_the_recipe_wherever_the_run_was_started(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(workshop)
    monkeypatch.chdir(workshop.folder)
    path = Path("recipe.yaml")
    path.write_text(path.read_text() + "max_error_fraction: 0.5\n")
    run("recipe.yaml")

    assert json.loads((workshop.out / "plan.json").read_text())["recipe"]["file"] == f"{workshop.folder}/recipe.yaml"


def test_sizes_of_units_add_up_over_shards() -> None:
    account = PassAccount()
    account.add(Receipt("gather", "a", "", "", held_out=(UnitCount("d", "u", 5, 50, ()),),
                        units=(UnitCount("d", "u", 1, 10, ()), UnitCount("d", "v", 2, 20, ()))), "")  # fmt: skip
    account.add(Receipt("gather", "b", "", "",
                        units=(UnitCount("d", "u", 3, 30, ()), UnitCount("e", "u", 4, 40, ()))), "")  # fmt: skip

    assert unit_sizes(account.units) == {"d": {"u": UnitSize(4, 40), "v": UnitSize(2, 20)}, "e": {"u": UnitSize(4, 40)}}
    assert unit_sizes(account.held_out) == {"d": {"u": UnitSize(5, 50)}}


def test_sources_may_hold_dashes_in_their_names(workshop: Workshop) -> None:
    small(workshop).run(*KEEP_ALL, "sources.0.name=left-hand-1")

    assert account(workshop)["passes"]["extract"]["records_of_source"] == {"left-hand-1": 7, "right": 3}
    assert list(account(workshop)["passes"]["pack"]["records_of_source"]) == [""]
    assert sorted(texts(workshop.out, "shards/english/*/*.parquet")) == ["grinds slowly", "stone river"]
