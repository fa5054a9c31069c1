"""Numbers and texts as the report, the card and the terminal write them."""

import unicodedata

UNSEEN = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # turn the direction of writing: UAX #9
    "\u00ad\u200b\u2060\ufeff"  # debris; the joiners U+200C and U+200D are left, they shape letters
)
"""Characters that act without being seen."""


def number(value: float) -> str:
    """A count with separators: 1,234."""
    return f"{value:,.0f}"


def size(value: float) -> str:
    """Bytes in decimal units with three digits: 12.3 MB."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 999.5 or unit == "TB":
            break
        value /= 1000
    digits = 0 if unit == "B" or value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}\u00a0{unit}"


def percent(share: float) -> str:
    """A share in [0, 1] as 12.3 % (with a space that does not break); never 0 % or 100 % where it is not quite that."""
    if 0 < share < 0.0005:
        return "<0.1\u00a0%"
    if 0.9995 <= share < 1:
        return ">99.9\u00a0%"
    return f"{100 * share:.0f}\u00a0%" if share in (0, 1) else f"{100 * share:.1f}\u00a0%"


def seconds(value: float) -> str:
    """A time: 0.12 s, 12.3 s, 3 min 05 s, 2 h 07 min."""
    if value < 1:
        return f"{value:.2f} s"
    if value < 59.95:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60:,} h {minutes % 60:02} min"


def visible(text: str) -> str:
    """A text in which nothing acts: control characters as their pictures, unseen marks as their numbers."""
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    point = ord(character)
    if character in "\n\t" or (32 <= point < 127):
        return character
    if point < 32 or point == 127:
        return chr(0x2421 if point == 127 else 0x2400 + point)
    if character in UNSEEN or unicodedata.category(character) in ("Cc", "Cs"):
        return f"⟨U+{point:04X}⟩"
    return character
