"""How the next token is chosen from the logits of a model: temperature, then top-k, then top-p."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from datapipe.output import RunError


@dataclass(frozen=True)
class Sampling:
    """What is drawn from. Temperature 0 is the likeliest token, always."""

    temperature: float = 1.0
    top_k: int | None = None
    """The k likeliest tokens."""
    top_p: float | None = None
    """The likeliest tokens that together have at least this probability: the smallest such set."""

    def __post_init__(self) -> None:
        """Raise RunError for numbers that mean nothing."""
        if not 0 <= self.temperature < float("inf"):
            raise RunError(f"--temperature {self.temperature:g}: expected 0 (the likeliest token) or above")
        if self.top_k is not None and self.top_k < 1:
            raise RunError(f"--top-k {self.top_k}: expected 1 or above")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise RunError(f"--top-p {self.top_p:g}: expected above 0 and at most 1")


def probabilities(logits_BV: Tensor, sampling: Sampling) -> Tensor:
    """What is drawn from, in fp32: every row sums to 1. The temperature is above 0."""
    scaled_BV = logits_BV.float() / sampling.temperature
    if sampling.top_k is not None and sampling.top_k < scaled_BV.shape[-1]:
        smallest_B1 = scaled_BV.topk(sampling.top_k).values[:, -1:]
        scaled_BV = scaled_BV.masked_fill(scaled_BV < smallest_B1, float("-inf"))
    shares_BV = scaled_BV.softmax(-1)
    if sampling.top_p is not None and sampling.top_p < 1:
        sorted_BV, order_BV = shares_BV.sort(descending=True, stable=True)
        before_BV = sorted_BV.cumsum(-1) - sorted_BV  # of all likelier ones: 0 for the first, which always stays
        sorted_BV = sorted_BV.masked_fill(before_BV >= sampling.top_p, 0.0)
        shares_BV = torch.zeros_like(shares_BV).scatter(-1, order_BV, sorted_BV)
        shares_BV = shares_BV / shares_BV.sum(-1, keepdim=True)
    return shares_BV


def choose(logits_BV: Tensor, sampling: Sampling, generators: Sequence[torch.Generator]) -> Tensor:
    """The next token of every row, int64. Row i draws one number of generator i, on the CPU: the same on any device,
    and whatever the other rows are."""
    if sampling.temperature == 0:
        return logits_BV.argmax(-1)
    draws_B1 = torch.tensor([[torch.rand((), generator=one).item()] for one in generators], device=logits_BV.device)
    sums_BV = probabilities(logits_BV, sampling).cumsum(-1)
    # A draw rounded up to the last sum or above it: the last token that has a share of its own.
    chosen_B1 = torch.searchsorted(sums_BV, draws_B1 * sums_BV[:, -1:], right=True)
    last_B1 = (sums_BV < sums_BV[:, -1:]).sum(-1, keepdim=True)
    return torch.minimum(chosen_B1, last_B1)[:, 0]


def generators(seed: int, rows: int) -> list[torch.Generator]:
    """One for each row, on the CPU: the first is that of `seed`, the next that of `seed + 1`."""
    return [torch.Generator().manual_seed(seed + row) for row in range(rows)]
