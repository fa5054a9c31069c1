"""What is said of counts on the terminal."""

import io
from pathlib import Path

from rich.console import Console

from tests.tokenizer.counted_texts import CountedTexts
from tokenizer.counting.counts_report import print_counts, remarks


def test_units_are_listed_with_their_sizes(tmp_path: Path) -> None:
    found, printed = CountedTexts(tmp_path), io.StringIO()
    found.write("web", ["a b a", "a"])
    found.write("a/b", ["水"], domain="code")
    found.count()
    print_counts(str(found.output), Console(file=printed, width=100))
    lines = [" ".join(line.split()) for line in printed.getvalue().splitlines()]
    assert "code/a/b 1 3 B 1 1 3.00" in lines
    assert "prose/web 2 6 B 4 3 1.50" in lines
    assert "all 3 9 B 5" in lines
    assert lines[-1].startswith("counts ")


def test_what_is_sampled_or_lost_is_said_in_a_line_each(tmp_path: Path) -> None:
    found = CountedTexts(tmp_path)
    found.write("web", ["mill " * 20 + "x" * 70] * 10, None)
    counts = found.count("count.max_bytes=425", "count.max_fragment_bytes=64")
    assert remarks(counts) == [
        "documents without a language: 25.0\u00a0% of the documents sampled for long fragments and scripts without "
        "spaces (count.max_bytes)",
        "prose/web: 10 fragments above 64 bytes in 10 documents not counted, 710\u00a0B (41.8\u00a0% of the text; "
        "count.max_fragment_bytes)",
    ]
    assert remarks(found.count()) == []
