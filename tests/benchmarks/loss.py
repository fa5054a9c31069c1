"""The loss over a vocabulary of 256,000, with both gradients: memory and time, beside torch's own two ways.

`cross_entropy` is what everybody writes: logits of all tokens, in fp32, and torch's loss on them. `torch_chunked` is
`F.linear_cross_entropy` with chunks as long as ours. Chunks are a sixteenth of the tokens, as `loss_chunk` is of a
micro batch of four sequences of 4,096. Each is measured in processes of its own that take turns, on one thread: memory
is what is resident at the peak above what was before the first call, gradients included; seconds are of processor
time, the best of a process's calls.

Bar: at most a quarter of the memory of `cross_entropy`, in either precision.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from datapipe.observing.peak_memory import begin_anew, peak_bytes
from trainer.loss import linear_cross_entropy

PIECES, WIDTH, TOKENS = 256_000, 256, 2048
CHUNK = TOKENS // 16
ROUNDS, CALLS = 2, 2
BAR = 0.25
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
Loss = Callable[[Tensor, Tensor, Tensor], Tensor]


def ours(hidden_ND: Tensor, weight_VD: Tensor, targets_N: Tensor) -> Tensor:
    """By chunks, gradients at once."""
    return linear_cross_entropy(hidden_ND, weight_VD, targets_N, CHUNK)


def cross_entropy(hidden_ND: Tensor, weight_VD: Tensor, targets_N: Tensor) -> Tensor:
    """All logits at once."""
    return F.cross_entropy(F.linear(hidden_ND, weight_VD.to(hidden_ND.dtype)).float(), targets_N)


def torch_chunked(hidden_ND: Tensor, weight_VD: Tensor, targets_N: Tensor) -> Tensor:
    """torch's own chunks."""
    options = torch.nn.LinearCrossEntropyOptions(batch_chunk_size=CHUNK)
    return F.linear_cross_entropy(hidden_ND, weight_VD.to(hidden_ND.dtype), targets_N, options=options)


LOSSES: dict[str, Loss] = {"ours": ours, "cross_entropy": cross_entropy, "torch_chunked": torch_chunked}


def measure(loss: Loss, precision: str) -> dict[str, float]:
    """Megabytes and seconds of a loss and its gradients in this process."""
    torch.set_num_threads(1)
    torch.manual_seed(1)
    hidden_ND = torch.randn(TOKENS, WIDTH).to(DTYPES[precision]).requires_grad_()
    weight_VD = (torch.randn(PIECES, WIDTH) * WIDTH**-0.5).requires_grad_()
    targets_N = torch.randint(PIECES, (TOKENS,))
    loss(hidden_ND[:8], weight_VD[:512], targets_N[:8] % 512).backward()  # libraries loaded
    hidden_ND.grad = weight_VD.grad = None
    begin_anew()
    before, seconds = peak_bytes(), []
    for _ in range(CALLS):
        start = time.process_time()
        found = loss(hidden_ND, weight_VD, targets_N)
        found.backward()
        seconds.append(time.process_time() - start)
        hidden_ND.grad = weight_VD.grad = None
    return {"loss": found.item(), "mb": (peak_bytes() - before) / 1e6, "s": min(seconds)}


def alone(name: str, precision: str) -> dict[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.loss", name, precision]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    return dict(json.loads(answer.stdout.splitlines()[-1]))


def main() -> None:
    """Print the figures as one JSON line."""
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for precision in DTYPES:
        rounds = [{name: alone(name, precision) for name in LOSSES} for _ in range(ROUNDS)]
        figures[precision] = {
            name: {key: round(statistics.median(one[name][key] for one in rounds), 4) for key in ("loss", "mb", "s")}
            for name in LOSSES
        }
    memory = {
        precision: {name: round(one["ours"]["mb"] / one[name]["mb"], 3) for name in list(LOSSES)[1:]}
        for precision, one in figures.items()
    }
    speed = {
        precision: {name: round(one[name]["s"] / one["ours"]["s"], 2) for name in list(LOSSES)[1:]}
        for precision, one in figures.items()
    }
    result = {
        "name": "loss",
        "vocab_size": PIECES,
        "tokens": TOKENS,
        "chunk": CHUNK,
        "figures": figures,
        "ratio": speed,
        "memory_share": memory,
        "bar": {"memory_share": {"cross_entropy": BAR}},
        "passed": max(one["cross_entropy"] for one in memory.values()) <= BAR,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(measure(LOSSES[sys.argv[1]], sys.argv[2])))
    else:
        main()
