"""Which documents stay, where they go, and for which reason the others leave."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from workshop import Workshop, rows

from datapipe.passes.deciding import DecideTask, decide_shard, reasons, route_domains
from datapipe.passes.holdout import below, draws, ladder
from datapipe.receipts import Count, Receipt
from datapipe.recipe import Domain, Holdout, Step
from datapipe.rules import Rule, RuleSet
from datapipe.shard_files import QUARANTINED, DocumentWriter, Swept, Upstream, id_digest, shard_path
from datapipe.stages.select import Select
from datapipe.storage import writing_parquet
from datapipe.where import parse_where

DOCUMENTS = pa.schema(
    [pa.field(name, pa.string()) for name in ("id", "source", "language", "kind")]
    + [pa.field("text", pa.large_string()), pa.field("text_bytes", pa.int64())]
)
MEASURED = pa.schema([pa.field("n", pa.int64()), pa.field("f", pa.float64()), QUARANTINED])
UPSTREAM = (
    Upstream("documents", "extract", ("id", "source", "language", "kind", "text_bytes")),
    Upstream("annotations", "measure", tuple(MEASURED.names)),
)
SHARD = "web-000000-0000"
ENGLISH = Domain("english", 0.5, parse_where({"language": "en"}), (RuleSet("size", (Rule("n", min=3, max=9),)),))
REST = Domain("rest", 0.5, parse_where({"language": {"not": "xx"}}), (RuleSet("size", (Rule("n", min=5),)),), by="kind")


def document(language: str | None, n: int | None, kind: str | None = "k", f: float = 0.0, **more: object) -> dict:
    return {"source": "web", "language": language, "kind": kind, "text": "x" * (n or 0), "n": n, "f": f, **more}


def decide(
    folder: Path,
    *batches: list[dict],
    domains: tuple[Domain, ...] = (ENGLISH, REST),
    selections: tuple[tuple[str, Step], ...] = (),
    holdout: Holdout | None = None,
) -> Receipt:
    """Write the batches as a shard, a row group each, and decide it."""
    number = 0
    for batch in batches:
        for row in batch:
            row["id"] = str(number)
            row.setdefault("quarantined", False)
            number += 1
    tables = [pa.RecordBatch.from_pylist(batch, pa.schema([*DOCUMENTS.remove(5), *MEASURED])) for batch in batches]
    with DocumentWriter(str(folder), "extract", SHARD, DOCUMENTS, ()) as writer:
        for table in tables:
            writer.write(Swept(table.select(DOCUMENTS.names[:-1]), np.arange(table.num_rows)))
    path = str(folder / shard_path("annotations", "measure", SHARD))
    with writing_parquet(path, MEASURED, align=True) as (file, _):
        file.write(pa.concat_batches([table.select(MEASURED.names) for table in tables]))
        file.add_metadata({"id_digest": id_digest(str(folder), SHARD, UPSTREAM[0])})
    return decide_shard(
        DecideTask(str(folder), SHARD, "f", "i", UPSTREAM, selections, domains, holdout or Holdout(), 17)
    )


def decisions(folder: Path) -> list[tuple[str, str, str, list[str]]]:
    found = rows(folder, f"decisions/decide/{SHARD}.parquet")
    return [(row["id"], row["step"], row["drop_reason"], row["failed"]) for row in found]


def routes(folder: Path) -> list[tuple[str | None, str | None, str | None]]:
    found = rows(folder, f"annotations/decide/{SHARD}.parquet")
    return [(row["drop_reason"], row["domain"], row["unit"]) for row in found]


def select(name: str, *rules: Rule, where: object = None) -> tuple[str, Step]:
    return name, Step("select", Select((RuleSet(name, rules),)), parse_where(where))


def test_a_document_that_stays_has_a_domain_and_a_unit_and_no_reason(tmp_path: Path) -> None:
    decide(tmp_path, [document("en", 3), document("de", 5, "song")])

    assert routes(tmp_path) == [(None, "english", "web"), (None, "rest", "song")]
    assert decisions(tmp_path) == []


def test_a_document_that_leaves_has_a_reason_and_no_domain(tmp_path: Path) -> None:
    decide(tmp_path, [document("en", 2), document("en", 10), document("de", 4), document("xx", 5)])

    assert routes(tmp_path) == [
        ("size.n.min", None, None), ("size.n.max", None, None), ("size.n.min", None, None), ("no_domain", None, None)
    ]  # fmt: skip
    assert decisions(tmp_path) == [
        ("0", "domains.english", "size.n.min", ["size.n.min"]),
        ("1", "domains.english", "size.n.max", ["size.n.max"]),
        ("2", "domains.rest", "size.n.min", ["size.n.min"]),
        ("3", "domains", "no_domain", ["no_domain"]),
    ]


def test_the_first_reason_decides_and_all_are_listed_in_order(tmp_path: Path) -> None:
    """Quarantine, then selections in the order of the passes, then no domain, then the rules of the domain."""
    selections = (
        select("one", Rule("f", max=0.5)),
        select("two", Rule("f", max=0.1), Rule("n", missing="keep", max=7)),
    )
    decide(
        tmp_path,
        [document("en", 10, f=0.7, quarantined=True), document("en", 10, f=0.7), document("en", 10, f=0.2),
         document("en", 10), document("xx", 8), document("de", 2, f=0.3)],
        selections=selections,
    )  # fmt: skip

    one, two, many = "one.f.max", "two.f.max", "two.n.max"
    assert [(step, reason, failed) for _, step, reason, failed in decisions(tmp_path)] == [
        ("quarantine", "quarantined", ["quarantined", one, two, many, "size.n.max"]),
        ("one.select", one, [one, two, many, "size.n.max"]),
        ("two.select", two, [two, many, "size.n.max"]),
        ("two.select", many, [many, "size.n.max"]),
        ("two.select", many, [many, "no_domain"]),
        ("two.select", two, [two, "size.n.min"]),
    ]


def test_reasons_are_known_before_any_document(tmp_path: Path) -> None:
    task = DecideTask("", "", "", "", (), (select("one", Rule("f", max=0.5)),), (ENGLISH, REST), Holdout(), 17)

    assert [(reason.step, reason.name) for reason in reasons(task)] == [
        ("quarantine", "quarantined"),
        ("one.select", "one.f.missing"),
        ("one.select", "one.f.max"),
        ("domains", "no_domain"),
        ("domains.english", "size.n.missing"),
        ("domains.english", "size.n.min"),
        ("domains.english", "size.n.max"),
        ("domains.rest", "size.n.missing"),
        ("domains.rest", "size.n.min"),
    ]


def test_nothing_passes_by_being_absent(tmp_path: Path) -> None:
    decide(tmp_path, [document("en", None)])

    assert decisions(tmp_path) == [("0", "domains.english", "size.n.missing", ["size.n.missing"])]


def test_a_selection_spares_the_rows_it_does_not_apply_to(tmp_path: Path) -> None:
    decide(
        tmp_path,
        [document("en", 5, f=0.9), document("de", 5, f=0.9)],
        selections=(select("one", Rule("f", max=0.5), where={"language": "de"}),),
    )

    assert decisions(tmp_path) == [("1", "one.select", "one.f.max", ["one.f.max"])]


def test_the_first_domain_that_matches_takes_the_document(tmp_path: Path) -> None:
    """And it does not come back for the next domain when the rules of the first refuse it."""
    everything = Domain("everything", 0.5)
    decide(tmp_path, [document("en", 1), document("en", 5), document("de", 1)], domains=(ENGLISH, everything))

    assert routes(tmp_path) == [("size.n.min", None, None), (None, "english", "web"), (None, "everything", "web")]


def test_a_null_language_matches_not(tmp_path: Path) -> None:
    decide(tmp_path, [document(None, 5)])

    assert routes(tmp_path) == [(None, "rest", "k")]


def test_domains_are_numbered_and_none_is_minus_one() -> None:
    batch = pa.RecordBatch.from_pydict({"language": ["en", "de", "xx", None]})

    assert route_domains(batch, (ENGLISH, REST)).tolist() == [0, 1, -1, 1]


@pytest.mark.parametrize("kind", [None, ""])
def test_a_unit_without_a_name_is_unknown(tmp_path: Path, kind: str | None) -> None:
    receipt = decide(tmp_path, [document("de", 5, kind)])

    assert routes(tmp_path) == [(None, "rest", "unknown")]
    assert [unit.unit for unit in receipt.units] == ["unknown"]


def test_an_empty_shard_is_decided_too(tmp_path: Path) -> None:
    receipt = decide(tmp_path, [])

    assert (receipt.rows_in, receipt.rows_out, receipt.units, receipt.counts) == (0, 0, (), ())
    assert routes(tmp_path) == decisions(tmp_path) == []


def test_a_shard_of_which_nothing_stays_is_decided_too(tmp_path: Path) -> None:
    receipt = decide(tmp_path, [document("xx", 5)])

    assert (receipt.rows_in, receipt.rows_out, receipt.units) == (1, 0, ())


def test_the_account_adds_up_by_language_step_and_reason(tmp_path: Path) -> None:
    receipt = decide(
        tmp_path,
        [document("en", 2, f=0.9), document("en", 2), document("en", 4), document(None, 6), document("xx", 7)],
        selections=(select("one", Rule("f", max=0.5)),),
    )

    assert receipt.counts == (
        Count("", "", "", 1, 6),
        Count("en", "", "", 1, 4),
        Count("en", "domains.english", "size.n.min", 1, 2),
        Count("en", "one.select", "one.f.max", 1, 2),
        Count("xx", "domains", "no_domain", 1, 7),
    )
    assert (receipt.rows_in, receipt.rows_out, receipt.bytes_in, receipt.bytes_out) == (5, 2, 21, 10)
    assert receipt.failed == {"one.f.max": 1, "size.n.min": 2, "no_domain": 1}
    assert [(unit.domain, unit.unit, unit.documents, unit.bytes) for unit in receipt.units] == [
        ("english", "web", 1, 4), ("rest", "k", 1, 6)
    ]  # fmt: skip


def test_a_reason_that_two_domains_share_is_counted_once_per_document(tmp_path: Path) -> None:
    receipt = decide(tmp_path, [document("en", 2), document("de", 4)])

    assert receipt.failed == {"size.n.min": 2}
    assert {count.step for count in receipt.counts} == {"domains.english", "domains.rest"}


def test_units_count_their_documents_below_each_step_of_the_ladder(tmp_path: Path) -> None:
    holdout = Holdout(fraction=0.1, min_documents=5, max_fraction=0.4)
    receipt = decide(tmp_path, [document("en", 5) for _ in range(200)], holdout=holdout)
    numbers = draws([str(number) for number in range(200)], 17)

    assert receipt.units[0].ladder == below(numbers, ladder(holdout))
    assert receipt.units[0].ladder == tuple(int((numbers < step).sum()) for step in (0.1, 0.2, 0.4))


def test_routes_lie_group_by_group_beside_the_documents(tmp_path: Path) -> None:
    large = document("en", 5) | {"text": "x" * (9 << 20)}
    documents = [[large], [document("xx", 6), document("de", 7)]]
    for batch in documents:
        for row in batch:
            row["quarantined"] = False
    for number, row in enumerate(documents[0] + documents[1]):
        row["id"] = str(number)
    with DocumentWriter(str(tmp_path), "extract", SHARD, DOCUMENTS, ()) as writer:
        for batch in documents:
            writer.write(Swept(pa.RecordBatch.from_pylist(batch, DOCUMENTS.remove(5)), np.arange(len(batch))))
    with writing_parquet(str(tmp_path / shard_path("annotations", "measure", SHARD)), MEASURED, align=True) as (
        file,
        _,
    ):
        for batch in documents:
            file.write(pa.RecordBatch.from_pylist(batch, MEASURED))
        file.add_metadata({"id_digest": id_digest(str(tmp_path), SHARD, UPSTREAM[0])})
    receipt = decide_shard(DecideTask(str(tmp_path), SHARD, "f", "i", UPSTREAM, (), (ENGLISH, REST), Holdout(), 17))

    import pyarrow.parquet as pq

    metadata = pq.ParquetFile(tmp_path / f"annotations/decide/{SHARD}.parquet").metadata
    assert [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)] == [1, 2]
    assert [route[1] for route in routes(tmp_path)] == ["english", None, "rest"]
    assert [row[0] for row in decisions(tmp_path)] == ["1"]
    assert receipt.rows_in == 3


def test_a_decided_shard_is_not_decided_again(tmp_path: Path) -> None:
    assert not decide(tmp_path, [document("en", 5)]).reused
    task = DecideTask(str(tmp_path), SHARD, "f", "i", UPSTREAM, (), (ENGLISH, REST), Holdout(), 17)
    assert decide_shard(task).reused


def test_rules_per_domain_and_selections_act_together_in_a_run(workshop: Workshop) -> None:
    """letter_count 3 to 400 and vowel_fraction up to 0.9 in English, everything but `qq` elsewhere."""
    workshop.write(
        "left/a.tsv",
        [("a", "en", "stone"), ("a", "en", "ab"), ("a", "en", "x" * 401), ("a", "en", "aeiou"), ("a", "qq", "mill"),
         ("b", "de", "x"), ("", "", "y"), ("a", "en", "eo")],
    )  # fmt: skip
    workshop.write("right/a.tsv", [])
    workshop.run("holdout.fraction=0")

    found = rows(workshop.out, "decisions/decide/left-*.parquet")
    assert [(row["id"][-1], row["step"], row["drop_reason"]) for row in found] == [
        ("1", "domains.english", "english.letter_count.min"),
        ("2", "domains.english", "english.letter_count.max"),
        ("3", "domains.english", "english.vowel_fraction.max"),
        ("4", "domains", "no_domain"),
        ("7", "domains.english", "english.letter_count.min"),
    ]
    assert found[-1]["failed"] == ["english.letter_count.min", "english.vowel_fraction.max"]
    assert [row["text"] for row in rows(workshop.out, "shards/english/left/*.parquet")] == ["stone"]
    assert [row["text"] for row in rows(workshop.out, "shards/others/b/*.parquet")] == ["x"]
    assert [row["text"] for row in rows(workshop.out, "shards/others/unknown/*.parquet")] == ["y"]
