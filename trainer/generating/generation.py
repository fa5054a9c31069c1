"""Tokens after prompts, one step for all rows at once, each token read once (KV cache).

Prompts of a batch begin together and need no padding: while a row still has a token of its own prompt, that token is
its next. So every row sees just what it would see alone. Prompts of similar length cost least.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from trainer.attention import Cache
from trainer.generating.sampling import Sampling, choose
from trainer.model import Transformer


@dataclass
class Row:
    """One prompt and what came after it."""

    prompt: Sequence[int]
    """At least one id, at most `seq_len`."""
    generator: torch.Generator
    """What its draws come from."""
    ids: list[int] = field(default_factory=list)
    """After the prompt."""
    is_done: bool = False


@torch.inference_mode()
def generate(
    model: Transformer,
    rows: Sequence[Row],
    *,
    tokens: int,
    seq_len: int,
    sampling: Sampling,
    is_end: Callable[[Row], bool],
    pieces: int | None = None,
) -> Iterator[Row]:
    """Add up to `tokens` ids to every row; each row is yielded after each of its ids.

    A row ends when it has so many, when `is_end` says so, or when the model has read `seq_len` tokens of it. Ids are
    below `pieces`, where a vocabulary is padded.
    """
    device = model.embedding.weight.device
    shortest, longest = min(len(row.prompt) for row in rows), max(len(row.prompt) for row in rows)
    room = min(seq_len, longest + tokens - 1)
    cache = Cache(model.shape, len(rows), room, model.dtype, device)
    ids_BT = torch.tensor([row.prompt[:shortest] for row in rows], device=device)
    while True:
        last_BD = model(ids_BT, cache=cache)[:, -1]
        for row in _choose(model.logits(last_BD)[:, :pieces], rows, cache.length, sampling):
            row.is_done = len(row.ids) == tokens or is_end(row)
            yield row
        if cache.length >= room or all(row.is_done for row in rows):
            return
        ids_BT = torch.tensor([[_id_at(row, cache.length)] for row in rows], device=device)


def _choose(logits_BV: Tensor, rows: Sequence[Row], read: int, sampling: Sampling) -> list[Row]:
    """Add an id to every row that goes on and has no token of its own left after `read`; these rows."""
    free = [number for number, row in enumerate(rows) if not row.is_done and len(row.prompt) <= read]
    if not free:
        return []
    chosen_B = choose(logits_BV[free], sampling, [rows[number].generator for number in free])
    for number, token in zip(free, chosen_B.tolist(), strict=True):
        rows[number].ids.append(token)
    return [rows[number] for number in free]


def _id_at(row: Row, place: int) -> int:
    """The token at a place of prompt and ids together; a row that has ended repeats its last one, for nobody."""
    after = place - len(row.prompt)
    return row.prompt[place] if after < 0 else row.ids[min(after, len(row.ids) - 1)]
