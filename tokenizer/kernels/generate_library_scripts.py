"""Write `library_scripts.py`: the script that SentencePiece itself has for every code point, from its own sources.

    pip download sentencepiece==0.2.3 --no-binary :all: --no-deps
    tar xzf sentencepiece-0.2.3.tar.gz
    python -m tokenizer.kernels.generate_library_scripts sentencepiece-0.2.3/sentencepiece/src/unicode_script_map.h

`script_data.py` holds where the library and the Unicode standard agree, which is what cuts need; here stands what the
library believes, right or not, which is what its trainer does.
"""

import re
import sys
from pathlib import Path

from datapipe.kernels.generate_unicode_classes import table

ENTRY = re.compile(
    r"for \(char32_t c = 0x(?P<first>\w+); c <= 0x(?P<last>\w+); \+\+c\)\s+\(\*smap\)\[c\] = U_(?P<run>\w+);"
    r"|\(\*smap\)\[0x(?P<one>\w+)\] =\s+U_(?P<name>\w+);"
)
HEADER = '''"""The script of every code point in SentencePiece 0.2.3, written by `generate_library_scripts.py`.

Ranges are `first-last`, in hexadecimal, `first` alone for one code point. What is not named is Common. Copyright of
the data: Unicode, Inc. (https://www.unicode.org/terms_of_use.html).
"""'''


def scripts_of(header: str) -> dict[int, str]:
    """Code point -> name of its script, for those that are not Common; the last entry counts, as it does there."""
    found: dict[int, str] = {}
    entries = list(ENTRY.finditer(header))
    if len(entries) != header.count("= U_") + header.count("=\n"):
        raise SystemExit("the table is not written as expected")
    for entry in entries:
        first, last = entry["first"] or entry["one"], entry["last"] or entry["one"]
        found.update(dict.fromkeys(range(int(first, 16), int(last, 16) + 1), entry["run"] or entry["name"]))
    return {code: name for code, name in found.items() if name != "Common"}


def runs(scripts: dict[int, str]) -> list[tuple[int, int, str]]:
    """First and last code point and name of each run of neighbours of one script, rising."""
    found: list[tuple[int, int, str]] = []
    for code in sorted(scripts):
        if found and found[-1][1] == code - 1 and found[-1][2] == scripts[code]:
            found[-1] = (found[-1][0], code, scripts[code])
        else:
            found.append((code, code, scripts[code]))
    return found


def main() -> None:
    """Write the file beside this one."""
    found = iter(runs(scripts_of(Path(sys.argv[1]).read_text())))
    lines = [HEADER, *table("SCRIPTS", "Name of the script as the library writes it.", found)]
    Path(__file__).with_name("library_scripts.py").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
