"""Learning a vocabulary: rows in, a SentencePiece model out."""

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from datapipe.output import RunError
from tokenizer.recipe import Symbols, Train
from tokenizer.training.flags import sentencepiece_flags
from tokenizer.training.nested_sizes import no_room
from tokenizer.training.sentencepiece_child import ERROR
from tokenizer.training.training_log import TrainingLog
from tokenizer.training.weighted_rows import Rows

if TYPE_CHECKING:
    from rich.console import Console

ROWS_AT_ONCE = 1 << 16
"""Rows that are written to SentencePiece together."""
ROWS_FILE = "/dev/stdin"
"""Where SentencePiece reads rows: nothing is written to disk, and no Python object is made of a row."""
TOO_SMALL = re.compile(r"Vocabulary size is smaller than required_chars\. \d+ vs (\d+)\.")
"""What SentencePiece says where symbols and single characters alone are more than the vocabulary."""


def train_model(
    rows: Rows, train: Train, symbols: Symbols, vocab_size: int, *, console: "Console | None" = None
) -> bytes:
    """The bytes of the model of `vocab_size` pieces that SentencePiece learns from `rows`, in a process of its own.

    The model has fewer pieces where no more pairs are left to merge. Raises RunError, in one line, where SentencePiece
    gives no model, and where `vocab_size` has no room for the characters that `character_coverage` asks for.
    """
    flags = sentencepiece_flags(train, symbols, vocab_size) | {"input_format": "tsv", "input": ROWS_FILE}
    command = [
        sys.executable,
        "-P",
        "-m",
        "tokenizer.training.sentencepiece_child",
        json.dumps(flags),
        str(os.getpid()),
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment) as child:  # noqa: S603
        assert child.stderr is not None
        with TrainingLog(child.stderr, vocab_size, console) as log:
            try:
                model = _answer(child, rows)
            except BaseException:  # Ctrl-C among them
                child.kill()
                raise
    if child.returncode != 0 or not model:
        raise RunError(_explained(child.returncode, log, vocab_size))
    return model


def _answer(child: "subprocess.Popen[bytes]", rows: Rows) -> bytes:
    """Give it the rows; what it gives back."""
    assert child.stdin is not None and child.stdout is not None
    with contextlib.suppress(BrokenPipeError), child.stdin as stdin:  # it died; its log tells why
        for chunk in _lines(rows):
            stdin.write(chunk)
    model = child.stdout.read()
    child.wait()
    return model


def _lines(rows: Rows) -> Iterator[memoryview]:
    """The table as SentencePiece reads it, `fragment TAB count` on each line, in pieces."""
    for start in range(0, len(rows.fragments), ROWS_AT_ONCE):
        fragments = rows.fragments[start : start + ROWS_AT_ONCE]
        counts = pa.array(rows.counts[start : start + ROWS_AT_ONCE]).cast(pa.large_string())
        tab, end, nothing = (pa.scalar(one, pa.large_string()) for one in ("\t", "\n", ""))
        lines = pc.binary_join_element_wise(fragments, tab, counts, end, nothing)
        _, offsets, text = lines.buffers()
        first, last = (int.from_bytes(offsets[place : place + 8], "little") for place in (0, 8 * len(lines)))
        yield memoryview(text)[first:last]


def _explained(code: int, log: TrainingLog, vocab_size: int) -> str:
    """Why there is no model, in one line."""
    words = log.error.removeprefix(ERROR) if log.error else " ".join(log.last_line.split())
    too_small = TOO_SMALL.search(words)
    if too_small:
        return no_room(vocab_size, int(too_small[1]))
    how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
    hint = "; perhaps it had too little memory: set train.max_memory_bytes" if code == -9 else ""
    return f"SentencePiece {how} while training {vocab_size:,} pieces{hint}: {words or 'it said nothing'}"
