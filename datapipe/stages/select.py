"""Decide by rules which documents go."""

from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa

from datapipe.rules import RuleSet, failing_matrix, first_and_all
from datapipe.stage import stage, write_columns


@stage("select")
@dataclass(frozen=True)
class Select:
    """Compare measured columns with rules: the first that fails is the drop reason, all that fail are listed.

    In a recipe, `rules` names rule sets (of `recipes/rules/` or files beside the recipe) or holds rules themselves.
    With `early: true` the documents that fail leave at once; without, they leave in the deciding pass.
    """

    version: ClassVar = 1
    writes: ClassVar = pa.schema([pa.field("drop_reason", pa.string()), pa.field("failed", pa.list_(pa.string()))])
    example: ClassVar[dict[str, Any]] = {
        "rules": [
            {"name": "example", "rules": [{"column": "url", "missing": "drop", "none_of": ["http://a.example/"]}]}
        ]
    }

    rules: tuple[RuleSet, ...]
    """Rule sets by name or file, or rules written out."""

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns that the rules compare."""
        return tuple(dict.fromkeys(column for rule_set in self.rules for column in rule_set.columns()))

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Write `drop_reason` (null: kept) and `failed`."""
        checks = [check for rule_set in self.rules for check in rule_set.checks()]
        reasons = [check.reason for check in checks]
        return write_columns(batch, self.writes, first_and_all(failing_matrix(checks, batch), reasons))
