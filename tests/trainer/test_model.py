"""The model: its sizes, its start, what its tokens see."""

import dataclasses
import math

import pytest
import torch
import torch.nn.functional as F

from tests.trainer.small_models import RMS, SMALL, random_ids, random_model, small_model
from trainer.attention import Cache
from trainer.loss import linear_cross_entropy
from trainer.model import Norm, Transformer, rotate, rotation
from trainer.optim import build_optimizer, update
from trainer.plan import Optimizer
from trainer.shapes import NEMOTRON4_15B, PRESETS, Shape


def test_nemotron4_15b_has_15_628_775_424_parameters() -> None:
    with torch.device("meta"):
        model = Transformer(NEMOTRON4_15B)
    assert sum(weight.numel() for weight in model.parameters()) == 15_628_775_424
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}


@pytest.mark.parametrize("shape", [*PRESETS.values(), SMALL, RMS], ids=lambda shape: f"{shape.parameters:,}")
def test_a_shape_counts_the_parameters_that_its_model_has(shape: Shape) -> None:
    with torch.device("meta"):
        model = Transformer(shape)
    assert sum(weight.numel() for weight in model.parameters()) == shape.parameters


@pytest.mark.parametrize(
    ("preset", "pieces", "parameters"),
    [
        ("1b", 256_000, 2_105_741_312),
        ("100m", 32_000, 149_865_984),
        ("10m", 8_192, 15_738_624),
        ("1m", 8_192, 3_181_824),
    ],
)
def test_presets_have_the_parameters_that_are_said_of_them(preset: str, pieces: int, parameters: int) -> None:
    shape = dataclasses.replace(PRESETS[preset], vocab_size=pieces)
    assert shape.parameters == parameters
    rounded = {"b": 10**9, "m": 10**6}[preset[-1]] * int(preset[:-1])
    assert shape.body_matrices == pytest.approx(rounded, rel=0.1)


