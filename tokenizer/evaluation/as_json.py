"""An evaluation as JSON: `evaluation.json`, for programs and for comparing runs.

    {"schema": 1,
     "caveat": what these numbers do not say,
     "metrics": {name: {"title", "definition", "rests_on", "better"}},
     "texts": {"groups": {name: {"kind", "documents", "bytes", "characters", "words", "letter_words",
                                 "indented_lines"}},
               "sampled": [units of which not all text was taken], "blend": {"covered_weight"}},
     "parallel": {"files", "languages": {name: {"script", "texts", "bytes"}}},
     "tokenizers": [{"name", "path", "sha256", "engine", "figures": {metric: {group: {"value", "n"}}},
                     "findings": {"hard_strings_lost", "documents_not_given_back", "unreachable_pieces"}}],
     "gates": [{"tokenizer", "metric", "group", "min", "max", "value", "passes"}]}

A value is null where there was nothing to measure; `n` counts what the metric `rests_on`. Keys may be added under the
same `schema`; none is renamed or given another meaning.
"""

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from tokenizer.evaluation.gates import Verdict
from tokenizer.evaluation.measuring import Evaluated, Evaluation
from tokenizer.evaluation.metrics import CAVEAT, METRICS

SCHEMA = 1
PIECES = 1000
"""Unreachable pieces that are written out; the figure counts all."""


def as_json(evaluation: Evaluation, verdicts: Sequence[Verdict]) -> bytes:
    """The file."""
    kinds = {group.name: group.kind for group in evaluation.groups}
    content = {
        "schema": SCHEMA,
        "caveat": CAVEAT,
        "metrics": {name: _without(dataclasses.asdict(metric), "style") for name, metric in METRICS.items()},
        "texts": {
            "groups": {
                name: {"kind": kinds[name], **dataclasses.asdict(amount)} for name, amount in evaluation.amounts.items()
            },
            "sampled": list(evaluation.texts.sampled),
            "blend": {"covered_weight": evaluation.covered_weight},
        },
        "parallel": {
            "files": [file.rpartition("/")[2] for file in evaluation.parallel.files],
            "languages": {
                name: {
                    "script": evaluation.parallel.scripts[name],
                    "texts": len(texts),
                    "bytes": sum(len(text.encode()) for text in texts.values()),
                }
                for name, texts in evaluation.parallel.texts.items()
            },
        },
        "tokenizers": [_tokenizer(one) for one in evaluation.tokenizers],
        "gates": [_gate(one) for one in verdicts],
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _without(content: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name != key}


def _tokenizer(one: Evaluated) -> dict[str, Any]:
    return {
        "name": one.named.name,
        "path": one.named.path,
        "sha256": one.named.sha256,
        "engine": one.named.tokenizer.engine,
        "figures": {
            metric: {group: dataclasses.asdict(figure) for group, figure in groups.items()}
            for metric, groups in one.figures.items()
        },
        "findings": {
            "hard_strings_lost": one.hard_strings.failed,
            "documents_not_given_back": [list(found) for found in one.not_given_back],
            "unreachable_pieces": list(one.unreachable[:PIECES]),
        },
    }


def _gate(one: Verdict) -> dict[str, Any]:
    gate = dataclasses.asdict(one.gate)
    return {"tokenizer": one.tokenizer, **gate, "value": one.value, "passes": one.passes}
