"""A source or language that loses too many of its documents stops the run, and shows what took them."""

import dataclasses
import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from catalogue import recipe, run_quietly, write_rows
from rich.console import Console

from datapipe.accounts import PassAccount, source_of
from datapipe.executors import InlineExecutor
from datapipe.observing.event_log import EventLog
from datapipe.output import RunError, Trial
from datapipe.passes.removals import MAX_SHARDS, FallenShards, Loss, check_removals, excessive, find_clusters
from datapipe.passes.rounds import Round
from datapipe.receipts import Count, Receipt, read_receipt
from datapipe.recipe import Recipe
from datapipe.recipe_duplicates import Near
from datapipe.running import Run
from datapipe.storage import files_below


def account_of(rows: dict[tuple[str, str, str], int]) -> PassAccount:
    """Of documents by source, language and reason."""
    account = PassAccount()
    for (source, language, reason), number in rows.items():
        count = Count(language, "duplicates" if reason else "", reason, number, number)
        account.add(Receipt("duplicates.near", f"{source}-000000-0000", "", "", counts=(count,)), source)
    return account


def test_only_what_loses_more_than_the_share_and_is_large_enough_is_excessive() -> None:
    account = account_of(
        {
            ("half", "en", ""): 500,
            ("half", "en", "duplicates.near"): 500,
            ("more", "de", ""): 499,
            ("more", "de", "duplicates.near"): 501,
            ("small", "", ""): 1,
            ("small", "", "duplicates.near"): 998,
        }
    )
    assert list(excessive(account, Near(max_removed_fraction=0.5))) == [
        Loss("source", "more", 1000, 501),
        Loss("language", "de", 1000, 501),
    ]
    assert list(excessive(account, Near(max_removed_fraction=0.6))) == []


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Recipe]:
    """A run that has dropped copies: 1,200 of `web`, 1,000 of them in Danish; one of `books`."""
    folder = tmp_path_factory.mktemp("removals")
    copies = [{"text": "[red]the same page", "language": "da", "stars": 1}] * 1001
    copies += [{"text": "another \x1b[31mpage", "language": "en", "stars": 1}] * 201
    write_rows(folder, "web", [*copies, *({"text": f"page {k}", "language": "en", "stars": 1} for k in range(300))])
    write_rows(folder, "books", [{"text": f"book {k}", "language": "en", "stars": 1} for k in (*range(1100), 7)])
    one = dataclasses.replace(recipe(folder, ["books", "web"]), cut_bytes=30_000)
    return run_quietly(one, folder), one


def round_of(near: Near) -> Round:
    """The round of that run, with the limits of another one: what it leaves has the same form."""
    return Round("duplicates", "exact", None, "global", (), (), near)


def reopened(output: Path, one: Recipe) -> tuple[Run, FallenShards]:
    """The run as it is when the round is over, and where documents fell."""
    console = Console(file=io.StringIO(), width=160)
    run = Run(
        str(output),
        InlineExecutor(),
        console,
        EventLog(str(output)),
        recipe=one,
        trial=Trial(None, None),
        fingerprints={},
    )
    shards = sorted(Path(path).stem for path in files_below(f"{output}/receipts/duplicates.exact"))
    receipts = [found for shard in shards if (found := read_receipt(str(output), "duplicates.exact", shard))]
    run.accounts["duplicates.exact"] = PassAccount()
    fallen = FallenShards()
    for receipt in receipts:
        run.accounts["duplicates.exact"].add(receipt, source_of(receipt.shard))
        fallen.add(receipt)
    return run, fallen


def shown(run: Run) -> str:
    assert isinstance(run.console.file, io.StringIO)
    return run.console.file.getvalue()


def test_the_run_stops_with_a_table_of_the_largest_clusters(finished: tuple[Path, Recipe]) -> None:
    run, fallen = reopened(*finished)
    with pytest.raises(RunError) as stopped:
        check_removals(run, round_of(Near()), fallen)

    assert str(stopped.value) == (
        "duplicates.exact: source 'web' loses 1,200 of 1,502 documents (79.9%); language 'da' loses 1,000 of 1,001 "
        "documents (99.9%): more than max_removed_fraction 0.5. If its largest clusters, shown above and by "
        "`datapipe duplicates`, are right, write acknowledged: [web, da] and run again"
    )
    table = shown(run)
    assert "source 'web' loses 1,200 of 1,502 documents (79.9%): its largest clusters" in table
    assert "1,001" in table and "[red]the same page" in table
    assert "201" in table and "another ␛[31mpage" in table


def test_a_language_is_shown_the_clusters_of_its_own_documents(finished: tuple[Path, Recipe]) -> None:
    run, fallen = reopened(*finished)
    (cluster,) = find_clusters(run, Loss("language", "da", 1001, 1000), fallen)
    assert cluster.size == 1001
    assert cluster.survivor.endswith("/0000000000")
    assert {0 < int(name.rpartition("/")[2]) <= 1000 for name in cluster.fallen} == {True}


def test_what_the_recipe_acknowledges_is_said_and_does_not_stop_it(finished: tuple[Path, Recipe]) -> None:
    run, fallen = reopened(*finished)
    check_removals(run, round_of(Near(acknowledged=("web", "da"))), fallen)
    assert shown(run).count("which the recipe acknowledges") == 2

    run, fallen = reopened(*finished)
    with pytest.raises(RunError, match=r"^duplicates.exact: language 'da' .* acknowledged: \[web, da\]"):
        check_removals(run, round_of(Near(acknowledged=("web",))), fallen)


@pytest.mark.parametrize(("documents", "pairs", "warns"), [(9_999, 0, False), (10_000, 0, True), (10_000, 1, False)])
def test_nothing_to_compare_in_a_large_corpus_is_said_loudly(
    finished: tuple[Path, Recipe], documents: int, pairs: int, warns: bool
) -> None:
    run, _ = reopened(*finished)
    run.accounts = {name: PassAccount() for name in ("duplicates.exact", "duplicates.exact.pairing")}
    run.accounts["duplicates.exact"].rows_in = documents
    for part in split(pairs):
        run.accounts["duplicates.exact.pairing"].add(part, "")
    check_removals(run, round_of(Near()), FallenShards())
    assert ("WARNING: duplicates.exact found no two of 10,000 documents to compare" in shown(run)) == warns


def test_the_shards_that_lose_the_most_are_kept() -> None:
    fallen = FallenShards()
    for number in range(MAX_SHARDS + 10):
        counts = (Count("en", "", "", 5, 5), Count("en", "duplicates", "duplicates.near", 1 + number // 2, 5))
        fallen.add(Receipt("duplicates.near", f"web-{number:06}-0000", "", "", counts=counts))
    found = [receipt.shard for receipt in fallen.of(Loss("language", "en", 10, 9))]
    assert found[:3] == ["web-000058-0000", "web-000059-0000", "web-000056-0000"]
    assert len(found) == MAX_SHARDS
    assert [receipt.shard for receipt in fallen.of(Loss("source", "web", 10, 9))] == found
    assert fallen.of(Loss("language", "de", 10, 9)) == []


def split(pairs: int) -> Sequence[Receipt]:
    """Receipts of two partitions with so many pairs together."""
    return [
        Receipt("duplicates.exact.pairing", f"{k:06}", "", "", figures={"pairs": {"pairs": number}})
        for k, number in enumerate((pairs, 0))
    ]