@pytest.mark.parametrize("d_model", [64, 256, 512])
@pytest.mark.parametrize("norm", ["layer_norm", "rms_norm"])
def test_the_first_loss_is_that_of_normal_logits_of_unit_hidden_states(d_model: int, norm: str) -> None:
    """Hidden states have variance 1 after the last norm, if its gain is 1; so logits have d std², and the expected
    logarithm of the sum of V exponentials of them is ln V + d std² / 2. A gain of 2 would make it ln V + 2 d std²."""
    shape = Shape(2, 4, 2, d_model, 4 * d_model, d_model // 4, vocab_size=2048, norm=norm, init_std=0.6 / d_model**0.5)
    model = small_model(shape)
    ids = random_ids(4, 257, shape.vocab_size)
    with torch.no_grad():
        loss = F.cross_entropy(model.logits(model(ids[:, :-1])).flatten(0, 1), ids[:, 1:].flatten())
    assert float(loss) == pytest.approx(math.log(2048) + 0.6**2 / 2, rel=0.01)


def test_weights_start_as_megatron_s() -> None:
    model = small_model(Shape(8, 4, 2, 256, 1024, 64, vocab_size=1000))
    std = {name: float(weight.detach().std()) for name, weight in model.named_parameters() if weight.ndim == 2}
    scaled = {name for name in std if name.endswith(("attention.output.weight", "mlp.down.weight"))}
    assert len(scaled) == 16
    assert all(std[name] == pytest.approx(0.0134 / 4, rel=0.02) for name in scaled)  # sqrt(2 x 8 layers) = 4
    assert all(std[name] == pytest.approx(0.0134, rel=0.02) for name in std.keys() - scaled)
    assert all(not weight.any() for weight in model.parameters() if weight.ndim == 1)


def test_a_weight_s_start_depends_on_its_name_and_the_seed_only() -> None:
    first, deeper, other = small_model(), small_model(Shape(4, 4, 2, 64, 256, 16, 97)), small_model(seed=2)
    key = "blocks.1.attention.key.weight"
    assert torch.equal(first.get_parameter(key), deeper.get_parameter(key))
    assert not torch.equal(first.get_parameter(key), other.get_parameter(key))
    assert not torch.equal(first.get_parameter(key), first.get_parameter("blocks.0.attention.key.weight"))


def test_a_model_of_the_meta_device_starts_like_any_other() -> None:
    with torch.device("meta"):
        model = Transformer(SMALL)
    model.to_empty(device="cpu").init_weights(1)
    expected = small_model().state_dict()
    assert model.state_dict().keys() == expected.keys()
    assert all(torch.equal(weight, expected[name]) for name, weight in model.state_dict().items())


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_token_changes_nothing_before_it(dtype: torch.dtype) -> None:
    model, ids = random_model(dtype=dtype), random_ids(2, 24)
    changed = ids.clone()
    changed[:, 15] = (ids[:, 15] + 1) % SMALL.vocab_size
    with torch.no_grad():
        before, after = model.logits(model(ids)), model.logits(model(changed))
    assert torch.equal(before[:, :15], after[:, :15])
    assert (before[:, 15:] != after[:, 15:]).any(dim=(0, 2)).all()


def test_a_token_knows_how_far_back_another_is() -> None:
    """Without positions, the last token would see the same set in either order."""
    model = random_model(Shape(1, 4, 2, 64, 256, 16, 97))
    with torch.no_grad():
        one, other = model(torch.tensor([[1, 2, 3], [2, 1, 3]]))
    assert not torch.allclose(one[2], other[2], atol=1e-3)


def test_it_learns_one_batch_by_heart() -> None:
    model, ids = small_model(), random_ids(2, 33)
    optimizer = build_optimizer(model, Optimizer(weight_decay=0.0))
    losses = []
    for _ in range(60):
        loss = linear_cross_entropy(model(ids[:, :-1]).flatten(0, 1), model.head.weight, ids[:, 1:].flatten())
        loss.backward()
        update(model, optimizer, 1e-2, 1.0)
        losses.append(loss.item())
    assert losses[0] > 4.5
    assert losses[-1] < 0.05


@pytest.mark.parametrize("kind", ["layer_norm", "rms_norm"])
def test_a_norm_is_torch_s_with_a_gain_of_one_more(kind: str) -> None:
    norm = Norm(Shape(1, 1, 1, 32, 32, 32, 2, norm=kind))
    theirs = torch.nn.LayerNorm(32, 1e-5) if kind == "layer_norm" else torch.nn.RMSNorm(32, 1e-5)
    x = torch.randn(3, 5, 32) * 3
    with torch.no_grad():
        theirs.weight.normal_()
        norm.weight.copy_(theirs.weight - 1)
        if norm.bias is not None:
            theirs.bias.normal_()
            norm.bias.copy_(theirs.bias)
    torch.testing.assert_close(norm(x), theirs(x))
    half = x.bfloat16()
    assert torch.equal(norm(half), norm(half.float()).bfloat16())


def test_rotation_turns_pairs_by_position_times_frequency() -> None:
    """Head of 8 dims, half of them rotated: pairs (0, 2) by p radians and (1, 3) by p / 100; 4 to 7 stay."""
    shape = Shape(1, 1, 1, 8, 8, 8, 2)
    x_BNTH = torch.tensor([1.0, 1, 0, 0, 5, 6, 7, 8]).expand(1, 1, 3, 8)
    turned = rotate(x_BNTH, rotation(shape, torch.arange(3)))[0, 0]
    expected = [[math.cos(p), math.cos(p / 100), math.sin(p), math.sin(p / 100), 5, 6, 7, 8] for p in range(3)]
    torch.testing.assert_close(turned, torch.tensor(expected))


@pytest.mark.parametrize("fraction", [0.0, 0.25, 1.0])
def test_any_even_share_of_a_head_can_be_rotated(fraction: float) -> None:
    shape = Shape(1, 1, 1, 8, 8, 8, 2, rope_fraction=fraction)
    x_BNTH = torch.randn(1, 1, 4, 8)
    turned, whole = rotate(x_BNTH, rotation(shape, torch.arange(4))), int(8 * fraction)
    torch.testing.assert_close(turned.norm(dim=-1), x_BNTH.norm(dim=-1))
    assert torch.equal(turned[..., whole:], x_BNTH[..., whole:])
    assert (turned[:, :, 1:, :whole] != x_BNTH[:, :, 1:, :whole]).all()


def test_bf16_activations_leave_fp32_weights_and_gradients() -> None:
    model, exact, ids = random_model(dtype=torch.bfloat16, std=0.05), random_model(std=0.05), random_ids(2, 24)
    hidden = model(ids)
    assert hidden.dtype == model.logits(hidden).dtype == torch.bfloat16
    hidden.float().square().sum().backward()
    assert {(weight.dtype, weight.grad.dtype) for weight in model.parameters() if weight.grad is not None} == {
        (torch.float32, torch.float32)
    }
    torch.testing.assert_close(hidden.float(), exact(ids), atol=0.05, rtol=0.05)


def test_int32_ids_do() -> None:
    model, ids = random_model(), random_ids(2, 8)
    assert torch.equal(model(ids.int()), model(ids))


@pytest.mark.parametrize("cuts", [[1] * 12, [12], [5, 1, 6], [11, 1]])
def test_reading_with_a_cache_is_reading_at_once(cuts: list[int]) -> None:
    model, ids = random_model(), random_ids(3, 12)
    cache = Cache(SMALL, rows=3, tokens=12, dtype=torch.float32)
    with torch.no_grad():
        pieces = [model(part, cache=cache) for part in torch.split(ids, cuts, dim=1)]
        torch.testing.assert_close(torch.cat(pieces, dim=1), model(ids), atol=1e-5, rtol=1e-5)
    assert cache.length == 12


def test_a_full_cache_says_so() -> None:
    cache = Cache(SMALL, rows=1, tokens=4, dtype=torch.float32)
    with pytest.raises(ValueError, match="5 tokens, but the cache has room for 4"):
        small_model()(random_ids(1, 5), cache=cache)
