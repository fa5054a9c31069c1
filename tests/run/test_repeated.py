"""A pass with `repeated` removes the passages that repeat, as plain Python does, whatever the exchange looks like."""

import json
import os
import random
import shutil
from pathlib import Path

import pytest
from workshop import Line, Workshop, redone, rows, texts, tree, written

from datapipe.exchange import Sizes
from datapipe.explain import explain_document, explain_text
from datapipe.loading.located_yaml import RecipeError
from datapipe.passes import passage_phases
from tests.plain_passages import without_repeated

MANY = Sizes(map_bytes=1 << 12, partition_bytes=1 << 15, slice_bytes=1 << 8)
"""A group for every shard, and files of at most 16 partitions."""
TWO_LEVELS = Sizes(map_bytes=1 << 12, partition_bytes=1 << 15, slice_bytes=1 << 10)
"""Files of at most four partitions."""


def repeating(count: int, seed: int) -> list[Line]:
    """Texts of one to six sentences, some of their own, others in a row that other texts have too."""
    chance = random.Random(seed)
    lines = []
    for _ in range(count):
        first, length = chance.randrange(300), chance.randrange(4)
        shared = [f"{'abcdefghij'[k % 10] * (1 + k // 10)} Says {k % 7}." for k in range(first, first + length)]
        own = ["".join(chance.choices("qrstuvwxyz", k=12)) + "." for _ in range(chance.randrange(1, 3))]
        text = " ".join([*own[:1], *shared, *own[1:]])
        lines.append((chance.choice(["tale", "song"]), chance.choice(["en", "de", "th", ""]), text))
    return lines


def with_repeated(workshop: Workshop, options: str) -> None:
    """Put the pass between `extract` and `measure`."""
    path = workshop.folder / "recipe.yaml"
    head, behind = path.read_text().split("  - name: measure", 1)
    path.write_text(f"{head}  - name: passages\n    repeated: {options}\n  - name: measure{behind}")


def only(workshop: Workshop, lines: list[Line]) -> None:
    """These documents, and behind them others that share nothing with any, so that no domain is empty."""
    workshop.write("left/a.tsv", lines)
    others = ["".join(chr(ord("a") + (k + n) % 26) * (n + 2) for n in range(5)) for k in range(26)]
    workshop.write(
        "right/b.tsv", [("tale", language, f"{language} {one}") for one in others for language in ("en", "de")]
    )


@pytest.fixture
def filled(workshop: Workshop) -> Workshop:
    workshop.write("left/a.tsv", repeating(900, 1))
    workshop.write("left/b.tsv", repeating(60, 2))
    workshop.write("right/c.tsv", repeating(200, 3))
    return workshop


@pytest.mark.parametrize(
    ("options", "span", "least", "keeps_first", "scope"),
    [
        ("{unit: sentence}", 1, 1, True, None),
        ("{unit: sentence, span: 2, keep: none}", 2, 1, False, None),
        ("{unit: sentence, min_characters: 14}", 1, 14, True, None),
        ("{unit: sentence, scope: language}", 1, 1, True, "language"),
        ("{unit: sentence, scope: source}", 1, 1, True, "source"),
    ],
)
def test_it_removes_what_plain_python_removes(
    filled: Workshop, options: str, span: int, least: int, keeps_first: bool, scope: str | None
) -> None:
    with_repeated(filled, options)
    filled.run()
    before = rows(filled.out, "documents/extract/*.parquet")
    after = rows(filled.out, "documents/passages/*.parquet")
    scopes = [row[scope] for row in before] if scope else None
    expected = without_repeated([row["text"] for row in before], "sentence", span, least, keeps_first, scopes)

    assert [row["id"] for row in after] == [row["id"] for row in before]
    assert [(row["text"], row["removed_passage_count"]) for row in after] == expected
    assert sum(count for _, count in expected) > 50
    for old, new in zip(before, after, strict=True):
        assert new["removed_passage_fraction"] == pytest.approx(1 - len(new["text"]) / len(old["text"]))
        assert new["text_bytes"] == len(new["text"].encode())


@pytest.fixture
def large(filled: Workshop) -> Workshop:
    """With some shards more."""
    filled.write("left/large.tsv", repeating(5000, 5))
    return filled


