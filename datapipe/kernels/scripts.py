"""The script a text is written in: the one most of its letters belong to."""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.unicode_classes import decode
from datapipe.kernels.unicode_scripts import SCRIPTS

JAPANESE = {"Hira": "Jpan", "Kana": "Jpan"}
"""Both kana are one script here: only Japanese is written with them."""


def _read_scripts() -> tuple[tuple[str, ...], npt.NDArray[np.uint8]]:
    """ISO 15924 codes in order of the alphabet, after "" for none, and the place in them of every code point."""
    runs = [item.partition(":") for item in SCRIPTS.split()]
    codes = ("", *sorted({JAPANESE.get(code, code) for _, _, code in runs}))
    table = np.zeros(1 << 21, np.uint8)
    for place, _, code in runs:
        first, _, last = place.partition("-")
        table[int(first, 16) : int(last or first, 16) + 1] = codes.index(JAPANESE.get(code, code))
    return codes, table


CODES, TABLE = _read_scripts()
HAN, KANA = CODES.index("Hani"), CODES.index("Jpan")
KANA_PER_HAN = 0.1
"""From this many kana to a Han letter on, a text is Japanese: its prose has about one, Chinese prose next to none."""


@njit(nogil=True, cache=True)
def dominant_scripts(
    offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8], characters: int, table: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    """For each text the place in CODES of the script of most letters among its first `characters`; 0 without letters.

    Han letters among kana count as Japanese. Of two scripts with as many letters the first in the alphabet wins.
    """
    rows = len(offsets) - 1
    scripts = np.zeros(rows, np.uint8)
    for row in range(rows):
        counts = np.zeros(256, np.int64)
        i, end, left = offsets[row], offsets[row + 1], characters
        while i < end and left > 0:
            code, i = decode(data, i, end)
            counts[table[code]] += 1
            left -= 1
        counts[0] = 0
        if counts[KANA] > KANA_PER_HAN * counts[HAN]:
            counts[KANA] += counts[HAN]
            counts[HAN] = 0
        scripts[row] = np.argmax(counts)
    return scripts
