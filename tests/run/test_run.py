"""One sweep over a batch: where a step applies, what leaves early, which rows a step breaks on."""

import importlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from workshop import Workshop, rows, texts

from datapipe.output import RunError
from datapipe.receipts import Count, Stopwatch
from datapipe.recipe import Step
from datapipe.rules import Rule, RuleSet
from datapipe.run import EXCERPT_CHARACTERS, EXCERPTS_PER_REASON, sweep
from datapipe.shard_files import Swept
from datapipe.stage import Stage, write_columns
from datapipe.stages.select import Select
from datapipe.where import parse_where

SCHEMA = pa.schema(
    [pa.field("id", pa.string()), pa.field("language", pa.string()), pa.field("text", pa.large_string())]
)
COUNT = pa.schema([pa.field("length", pa.int64())])


@dataclass(frozen=True)
class Length:
    """Characters of the text; breaks on texts with a `!`, and remembers how large its batches were."""

    version: ClassVar = 1
    reads: ClassVar = ("text",)
    writes: ClassVar = COUNT
    calls: list[int] = field(default_factory=list)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        self.calls.append(batch.num_rows)
        found = batch["text"].to_pylist()
        if any("!" in text for text in found):
            raise LookupError("an exclamation")
        return write_columns(batch, COUNT, [pa.array([len(text) for text in found], pa.int64())])


@dataclass(frozen=True)
class Upper:
    """The text in capitals; breaks on texts with a `?`."""

    version: ClassVar = 1
    reads: ClassVar = ("text",)
    writes: ClassVar = pa.schema([pa.field("text", pa.large_string(), nullable=False)])

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        found = batch["text"].to_pylist()
        if any("?" in text for text in found):
            raise ValueError("a question")
        return write_columns(batch, self.writes, [pa.array([text.upper() for text in found], pa.large_string())])


def batch_of(*found: str, languages: str = "") -> pa.RecordBatch:
    """Documents `0`, `1`, ... with one-letter languages (`-`: none)."""
    names = [None if one == "-" else one for one in (languages or "e" * len(found))]
    ids = [str(number) for number in range(len(found))]
    return pa.RecordBatch.from_pydict({"id": ids, "language": names, "text": found}, SCHEMA)


def swept_by(batch: pa.RecordBatch, *steps: Step) -> Swept:
    return sweep(batch, steps, Stopwatch())


def step(stage: Stage, where: object = None) -> Step:
    return Step(type(stage).__name__.lower(), stage, parse_where(where))


def early(*rules: Rule, where: object = None) -> Step:
    return Step("select", Select((RuleSet("extract", rules),)), parse_where(where), early=True)


def test_a_step_without_where_sees_the_whole_batch_once() -> None:
    length = Length()
    swept = swept_by(batch_of("a", "bb", ""), step(length))

    assert swept.batch["length"].to_pylist() == [1, 2, 0]
    assert swept.rows.tolist() == [0, 1, 2]
    assert length.calls == [3]


def test_measurements_are_null_where_the_step_does_not_apply() -> None:
    length = Length()
    batch = batch_of("a", "bb", "ccc", "dddd", languages="edf-")

    assert swept_by(batch, step(length, {"language": ["e", "f"]})).batch["length"].to_pylist() == [1, None, 3, None]
    assert length.calls == [2]
    assert swept_by(batch, step(Length(), {"language": {"not": "e"}})).batch["length"].to_pylist() == [None, 2, 3, 4]
    assert swept_by(batch, step(Length(), {"language": "x"})).batch["length"].to_pylist() == [None] * 4


def test_a_rewriting_step_leaves_the_other_texts_alone() -> None:
    swept = swept_by(batch_of("a", "b", "c", languages="ede"), step(Upper(), {"language": "e"}))

    assert swept.batch["text"].to_pylist() == ["A", "b", "C"]
    assert swept.batch.schema.names == SCHEMA.names


def test_a_second_step_with_another_where_keeps_what_the_first_measured() -> None:
    batch = batch_of("a", "bb", "ccc", languages="ede")
    swept = swept_by(batch, step(Length(), {"language": "e"}), step(Length(), {"language": "d"}))

    assert swept.batch["length"].to_pylist() == [1, 2, 3]


