"""Why a document stayed or went: every measurement against its limit, and which rule decides."""

import io
import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from workshop import Workshop, rows

from datapipe.explain import explain_document, explain_text, verdicts
from datapipe.loading.located_yaml import RecipeError

Printed = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """A run with a document of every fate; the name says which record it is."""
    workshop = Workshop.at(tmp_path_factory.mktemp("explain"))
    workshop.write(
        "left/a.tsv",
        [("tale", "en", "stone river"), ("tale", "en", "ao"), ("song", "xx", "gone early"), "?", ("tale", "en", "BOOM"),
         ("song", "qq", "mill"), ("tale", "de", "[/red] mill"), ("song", "en", "CRASH")],
    )  # fmt: skip
    workshop.write("right/b.tsv", [("song", "de", "x" * 30)])
    workshop.run("holdout.fraction=0", "max_error_fraction=0.5")
    return workshop


def identifier(workshop: Workshop, record: int) -> str:
    some = rows(workshop.out, "documents/extract/left-*.parquet")[0]["id"]
    return f"{some[:-10]}{record:010}"


def explained(workshop: Workshop, record: int, capsys: Printed) -> list[str]:
    explain_document(str(workshop.out), identifier(workshop, record))
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


def row_of(lines: list[str], rule: str) -> list[str]:
    """The cells of a rule's line."""
    (line,) = [line for line in lines if f" {rule} " in line]
    return [cell.strip() for cell in line.strip("│┃").split("│")]


def test_a_document_that_stayed(finished: Workshop, capsys: Printed) -> None:
    lines = explained(finished, 0, capsys)

    assert lines[0] == f"{identifier(finished, 0)} in shard left-000000-0000"
    assert lines[1] == "source left, 11 characters: 'stone river'"
    assert row_of(lines, "english.letter_count.min") == [
        "domains.english: english.letter_count.min",
        "11",
        "at least 3",
        "ok",
    ]
    assert row_of(lines, "english.vowel_fraction.max")[1:] == ["0.3636", "at most 0.9", "ok"]
    assert "  kind = tale" in lines
    assert lines[-1] == "decision: kept in domain english"


def test_a_document_that_rules_dropped(finished: Workshop, capsys: Printed) -> None:
    lines = explained(finished, 1, capsys)

    assert row_of(lines, "english.letter_count.min")[1:] == ["2", "at least 3", "fails"]
    assert row_of(lines, "english.vowel_fraction.max")[1:] == ["1", "at most 0.9", "fails"]
    assert lines[-1] == "decision: dropped at domains.english by english.letter_count.min"


def test_a_document_that_left_early(finished: Workshop, capsys: Printed) -> None:
    lines = explained(finished, 2, capsys)

    assert "  drop_reason: extract.language.none_of" in lines
    assert "  excerpt: gone early" in lines
    assert lines[-1] == "decision: dropped early by extract.language.none_of"


def test_a_record_that_could_not_be_read(finished: Workshop, capsys: Printed) -> None:
    lines = explained(finished, 3, capsys)

    assert "  error: a line of doubt" in lines
    assert lines[-1] == "decision: in quarantine: could not be read"


def test_a_document_that_a_measuring_step_broke_on(finished: Workshop, capsys: Printed) -> None:
    lines = explained(finished, 4, capsys)

    assert "source left, 4 characters: 'BOOM'" in lines
    assert row_of(lines, "english.letter_count.missing")[1:] == ["None", "must be there", "fails"]
    assert "  error: ValueError: exploded" in lines
    assert lines[-1] == "decision: in quarantine: the step letters broke on it"


def test_a_document_that_a_rewriting_step_broke_on(finished: Workshop, capsys: Printed) -> None:
    assert explained(finished, 7, capsys)[-1] == "decision: in quarantine: the step trim broke on it"


def test_a_document_that_no_domain_takes(finished: Workshop, capsys: Printed) -> None:
    assert explained(finished, 5, capsys)[-1] == "decision: dropped, no_domain: no domain takes it"


def test_a_text_that_looks_like_markup_is_shown_as_it_is(finished: Workshop, capsys: Printed) -> None:
    lines = explained(finished, 6, capsys)

    assert lines[1] == "source left, 11 characters: '[/red] mill'"
    assert lines[-1] == "decision: kept in domain others"


