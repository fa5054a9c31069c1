"""Write `case_data.py` from a package that carries the Unicode Character Database, never from the interpreter.

    pip install unicodedata2==18.0.0 regex==2026.11.15
    python datapipe/kernels/generate_case_data.py

Two characters are one when `regex` finds the one looking for the other without regard to case, which is the simple
case folding of Unicode; of those the lower-case letter with the lowest number stands for all. The Turkic I with a dot
and i without one stay what they are.
"""

from collections.abc import Iterator
from pathlib import Path

import regex  # type: ignore[import-not-found,import-untyped,unused-ignore]
import unicodedata2  # type: ignore[import-not-found,import-untyped,unused-ignore]

HEADER = '''"""Simple case folding of Unicode {version}, written by `generate_case_data.py`.

Items are `letter:folded`, in hexadecimal; letters in no item stay as they are. Copyright of the data: Unicode, Inc.
(https://www.unicode.org/terms_of_use.html).
"""

FOLDED = """
{items}
"""
'''
TURKIC = "\u0130\u0131"
CASED = regex.compile(r"\p{Changes_When_Casemapped}")


def classes() -> Iterator[str]:
    """Characters that differ in case only, each class once."""
    cased = "".join(filter(CASED.match, (chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)))
    seen = set(TURKIC)
    for letter in cased:
        if letter not in seen:
            found = [one for one in regex.findall(f"(?V0i){regex.escape(letter)}", cased) if one not in TURKIC]
            seen.update(found)
            yield "".join(found)


def main() -> None:
    """Write the file beside this one."""
    pairs = []
    for letters in classes():
        lower = next((one for one in letters if unicodedata2.category(one) == "Ll"), letters[-1])
        pairs += [(ord(one), ord(lower)) for one in letters if one != lower]
    lines, line = [], ""
    for letter, folded in sorted(pairs):
        item = f"{letter:X}:{folded:X}"
        if len(line) + len(item) >= 118:
            lines.append(line)
            line = ""
        line += f" {item}" if line else item
    text = HEADER.format(version=unicodedata2.unidata_version, items="\n".join([*lines, line]))
    Path(__file__).with_name("case_data.py").write_text(text)


if __name__ == "__main__":
    main()
