"""Large languages are sampled by a hash of ids, where fragments grow in number with the text; all else is counted."""

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.tokenizer.counted_texts import CountedTexts, rows_of
from tokenizer.counting import passes
from tokenizer.counting.passes import Scale
from tokenizer.counting.sampling import Sampling, sampling_of

LONG = "a" * 70


def text(chance: random.Random) -> str:
    """A text of Chinese, English and a long word: " " goes with what follows it."""
    return " ".join(chance.choice(["水车", "磨坊", "mill", "wheat", LONG]) for _ in range(20))


def corpus(folder: Path) -> CountedTexts:
    """Much text without a language, half of which is in another unit too, some Chinese, little English."""
    chance = random.Random(1)
    found = CountedTexts(folder)
    found.write("web", [text(chance) for _ in range(400)], None)
    found.write("web", [text(chance) for _ in range(300)], "zh")
    found.write("books", [text(chance) for _ in range(300)], None)
    found.write("books", [text(chance) for _ in range(20)], "en")
    return found


def test_languages_above_the_limit_have_a_rate() -> None:
    assert sampling_of({"zh": 400, "en": 100, "": 101}, 100) == Sampling({"": 100 / 101, "zh": 0.25})


def test_no_text_is_measured_where_all_of_it_is_below_the_limit(tmp_path: Path) -> None:
    counts = corpus(tmp_path).count()
    assert counts.sampled == {}
    assert not (tmp_path / "counted" / "receipts" / "measure").exists()


def test_counts_divided_by_their_rates_come_near_the_corpus(tmp_path: Path) -> None:
    found = corpus(tmp_path)
    counts = found.count("count.max_bytes=60000")
    assert list(counts.sampled) == ["", "zh"]
    exact, estimated = Counter[str](), Counter[str]()
    for (fragment, *_), n in found.plain().items():
        exact[fragment] += n
    for (fragment, _, _, rate), n in rows_of(counts).items():
        assert rate == 1 or is_sampled(fragment)
        estimated[fragment] += n / rate
    often = {fragment: n for fragment, n in exact.items() if n > 1_000}
    assert {is_sampled(fragment) for fragment in often} == {True, False}
    for fragment, n in often.items():
        assert estimated[fragment] == (pytest.approx(n, rel=0.15) if is_sampled(fragment) else n)


def is_sampled(fragment: str) -> bool:
    return not fragment.isascii() or len(fragment) > 64


def test_the_same_documents_are_drawn_however_the_work_is_divided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = corpus(tmp_path)
    settings = "count.max_bytes=30000"
    whole = rows_of(found.count(settings))
    monkeypatch.setattr(passes, "SCALE", Scale(group_bytes=1))
    assert rows_of(found.count(settings)) == whole
    assert rows_of(found.count("count.max_bytes=29000")) != whole
    assert rows_of(found.count()) == found.plain()
