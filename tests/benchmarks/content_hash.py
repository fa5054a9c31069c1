"""`content_hash` on documents. Bar: 300 MB/s per core.

Each document costs a call, so that very short ones are slower: their single lines, as documents, show how much.
"""

import pyarrow as pa
import pyarrow.compute as pc

from datapipe.stages.content_hash import ContentHash
from tests.benchmarks.corpus import documents
from tests.benchmarks.stage_support import megabytes_per_second, report, text_batches

BAR = 300.0


def main() -> None:
    """Print the speed on documents and on their lines."""
    pages = documents()
    lines = pc.list_flatten(pc.split_pattern(pages["text"], "\n"))
    lines = pa.table({"text": lines.filter(pc.greater(pc.binary_length(lines), 0))})
    speed, speed_on_lines = (
        megabytes_per_second(ContentHash(), text_batches(texts)) for texts in (pages, lines.slice(0, 2_000_000))
    )
    mean = pc.mean(pc.binary_length(lines["text"])).as_py()
    report("content_hash", speed, BAR, mb_per_s_of_lines=round(speed_on_lines, 1), bytes_per_line=round(mean, 1))


if __name__ == "__main__":
    main()