def test_an_empty_batch_goes_through_every_step() -> None:
    swept = swept_by(
        batch_of(), step(Upper()), early(Rule("language", one_of=("e",))), step(Length(), {"language": "e"})
    )

    assert swept.batch.num_rows == 0
    assert swept.batch.schema.names == [*SCHEMA.names, "length"]
    assert swept.decisions == swept.quarantine == []


def test_one_bad_row_among_many_goes_alone() -> None:
    """1,024 rows: the whole batch, then two halves per level, ten levels down to the row alone."""
    length = Length()
    found = [str(number) for number in range(1024)]
    found[700] += "!"
    swept = swept_by(batch_of(*found), step(length))

    assert swept.quarantine == [
        {"id": "700", "file": None, "offset": None, "step": "length", "error": "LookupError: an exclamation"}
    ]
    assert swept.rows.tolist() == [number for number in range(1024) if number != 700]
    assert swept.batch["length"].to_pylist() == [len(text) for text in found if "!" not in text]
    assert len(length.calls) == 1 + 2 * 10


def test_a_step_that_breaks_on_every_row_leaves_none() -> None:
    swept = swept_by(batch_of("a!", "b!", "c!"), step(Length()), step(Upper()))

    assert swept.batch.num_rows == 0
    assert swept.batch.schema.names == [*SCHEMA.names, "length"]
    assert [row["id"] for row in swept.quarantine] == ["0", "1", "2"]


def test_a_bad_row_is_named_rightly_where_the_step_applies_to_some() -> None:
    batch = batch_of("a", "b!", "cc", "d!", "e!", languages="edeed")
    swept = swept_by(batch, step(Length(), {"language": "e"}))

    assert [row["id"] for row in swept.quarantine] == ["3"]
    assert swept.rows.tolist() == [0, 1, 2, 4]
    assert swept.batch["length"].to_pylist() == [1, None, 2, None]


def test_a_row_that_breaks_does_not_reach_the_next_step() -> None:
    swept = swept_by(batch_of("a", "b?", "c!", "d"), step(Upper()), step(Length()))

    assert [(row["id"], row["step"]) for row in swept.quarantine] == [("1", "upper"), ("2", "length")]
    assert swept.rows.tolist() == [0, 3]
    assert swept.batch["text"].to_pylist() == ["A", "D"]


@given(st.lists(st.sampled_from(["a", "b!", "c?", "d!?"]), max_size=40), st.data())
def test_exactly_the_rows_that_a_step_cannot_bear_leave(found: list[str], data: st.DataObject) -> None:
    languages = "".join(data.draw(st.lists(st.sampled_from("ed-"), min_size=len(found), max_size=len(found))))
    swept = swept_by(batch_of(*found, languages=languages), step(Upper(), {"language": "e"}), step(Length()))

    broken = [("?" in text and language == "e") or "!" in text for text, language in zip(found, languages, strict=True)]
    kept = [number for number, bad in enumerate(broken) if not bad]
    assert swept.rows.tolist() == kept
    assert swept.batch["id"].to_pylist() == [str(number) for number in kept]
    assert sorted(int(str(row["id"])) for row in swept.quarantine) == [n for n, bad in enumerate(broken) if bad]
    assert swept.batch["length"].to_pylist() == [len(found[number]) for number in kept]


@dataclass(frozen=True)
class Modelled(Length):
    """Needs a file, and a library."""

    files: ClassVar = ("model",)
    model: str = ""
    library: str = "json"

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        importlib.import_module(self.library)
        Path(self.model).read_text()
        return super().__call__(batch)


def test_a_file_that_this_node_lacks_is_no_fault_of_the_records(tmp_path: Path) -> None:
    model = tmp_path / "model"
    modelled = Modelled(model=str(model))
    with pytest.raises(RunError, match=rf"^node {os.uname().nodename}: step 'modelled': no such file: {model}$"):
        swept_by(batch_of("a", "b"), step(modelled))
    with pytest.raises(RunError, match=r"^node \S+: step 'modelled': No module named 'nowhere'$"):
        swept_by(batch_of("a", "b"), step(Modelled(library="nowhere")))
    model.touch()

    assert [row["id"] for row in swept_by(batch_of("a", "b!"), step(modelled)).quarantine] == ["1"]


