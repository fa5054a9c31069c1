"""A model of two layers with AdamW, a course of two stretches, and the record of a run between two steps."""

import torch
from torch import Tensor, nn

from trainer.checkpointing.record import Record, Terms, Vocabulary
from trainer.course import Course, Parts, SettledRate, Stretch
from trainer.running.divergence import Tracked
from trainer.shapes import Shape

SHAPE = Shape(n_layer=1, n_head=1, n_kv_head=1, d_model=4, d_ff=8, d_head=4, vocab_size=16)
VOCABULARY = Vocabulary("tiny-16", "0123456789abcdef", "f" * 64)


def course(seed: int = 17, batch: int = 8) -> Course:
    """Two phases of four steps each, of one domain with two units."""
    parts = Parts({"english": 1 << 20}, {"english": {"web": 1 << 19, "books": 1 << 19}})
    none, half = {"english": {"web": 0, "books": 0}}, {"english": {"web": 8, "books": 8}}
    stretches = (
        Stretch("first", 0, 16, 4, parts, none),
        Stretch("second", 16, 16 + 4 * batch, batch, parts, half),
    )
    rates = (SettledRate("linear", 0, 16, 0.0, 1e-3), SettledRate("cosine", 16, 16 + 4 * batch, 1e-3, 1e-4))
    return Course(seed, 32, {"english": {"web": 1024, "books": 64}}, "data-1", stretches, rates)


def record(samples_seen: int = 4, step: int = 1) -> Record:
    terms = Terms(course(), SHAPE, VOCABULARY)
    return Record("tiny", samples_seen, step, terms, tracked=Tracked(lowest=2.5))


def model(seed: int = 1) -> nn.Module:
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 2, bias=False))


def adamw(of: nn.Module, fused: bool = True) -> torch.optim.Optimizer:
    decayed = [one for one in of.parameters() if one.ndim > 1]
    others = [one for one in of.parameters() if one.ndim < 2]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=1e-2, betas=(0.9, 0.95), fused=fused)


def train(of: nn.Module, optimizer: torch.optim.Optimizer, first: int, end: int) -> list[float]:
    """Steps whose batch follows from their number; their losses."""
    return [_step(of, optimizer, torch.Generator().manual_seed(step)) for step in range(first, end)]


def _step(of: nn.Module, optimizer: torch.optim.Optimizer, generator: torch.Generator) -> float:
    inputs: Tensor = torch.randn(16, 4, generator=generator)
    loss = (of(inputs) - inputs[:, :2].sin()).square().mean()
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    return loss.item()