def test_what_explain_says_is_what_the_run_decided(finished: Workshop, capsys: Printed) -> None:
    decided = {row["id"]: row["drop_reason"] for row in rows(finished.out, "decisions/decide/left-*.parquet")}

    for record in (0, 1, 5, 6):
        last = explained(finished, record, capsys)[-1]
        reason = decided.get(identifier(finished, record))
        assert (reason is None and "kept in" in last) or (reason is not None and reason in last)


def test_explain_works_from_any_folder(
    finished: Workshop, capsys: Printed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    assert explained(finished, 0, capsys)[-1] == "decision: kept in domain english"


@pytest.mark.parametrize(
    ("identifier", "message"),
    [
        ("lefty/0/0", "no source 'lefty'; did you mean 'left'"),
        ("left/0000000000000000/0000000000", "no file of source 'left' has the hash '0000000000000000'"),
        ("nonsense", "no source 'nonsense'"),
    ],
)
def test_a_document_that_no_run_knows_is_one_line_of_error(finished: Workshop, identifier: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        explain_document(str(finished.out), identifier)


def test_a_record_beyond_the_end_was_not_read(finished: Workshop) -> None:
    with pytest.raises(RecipeError, match=r"no document 'left/[0-9a-f]{16}/0000000099' was read"):
        explain_document(str(finished.out), identifier(finished, 99))


def test_a_folder_that_is_no_run_is_one_line_of_error(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"no plan\.json: not the output folder of a run"):
        explain_document(str(tmp_path), "left/0/0")


def test_documents_of_any_cut_and_file_are_found(workshop: Workshop, capsys: Printed) -> None:
    for name in "ab":
        workshop.write(f"left/{name}.tsv", [("tale", "en", f"{number:04}" + "x" * 996) for number in range(150)])
    workshop.write("right/b.tsv", [("song", "de", "mill")])
    workshop.run("domains.english.rules.0.max=2000")
    every = rows(workshop.out, "documents/extract/left-*.parquet")
    assert len(list((workshop.out / "documents/extract").iterdir())) == 5

    for row in (every[0], every[149], every[150], every[299]):
        explain_document(str(workshop.out), row["id"])
        assert f"'{row['text'][:4]}x" in capsys.readouterr().out


def second_generation(workshop: Workshop) -> None:
    """A later pass that rewrites, breaks and drops early."""
    path = workshop.folder / "recipe.yaml"
    later = """  - name: again
    steps:
      - trim: {where: {kind: again}}
      - letters
      - select: {early: true, rules: [{column: letter_count, min: 3}]}
  - name: look
"""
    path.write_text(path.read_text().replace("  - name: look\n", later).replace("      - trim\n", "      - vowels\n"))


def test_what_a_later_pass_did_is_explained_too(workshop: Workshop, capsys: Printed) -> None:
    second_generation(workshop)
    workshop.write("left/a.tsv", [("a", "en", "ab"), ("again", "en", "CRASH"), ("again", "en", " stone ")])
    workshop.write("right/b.tsv", [("song", "de", "mill")])
    workshop.run("max_error_fraction=0.5", "holdout.fraction=0")

    assert explained(workshop, 0, capsys)[-1] == "decision: dropped early by again.letter_count.min"
    assert explained(workshop, 1, capsys)[-1] == "decision: in quarantine: the step trim broke on it"
    assert "source left, 5 characters: 'stone'" in explained(workshop, 2, capsys)


def test_a_text_is_explained_without_a_run(workshop: Workshop, capsys: Printed) -> None:
    (workshop.folder / "text.txt").write_text("aeiou")
    recipe = workshop.folder / "recipe.yaml"
    explain_text(recipe, str(workshop.folder / "text.txt"), ["language=en"], [])
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]

    assert row_of(lines, "english.letter_count.min")[1:] == ["5", "at least 3", "ok"]
    assert row_of(lines, "english.vowel_fraction.max")[1:] == ["1", "at most 0.9", "fails"]
    assert lines[-1] == "decision: dropped at domains.english by english.vowel_fraction.max"

    explain_text(recipe, str(workshop.folder / "text.txt"), ["language=xx"], [])
    assert "by extract.language.none_of" in capsys.readouterr().out
    explain_text(recipe, str(workshop.folder / "text.txt"), ["language=en"], ["domains.english.rules.1.max=1"])
    assert "kept in domain english" in capsys.readouterr().out


def test_a_text_may_come_from_standard_input(
    workshop: Workshop, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"  mill  ")))
    explain_text(workshop.folder / "recipe.yaml", "-", ["language=de", "kind=tale"], [])

    out = capsys.readouterr().out
    assert "source left, 4 characters: 'mill'" in out
    assert "media_type = text/plain" in out
    assert "kept in domain others" in out


