"""Parallel text: the same content in many languages."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from datapipe.output import RunError
from tokenizer.evaluation.text_files import json_lines

DECLARATION = str(Path(__file__).parents[1] / "data" / "declaration.jsonl.zst")
"""The Universal Declaration of Human Rights, which ships: see `tokenizer/data/SOURCES.md`."""
REFERENCE = "en"
"""What languages are compared with."""


@dataclass(frozen=True)
class ParallelText:
    """Texts by language and key; equal keys are translations."""

    files: tuple[str, ...]
    texts: dict[str, dict[str, str]]
    """Language (`sr-Cyrl` where a language has several scripts) -> key -> text."""
    scripts: dict[str, str]
    """Of each language; "" where the file does not say."""


def read_parallel(paths: Iterable[str]) -> ParallelText:
    """JSONL of `language`, `key`, `text` and perhaps `script`; several files are one text. Raises RunError."""
    files = tuple(paths)
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for path in files:
        for row in json_lines(path, ("language", "key", "text")):
            texts = found[row["language"], str(row.get("script") or "")]
            if row["key"] in texts:
                raise RunError(f"{path}: {row['language']}: key {row['key']!r} is there twice")
            texts[row["key"]] = row["text"]
    scripts = defaultdict(set)
    for language, script in found:
        scripts[language].add(script)
    names = {
        (language, script): f"{language}-{script}" if len(scripts[language]) > 1 and script else language
        for language, script in sorted(found)
    }
    if REFERENCE not in names.values():
        there = ", ".join(sorted(names.values())[:20]) or "nothing"
        raise RunError(f"{', '.join(files)}: no texts of language {REFERENCE!r} to compare with; there is {there}")
    return ParallelText(
        files, {name: found[key] for key, name in names.items()}, {name: key[1] for key, name in names.items()}
    )
