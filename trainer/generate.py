"""`trainer generate`: text after prompts, for a look at what a model has learned."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from datapipe.observing.voice import Voice
from datapipe.output import RunError
from trainer.device import best_device
from trainer.generating.generation import Row, generate
from trainer.generating.run_tokenizer import RunTokenizer, run_tokenizer
from trainer.generating.sampling import Sampling, generators
from trainer.generating.saved_model import saved_model, transformer

if TYPE_CHECKING:
    from rich.console import Console

REPLACEMENT = "\ufffd"
"""What decoding has for a character whose bytes are not all there yet."""


@dataclass(frozen=True)
class Part:
    """Some text of one prompt's continuation, as soon as it is known."""

    prompt: int
    """Its number."""
    text: str
    is_last: bool


def generate_text(
    path: str,
    prompts: Sequence[str],
    *,
    tokens: int = 100,
    sampling: Sampling | None = None,
    seed: int = 0,
    dtype: str | None = None,
    device: str | None = None,
    tokenizer: str | None = None,
    root: str | None = None,
    console: "Console | None" = None,
) -> Iterator[Part]:
    """What the model of a run or checkpoint `path` writes after each prompt, part by part, rows taking turns.

    A prompt is the beginning of a document: what separates documents in training stands before it. A continuation ends
    with its document, after `tokens`, or where the model's sequence does, which is told. Prompt i draws by seed + i: it
    does not matter which others there are. `dtype` is that of training where nothing is said. Raises RunError for
    prompts that leave no room.
    """
    from rich.console import Console

    say = Voice(console or Console(stderr=True))
    saved = saved_model(path, root, say)
    words = run_tokenizer(saved, tokenizer, root)
    rows = _rows(prompts, words, saved.seq_len, seed)
    model = transformer(saved, dtype or saved.record.terms.precision, device or best_device())
    say(f"{saved.folder}: {saved.record.name} after {saved.record.samples_seen * saved.seq_len:,} tokens")
    yield from _parts(
        rows,
        generate(
            model,
            rows,
            tokens=tokens,
            seq_len=saved.seq_len,
            sampling=sampling or Sampling(),
            is_end=lambda row: row.ids[-1] == words.eos,
            pieces=words.model.vocab_size,
        ),
        words,
    )
    if any(not row.is_done for row in rows):
        say(f"ended at {saved.seq_len:,} tokens: the model was never trained on longer sequences")


def _rows(prompts: Sequence[str], words: RunTokenizer, seq_len: int, seed: int) -> list[Row]:
    if not prompts:
        raise RunError("no prompts: give --prompt TEXT, or --prompts FILE with one a line")
    rows = []
    for prompt, generator in zip(prompts, generators(seed, len(prompts)), strict=True):
        ids = words.start + words.encode(prompt)
        if not ids:
            raise RunError("an empty prompt: nothing separates documents in its training, so there must be some text")
        if len(ids) > seq_len:
            raise RunError(f"a prompt of {len(ids):,} tokens ({prompt[:40]!r}...); the model reads {seq_len:,} at most")
        rows.append(Row(ids, generator))
    return rows


def _parts(rows: Sequence[Row], steps: Iterator[Row], words: RunTokenizer) -> Iterator[Part]:
    """What every step adds to the text; an unfinished character waits for its other bytes."""
    said = [""] * len(rows)
    numbers = {id(row): number for number, row in enumerate(rows)}
    for row in steps:
        number = numbers[id(row)]
        text = _continuation(row, words)
        ready = text if row.is_done else text.rstrip(REPLACEMENT)
        if len(ready) > len(said[number]) or row.is_done:
            yield Part(number, ready[len(said[number]) :], row.is_done)
            said[number] = ready
    for number, row in enumerate(rows):  # at the end of the model's sequence
        if not row.is_done:
            yield Part(number, _continuation(row, words)[len(said[number]) :], True)


def _continuation(row: Row, words: RunTokenizer) -> str:
    """What follows the prompt; decoded together with it, since some tokenizers take a space from the front of texts."""
    return words.decode([*row.prompt, *row.ids])[len(words.decode(row.prompt)) :]


def in_order(parts: Iterator[Part], prompts: Sequence[str]) -> Iterator[str]:
    """The text for a terminal: each prompt with what follows it, one after the other, the first as it is written."""
    waiting: list[list[Part]] = [[] for _ in prompts]
    current = 0
    for number, part in enumerate(parts):
        if number == 0:  # not before: prompts may be refused
            yield prompts[0]
        waiting[part.prompt].append(part)
        while current < len(prompts) and waiting[current]:
            first = waiting[current].pop(0)
            yield first.text
            if first.is_last:
                current += 1
                yield "\n" if current == len(prompts) else f"\n\n{prompts[current]}"


def read_prompts(path: Path) -> list[str]:
    """One a line; empty lines are none. Raises RunError."""
    try:
        return [line for line in path.read_text("utf-8").splitlines() if line]
    except UnicodeDecodeError:
        raise RunError(f"{path}: not UTF-8") from None