def test_an_early_selection_lets_the_rows_that_fail_leave_with_their_reasons() -> None:
    batch = batch_of("aaaa", "bb", "c", "dddddd", languages="eed-")
    rules = (Rule("length", min=2), Rule("language", one_of=("e",)))
    swept = swept_by(batch, step(Length()), early(*rules), step(Upper()))

    assert swept.batch["text"].to_pylist() == ["AAAA", "BB"]
    assert swept.batch.schema.names == [*SCHEMA.names, "length"]
    assert swept.rows.tolist() == [0, 1]
    (decisions,) = swept.decisions
    assert decisions.to_pylist() == [
        {
            "id": "2", "step": "select", "drop_reason": "extract.length.min",
            "failed": ["extract.length.min", "extract.language.one_of"], "language": "d",
            "measured": "length=1, language=d", "excerpt": "c",
        },
        {
            "id": "3", "step": "select", "drop_reason": "extract.language.missing",
            "failed": ["extract.language.missing"], "language": None,
            "measured": "length=6, language=null", "excerpt": "dddddd",
        },
    ]  # fmt: skip
    assert dict(swept.counts) == {
        ("d", "select", "extract.length.min"): 1,
        ("", "select", "extract.language.missing"): 1,
    }
    assert dict(swept.bytes) == {
        ("d", "select", "extract.length.min"): 1,
        ("", "select", "extract.language.missing"): 6,
    }
    assert dict(swept.failed) == {
        "extract.length.min": 1, "extract.language.one_of": 1, "extract.language.missing": 1
    }  # fmt: skip


def test_an_early_selection_spares_the_rows_it_does_not_apply_to() -> None:
    swept = swept_by(
        batch_of("a", "b", languages="ed"), early(Rule("language", one_of=("x",)), where={"language": "d"})
    )

    assert swept.batch["id"].to_pylist() == ["0"]
    assert dict(swept.failed) == {"extract.language.one_of": 1}


def test_rows_keep_their_place_through_drops_and_quarantine() -> None:
    batch = batch_of("a!", "b", "c", "d!", "e", languages="edeee")
    swept = swept_by(batch, step(Length()), early(Rule("language", none_of=("d",))), step(Upper()))

    assert swept.rows.tolist() == [2, 4]


def test_only_the_first_documents_of_a_reason_keep_an_opening_of_their_text() -> None:
    long = "ä" * (EXCERPT_CHARACTERS + 1)
    swept = swept_by(batch_of(*[long] * (EXCERPTS_PER_REASON + 2)), early(Rule("language", none_of=("e",))))

    excerpts = swept.decisions[0]["excerpt"].to_pylist()
    assert excerpts == ["ä" * EXCERPT_CHARACTERS] * EXCERPTS_PER_REASON + [None] * 2


def test_every_step_has_its_seconds() -> None:
    watch = Stopwatch()
    sweep(batch_of("a"), [step(Upper()), step(Length())], watch)

    assert list(watch.steps) == ["upper", "length"]


BOOM = [("tale", "en", "one"), ("tale", "en", "BOOM"), ("song", "zz", "BOOM"), ("tale", "de", "three")]