def test_standard_input_may_be_a_page_and_need_not_be_utf8(
    workshop: Workshop, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\n<!DOCTYPE html><p>Gr\xfc\xdfe</p>")))
    explain_text(workshop.folder / "recipe.yaml", "-", ["language=de"], [])

    out = capsys.readouterr().out
    assert "Gr\N{REPLACEMENT CHARACTER}" in out
    assert "media_type = text/html" in out


def test_names_of_rules_are_whole_in_a_narrow_terminal(
    workshop: Workshop, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    (workshop.folder / "text.txt").write_text("mill")
    explain_text(workshop.folder / "recipe.yaml", str(workshop.folder / "text.txt"), ["language=en"], [])

    first_column = "".join(line.split("│")[1].strip() for line in capsys.readouterr().out.splitlines() if "│" in line)
    assert "english.letter_count.min" in first_column


def test_a_run_that_did_not_end_is_one_line_of_error(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", [("tale", "en", "stone river")])
    workshop.write("right/b.tsv", [("song", "de", "mill")])
    workshop.run("holdout.fraction=0")
    shutil.rmtree(workshop.out / "receipts/measure")
    identifier = rows(workshop.out, "shards/english/*/*.parquet")[0]["id"]

    with pytest.raises(RecipeError, match="pass 'measure' has not reached shard left-000000-0000; run the recipe"):
        explain_document(str(workshop.out), identifier)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["languages=en"], "expected NAME=VALUE; did you mean 'language'"),
        (["language"], "expected NAME=VALUE"),
        (["stars=many"], r"--column stars=many: expected a value of type int64"),
    ],
)
def test_a_column_that_cannot_be_given_is_one_line_of_error(workshop: Workshop, given: list[str], message: str) -> None:
    (workshop.folder / "text.txt").write_text("mill")
    typed = 'OWN = pa.schema([pa.field("stars", pa.int64()), '
    own = workshop.folder / "own.py"
    own.write_text(own.read_text().replace("OWN = pa.schema([", typed))

    with pytest.raises(RecipeError, match=message):
        explain_text(workshop.folder / "recipe.yaml", str(workshop.folder / "text.txt"), given, [])


def test_a_column_of_numbers_may_be_given(workshop: Workshop, capsys: Printed) -> None:
    (workshop.folder / "text.txt").write_text("mill")
    own = workshop.folder / "own.py"
    own.write_text(own.read_text().replace("OWN = pa.schema([", 'OWN = pa.schema([pa.field("stars", pa.int64()), '))
    rule = "passes.measure.steps=[letters, select: {rules: [{column: stars, min: 4}]}]"
    explain_text(workshop.folder / "recipe.yaml", str(workshop.folder / "text.txt"), ["stars=3", "language=en"], [rule])

    assert "dropped at measure.select by measure.stars.min" in capsys.readouterr().out


def test_a_text_that_a_step_breaks_on_is_one_line_of_error(workshop: Workshop) -> None:
    (workshop.folder / "text.txt").write_text("BOOM")

    with pytest.raises(RecipeError, match="step letters: ValueError: exploded"):
        explain_text(workshop.folder / "recipe.yaml", str(workshop.folder / "text.txt"), [], [])


def test_verdicts_come_in_the_order_in_which_they_decide(workshop: Workshop) -> None:
    row = pa.RecordBatch.from_pylist([{"language": "en", "letter_count": 500, "vowel_fraction": 1.0}])
    found, domain = verdicts(workshop.recipe(), row)

    assert domain == "english"
    assert [(verdict.check.reason, verdict.fails) for verdict in found] == [
        ("extract.language.none_of", False),
        ("english.letter_count.missing", False),
        ("english.letter_count.min", False),
        ("english.letter_count.max", True),
        ("english.vowel_fraction.missing", False),
        ("english.vowel_fraction.max", True),
    ]
