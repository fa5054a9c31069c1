"""Header fields as WARC records and HTTP messages have them: `Name: value`, one per line."""

import re
from collections.abc import Mapping

_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([\w:.+-]+)""", re.IGNORECASE)
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")


def parse_fields(lines: bytes) -> dict[str, str]:
    """Values by name in lower case; the first of several counts, and lines that are no field are left out."""
    fields: dict[str, str] = {}
    name = ""
    for line in _text(lines).split("\n"):
        if line[:1] in (" ", "\t"):
            if name:  # a folded line goes on with the value above it
                fields[name] += " " + line.strip()
            continue
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        if not colon or name in fields:
            name = ""
            continue
        fields[name] = value.strip()
    return fields


def media_type(content_type: str | None) -> str | None:
    """`text/html` of `Text/HTML; charset=utf-8`; None for what is no media type."""
    found = _MEDIA_TYPE.match((content_type or "").strip())
    return found[0].lower() if found else None


def charset(fields: Mapping[str, str]) -> str | None:
    """What the field Content-Type claims."""
    found = _CHARSET.search(fields.get("content-type", ""))
    return found[1] if found else None


def _text(lines: bytes) -> str:
    try:
        return lines.decode()
    except UnicodeDecodeError:
        return lines.decode("latin-1")
