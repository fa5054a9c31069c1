"""Every figure of an evaluation, on texts and a vocabulary so small that it can be counted by hand."""

import math
from pathlib import Path

import pytest

from tests.tokenizer.hand_made import ENGLISH, LETTERS, MERGES, cell, hand_made, parallel, texts_of, tokenizer_json
from tokenizer.evaluation.measuring import Evaluation, measure
from tokenizer.evaluation.metrics import METRICS, Figure
from tokenizer.evaluation.parallel_text import ParallelText
from tokenizer.evaluation.texts import Cell


@pytest.fixture
def of(tmp_path: Path) -> "Measure":
    return Measure(tmp_path)


class Measure:
    """Evaluate the hand-made tokenizer, `changed` or not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self,
        *cells: Cell,
        changed: str | None = None,
        text: ParallelText = ENGLISH,
        weights: dict[tuple[str, str], float] | None = None,
    ) -> Evaluation:
        return measure([hand_made(self.folder, changed)], texts_of(*cells, weights=weights), text)


def figure(evaluation: Evaluation, metric: str, group: str = "all") -> Figure:
    return evaluation.tokenizers[0].figures[metric][group]


def test_all_metrics_are_measured_and_no_others(of: Measure) -> None:
    assert set(of(cell("ab")).tokenizers[0].figures) == set(METRICS)


def test_bytes_per_token_is_a_quotient_of_sums(of: Measure) -> None:
    evaluation = of(cell("ab ab c", "ab"))  # ab | ▁ab | ▁ | c, and ab: 9 bytes in 5 tokens
    assert figure(evaluation, "bytes_per_token") == Figure(9 / 5, 9)


def test_fertility_counts_all_tokens_against_words_between_white_space(of: Measure) -> None:
    assert figure(of(cell("ab ab c\n")), "fertility") == Figure(5 / 3, 3)


def test_in_scripts_without_spaces_every_letter_is_a_word(of: Measure) -> None:
    evaluation = of(cell("漢字", language="zh"))  # three bytes each
    assert figure(evaluation, "fertility", "zh") == Figure(6 / 2, 2)
    assert evaluation.amounts["zh"].letter_words == 2
    assert figure(evaluation, "continued_word_rate", "zh") == Figure(None, 0)


def test_words_are_encoded_behind_a_space_and_without_punctuation_at_their_ends(of: Measure) -> None:
    evaluation = of(cell("(ab) ab, c 12 --"))  # ▁ab whole, twice; ▁ c in two; no letter in the others
    assert figure(evaluation, "continued_word_rate") == Figure(1 / 3, 3)
    assert figure(evaluation, "whole_word_rate") == Figure(1 / 2, 2)


def test_distinct_words_of_two_units_are_counted_once(of: Measure) -> None:
    evaluation = of(cell("ab c"), cell("ab ba", unit="two"))
    assert figure(evaluation, "whole_word_rate") == Figure(1 / 3, 3)
    assert figure(evaluation, "whole_word_rate", "words/two") == Figure(1 / 2, 2)
    assert figure(evaluation, "continued_word_rate") == Figure(2 / 4, 4)


def test_bytes_are_told_as_tokens_and_as_characters(of: Measure) -> None:
    evaluation = of(cell("abé漢\x00"))  # ab, 2 bytes, 3 bytes, 1 byte
    assert figure(evaluation, "byte_token_rate") == Figure(6 / 7, 7)
    assert figure(evaluation, "byte_character_rate") == Figure(3 / 5, 5)
    assert figure(evaluation, "unknown_rate") == Figure(0, 7)


def test_without_byte_pieces_there_are_unknown_tokens_and_no_byte_rate(of: Measure) -> None:
    pieces = {piece: number for number, piece in enumerate(["<unk>", *LETTERS, "ab"])}
    model = {"byte_fallback": False, "vocab": pieces, "merges": [["a", "b"]], "fuse_unk": False}
    evaluation = of(cell("abxy"), changed=tokenizer_json(model=model))
    assert figure(evaluation, "unknown_rate") == Figure(2 / 3, 3)
    assert figure(evaluation, "parallel_unknown_rate") == Figure(0, 1)
    assert evaluation.tokenizers[0].loses_text
    assert figure(evaluation, "byte_token_rate") == Figure(None, 3)
    assert figure(evaluation, "round_trip_rate") == Figure(0, 1)


def test_renyi_efficiency_follows_its_formula(of: Measure) -> None:
    size = 1 + 256 + len(LETTERS) + len(MERGES)
    entropy = math.log((1 / 2) ** 2.5 + 2 * (1 / 4) ** 2.5) / (1 - 2.5)
    assert figure(of(cell("cc12")), "renyi_efficiency").value == pytest.approx(entropy / math.log(size))


def test_a_document_that_does_not_come_back_is_told_with_its_place(of: Measure) -> None:
    lower = tokenizer_json(normalizer={"type": "Lowercase"}, decoder=None)  # pieces are joined by spaces
    evaluation = of(cell("c", "cA", "1"), changed=lower)
    assert figure(evaluation, "round_trip_rate") == Figure(2 / 3, 3)
    assert evaluation.tokenizers[0].not_given_back == (("words/one", "character 1: 'cA' came back as 'c a'"),)


def test_the_blend_weighs_units_by_their_share_of_training_tokens(of: Measure) -> None:
    weights = {("words", "one"): 0.6, ("words", "two"): 0.2, ("words", "gone"): 0.2}
    evaluation = of(cell("abab"), cell("c", unit="two"), weights=weights)  # 2 bytes per token, and 1
    assert figure(evaluation, "bytes_per_token_blend") == Figure(pytest.approx((0.6 * 2 + 0.2 * 1) / 0.8), 2)
    assert evaluation.covered_weight == pytest.approx(0.8)


def test_without_a_mixture_there_is_no_blend(of: Measure) -> None:
    assert figure(of(cell("ab")), "bytes_per_token_blend") == Figure(None, 0)


def test_groups_are_all_domains_units_and_languages(of: Measure) -> None:
    cells = (cell("ab", language="en"), cell("c", unit="two", language="de"), cell("c", domain="en", unit="two"))
    evaluation = of(*cells)
    assert [(group.kind, group.name) for group in evaluation.groups] == [
        ("all", "all"),
        ("domain", "en"),
        ("domain", "words"),
        ("unit", "en/two"),
        ("unit", "words/one"),
        ("unit", "words/two"),
        ("language", "de"),
        ("language", "language:en"),
    ]
    assert figure(evaluation, "bytes_per_token", "language:en") == Figure(2, 2)
    assert figure(evaluation, "bytes_per_token", "en") == Figure(1, 1)


@pytest.mark.parametrize("texts", [(), ("",)])
def test_a_unit_without_text_has_nothing_to_measure(of: Measure, texts: tuple[str, ...]) -> None:
    evaluation = of(cell("ab"), cell(*texts, unit="empty"))
    for metric in ("bytes_per_token", "fertility", "whole_word_rate", "renyi_efficiency", "unknown_rate"):
        assert figure(evaluation, metric, "words/empty") == Figure(None, 0)
    assert figure(evaluation, "bytes_per_token") == Figure(2, 2)


def test_without_any_text_the_vocabulary_and_parallel_text_remain(of: Measure) -> None:
    evaluation = of()
    assert figure(evaluation, "bytes_per_token") == Figure(None, 0)
    assert figure(evaluation, "parity", "en") == Figure(1, 1)
    assert figure(evaluation, "encode_mb_per_s").n == 2


def test_parity_compares_the_texts_that_both_have(of: Measure) -> None:
    text = ParallelText(
        ("by hand",),
        {"en": {"1": "ab", "2": "c"}, "de": {"1": "cc", "3": "not in English"}, "zh": {"1": "漢", "2": "字"}},
        dict.fromkeys(("en", "de", "zh"), ""),
    )
    evaluation = of(cell("ab"), text=text)
    assert figure(evaluation, "parity", "en") == Figure(1, 2)
    assert figure(evaluation, "parity", "de") == Figure(2, 1)
    assert figure(evaluation, "parity", "zh") == Figure(6 / 2, 2)
    assert figure(evaluation, "parity_worst") == Figure(3, 2)
    assert figure(evaluation, "parity_median") == Figure(2.5, 2)
    assert figure(evaluation, "parity_gini") == Figure(pytest.approx((1 + 2 + 1) * 2 / (2 * 3 * (1 + 2 + 3))), 3)


def test_english_alone_has_no_worst_language(of: Measure) -> None:
    evaluation = of(cell("ab"))
    assert figure(evaluation, "parity_worst") == figure(evaluation, "parity_median") == Figure(None, 0)


def test_pieces_used_are_counted_over_texts_and_parallel_text(of: Measure) -> None:
    evaluation = of(cell("ab ab" + "c" * 10), text=parallel(en="12"))
    possible = 256 + len(LETTERS) + len(MERGES)
    assert figure(evaluation, "vocabulary_used") == Figure(5 / possible, 14)  # ab, ▁ab, c, 1, 2
    assert figure(evaluation, "vocabulary_rare") == Figure((possible - 1) / possible, 14)  # only c is there ten times


def test_indentation_is_what_its_tokens_cost(of: Measure) -> None:
    code = cell("ab\n  ab\n\t\n   c\n", is_code=True)  # ▁ ▁ab against ab: 1; the tab, a byte, and no line: 1; ▁▁▁c: 3
    evaluation = of(code, cell("  ab", unit="prose"))
    assert figure(evaluation, "indentation_tokens_per_line") == Figure(5 / 2, 2)
    assert figure(evaluation, "indentation_tokens_per_line", "words/prose") == Figure(None, 0)


def test_identifiers_are_counted_in_code_only(of: Measure) -> None:
    evaluation = of(cell("ab(ab, a_b) 1ab x", is_code=True), cell("ab", unit="prose"))  # ▁ab twice; ▁ a <byte> b
    assert figure(evaluation, "tokens_per_identifier") == Figure((1 + 1 + 4) / 3, 3)
    assert figure(evaluation, "whole_identifier_rate") == Figure(1 / 2, 2)
    assert figure(evaluation, "tokens_per_identifier", "words/prose") == Figure(None, 0)
