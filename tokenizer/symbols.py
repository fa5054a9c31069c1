"""Which strings are always a token of their own, and the ids that stand in front of a vocabulary."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from datapipe.fingerprints import digest
from tokenizer.recipe import Symbols, Train

if TYPE_CHECKING:
    from tokenizer.kernels.character_kinds import Cuts

UNKNOWN, PADDING, BEGIN, END = "<unk>", "<pad>", "<s>", "</s>"
"""Ids 0 to 3. Nemotron's begin and end are 2 and 3 too (`NemotronConfig` of transformers)."""
BYTES = 256
"""Pieces `<0x00>` to `<0xFF>` for what has none of its own."""
LIBRARY_DIGITS = frozenset(chr(zero + digit) for zero in (0x30, 0xFF10) for digit in range(10))
"""The digits that SentencePiece itself keeps apart: ASCII and full-width."""


def user_symbols(symbols: Symbols) -> tuple[str, ...]:
    """All strings that are user-defined symbols of the vocabulary, in the order of their ids.

    With `every_script` they end in all digits but 0 to 9, from our table of Unicode, never that of the interpreter.
    Full-width digits, which the library keeps apart by itself, are there too: rare ones would have no piece.
    """
    from datapipe.kernels.unicode_classes import NUMBER_DIGITS

    if symbols.split_digits != "every_script":
        return symbols.user_defined
    digits = [chr(code) for code in NUMBER_DIGITS.tolist() if not chr(code).isascii()]
    return tuple(dict.fromkeys([*symbols.user_defined, *digits]))


def cuts_of(symbols: Symbols) -> "Cuts":
    """Where text is cut into fragments that no piece can reach across, as kernels read it."""
    from tokenizer.kernels.character_kinds import cuts_at

    digits = frozenset[str]() if symbols.split_digits == "none" else LIBRARY_DIGITS
    return cuts_at(user_symbols(symbols), digits)


def cuts_fingerprint(symbols: Symbols) -> str:
    """Digest of what decides where text is cut: all symbols, digits, and the table of scripts."""
    from tokenizer.kernels.script_data import SCRIPTS

    return digest([sorted(user_symbols(symbols)), symbols.split_digits != "none", SCRIPTS])


def control_symbols(train: Train) -> tuple[str, ...]:
    """The control symbols behind the first four ids, in order."""
    return (*train.fim, *(f"<reserved_{number}>" for number in range(train.reserved)))


def fixed_pieces(symbols: Symbols, train: Train) -> Sequence[str]:
    """All pieces that do not depend on data, in the order of their ids: specials, controls, user symbols, bytes."""
    bytes_ = (f"<0x{byte:02X}>" for byte in range(BYTES))
    return [UNKNOWN, PADDING, BEGIN, END, *control_symbols(train), *user_symbols(symbols), *bytes_]