def test_annotations_of_a_quarantined_row_are_null_and_say_so(workshop: Workshop) -> None:
    """`letters` breaks on BOOM, but not where it does not apply; the row keeps its place for the other passes."""
    workshop.write("left/a.tsv", BOOM)
    workshop.write("right/a.tsv", [("tale", "de", "four")])
    workshop.run("max_error_fraction=0.5")

    assert rows(workshop.out, "annotations/measure/left-*.parquet") == [
        {"letter_count": 3, "quarantined": False},
        {"letter_count": None, "quarantined": True},
        {"letter_count": None, "quarantined": False},
        {"letter_count": 5, "quarantined": False},
    ]
    look = rows(workshop.out, "annotations/look/left-*.parquet")
    assert [row["vowel_fraction"] for row in look] == [pytest.approx(2 / 3), 0, 0, pytest.approx(2 / 5)]
    assert not any(row["quarantined"] for row in look)
    (lost,) = rows(workshop.out, "quarantine/measure/left-000000-0000.parquet")
    assert (lost["id"][-1], lost["step"], lost["error"]) == ("1", "letters", "ValueError: exploded")
    receipt = workshop.receipt("measure", "left-000000-0000")
    assert (receipt.rows_in, receipt.rows_out, receipt.quarantined) == (4, 4, 1)
    assert (receipt.bytes_in, receipt.bytes_out) == (16, 16)
    assert [output.path for output in receipt.outputs] == [
        "annotations/measure/left-000000-0000.parquet", "quarantine/measure/left-000000-0000.parquet"
    ]  # fmt: skip
    assert sorted(texts(workshop.out, "*/*/*/*.parquet")) == ["BOOM", "four", "one", "three"]
    assert [row["drop_reason"] for row in rows(workshop.out, "decisions/decide/left-*.parquet")] == ["quarantined"]


def second_generation(workshop: Workshop) -> None:
    """The recipe with a pass that rewrites the text between `measure` and `look`, and drops early."""
    path = workshop.folder / "recipe.yaml"
    shorter = """  - name: shorten
    steps:
      - letters: {bonus: 1000}
      - cut: {where: {language: en}}
      - letters
      - select: {early: true, rules: [{column: letter_count, min: 3}]}
  - name: look
"""
    text = path.read_text().replace("  - name: look\n", shorter).replace("[own.py]", "[own.py, more.py]")
    path.write_text(text)
    source = (workshop.folder / "own.py").read_text()
    trim = source[source.index('@stage("trim")') : source.index('@stage("letters")')]
    header = source[: source.index("OWN = ")] + source[source.index("class _OnText") : source.index('@stage("trim")')]
    cut = (
        trim.replace("Trim", "Cut")
        .replace('"trim"', '"cut"')
        .replace("text.strip()", "text[:4]")
        .replace("CRASH", "SLIP")
    )
    (workshop.folder / "more.py").write_text(header + cut)


def test_a_later_pass_may_write_a_new_generation_of_documents(workshop: Workshop) -> None:
    second_generation(workshop)
    workshop.write(
        "left/a.tsv", [("a", "en", "once upon"), ("b", "de", "einmal"), ("c", "en", "SLIP"), ("d", "de", "ab")]
    )
    workshop.write("right/a.tsv", [("tale", "de", "four")])
    workshop.run("max_error_fraction=0.5")

    later = rows(workshop.out, "documents/shorten/left-*.parquet")
    assert [(row["kind"], row["text"], row["text_bytes"], row["letter_count"]) for row in later] == [
        ("a", "once", 4, 4), ("b", "einmal", 6, 6),
    ]  # fmt: skip
    (lost,) = rows(workshop.out, "quarantine/shorten/left-*.parquet")
    assert (lost["id"][-1], lost["step"]) == ("2", "cut")
    (dropped,) = rows(workshop.out, "decisions/shorten/left-*.parquet")
    assert (dropped["id"][-1], dropped["drop_reason"]) == ("3", "shorten.letter_count.min")
    receipt = workshop.receipt("shorten", "left-000000-0000")
    assert (receipt.rows_in, receipt.rows_out, receipt.bytes_in, receipt.bytes_out) == (4, 2, 21, 10)
    assert receipt.counts == (
        Count("de", "", "", 1, 6), Count("de", "select", "shorten.letter_count.min", 1, 2), Count("en", "", "", 1, 4)
    )  # fmt: skip
    assert len(rows(workshop.out, "annotations/look/left-*.parquet")) == 2
    assert sorted(texts(workshop.out, "[sv]*/*/*/*.parquet")) == ["einmal", "four", "once"]
    first = pq.ParquetFile(workshop.out / "documents/extract/left-000000-0000.parquet").metadata.metadata
    second = pq.ParquetFile(workshop.out / "documents/shorten/left-000000-0000.parquet").metadata.metadata
    assert first[b"id_digest"] != second[b"id_digest"]
