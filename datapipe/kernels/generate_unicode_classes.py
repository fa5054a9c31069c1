"""Write `unicode_data.py` from two packages that carry the Unicode Character Database, never from the interpreter.

    pip install unicodedata2==18.0.0 regex==2026.11.15
    python datapipe/kernels/generate_unicode_classes.py

The categories come from `unicodedata2`, scripts and sentence ends from `regex`; both must be of one Unicode
version, which is checked by comparing every category.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import regex  # type: ignore[import-not-found,import-untyped,unused-ignore]
import unicodedata2  # type: ignore[import-not-found,import-untyped,unused-ignore]

CODE_POINTS = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
UNSPACED_SCRIPTS = ("Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar", "Tibetan")

HEADER = '''"""Facts of Unicode {version} about every code point, written by `generate_unicode_classes.py`.

Ranges are `first-last`, in hexadecimal, `first` alone for one code point. Copyright of the data: Unicode, Inc.
(https://www.unicode.org/terms_of_use.html).
"""

UNICODE_VERSION = "{version}"
'''


def ranges(value_of: Callable[[str], str]) -> Iterator[tuple[int, int, str]]:
    """Runs (first, last, value) of neighbouring code points with one value; the empty value is left out."""
    first, last, value = 0, -1, ""
    for character in CODE_POINTS:
        code, new = ord(character), value_of(character)
        if new != value or code != last + 1:
            if value:
                yield first, last, value
            first, value = code, new
        last = code
    if value:
        yield first, last, value


def category(character: str) -> str:
    """General category; nothing for an unassigned code point."""
    found: str = unicodedata2.category(character)
    if not regex.match(rf"\p{{gc={found}}}", character):
        raise SystemExit(f"regex and unicodedata2 are of different Unicode versions: U+{ord(character):04X}")
    return "" if found == "Cn" else found


def member(pattern: str) -> Callable[[str], str]:
    """A function that gives "x" for the code points that match."""
    compiled = regex.compile(pattern)
    return lambda character: "x" if compiled.match(character) else ""


def table(name: str, docstring: str, rows: Iterator[tuple[int, int, str]], with_value: bool = True) -> Iterator[str]:
    """Lines of the assignment of one table: its ranges, wrapped."""
    yield f'\n{name} = """'
    line = ""
    for first, last, value in rows:
        place = f"{first:X}" if first == last else f"{first:X}-{last:X}"
        item = f"{place}:{value}" if with_value else place
        if len(line) + len(item) >= 118:
            yield line
            line = ""
        line += f" {item}" if line else item
    yield f'{line}\n"""\n"""{docstring}"""'


def main() -> None:
    """Write the file beside this one."""
    scripts = "".join(rf"\p{{sc={script}}}" for script in UNSPACED_SCRIPTS)
    scripts += r"\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}"  # signs that these share, such as U+30FC; U+02BC not
    lines = [
        HEADER.replace("{version}", unicodedata2.unidata_version).rstrip("\n"),
        *table("CATEGORIES", "General category; code points in no range are unassigned.", ranges(category)),
        *table(
            "UNSPACED",
            f"Letters of scripts written without spaces: {', '.join(UNSPACED_SCRIPTS)}.",
            ranges(member(rf"(?V1)[[{scripts}]&&[\p{{L}}\p{{Nl}}]]")),
            with_value=False,
        ),
        *table("TERMINAL", "Property Sentence_Terminal.", ranges(member(r"\p{STerm}")), with_value=False),
        *table("WHITE_SPACE", "Property White_Space.", ranges(member(r"\p{White_Space}")), with_value=False),
    ]
    Path(__file__).with_name("unicode_data.py").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
