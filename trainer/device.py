"""What this process computes on, and in which numbers."""

import torch

from trainer.reckoning.hardware import Gpu, gpu_named

DTYPES = {"bf16": torch.bfloat16, "fp32": torch.float32}
"""By the words of plans and commands."""


def best_device() -> torch.device:
    """A GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def gpu_of(device: torch.device) -> Gpu | None:
    """What its maker says of a GPU; None for a CPU, and for GPUs that we do not know."""
    return gpu_named(torch.cuda.get_device_name(device)) if device.type == "cuda" else None
