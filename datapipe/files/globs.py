"""Globs, as shells mean them, over names with slashes."""

import re

WILDCARD = re.compile(r"[*?\[]")
GLOB_PART = re.compile(r"(\*\*/|\*\*|\*|\?|\[[!^]?\]?[^\]]*\])")


def glob_regex(pattern: str) -> re.Pattern[str]:
    """`*` and `?` within one folder, `**/` over any number of them, `[abc]`, `[a-c]`, `[!abc]`. Raises re.error."""
    return re.compile("".join(_part_regex(part) for part in GLOB_PART.split(pattern)))


def _part_regex(part: str) -> str:
    known = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if part in known:
        return known[part]
    if not GLOB_PART.fullmatch(part):
        return re.escape(part)
    negated = "^" if part[1] in "!^" else ""
    members = re.sub(r"([\\\[\]&|~^])", r"\\\1", part[1 + len(negated) : -1])
    return f"(?!/)[{negated}{members}]"