def exchanged(workshop: Workshop) -> list[str]:
    """The phase of every file of an exchange."""
    return [path.parent.name for path in (workshop.out / "exchange").rglob("*.records")]


def test_groups_partitions_and_levels_change_no_byte(large: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    with_repeated(large, "{unit: sentence}")
    outputs: list[dict[str, str]] = []
    phases: list[list[str]] = []
    for sizes in (Sizes(), MANY, TWO_LEVELS):
        shutil.rmtree(large.out, ignore_errors=True)
        monkeypatch.setattr(passage_phases, "SIZES", sizes)
        large.run()
        outputs.append(tree(large.out))
        phases.append(exchanged(large))

    assert outputs[0] == outputs[1] == outputs[2]
    assert sorted(phases[0]) == ["passages.count", "passages.merge"]
    assert phases[1].count("passages.count") > 4 < phases[1].count("passages.merge")
    assert {"passages.there", "passages.back"} <= set(phases[2])


def test_ray_removes_the_same(filled: Workshop, ray_cluster: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passage_phases, "SIZES", MANY)
    with_repeated(filled, "{unit: sentence}")
    filled.run()
    inline = tree(filled.out)
    shutil.rmtree(filled.out)
    filled.run(executor="ray")

    assert tree(filled.out) == inline


def everything(workshop: Workshop) -> dict[str, bytes]:
    """The outputs of the run, those of the exchange too."""
    files = [path for path in workshop.out.rglob("*/passages*/*") if path.suffix in (".parquet", ".records")]
    return {str(path.relative_to(workshop.out)): path.read_bytes() for path in files}


def passes(names: set[str]) -> set[str]:
    return {name.partition("/")[0] for name in names}


def test_lost_outputs_and_receipts_are_made_again_and_nothing_else(
    large: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passage_phases, "SIZES", TWO_LEVELS)
    with_repeated(large, "{unit: sentence}")
    large.run()
    whole, before = everything(large), written(large.out)
    lost = {
        path.parent.name: path for path in large.out.rglob("*/passages*/*") if path.suffix in (".parquet", ".records")
    }
    assert set(lost) == {name for name in passes(set(before)) if name.startswith("passages")}
    for path in lost.values():
        path.unlink()
    large.run()
    after = written(large.out)

    assert everything(large) == whole
    assert passes(redone(before, after)) == set(lost)
    assert len(redone(before, after)) == len(lost)

    gone = {min(name for name in after if name.startswith(f"{one}/")) for one in passes(redone(before, after))}
    for name in gone:
        (large.out / "receipts" / name).unlink()
    large.run()
    assert everything(large) == whole
    assert redone(after, written(large.out)) == gone


def test_only_shards_whose_removals_change_are_written_anew(filled: Workshop) -> None:
    """A file that comes last keeps nothing but what nobody had before: earlier texts stay as they are."""
    with_repeated(filled, "{unit: sentence}")
    filled.run()
    before = written(filled.out)
    filled.write("right/d.tsv", repeating(50, 4))
    filled.run()
    again = redone(before, written(filled.out))

    assert "passages/right-000001-0000.json" in again
    assert {name for name in again if name.startswith(("passages/", "measure/", "decide/"))} == {
        f"{one}/right-000001-0000.json" for one in ("passages", "measure", "decide")
    }
    assert {"passages.count", "passages.merge", "passages.mark"} <= passes(again)


def test_files_that_return_find_the_marks_that_others_left_behind(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shard is a group here: with one file less the next to last writes the last one's marks, of as many bytes."""
    monkeypatch.setattr(passage_phases, "SIZES", Sizes(map_bytes=16, partition_bytes=1 << 15, slice_bytes=4))
    with_repeated(workshop, "{unit: sentence}")

    def written_again(name: str, text: str) -> None:
        os.utime(workshop.write(name, [("tale", "en", text)]), ns=(1_000_000_000, 1_000_000_000))

    def left_of_last() -> list[str]:
        workshop.run()
        return texts(workshop.out, "documents/passages/right-000001-0000.parquet")

    only(workshop, [])
    written_again("left/a.tsv", "Only a.")
    workshop.run()
    written_again("left/b.tsv", "Only b.")
    workshop.write("right/c.tsv", [("tale", "en", "Only b. First.")])
    assert left_of_last() == ["First."]
    whole, marks = tree(workshop.out), workshop.out / "annotations/passages.mark/right-000001-0000.parquet"
    size = marks.stat().st_size

    (workshop.folder / "left/b.tsv").unlink()
    workshop.write("left/a.tsv", [("tale", "en", "First.")])
    assert left_of_last() == ["Only b."]
    assert marks.stat().st_size == size

    written_again("left/a.tsv", "Only a.")
    written_again("left/b.tsv", "Only b.")
    assert left_of_last() == ["First."]
    assert tree(workshop.out) == whole


def test_what_is_kept_is_a_choice_that_hashes_no_text_again(filled: Workshop) -> None:
    with_repeated(filled, "{unit: sentence}")
    filled.run()
    before = written(filled.out)
    filled.run("passes.1.repeated.keep=none")

    assert "passages.find" not in passes(redone(before, written(filled.out)))
    assert "passages.mark" in passes(redone(before, written(filled.out)))


@pytest.mark.parametrize(
    ("keep", "left"),
    [
        (
            "first",
            ["Ash. Birch. Cedar. Elm.", "Oak. Pine.", "Birch. Cedar.", "Cedar. Elm. Fir.", "Yew.", "Bay. Bay. Bay."],
        ),
        ("none", ["", "Oak. Pine.", "Birch. Cedar.", "", "Yew.", ""]),
    ],
)
def test_spans_of_three_overlap(workshop: Workshop, keep: str, left: list[str]) -> None:
    """A unit goes when it is part of a passage that goes and of none that is kept; two units are no passage.

    Of the fourth text `Birch. Cedar. Elm.` is a copy, but the rest of it is the first `Cedar. Elm. Fir.`: only the
    birch goes. The second `Bay. Bay. Bay.` of the last one lies on two of the first: only its last goes.
    """
    before = [
        "Ash. Birch. Cedar. Elm.",
        "Oak. Ash. Birch. Cedar. Pine.",
        "Birch. Cedar.",
        "Birch. Cedar. Elm. Fir.",
        "Cedar. Elm. Fir. Yew.",
        "Bay. Bay. Bay. Bay.",
    ]
    only(workshop, [("tale", "en", text) for text in before])
    with_repeated(workshop, f"{{unit: sentence, span: 3, keep: {keep}}}")
    workshop.run()

    assert texts(workshop.out, "documents/passages/left*.parquet") == left


def test_texts_outside_of_where_are_neither_compared_nor_changed(workshop: Workshop) -> None:
    kinds = ["de", "en", "en"]
    only(workshop, [*(("tale", language, "Same.") for language in kinds), ("song", "en", "")])
    with_repeated(workshop, "{unit: line, where: {language: en}}")
    workshop.run()

    found = rows(workshop.out, "documents/passages/left*.parquet")
    assert [(row["text"], row["removed_passage_count"], row["removed_passage_fraction"]) for row in found] == [
        ("Same.", None, None),
        ("Same.", 0, 0.0),
        ("", 1, 1.0),
        ("", 0, 0.0),
    ]


def test_documents_dropped_early_are_not_compared(workshop: Workshop) -> None:
    only(workshop, [("tale", "xx", "Same."), ("tale", "en", "Same.")])
    with_repeated(workshop, "{unit: line}")
    workshop.run()

    assert texts(workshop.out, "documents/passages/left*.parquet") == ["Same."]


def test_steps_of_the_pass_read_the_new_text_and_rules_may_use_what_went(workshop: Workshop) -> None:
    only(workshop, [("tale", "en", "One. Two."), ("tale", "en", "Two. Four."), ("tale", "en", "One.")])
    with_repeated(
        workshop,
        "{unit: sentence}\n    steps: [{vowels: {}}, {select: {early: true, rules: "
        "[{column: removed_passage_fraction, below: 1}]}}]",
    )
    workshop.run()

    found = rows(workshop.out, "documents/passages/left*.parquet")
    assert [(row["text"], row["vowel_fraction"]) for row in found] == [("One. Two.", 2 / 9), ("Four.", 2 / 5)]
    dropped = rows(workshop.out, "decisions/passages/*.parquet")
    assert [row["drop_reason"] for row in dropped] == ["passages.removed_passage_fraction.below"]


def test_a_sample_compares_what_it_holds(filled: Workshop) -> None:
    with_repeated(filled, "{unit: sentence}")
    filled.run(sample=0.5)
    trial = Workshop(filled.folder)
    (folder,) = filled.folder.glob("out-*")
    before = texts(folder, "documents/extract/*.parquet")

    assert 200 < len(before) < 900
    assert texts(folder, "documents/passages/*.parquet") == [t for t, _ in without_repeated(before, "sentence")]
    assert trial.out.exists() is False


def test_a_run_without_documents_removes_nothing(workshop: Workshop) -> None:
    only(workshop, [("tale", "xx", "gone")])
    with_repeated(workshop, "{unit: line}")
    workshop.run()

    assert texts(workshop.out, "documents/passages/left*.parquet") == []


def test_the_account_says_how_many_passages_went(filled: Workshop) -> None:
    with_repeated(filled, "{unit: sentence}")
    filled.run()
    passes = json.loads((filled.out / "run.json").read_text())["passes"]
    removed = rows(filled.out, "documents/passages/*.parquet")

    assert passes["passages.mark"]["passages"] == sum(row["removed_passage_count"] for row in removed) > 0
    assert passes["passages.find"]["rows_in"] == len(removed)
    assert passes["passages.find"]["passages"] > passes["passages.count"]["passages"]


def test_the_report_says_how_many_passages_went(filled: Workshop) -> None:
    with_repeated(filled, "{unit: sentence}")
    filled.run()
    removed = sum(row["removed_passage_count"] for row in rows(filled.out, "documents/passages/*.parquet"))

    assert f"{removed:,} repeated sentences removed by passages; it left " in (filled.out / "report.html").read_text()
    assert f"{removed:,} repeated sentences removed, of " in (filled.out / "card.md").read_text()


def test_a_pass_that_finds_nothing_says_so_loudly(workshop: Workshop) -> None:
    only(workshop, [("tale", "en", "One."), ("song", "en", "Two.")])
    with_repeated(workshop, "{unit: sentence, min_characters: 1000}")
    workshop.run()

    assert "passages removed nothing" in (workshop.out / "report.html").read_text()


def test_one_text_alone_repeats_nothing(workshop: Workshop, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with_repeated(workshop, "{unit: line}")
    path = tmp_path / "text.txt"
    path.write_text("same\nsame\n")
    explain_text(workshop.folder / "recipe.yaml", str(path), ["language=en"], [])
    printed = capsys.readouterr().out

    assert "none removed, there is no other text to compare with" in printed
    assert "removed_passage_count = 0" in printed


def test_a_document_of_a_run_is_explained_with_what_went(filled: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    with_repeated(filled, "{unit: sentence}")
    filled.run()
    row = next(row for row in rows(filled.out, "documents/passages/*.parquet") if row["removed_passage_count"] == 2)
    explain_document(str(filled.out), row["id"])

    assert "removed_passage_count = 2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("{unit: word}", "expected 'line', 'paragraph' or 'sentence', found 'word'"),
        ("{span: 0}", "expected at least 1, found 0"),
        ("{where: {lang: en}}", "no earlier step writes the column 'lang'"),
        ("{minimum: 3}", "unknown key"),
    ],
)
def test_mistakes_are_found_before_anything_is_read(workshop: Workshop, options: str, message: str) -> None:
    with_repeated(workshop, options)
    with pytest.raises(RecipeError, match=message) as error:
        workshop.recipe()
    assert ":18: passes.1.repeated" in str(error.value)


def test_measurements_of_the_older_text_cannot_be_used(workshop: Workshop) -> None:
    path = workshop.folder / "recipe.yaml"
    path.write_text(path.read_text().replace("  - name: look", "  - {name: passages, repeated: {}}\n  - name: look"))

    with pytest.raises(RecipeError, match="'letter_count' stayed behind when the text was rewritten"):
        workshop.recipe()


def test_the_first_pass_has_nothing_to_compare(workshop: Workshop) -> None:
    path = workshop.folder / "recipe.yaml"
    path.write_text(path.read_text().replace("  - name: extract\n", "  - name: extract\n    repeated: {}\n"))

    with pytest.raises(RecipeError, match="the first pass reads the sources"):
        workshop.recipe()
