"""The task of a sweep: learn a vocabulary with some weights from the counts, and measure it."""

import json
from dataclasses import asdict, dataclass

from datapipe import storage
from datapipe.output import RunError
from datapipe.receipts import Receipt, Stopwatch, finished, relative, write_receipt
from tokenizer.counting.counts_file import open_counts
from tokenizer.recipe import Symbols, Train
from tokenizer.sweep.measuring import Measured, Texts, measure
from tokenizer.symbols import user_symbols
from tokenizer.training.learned import learn_models
from tokenizer.training.weighted_rows import weighted_rows
from tokenizer.training.weights_table import Unit

WEIGHTS = "weights"
"""The pass."""


@dataclass(frozen=True)
class Outcome:
    """Of a trial: measures, or why there are none."""

    measured: Measured | None
    error: str = ""


@dataclass(frozen=True)
class Trial:
    """Weights to try."""

    folder: str
    """Of the counts, receipts and outcomes."""
    shard: str
    """The candidate's file name."""
    fingerprint: str
    input_fingerprint: str
    factors: tuple[tuple[Unit, float], ...]
    train: Train
    symbols: Symbols
    vocab_size: int
    texts: Texts
    verify: bool = False


def try_weights(task: Trial) -> Receipt:
    """Train, measure, write `weights/candidates/SHARD.json` and the receipt.

    Where no vocabulary can be had, the outcome says why and there is no receipt: the next run tries again.
    """
    done = finished(task.folder, WEIGHTS, task.shard, task.fingerprint, task.input_fingerprint, task.verify)
    if done is not None:
        return done
    watch = Stopwatch()
    try:
        counts = open_counts(task.folder, task.symbols)
        rows = weighted_rows(counts.batches(), dict(task.factors), user_symbols(task.symbols))
        learned = learn_models(rows, task.train, task.symbols, [task.vocab_size], warn=_unsaid)
        outcome = Outcome(measure(learned[task.vocab_size].model.data, task.shard, task.texts))
    except RunError as error:
        outcome = Outcome(None, str(error).replace("train.vocab_sizes", "sweep.vocab_size"))  # the key meant here
    text = json.dumps(asdict(outcome), indent=1, sort_keys=True) + "\n"
    output = storage.write_bytes(storage.join(task.folder, outcome_path(task.shard)), text.encode())
    documents = outcome.measured.documents if outcome.measured else 0
    receipt = Receipt(
        WEIGHTS,
        task.shard,
        task.fingerprint,
        task.input_fingerprint,
        rows_in=documents,
        rows_out=documents,
        outputs=(relative(output, task.folder),),
        **watch.costs(),
    )
    if outcome.measured is not None:
        write_receipt(task.folder, receipt)
    return receipt


def _unsaid(warning: str) -> None:
    """Warnings are for the vocabulary that is kept."""


def outcome_path(shard: str) -> str:
    """Of the outcome of a candidate, below the folder."""
    return f"weights/candidates/{shard}.json"


def read_outcome(folder: str, shard: str) -> Outcome:
    """What `try_weights` has written."""
    found = json.loads(storage.read_bytes(storage.join(folder, outcome_path(shard))))
    return Outcome(Measured(**found["measured"]) if found["measured"] else None, found["error"])
