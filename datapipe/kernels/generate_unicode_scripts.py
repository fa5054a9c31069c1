"""Write `unicode_scripts.py` from two packages that carry the Unicode Character Database, never from the interpreter.

    pip install unicodedata2==18.0.0 fonttools==4.68.0 regex==2026.11.15
    python -m datapipe.kernels.generate_unicode_scripts

Letters are those of `unicodedata2`, their scripts those of `fontTools`; a letter without a script means that the two
are of different Unicode versions.
"""

from pathlib import Path

import unicodedata2  # type: ignore[import-not-found,import-untyped,unused-ignore]
from fontTools.unicodedata import script  # type: ignore[import-not-found,import-untyped,unused-ignore]

from datapipe.kernels.generate_unicode_classes import HEADER, ranges, table

SHARED = ("Zyyy", "Zinh")
"""Common and Inherited: letters such as U+02BC or U+30FC that tell no script."""


def script_of_letter(character: str) -> str:
    """ISO 15924 code of a letter; nothing for what is not a letter or is shared by scripts."""
    if not unicodedata2.category(character).startswith("L"):
        return ""
    code: str = script(character)
    if code == "Zzzz":
        raise SystemExit(f"fontTools and unicodedata2 are of different Unicode versions: U+{ord(character):04X}")
    return "" if code in SHARED else code


def main() -> None:
    """Write the file beside this one."""
    header = HEADER.replace("{version}", unicodedata2.unidata_version).rstrip("\n")
    lines = [
        header.replace("about every code point", "about the script of letters").replace("classes", "scripts"),
        *table("SCRIPTS", "ISO 15924 code of every letter that belongs to one script.", ranges(script_of_letter)),
    ]
    Path(__file__).with_name("unicode_scripts.py").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
