"""What a token costs, and what share of a GPU that is."""

import pytest

from trainer.reckoning.hardware import GPUS, gpu_named, mfu
from trainer.shapes import NEMOTRON4_15B, Shape

SMALL = Shape(n_layer=1, n_head=2, n_kv_head=1, d_model=4, d_ff=16, d_head=2, vocab_size=10)


def test_a_token_costs_six_flops_per_parameter_that_it_is_multiplied_with_and_attention() -> None:
    # query and output 4 x 4 each, key and value 4 x 2 each: 48; up and down 4 x 16 each: 128; output embedding 40
    matrices = 48 + 128 + 40
    # scores: a query head of 2 dims with 8 positions, and values by scores as much: 2 heads x 2 dims x 8 x 2 products,
    # 2 FLOPs each, three times with the backward pass
    attention = 2 * 2 * 8 * 2 * 2 * 3
    assert SMALL.flops_per_token(8) == 6 * matrices + attention == 1680
    assert SMALL.flops_per_token(8, causal=True) == 6 * matrices + attention // 2


def test_nemotron4_costs_94_gflop_per_token_and_89_with_the_causal_half() -> None:
    assert NEMOTRON4_15B.flops_per_token(4096) == 93_994_352_640
    assert NEMOTRON4_15B.flops_per_token(4096, causal=True) == 89_162_514_432


def test_nemotron4_has_the_parameters_of_the_paper() -> None:
    """Section 2 of arXiv 2402.16819: 3.2 B of embedding, 12.5 B of others."""
    assert NEMOTRON4_15B.parameters == 15_628_775_424
    assert 2 * NEMOTRON4_15B.embedding == 3_145_728_000


def test_mfu_is_one_where_all_of_the_peak_is_used() -> None:
    gpu = GPUS["h100"]
    assert mfu(1000.0, 2 * 989e12 / 1000, 2, gpu) == pytest.approx(1)
    assert mfu(1000.0, 989e12 / 1000, 2, gpu) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("device", "name"),
    [
        ("NVIDIA H100 80GB HBM3", "H100"),
        ("NVIDIA A100-SXM4-80GB", "A100"),
        ("NVIDIA H200", "H200"),
        ("NVIDIA B200", "B200"),
    ],
)
def test_a_device_is_known_by_its_name(device: str, name: str) -> None:
    gpu = gpu_named(device)
    assert gpu is not None and gpu.name == name


@pytest.mark.parametrize("device", ["NVIDIA H100 PCIe", "NVIDIA H100 NVL", "NVIDIA GB200", "NVIDIA L4", "cpu", ""])
def test_no_peak_is_guessed_for_other_devices(device: str) -> None:
    assert gpu_named(device) is None
