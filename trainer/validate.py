"""`trainer validate`: the loss and bits per byte of a checkpoint on what a plan holds out."""

import math
from typing import TYPE_CHECKING

from datapipe.output import RunError
from trainer.corpus import corpus_of
from trainer.device import best_device
from trainer.generating.saved_model import saved_model, transformer
from trainer.plan import Plan
from trainer.running.figures import Figures, Measured, of_domains
from trainer.running.validation import validate
from trainer.tokens.validation_windows import validation_units

if TYPE_CHECKING:
    from rich.console import Console


def validate_checkpoint(plan: Plan, checkpoint: str | None, root: str | None, console: "Console") -> Measured:
    """Measure `checkpoint`, or the last one of the plan's output, as a run of the plan does; print the figures.

    Raises RunError where its vocabulary is not that of the tokens, or nothing is held out.
    """
    corpus = corpus_of(plan, root)
    saved = saved_model(checkpoint or plan.output, root, lambda line: console.print(line, markup=False))
    found, expected = saved.record.terms.vocabulary.fingerprint, corpus.sizes.vocabulary
    if found != expected:
        raise RunError(f"{saved.folder}: its model is of vocabulary {found}, the tokens are of vocabulary {expected}")
    units = validation_units(corpus, plan.validation.max_tokens)
    if not units:
        raise RunError(f"{plan.file}: nothing is held out: no validation documents of these tokens")
    measured = validate(transformer(saved, plan.execution.precision, best_device()), corpus, units, plan.execution)
    console.print(f"{saved.folder}, {saved.record.samples_seen * saved.seq_len:,} tokens", soft_wrap=True, markup=False)
    print_figures(measured, console)
    return measured


def print_figures(measured: Measured, console: "Console") -> None:
    """A table: every domain, and its units below it."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table("", box=SIMPLE_HEAD)
    for heading in ("loss", "perplexity", "bits per byte", "tokens"):
        table.add_column(heading, justify="right")
    for domain, figures in of_domains(measured).items():
        table.add_row(domain, *_cells(figures))
        for unit, one in measured[domain].items():
            table.add_row(f"  {unit}", *_cells(one), style="dim")
    console.print(table)


def _cells(figures: Figures) -> list[str]:
    bits = "" if figures.bits_per_byte is None else f"{figures.bits_per_byte:.3f}"
    return [f"{figures.loss:.3f}", f"{math.exp(figures.loss):,.1f}", bits, f"{figures.tokens:,}"]
