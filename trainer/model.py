"""The model: a causal decoder with rotary positions, grouped queries and squared ReLU (Nemotron-4, arXiv 2402.16819).

What differs from the textbook: norms keep their gain minus 1, so that what is stored starts at zero and decay, where
there is any, pulls to the identity; only a fraction of each head is rotated; the MLP is `down(relu(up(x))^2)`, without
a gate; no linear layer has a bias (layer norms do); input and output embeddings are apart; there is no dropout.

Weights are fp32. Activations and matrix products are of the model's `dtype`: a linear layer casts its weight to that of
its input, and norms and rotations compute in fp32 within. Nothing here knows of training, plans or other processes.

Suffixes: B rows, T tokens, D width of the residual stream, F width in the MLP, N query heads, K key and value heads,
H dims of a head, R half the rotated ones, V pieces.
"""

import math

import torch
import torch.nn.functional as F
import xxhash
from torch import Tensor, nn

from trainer.attention import Attend, Cache, DocumentKernel, causal, within_documents
from trainer.shapes import Shape


class Linear(nn.Linear):
    """A matrix product without bias, in the dtype of its input."""

    def __init__(self, d_in: int, d_out: int):
        """Weight (d_out, d_in)."""
        super().__init__(d_in, d_out, bias=False)

    def reset_parameters(self) -> None:
        """Empty until `init_weights`."""

    def forward(self, x: Tensor) -> Tensor:
        """(..., d_in) -> (..., d_out)."""
        return F.linear(x, self.weight.to(x.dtype))


class Embedding(nn.Embedding):
    """A vector for every piece, fp32: ids BT -> BTD."""

    def reset_parameters(self) -> None:
        """Empty until `init_weights`."""


class Norm(nn.Module):
    """LayerNorm or RMSNorm with a zero-centred gain: it scales by `weight` + 1."""

    def __init__(self, shape: Shape):
        """Only layer norms have a bias."""
        super().__init__()
        self.eps = shape.norm_eps
        self.weight = nn.Parameter(torch.empty(shape.d_model))
        self.bias = nn.Parameter(torch.empty(shape.d_model)) if shape.norm == "layer_norm" else None

    def forward(self, x_BTD: Tensor) -> Tensor:
        """In fp32; returned in the dtype of `x_BTD`."""
        gain_D = self.weight + 1
        if self.bias is None:
            return F.rms_norm(x_BTD.float(), gain_D.shape, gain_D, self.eps).to(x_BTD.dtype)
        return F.layer_norm(x_BTD.float(), gain_D.shape, gain_D, self.bias, self.eps).to(x_BTD.dtype)


Rotation = tuple[Tensor, Tensor]
"""Cosines and sines TR of the positions' angles, fp32."""


def rotation(shape: Shape, positions_T: Tensor) -> Rotation:
    """The angles of rotary positions: position x base ** (-2 r / rotated dims), for each pair r of dims."""
    rotated = int(shape.d_head * shape.rope_fraction)
    exponents_R = torch.arange(0, rotated, 2, dtype=torch.float32, device=positions_T.device) / rotated
    angles_TR = positions_T[:, None].float() * (1.0 / shape.rope_base**exponents_R)
    return angles_TR.cos(), angles_TR.sin()


def rotate(x_BNTH: Tensor, by: Rotation) -> Tensor:
    """Rotate dims r and R + r of each head by the r-th angle; those from 2 R on pass through."""
    cos_TR, sin_TR = by
    half = cos_TR.shape[-1]
    first, second, rest = x_BNTH[..., :half], x_BNTH[..., half : 2 * half], x_BNTH[..., 2 * half :]
    rotated = (first * cos_TR - second * sin_TR, second * cos_TR + first * sin_TR)
    return torch.cat([*(part.to(x_BNTH.dtype) for part in rotated), rest], dim=-1)


class Attention(nn.Module):
    """Grouped-query attention, with positions by rotation."""

    def __init__(self, shape: Shape):
        """Four matrices."""
        super().__init__()
        self.d_head = shape.d_head
        self.query = Linear(shape.d_model, shape.n_head * shape.d_head)
        self.key = Linear(shape.d_model, shape.n_kv_head * shape.d_head)
        self.value = Linear(shape.d_model, shape.n_kv_head * shape.d_head)
        self.output = Linear(shape.n_head * shape.d_head, shape.d_model)

    def forward(self, x_BTD: Tensor, by: Rotation, attend: Attend, layer: int, cache: Cache | None) -> Tensor:
        """What each token gathers from those that it sees, BTD."""
        query_BNTH = rotate(self._heads(self.query(x_BTD)), by)
        key_BKTH, value_BKTH = rotate(self._heads(self.key(x_BTD)), by), self._heads(self.value(x_BTD))
        if cache is not None:
            key_BKTH, value_BKTH = cache.extend(layer, key_BKTH, value_BKTH)
        found_BNTH = attend(query_BNTH, key_BKTH, value_BKTH)
        mixed_BTD: Tensor = self.output(found_BNTH.transpose(1, 2).flatten(2))
        return mixed_BTD

    def _heads(self, x_BTM: Tensor) -> Tensor:
        rows, tokens, _ = x_BTM.shape
        return x_BTM.view(rows, tokens, -1, self.d_head).transpose(1, 2)


