"""The table, the file and the page of a sweep."""

import io
import json
import re
from pathlib import Path

from rich.console import Console

from datapipe.report.scales import Scale
from tokenizer.recipe import Weights
from tokenizer.sweep.candidates import Candidate
from tokenizer.sweep.measuring import Measured
from tokenizer.sweep.page import page
from tokenizer.sweep.result import Result, Trained, as_json, print_result
from tokenizer.training.weights_table import settled


def trained(name: str, english: float, worst: float, share: float) -> Trained:
    shares = {("english", "web"): 1 - share, ("world", "de"): share / 2, ("world", "fr"): share / 2}
    factors = tuple((unit, value * 3) for unit, value in shares.items())
    return Trained(Candidate(name, factors, shares), Measured(english, {"de": 1.5, "fr": worst}, 10))


def result(*more: Trained) -> Result:
    """The knee is `some`: 0.8 of the gain for 0.2 of the cost."""
    found = [trained("much", 4.0, 2.0, 0.6), trained("some", 4.4, 2.4, 0.4), trained("none", 4.5, 4.0, 0.2)]
    return Result([*found, *more], {"odd <b>": "no way"}, 8192, "f" * 32)


def test_the_knee_is_chosen_and_its_shares_are_written() -> None:
    found = json.loads(as_json(result(trained("bad", 4.0, 3.0, 0.5))))
    assert found["weights"] == "some"
    assert found["shares"] == {"english/web": 0.6, "world/de": 0.2, "world/fr": 0.2}
    assert [(one["weights"], one["on_front"]) for one in found["candidates"]] == [
        ("much", True), ("some", True), ("none", True), ("bad", False)
    ]  # fmt: skip
    assert found["candidates"][1]["english_bytes_per_token"] == 4.4
    assert (found["candidates"][1]["worst_parity"], found["candidates"][1]["worst_language"]) == (2.4, "fr")
    assert found["candidates"][0]["domains"] == {"english": 0.4, "world": 0.6}
    assert found["failed"] == {"odd <b>": "no way"}


def test_a_recipe_reads_the_file_as_shares(tmp_path: Path) -> None:
    (tmp_path / "weights.json").write_bytes(as_json(result()))
    assert settled(Weights(file="weights.json"), tmp_path).shares == {
        "english/web": 0.6, "world/de": 0.2, "world/fr": 0.2
    }  # fmt: skip


def test_the_table_shows_all_by_cost_with_front_knee_and_failures() -> None:
    text = io.StringIO()
    print_result(result(trained("bad", 4.0, 3.0, 0.5)), Console(file=text, width=120), "/out")
    lines = [line.split() for line in text.getvalue().splitlines() if line.strip()]
    rows = {line[0]: line[1:] for line in lines if line[0] in ("much", "some", "none", "bad")}
    assert list(rows) == ["much", "some", "bad", "none"]
    assert rows["some"] == ["4.400", "2.40", "fr", "60.0", "%", "40.0", "%", "knee"]
    assert (rows["much"][-1], rows["bad"][-1], rows["none"][-1]) == ("front", "%", "front")
    assert "odd <b>: no vocabulary: no way" in text.getvalue()
    assert "/out/weights/weights.html" in text.getvalue()


def test_the_page_holds_every_candidate_in_its_place_and_loads_nothing() -> None:
    html = page(result(), "words <i>")
    dots = re.findall(r'<g class="(\w+)"><circle cx="([\d.]+)" cy="([\d.]+)".*?<title>(\w+):', html)
    assert [(kind, name) for kind, _, _, name in dots] == [("front", "much"), ("knee", "some"), ("front", "none")]
    across, down = [float(one[1]) for one in dots], [float(one[2]) for one in dots]
    assert across == sorted(across)
    assert down == sorted(down, reverse=True)
    assert "odd &lt;b&gt;" in html and "words &lt;i&gt;" in html
    assert not re.search(r"https?://|<script|src=|@import", html)
    assert html == page(result(), "words <i>")


def test_a_single_candidate_has_a_page_too() -> None:
    assert 'class="knee"' in page(Result([trained("one", 4.0, 2.0, 0.5)], {}, 8192, "f"), "one")


def test_ticks_are_round_and_inside() -> None:
    ticks = Scale(2.73, 4.19, 0, 146).ticks()
    assert ticks == [("3.0", 27.0), ("3.5", 77.0), ("4.0", 127.0)]
