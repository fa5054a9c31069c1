"""`trainer samples` on the terminal, or as JSON."""

import dataclasses
import json
from collections.abc import Iterator, Sequence

from rich.console import Console

from datapipe.report.words import visible
from trainer.samples import Sample, SeenDocument


def print_samples(samples: Sequence[Sample], as_json: bool = False, console: Console | None = None) -> None:
    """Print them: a line each, and a line for each document. JSON is one object a line."""
    shown = console or Console()
    for sample in samples:
        lines = [json.dumps(dataclasses.asdict(sample), ensure_ascii=False)] if as_json else _lines(sample)
        for line in lines:
            shown.print(line, soft_wrap=True, highlight=False, markup=False, emoji=False)


def _lines(sample: Sample) -> Iterator[str]:
    tokens = sum(end - first for first, end in (one.window_tokens for one in sample.documents))
    of = f"{sample.domain}/{sample.unit}, epoch {sample.epoch}"
    place = (
        f"{sample.shard} window {sample.window:,}, tokens {_range((sample.first_token, sample.first_token + tokens))}"
    )
    yield visible(f"sample {sample.sample:,}  step {sample.step:,}  {sample.phase}  {of}  {place}")
    yield from (visible(f"    {_document(one)}") for one in sample.documents)


def _document(one: SeenDocument) -> str:
    name = f"document {one.number:,}" if one.id is None else f"{one.id} ({one.source})"
    part = "" if one.document_tokens == (0, one.tokens) else f", its {_range(one.document_tokens)} of {one.tokens:,}"
    return f"{_range(one.window_tokens)}  {name}{part}"


def _range(tokens: tuple[int, int]) -> str:
    """As people count: [first, end) with both."""
    return f"[{tokens[0]:,}, {tokens[1]:,})"
