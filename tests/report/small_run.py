"""Input of a small run with hostile documents: every outcome occurs, in numbers that follow from the lists below."""

import json
from pathlib import Path
from typing import Any

HOSTILE = (
    "</pre></figure><script>alert('text')</script><img src=x onerror=alert(2)>"
    " {{ 7 * 7 }} {% raw %} &amp; \" ' ` | \u202e\u0000\u001b[31m [red] \u200b end"
)
URL = "javascript:alert(1)//\"><script>alert('url')</script>"
KIND = 'a|<b onclick="alert(3)">`x`'

STAGES = '''
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from datapipe.stage import stage, write_columns


@stage("report_length")
@dataclass(frozen=True)
class Length:
    """Characters of a text."""

    version: ClassVar = 1
    reads: ClassVar = ("text",)
    writes: ClassVar = pa.schema([pa.field("n", pa.int64())])

    def __call__(self, batch):
        if "BOOM" in batch["text"].to_pylist():
            raise ValueError("cannot bear document 17 of 'x'")
        return write_columns(batch, self.writes, [pc.cast(pc.utf8_length(batch["text"]), pa.int64())])
'''

RECIPE = """
name: small
output: out
imports: [stages.py]
budget_tokens: 5_000
sources:
  - {name: web, reader: jsonl, paths: ["web-*.jsonl"], extra_columns: {language: string, kind: string}}
  - {name: books, reader: jsonl, paths: [books.jsonl], extra_columns: {language: string, kind: string}}
passes:
  - name: extract
    steps:
      - select: {early: true, rules: [{column: kind, missing: keep, none_of: [spam], source: "our list"}]}
  - name: measure
    steps: [report_length]
domains:
  - name: english
    where: {language: en}
    rules: [{column: n, min: 10, max: 100_000, source: "a <paper> | table"}]
    weight: 0.75
  - {name: rest, where: {language: {not: [en, xx]}}, rules: [long.yaml], weight: 0.25, by: kind, sampling: {alpha: 2}}
holdout: {fraction: 0.2, min_documents: 2}
"""

RULES = """
about: Texts that are long enough.
overrides: long.csv
rules:
  - {column: n, min: 20, source: "nobody"}
  - {column: n, max: 100_000, name: length}
"""
OVERRIDES = "language,column,min,max\nja,n,,100000\nde,n,15,100000\n"


def document(text: str, language: str | None = "en", kind: str | None = None, url: str = URL) -> dict[str, Any]:
    return {"text": text, "language": language, "kind": kind, "url": url}


WEB = [
    *(document(f"{HOSTILE} {number}") for number in range(30)),  # english: kept
    *(document("short") for _ in range(4)),  # english: n.min
    *(document("buy <b>now</b> " + HOSTILE, kind="spam") for _ in range(5)),  # early
    *(document("no domain takes this language", "xx") for _ in range(3)),
    *(document(f"ein langer deutscher Satz, der bleibt: {number}", "de", KIND) for number in range(8)),
    document("zu kurz, 16 Zei.", "de", KIND),  # kept: its language asks for 15
    document("短い", "ja", KIND),  # kept: switched off
    *(document("trop court", "fr", "b") for _ in range(2)),  # rest: n.min
    document("BOOM"),  # a step cannot bear it
]
BOOKS = [document(f"a page of a book, number {number}", "it", "book") for number in range(10)]
BROKEN = ["{not json <script>alert(4)</script>", "[1, 2]"]


def write_inputs(folder: Path, recipe: str = RECIPE) -> Path:
    """The recipe's file, beside it what it reads."""
    lines = [json.dumps(one) for one in WEB]
    (folder / "web-0.jsonl").write_text("\n".join(lines[:30]) + "\n")
    (folder / "web-1.jsonl").write_text("\n".join([*lines[30:], *BROKEN]) + "\n")
    (folder / "books.jsonl").write_text("\n".join(json.dumps(one) for one in BOOKS) + "\n")
    (folder / "stages.py").write_text(STAGES)
    (folder / "long.yaml").write_text(RULES)
    (folder / "long.csv").write_text(OVERRIDES)
    (folder / "recipe.yaml").write_text(recipe)
    return folder / "recipe.yaml"
