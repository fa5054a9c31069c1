"""What is known of records that a process died of: stored, so that no later run, retry or executor tries them again.

A verdict holds for the same step in the same pass on the same values of the columns it reads, or for the same reader on
the same files: what has changed is tried again. One file per shard, or per group of files in the
pass that reads: `verdicts/{pass}/{shard}.json`. Which records fall to limits of time and memory depends on the machine:
verdicts are the one thing of a run that need not be the same twice.
"""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from datapipe import storage
from datapipe.output import RunError
from datapipe.recipe import Step

READ = "read"
"""The step that reading goes by."""
MAX_VERDICTS = 500
"""Of one shard; with more the step or reader is broken, not the records."""


@dataclass(frozen=True)
class Verdict:
    """A record that a step or reader did not survive."""

    what: str
    """Its id, or the file and the place from which it is not read."""
    step: str
    digest: str
    """Of the pass and of what the step reads of the record; of the pass and the files."""
    error: str


class Verdicts:
    """Those of one shard."""

    def __init__(self, folder: str, pass_name: str, shard: str, fingerprint: str) -> None:
        """Read what earlier runs found. `fingerprint`: of the pass, and for a pass that reads also of its input."""
        self._fingerprint = fingerprint
        self._path = storage.join(folder, "verdicts", pass_name, f"{shard}.json")
        try:
            stored = json.loads(storage.read_bytes(self._path))
            self._found = {(one["what"], one["step"]): Verdict(**one) for one in stored}
        except (FileNotFoundError, ValueError, TypeError, KeyError):  # damaged: found again at the price of some deaths
            self._found = {}

    def on(self, batch: pa.RecordBatch, step: Step) -> dict[int, str]:
        """The rows that the step does not survive, with the errors."""
        known = [one for one in self._found.values() if one.step == step.name]
        if not known:
            return {}
        places = pc.index_in(pa.array([one.what for one in known], pa.string()), value_set=batch["id"]).to_pylist()
        return {
            row: one.error
            for one, row in zip(known, places, strict=True)
            if row is not None and one.digest == self._digest(_read_columns(batch, row, step))
        }

    def on_reading(self, place: str) -> str | None:
        """The error that reading from a place ended with."""
        one = self._found.get((place, READ))
        return one.error if one is not None and one.digest == self._digest() else None

    def add(self, batch: pa.RecordBatch, row: int, step: Step, error: str) -> None:
        """Store one on a row."""
        digest = self._digest(_read_columns(batch, row, step))
        self._add(Verdict(batch["id"][row].as_py(), step.name, digest, error))

    def add_reading(self, place: str, error: str) -> None:
        """Store one on the rest of a file."""
        self._add(Verdict(place, READ, self._digest(), error))

    def _add(self, verdict: Verdict) -> None:
        self._found[verdict.what, verdict.step] = verdict
        _store(self._path, list(self._found.values()))
        if len(self._found) > MAX_VERDICTS:
            raise RunError(
                f"{self._path}: more than {MAX_VERDICTS} records ended their process, the last one at step "
                f"{verdict.step}: {verdict.error}; once that is mended, delete the file"
            )

    def _digest(self, *of: object) -> str:
        return xxhash.xxh3_128_hexdigest(repr((self._fingerprint, *of)).encode("utf-8", "backslashreplace"))


def _read_columns(batch: pa.RecordBatch, row: int, step: Step) -> list[object]:
    return [batch[name][row].as_py() for name in step.stage.reads]


def _store(path: str, verdicts: Sequence[Verdict]) -> None:
    data = json.dumps([dataclasses.asdict(one) for one in verdicts], ensure_ascii=False, indent=1)
    storage.write_bytes(path, data.encode("utf-8", "surrogatepass"))
