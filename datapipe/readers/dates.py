"""Dates as documents carry them: ISO 8601 in UTC, to the second."""

import re
from datetime import UTC, datetime

_DONE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def iso_utc(date: str | None) -> str | None:
    """`2024-05-31T12:00:00Z` of any ISO 8601 date, UTC where it names no zone; what is no such date stays as found."""
    if date is None or _DONE.fullmatch(date):
        return date
    try:
        parsed = datetime.fromisoformat(date.strip())
        aware = parsed if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return date
    return aware.replace(tzinfo=None, microsecond=0).isoformat() + "Z"
