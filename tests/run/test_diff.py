"""Two runs side by side."""

from pathlib import Path

import pytest
from workshop import Workshop, many

from datapipe.diff import documents, print_diff, read_run, reasons, weights
from datapipe.loading.located_yaml import RecipeError


@pytest.fixture
def two(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """The same input with two limits: `mill` (4) stays at 400 and goes at 3."""
    monkeypatch.setenv("COLUMNS", "200")
    workshop.write("left/a.tsv", [("tale", "en", text) for text in ("mill", "mill", "ab", "abc")])
    workshop.write("right/b.tsv", [*[("song", "de", "wheat")] * 2, ("song", "xx", "gone"), *many(50, 1, ("de",))])
    workshop.run("output=one", "holdout.fraction=0")
    workshop.run("output=other", "holdout.fraction=0", "domains.english.rules.0.max=3")
    return str(workshop.folder / "one"), str(workshop.folder / "other")


def test_drops_are_counted_by_step_and_reason_over_all_passes(two: tuple[str, str]) -> None:
    assert reasons(read_run(two[0])) == {
        "select: extract.language.none_of": 1,
        "domains.english: english.letter_count.min": 1,
    }
    assert reasons(read_run(two[1]))["domains.english: english.letter_count.max"] == 2


def test_units_are_named_with_their_domains(two: tuple[str, str]) -> None:
    found = documents(read_run(two[0]))

    assert {name: count for name, count in found.items() if name.startswith("english/")} == {"english/left": 3}
    assert sum(weights(read_run(two[0])).values()) == pytest.approx(100)


def test_a_run_without_weights_has_documents(two: tuple[str, str]) -> None:
    one = read_run(two[0])
    assert documents({**one, "mixture": {}}) == documents(one)
    assert weights({**one, "mixture": {}}) == {}


def test_only_what_differs_is_shown(two: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    print_diff(*two)
    lines = [line.replace("│", " ").split() for line in capsys.readouterr().out.splitlines()]

    assert ["documents", "read", "57", "57"] in lines
    assert ["documents", "kept", "55", "53"] in lines
    assert ["domains.english:", "english.letter_count.max", "0", "2", "+2"] in lines
    assert ["english/left", "3", "1", "-2"] in lines
    assert not any("extract.language.none_of" in line for line in lines)


def test_a_run_does_not_differ_from_itself(two: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    print_diff(two[0], two[0])

    assert capsys.readouterr().out.count("no difference") == 3


def test_a_folder_without_a_finished_run_is_one_line_of_error(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"no run\.json: not the output folder of a finished run"):
        print_diff(str(tmp_path), str(tmp_path))


@pytest.mark.parametrize("content", ["", "{", "[1]", "7"])
def test_a_damaged_account_is_one_line_of_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.json").write_text(content)

    with pytest.raises(RecipeError, match=r"run\.json is damaged; run the recipe again"):
        read_run(str(tmp_path))
