"""The quick check sends to normalisation what needs it, and no text of plain letters."""

import numpy as np
import unicodedata2

from datapipe.kernels import normalization_data, unicode_data
from datapipe.kernels.normalization import character_kinds, clean


def may_change(*texts: str) -> list[bool]:
    parts = [text.encode() for text in texts]
    offsets = np.cumsum([0, *map(len, parts)], dtype=np.int64)
    data = np.frombuffer(b"".join(parts), np.uint8)
    found: list[bool] = clean(offsets, data, character_kinds(()), True, 2)[2].tolist()
    return found


def test_all_tables_and_the_normalizer_are_of_one_unicode_version() -> None:
    assert normalization_data.UNICODE_VERSION == unicode_data.UNICODE_VERSION == unicodedata2.unidata_version


def test_no_code_point_that_changes_passes_the_quick_check() -> None:
    texts = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    passed = [text for text, found in zip(texts, may_change(*texts), strict=True) if not found]
    assert len(passed) > 1_100_000
    assert unicodedata2.normalize("NFC", " ".join(passed)) == " ".join(passed)


def test_marks_in_their_order_pass_and_out_of_order_do_not() -> None:
    # Neither is a possible second half of a letter: U+0321 is of class 202, U+0316 of class 220.
    assert may_change("a\u0321\u0316", "a\u0316\u0321", "a\u0316 \u0321") == [False, True, False]


def test_prose_in_composed_letters_passes() -> None:
    assert may_change("Größe, naïve, Źródło, việc", "Привет", "한국어", "日本語が", "ไทยที่นี่", "हिन्दी") == [False] * 6