class MLP(nn.Module):
    """down(relu(up(x)) ^ 2)."""

    def __init__(self, shape: Shape):
        """Two matrices."""
        super().__init__()
        self.up = Linear(shape.d_model, shape.d_ff)
        self.down = Linear(shape.d_ff, shape.d_model)

    def forward(self, x_BTD: Tensor) -> Tensor:
        """BTD -> BTD."""
        y_BTD: Tensor = self.down(F.relu(self.up(x_BTD)).square())
        return y_BTD


class Block(nn.Module):
    """One layer: attention and MLP, each behind a norm, each added to the residual stream."""

    def __init__(self, shape: Shape, layer: int):
        """`layer` is its place, from 0: the cache knows it by that."""
        super().__init__()
        self.layer = layer
        self.attention_norm = Norm(shape)
        self.attention = Attention(shape)
        self.mlp_norm = Norm(shape)
        self.mlp = MLP(shape)

    def forward(self, x_BTD: Tensor, by: Rotation, attend: Attend, cache: Cache | None) -> Tensor:
        """BTD -> BTD."""
        x_BTD = x_BTD + self.attention(self.attention_norm(x_BTD), by, attend, self.layer, cache)
        y_BTD: Tensor = x_BTD + self.mlp(self.mlp_norm(x_BTD))
        return y_BTD


class Transformer(nn.Module):
    """The whole model. Weights are empty until `init_weights` or a checkpoint fills them; `torch.device("meta")` may
    be in force while it is built."""

    def __init__(self, shape: Shape, dtype: torch.dtype = torch.float32):
        """`dtype` is that of activations and matrix products."""
        super().__init__()
        self.shape, self.dtype = shape, dtype
        self.document_kernel: DocumentKernel = "auto"
        self.embedding = Embedding(shape.vocab_size, shape.d_model)
        self.blocks = nn.ModuleList(Block(shape, layer) for layer in range(shape.n_layer))
        self.norm = Norm(shape)
        self.head = Linear(shape.d_model, shape.vocab_size)

    def forward(self, ids_BT: Tensor, documents_BT: Tensor | None = None, cache: Cache | None = None) -> Tensor:
        """The last hidden states, BTD, from int32 or int64 ids.

        `documents_BT` numbers each token's document: none sees another's tokens. Positions run on through the row,
        since rotations make attention depend on distances only. With a `cache`, ids go on where it ends.
        """
        if documents_BT is not None and cache is not None:
            raise ValueError("documents are separated in training, a cache goes on in generation: not both")
        start = 0 if cache is None else cache.length
        by = rotation(self.shape, torch.arange(start, start + ids_BT.shape[1], device=ids_BT.device))
        attend = causal if documents_BT is None else within_documents(documents_BT, self.document_kernel)
        x_BTD = self.embedding(ids_BT).to(self.dtype)
        for block in self.blocks:
            x_BTD = block(x_BTD, by, attend, cache)
        if cache is not None:
            cache.length += ids_BT.shape[1]
        hidden_BTD: Tensor = self.norm(x_BTD)
        return hidden_BTD

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., D) -> (..., V). All at once: training uses `trainer.loss` instead."""
        logits: Tensor = self.head(hidden)
        return logits

    def init_weights(self, seed: int) -> None:
        """Fill all weights with what `initialize` says."""
        for name, weight in self.named_parameters():
            initialize(name, weight, self.shape, seed)


@torch.no_grad()
def initialize(name: str, weight: Tensor, shape: Shape, seed: int) -> None:
    """Fill the weight of a name as Megatron does: normal with `init_std`; divided by sqrt(2 L) where a matrix writes
    into the residual stream, of which there are 2 L; zero in norms. Each is a function of its name and the seed."""
    if weight.ndim == 1:
        weight.zero_()
        return
    writes = name.endswith(("attention.output.weight", "mlp.down.weight"))
    std = shape.init_std / (math.sqrt(2 * shape.n_layer) if writes else 1)
    key = xxhash.xxh3_64_intdigest(f"{seed}/{name}".encode()) >> 1  # torch takes seeds below 2^63 on every device
    weight.normal_(0, std, generator=torch.Generator(weight.device).manual_seed(key))
