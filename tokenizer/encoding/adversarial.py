"""Texts on which tokenizers and their conversions go wrong: what no held-out sample is sure to have."""

import hashlib
import unicodedata
from collections.abc import Iterator
from itertools import islice

from tokenizer.model_file import SPACE, Model
from tokenizer.symbols import BYTES

PIECES_AT_ONCE = 500
"""Pieces in a row: a text of a few kB."""
EVERY = 16
"""Of the planes above the first, one code point in so many is tried: what has no piece is told by its bytes alone."""
LONG = 70_000
"""Characters of a word without an end: above 65,535, where SentencePiece 0.2.1 ended the process."""

HARD = (
    "",
    " a", "a ", "  a  b  ", "\ta", "a\t\tb ", " \t \n ", "a\n", "\n\n\na", "a\r\nb\r\n", "\r", "a\x0bb\x0cc",
    "\x00", "a\x00b", "\ufeffa", "a\u200bb", "a\u00a0b", "\u3000a\u3000", "a\u2028b\u2029c\x85d", "\x7f\x80\x9f",
    "e\u0301\u0301", "\u0301", unicodedata.normalize("NFD", "Tiếng Việt"), "\u202eabc\u202c", "אבג abc דהו",
    "👩\u200d👩\u200d👧\u200d👦", "🏳️\u200d🌈", "👍🏽", "🇩🇪🇫🇷", "ﷺ", "ﬁ", "Ａ１", "½²①",
    "\ufffd", "\ufffe", "\U0010ffff", "\ue000",
    SPACE, f"a{SPACE}b", f"{SPACE} {SPACE}", f"a {SPACE}", f"{SPACE * 3} a", f" {SPACE}a{SPACE} ",
    "<", "<0x", "<0x4", "<0x41", "<0x41>", "<0xZZ>", "<0x0A>\n", "<s", "s>", "</", "<unk", "⁇", " ⁇ ",
)  # fmt: skip
"""Spaces of every kind, marks, directions, private and last code points, U+2581, and spellings of pieces."""


def adversarial_texts(model: Model) -> Iterator[str]:
    """Hard texts for any tokenizer, and what is made of the pieces of this one; always the same."""
    yield from HARD
    yield from (
        f"{before}{' ' * count}{after}" for count in range(1, 70) for before in ("", "a") for after in ("", "b")
    )
    yield from _digits()
    yield from _characters()
    yield from _bytes()
    yield from _long_words()
    yield from _symbols(model)
    yield from _pieces(model)


def _digits() -> Iterator[str]:
    """Numbers of every script, alone, among letters, and mixed."""
    from datapipe.kernels.unicode_classes import NUMBER_DIGITS

    digits = [chr(code) for code in NUMBER_DIGITS.tolist()]
    for start in range(0, len(digits), 10):
        ten = "".join(digits[start : start + 10])
        yield from (ten, f"a{ten}b", f" {ten[1:4]},{ten[4:]} {ten[0]} 12{ten[:2]}")


def _characters() -> Iterator[str]:
    """Code points of all planes, surrogates apart."""
    codes = [*range(0xD800), *range(0xE000, 0x10000), *range(0x10000, 0x110000, EVERY)]
    for start in range(0, len(codes), PIECES_AT_ONCE):
        yield "".join(map(chr, codes[start : start + PIECES_AT_ONCE]))


def _bytes() -> Iterator[str]:
    """What is made of bytes that are no UTF-8."""
    for byte in range(BYTES):
        yield bytes([0x61, byte, byte, 0xE4, byte, 0x62]).decode(errors="replace")
    yield hashlib.shake_128(b"bytes").digest(4096).decode(errors="replace")


def _long_words() -> Iterator[str]:
    for unit in ("a", "ab", "北京", "ー", "ก", "-", "=", "\n", "e\u0301", "😀", "0"):
        yield unit * (LONG // len(unit))
    hexadecimal = hashlib.shake_128(b"word").hexdigest(LONG // 2)
    yield hexadecimal
    yield hexadecimal.translate(str.maketrans("0123456789abcdef", "acgtacgtacgtacgt"))


def _symbols(model: Model) -> Iterator[str]:
    """Spellings of everything that is more than a piece of text, where it could be taken for it."""
    for piece in model.pieces:
        if piece.kind in ("control", "unknown", "byte", "user_defined"):
            text = piece.text
            yield from (text, text * 3, f"a{text}b", f" {text} {text}", text[:-1], text[1:], f"{text}{text[:1]}")


def _pieces(model: Model) -> Iterator[str]:
    """All normal pieces, each beside the next, behind itself, and on a line of its own."""
    texts = (piece.text.replace(SPACE, " ") for piece in model.pieces if piece.kind == "normal")
    while some := list(islice(texts, PIECES_AT_ONCE)):
        yield from ("".join(some), "".join(text * 2 for text in some), "\n".join(some), "".join(reversed(some)))
