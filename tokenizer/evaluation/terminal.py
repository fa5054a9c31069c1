"""An evaluation on a terminal: one block per question, tokenizers side by side."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from datapipe.report.words import visible
from tokenizer.evaluation.blocks import NAMED, Row, amount, blocks, notes, shown
from tokenizer.evaluation.gates import Verdict
from tokenizer.evaluation.hard_strings import LOSSY
from tokenizer.evaluation.measuring import Evaluated, Evaluation
from tokenizer.evaluation.metrics import CAVEAT
from tokenizer.evaluation.parallel_text import REFERENCE

LABEL = 16
"""Columns that labels keep beside many tokenizers."""


def print_evaluation(evaluation: Evaluation, verdicts: Sequence[Verdict], console: Console) -> None:
    """All blocks, what is wrong, and the gates that failed."""
    for question, rows in blocks(evaluation).items():
        console.print(_table(question, rows, evaluation))
    for one in evaluation.tokenizers:
        for line in findings(one):
            console.print(plain(line), soft_wrap=True)
    for line in (*notes(evaluation), CAVEAT):
        console.print(plain(line), style="dim")
    for verdict in verdicts:
        if not verdict.passes:
            console.print(plain(f"gate failed: {verdict.line}"), style="red", soft_wrap=True)


def _table(question: str, rows: Sequence[Row], evaluation: Evaluation) -> Table:
    table = Table(title=question, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", padding=(0, 1, 0, 0))
    table.add_column("", overflow="fold", min_width=LABEL)
    for one in evaluation.tokenizers:
        table.add_column(plain(one.named.name + "†" * one.loses_text), justify="right", overflow="fold")
    table.add_column("on", style="dim", overflow="fold")
    for row in rows:
        cells = zip(row.figures, row.best, strict=True)
        values = [Text(shown(row.metric, one), style="bold" if best else "") for one, best in cells]
        table.add_row(plain(row.label), *values, plain(amount(row.metric, row.figures[0], in_short=True)))
    return table


def findings(one: Evaluated) -> list[str]:
    """What deserves a line of its own, about one tokenizer."""
    name, found = one.named.name, []
    lost = [key for key in one.hard_strings.failed if key != LOSSY]
    if lost:
        found.append(f"{name}: does not give back: {_some(lost)}")
    if LOSSY in one.hard_strings.failed:
        found.append(f"{name}: U+2581 (▁) in text does not come back; SentencePiece writes it for a space")
    for unit, line in one.not_given_back[:NAMED]:
        found.append(f"{name}: {unit}: a document does not come back: {line}")
    if one.loses_text:
        found.append(f"{name}†: unknown tokens stand for text that is lost; other figures look better than they are")
    if one.unreachable:
        found.append(f"{name}: never yielded by their own text: {_some([repr(piece) for piece in one.unreachable])}")
    worst = sorted(
        ((figure.value, language) for language, figure in one.figures["parity"].items() if figure.value is not None),
        reverse=True,
    )
    if len(worst) > 1:
        named = ", ".join(f"{language} {value:.1f}" for value, language in worst[:NAMED] if language != REFERENCE)
        found.append(f"{name}: most tokens for the same text, English is 1: {named}")
    return found


def _some(names: Sequence[str]) -> str:
    rest = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + rest


def plain(text: str) -> Text:
    """A text in which no mark-up and no escape sequence acts."""
    return Text(visible(text))
