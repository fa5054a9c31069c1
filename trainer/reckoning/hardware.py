"""What GPUs can do by their makers' data sheets, and what share of it is used."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Gpu:
    """One kind of GPU."""

    name: str
    """A word in the name that CUDA gives it."""
    peak_flops: float
    """Per second, dense products of bf16 matrices. Data sheets print twice as much, for sparse ones."""
    memory_bytes: float

    @property
    def memory_gib(self) -> float:
        """The same in GiB."""
        return self.memory_bytes / 2**30


GPUS: dict[str, Gpu] = {
    # NVIDIA A100 data sheet: 312 TFLOPS bf16, 80 GB (SXM).
    "a100": Gpu("A100", 312e12, 80e9),
    # NVIDIA H100 data sheet, SXM: 1,979 TFLOPS bf16 with sparsity, 80 GB; 989 dense is also what arXiv 2402.16819 uses.
    "h100": Gpu("H100", 989e12, 80e9),
    # NVIDIA H200 data sheet, SXM: 1,979 TFLOPS bf16 with sparsity, 141 GB.
    "h200": Gpu("H200", 989e12, 141e9),
    # NVIDIA DGX B200 data sheet: 4.5 PFLOPS bf16 with sparsity and 180 GB for each of its eight.
    "b200": Gpu("B200", 2250e12, 180e9),
}
"""By the word that plans use."""


def gpu_named(device: str) -> Gpu | None:
    """The GPU that CUDA calls `device`, as "NVIDIA H100 80GB HBM3"; None for others, and for slower cards of a name."""
    if re.search("PCIe|NVL", device):
        return None
    return next((gpu for gpu in GPUS.values() if re.search(rf"\b{gpu.name}\b", device)), None)


def mfu(flops_per_token: float, tokens_per_second: float, gpus: int, gpu: Gpu) -> float:
    """Model FLOPs utilisation: the share of the peak of `gpus` GPUs that goes into the model's own FLOPs."""
    return flops_per_token * tokens_per_second / (gpus * gpu.peak_flops)
