"""Which tokens see which: causal attention, over whole rows or inside documents, and the cache of generation.

Suffixes: B rows, T tokens, N query heads, K key and value heads (each serves N / K query heads), H dims of a head.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from trainer.shapes import Shape

Attend = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Queries BNTH, keys and values BKTH -> BNTH."""


def causal(query_BNTH: Tensor, key_BKSH: Tensor, value_BKSH: Tensor) -> Tensor:
    """Each query sees its own key and those before it; the queries are the last T of S tokens."""
    queries, keys = query_BNTH.shape[2], key_BKSH.shape[2]
    mask_TS = None
    if 1 < queries < keys:
        mask_TS = torch.ones(queries, keys, dtype=torch.bool, device=key_BKSH.device).tril(keys - queries)
    return F.scaled_dot_product_attention(
        query_BNTH, key_BKSH, value_BKSH, attn_mask=mask_TS, is_causal=queries == keys, enable_gqa=True
    )


def document_numbers(ids_BT: Tensor, eos: int) -> Tensor:
    """Of every token, how many documents ended before it in its row: `eos` still belongs to the document it ends."""
    ends_BT = (ids_BT == eos).int()
    return ends_BT.cumsum(1, dtype=torch.int32) - ends_BT


def within_documents(documents_BT: Tensor) -> Attend:
    """Causal attention that sees no other document. Documents are runs of equal numbers in a row.

    On GPUs by FlexAttention, which skips the blocks between documents; elsewhere each document by itself, since
    FlexAttention has no backward pass on CPUs: that path is the reference.
    """
    return flex_documents(documents_BT) if documents_BT.is_cuda else separate_documents(documents_BT)


def separate_documents(documents_BT: Tensor) -> Attend:
    """Attention of each document by itself."""
    lengths = [torch.unique_consecutive(row_T, return_counts=True)[1].tolist() for row_T in documents_BT]

    def attend(query_BNTH: Tensor, key_BKTH: Tensor, value_BKTH: Tensor) -> Tensor:
        rows = []
        for row, row_lengths in enumerate(lengths):
            parts = [
                torch.split(states[row : row + 1], row_lengths, dim=2) for states in (query_BNTH, key_BKTH, value_BKTH)
            ]
            rows.append(torch.cat([causal(*document) for document in zip(*parts, strict=True)], dim=2))
        return torch.cat(rows)

    # Lengths are other ones in every batch: a traced loop would be compiled anew each time.
    untraced: Attend = torch.compiler.disable(attend)  # type: ignore[no-untyped-call]
    return untraced


def flex_documents(documents_BT: Tensor) -> Attend:
    """The same by FlexAttention, compiled on GPUs. Its forward pass is tested on CPUs; it was never run on a GPU."""
    from torch.nn.attention.flex_attention import create_block_mask

    # A document is a run: a number that comes again after another is another document.
    starts_BT = F.pad(documents_BT[:, 1:] != documents_BT[:, :-1], (1, 0)).cumsum(1)

    def sees(row: Tensor, head: Tensor, query: Tensor, key: Tensor) -> Tensor:
        return (query >= key) & (starts_BT[row, query] == starts_BT[row, key])

    rows, tokens = documents_BT.shape
    blocks = create_block_mask(sees, rows, None, tokens, tokens, device=str(documents_BT.device))
    kernel = flex_kernel(documents_BT.is_cuda)

    def attend(query_BNTH: Tensor, key_BKTH: Tensor, value_BKTH: Tensor) -> Tensor:
        found_BNTH: Tensor = kernel(query_BNTH, key_BKTH, value_BKTH, block_mask=blocks, enable_gqa=True)
        return found_BNTH

    return attend


@cache
def flex_kernel(is_compiled: bool) -> Callable[..., Any]:
    """FlexAttention; compiled at most once in a process, whatever the documents."""
    from torch.nn.attention.flex_attention import flex_attention

    if is_compiled:
        return torch.compile(flex_attention)
    return flex_attention


class Cache:
    """Keys and values of the tokens a model has read, so that generation reads each once."""

    def __init__(self, shape: Shape, rows: int, tokens: int, dtype: torch.dtype, device: torch.device | str = "cpu"):
        """Room for `tokens` tokens of each of `rows` rows."""
        sizes = (shape.n_layer, rows, shape.n_kv_head, tokens, shape.d_head)
        self.keys_LBKTH = torch.empty(sizes, dtype=dtype, device=device)
        self.values_LBKTH = torch.empty(sizes, dtype=dtype, device=device)
        self.length = 0
        """Tokens read. The model moves it on when all layers have."""

    def extend(self, layer: int, key_BKTH: Tensor, value_BKTH: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of a layer with those of the new tokens after them. Raises ValueError where they are full."""
        end = self.length + key_BKTH.shape[2]
        if end > self.keys_LBKTH.shape[3]:
            raise ValueError(f"{end} tokens, but the cache has room for {self.keys_LBKTH.shape[3]}")
        self.keys_LBKTH[layer, :, :, self.length : end] = key_BKTH
        self.values_LBKTH[layer, :, :, self.length : end] = value_BKTH
        return self.keys_LBKTH[layer, :, :, :end], self.values_LBKTH[layer, :, :, :end]
