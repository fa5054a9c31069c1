"""Write `base_data.py` from a package that carries the Unicode Character Database, never from the interpreter.

pip install unicodedata2==18.0.0
python datapipe/kernels/generate_base_data.py
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from textwrap import fill

import unicodedata2  # type: ignore[import-not-found,import-untyped,unused-ignore]

HEADER = '''"""Characters that are another one with marks, by Unicode {version}, written by `generate_base_data.py`.

Items are `first-last:base`, in hexadecimal, `first` alone for one: the character before the marks of their canonical
decomposition (normal form D). Copyright of the data: Unicode, Inc. (https://www.unicode.org/terms_of_use.html).
"""

BASES = """
{items}
"""
'''


def bases() -> Iterator[tuple[int, int]]:
    """Code points with marks in them, and what they are without."""
    for code in range(0x110000):
        base, *rest = unicodedata2.normalize("NFD", chr(code))
        if rest and {unicodedata2.category(one)[0] for one in rest} == {"M"} and not _is_mark(base):
            yield code, ord(base)


def _is_mark(character: str) -> bool:
    return str(unicodedata2.category(character)).startswith("M")


def main() -> None:
    """Write the file beside this one."""
    items = []
    numbered = enumerate(bases())
    for (_, base), group in groupby(numbered, lambda one: (one[1][0] - one[0], one[1][1])):
        codes = [code for _, (code, _) in group]
        place = f"{codes[0]:X}" if len(codes) == 1 else f"{codes[0]:X}-{codes[-1]:X}"
        items.append(f"{place}:{base:X}")
    text = fill(" ".join(items), 118, break_on_hyphens=False)
    target = Path(__file__).with_name("base_data.py")
    target.write_text(HEADER.format(version=unicodedata2.unidata_version, items=text))


if __name__ == "__main__":
    main()
