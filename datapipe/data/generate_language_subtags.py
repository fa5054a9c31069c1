"""Write `language_subtags.csv`: language codes and the shortest BCP 47 subtag of the same language, where that differs.

    pip install langcodes==3.5.1
    python datapipe/data/generate_language_subtags.py

`langcodes` carries the language aliases of the Unicode CLDR: ISO 639-2 and 639-3 codes (`eng`, `ger`), codes out of
use (`iw`), and the chief languages of macrolanguages, which go by the shorter name of the whole (`cmn`: `zh`).
"""

import csv
from pathlib import Path

from langcodes.data_dicts import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    LANGUAGE_REPLACEMENTS,
    NORMALIZED_MACROLANGUAGES,
)

OURS = {
    "hbs": "sh",  # CLDR: sr. A model that says Serbo-Croatian has not decided between hr, sr and bs.
    "sh": "sh",
    "nb": "no",  # CLDR: nb. Bokmal is what lid.176 and most corpora call Norwegian; Nynorsk stays nn.
    "nob": "no",
}


def subtag(code: str) -> str:
    """The shortest subtag of the language that `code` names."""
    if code in OURS:
        return OURS[code]
    language = LANGUAGE_REPLACEMENTS.get(code, code).partition("-")[0]
    whole = NORMALIZED_MACROLANGUAGES.get(language, language)
    return str(min(language, whole, key=len))


def main() -> None:
    """Write the file beside this one."""
    codes = sorted({*LANGUAGE_REPLACEMENTS, *NORMALIZED_MACROLANGUAGES, *OURS})
    rows = [(code, subtag(code)) for code in codes if code.isalpha() and len(code) <= 3 and subtag(code) != code]
    with Path(__file__).with_name("language_subtags.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("code", "subtag"), *rows])


if __name__ == "__main__":
    main()
