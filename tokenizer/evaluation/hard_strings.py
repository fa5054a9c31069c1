"""Strings that tokenizers lose or bend, and which of them one gives back."""

from dataclasses import dataclass

import pyarrow as pa

from tokenizer.evaluation.tokenizers import Tokenizer

LOSSY = "U+2581"
"""The one that no SentencePiece model can give back."""
STRINGS = {
    "empty": "",
    "one space": " ",
    "spaces only": "      ",
    "leading spaces": "   three before",
    "trailing spaces": "three behind   ",
    "spaces within": "a  b   c    d",
    "tabs": "\tone\t\ttwo\t",
    "line feeds": "\n\na\n\n\nb\n",
    "carriage returns": "a\rb\r\rc\r",
    "CRLF": "a\r\nb\r\n\r\n",
    "spaces around line feeds": "a \n b \n",
    "indented code": "def f(x):\n    if x:\n\treturn  x  # y\n\n",
    "NUL": "a\x00b\x00",
    "control characters": "\x01\x07\x08\x0b\x0c\x1b[31m\x7f\x85\x9f",
    "byte order mark": "\ufeffa\ufeff",
    "combining marks (NFD)": "e\u0301 o\u0308 A\u030a",
    "marks without a letter": "\u0301\u0308 \u20dd",
    "ligatures and full width": "ﬁ ｆｕｌｌ ① ² ™ Å Ω",
    "zero width space": "a\u200bb",
    "joiners": "क्\u200dष می\u200cخواهم",
    "soft hyphen": "a\u00adb",
    "no-break space": "a\u00a0b\u202fc",
    "ideographic space": "漢\u3000字",
    "line and paragraph separator": "a\u2028b\u2029c",
    "direction marks": "\u200fאבג\u200e abc \u202eabc\u202c",
    "right to left": "שלום עולם, مرحبا بالعالم 123",
    "emoji": "😀👍🏽👩‍👩‍👧‍👦🏳️‍🌈🇩🇪",
    "Hangul syllables and jamo": "한국어 \u1112\u1161\u11ab",
    "without spaces": "日本語のテキスト、中文文本。ภาษาไทย",
    "Han beyond the first plane": "𠮷𪚥𰻞",
    "old scripts": "𐎀𒀀𓀀𐌰",
    "mathematical letters": "𝒜𝔅𝟙𝟚",
    "private use": "\ue000\U000f0000\U0010fffd",
    "noncharacters": "\ufffe\uffff\U0010ffff",
    "replacement character": "a\ufffdb",
    "digits of many scripts": "0123 ٠١٢٣ ०१२३ ๐๑๒๓ ０１２３",
    "names of pieces": "<unk> <s></s> <pad> <0x0A> <|endoftext|> [UNK] ##a",
    "one long word": "pneumonoultramicroscopic" * 20,
    LOSSY: "a\u2581b \u2581 c",
}
"""Name -> string."""


@dataclass(frozen=True)
class HardStrings:
    """What came of them."""

    tried: int
    """U+2581 not counted."""
    failed: dict[str, str]
    """Name -> what came back, U+2581 included."""

    @property
    def given_back(self) -> int:
        """Of those tried."""
        return self.tried - len(self.failed.keys() - {LOSSY})


def try_hard_strings(tokenizer: Tokenizer) -> HardStrings:
    """Encode and decode each."""
    texts = list(STRINGS.values())
    backs = tokenizer.decode(tokenizer.encode(pa.array(texts, pa.large_string())).rows())
    pairs = zip(STRINGS.items(), backs, strict=True)
    return HardStrings(len(STRINGS) - 1, {name: back for (name, text), back in pairs if back != text})
