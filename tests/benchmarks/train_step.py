"""A training step on a CPU: tokens per second, beside transformers' NemotronForCausalLM.

Same weights, batch, precision (bf16 is fp32 weights with bf16 products: by autocast there), loss, clipping and fused
AdamW with its two groups; both in one process, on one thread, taking turns step by step. Seconds are of processor time;
the ratio is the median of those of the turns. Three models: a tiny one; one of 100M with 32,000 pieces, whose time goes
almost wholly to the matrix products that both have; and small layers under the 256,000 pieces of Nemotron-4.

Bar: at least as many tokens per second, each model, each precision.
"""

import dataclasses
import json
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor

from trainer.hugging_face.config import config
from trainer.hugging_face.tensor_names import names
from trainer.model import Transformer
from trainer.optim import build_optimizer
from trainer.plan import Execution, Optimizer
from trainer.running.step import train_step
from trainer.shapes import PRESETS

SEQ_LEN, ROUNDS, RATE, BAR = 512, 5, 1e-4, 1.0
MODELS = {
    "10m, 8,192 pieces": ("10m", 8192, 4),
    "100m, 32,000": ("100m", 32_000, 2),
    "10m, 256,000": ("10m", 256_000, 2),
}
"""Preset, pieces, rows of a batch."""
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
Step = Callable[[], float]
"""Takes a step, and tells the loss before it."""


def our_step(model: Transformer, rows_BS: Tensor, precision: str) -> Step:
    """The step of `trainer run`."""
    settings, execution = Optimizer(), Execution(micro_batch=len(rows_BS))
    optimizer = build_optimizer(model, settings)
    return lambda: train_step(model, optimizer, rows_BS, RATE, settings, execution).loss


def their_step(model: Transformer, rows_BS: Tensor, precision: str) -> Step:
    """transformers' model with the weights of ours, in the loop of its examples."""
    from transformers import NemotronConfig, NemotronForCausalLM

    said = config(model.shape, SEQ_LEN, "fp32", None, None, None) | {"use_cache": False}
    theirs = NemotronForCausalLM(NemotronConfig(**said)).train()
    name_there = names(model.shape)
    theirs.load_state_dict({name_there[name]: weight for name, weight in model.state_dict().items()})
    optimizer = build_optimizer(theirs, Optimizer())
    for group in optimizer.param_groups:
        group["lr"] = RATE
    ids_BT, targets_BT = rows_BS[:, :-1], rows_BS[:, 1:].contiguous()

    def step() -> float:
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            loss = theirs(input_ids=ids_BT, labels=ids_BT, shift_labels=targets_BT).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(theirs.parameters(), Optimizer().clip)
        optimizer.step()
        optimizer.zero_grad()
        return loss.item()

    return step


def measure(preset: str, pieces: int, rows: int, precision: str) -> dict[str, float]:
    """Tokens per second of both, and the ratio."""
    shape = dataclasses.replace(PRESETS[preset], vocab_size=pieces)
    rows_BS = torch.randint(pieces, (rows, SEQ_LEN + 1), generator=torch.Generator().manual_seed(1))
    model = Transformer(shape, DTYPES[precision])
    model.init_weights(1)
    steps = {"theirs": their_step(model, rows_BS, precision), "ours": our_step(model, rows_BS, precision)}
    losses = {name: step() for name, step in steps.items()}  # and the moments are there
    assert abs(losses["ours"] - losses["theirs"]) < 0.01, losses
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(ROUNDS):
        for name in sorted(steps, reverse=turn % 2 == 0):
            start = time.process_time()
            steps[name]()
            seconds[name].append(time.process_time() - start)
    ratio = statistics.median(there / here for here, there in zip(seconds["ours"], seconds["theirs"], strict=True))
    speed = {name: round(rows * SEQ_LEN / statistics.median(found), 1) for name, found in seconds.items()}
    return {"tokens_per_s": speed["ours"], "transformers": speed["theirs"], "ratio": round(ratio, 3)}


def main() -> None:
    """Print the figures as one JSON line."""
    torch.set_num_threads(1)
    figures = {
        f"{name}, {precision}": measure(*model, precision) for name, model in MODELS.items() for precision in DTYPES
    }
    result = {
        "name": "train_step",
        "tokens_per_s": {name: one["tokens_per_s"] for name, one in figures.items()},
        "ratio": {name: {"transformers": one["ratio"]} for name, one in figures.items()},
        "bar": {"transformers": BAR},
        "passed": min(one["ratio"] for one in figures.values()) >= BAR,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
