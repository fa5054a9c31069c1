"""Runs of encoded data are those that the published patterns match."""

import re

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from datapipe.kernels.encoded_runs import encoded_runs

PATTERNS = (
    r"[a-zA-Z0-9+/\n=]{64,}",
    r"(?:\b(?:0x|\\x)?[0-9a-fA-F]{2}(?:,|\b\s*)){8,}",
    r"(?:\\u[0-9a-fA-F]{4}){8,}",
)


def runs(*texts: str) -> list[list[int]]:
    """Longest run and characters in runs, of each text as a document among others."""
    parts = [text.encode() for text in texts]
    offsets = np.cumsum([0, *map(len, parts)], dtype=np.int64)
    found: list[list[int]] = encoded_runs(offsets, np.frombuffer(b"".join(parts), np.uint8)).tolist()
    return found


def expected(text: str) -> list[int]:
    """The same by the patterns themselves, over the bytes of the text."""
    matches = [match for pattern in PATTERNS for match in re.finditer(pattern.encode(), text.encode())]
    covered = {place for match in matches for place in range(*match.span())}
    return [max((match.end() - match.start() for match in matches), default=0), len(covered)]


def test_base64_counts_from_64_characters_on() -> None:
    assert runs("A" * 63, "A" * 64, "(" + "aB3+/\n=0" * 9 + ")") == [[0, 0], [64, 64], [72, 72]]


def test_hexadecimal_bytes_count_from_8_on() -> None:
    assert runs("0x41,0x42,0x43,0x44,0x45,0x46,0x47;") == [[0, 0]]
    # Eight elements of five characters, the last without a comma.
    assert runs("0x41,0x42,0x43,0x44,0x45,0x46,0x47,0x48;") == [[39, 39]]
    assert runs("de ad be ef de ad be ef") == [[23, 23]]


def test_a_comma_with_a_space_ends_a_hexadecimal_run_as_in_the_published_pattern() -> None:
    assert runs("0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49") == [[0, 0]]


def test_the_first_escaped_byte_behind_a_quotation_mark_is_not_seen_as_in_the_published_pattern() -> None:
    assert runs('"' + r"\x41" * 8 + '"', '"' + r"\x41" * 9 + '"') == [[0, 0], [32, 32]]


def test_unicode_escapes_count_from_8_on() -> None:
    assert runs(r"\u00e9" * 7, r"\u00e9" * 8) == [[0, 0], [48, 48]]


def test_characters_in_runs_of_two_kinds_count_once() -> None:
    # One pair per line: a hexadecimal run of 3 x 30 characters which is a base64 run as well.
    assert runs("41\n" * 30) == [[90, 90]]
    assert runs("A" * 64 + " " + "B" * 70) == [[70, 134]]


def test_runs_do_not_reach_into_the_next_document() -> None:
    assert runs("A" * 40, "A" * 40, "0x41,", "0x42,0x43,0x44,0x45,0x46,0x47,0x48") == [[0, 0]] * 4


PIECES = st.sampled_from(
    ["41", "4", "g", "0x", r"\x", r"\u", "00e9", ",", " ", "\n", "_", "é", '"', "A" * 30, "+/=", "41," * 7, "41 " * 8]
)


@given(st.lists(PIECES, max_size=40).map("".join) | st.text())
@example("0x0x41,41,41,41,41,41,41,41,")
@example("4141" + ",41" * 9)
def test_equals_the_patterns(text: str) -> None:
    assert runs(text) == [expected(text)]
