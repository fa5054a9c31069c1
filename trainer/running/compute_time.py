"""How long a process computes by itself, while others may still be at it: in the forward passes of attention and MLPs,
from where their weights and inputs are there to where their results are to be shared. Nothing is waited for in between,
on no mesh; but those that share layers wait for each other's inputs as these come, and look alike.
"""

import time
from typing import Any

import torch
from torch import nn

from trainer.model import Block, Transformer


class ComputeTime:
    """Hooks on the blocks of a model that is parallel already, inside those of FSDP and of tensor parallelism."""

    def __init__(self, model: Transformer, device: torch.device) -> None:
        """Measure from now on."""
        self._on_gpu = device.type == "cuda"
        self._start = 0.0
        self._seconds = 0.0
        self._events: list[torch.cuda.Event] = []
        for block in model.blocks:
            assert isinstance(block, Block)
            for part, last in ((block.attention, block.attention.output), (block.mlp, block.mlp.down)):
                part.register_forward_pre_hook(self._begin)
                last.register_forward_hook(self._end, prepend=True)

    def taken(self) -> float:
        """Seconds since this was asked last; on a GPU after it has been waited for, as at the end of a step."""
        pairs = zip(self._events[::2], self._events[1::2], strict=True)
        found: float = self._seconds + sum(begin.elapsed_time(end) for begin, end in pairs) / 1000
        self._seconds, self._events = 0.0, []
        return found

    def _begin(self, module: nn.Module, inputs: Any) -> None:
        if self._on_gpu:
            self._mark()
        else:
            self._start = time.perf_counter()

    def _end(self, module: nn.Module, inputs: Any, output: Any) -> None:
        if self._on_gpu:
            self._mark()
        else:
            self._seconds += time.perf_counter() - self._start

    def _mark(self) -> None:
        event = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        event.record()
        self._events.append(event)
