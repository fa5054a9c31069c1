"""Which tokens see which: causal attention, over whole rows or inside documents, and the cache of generation.

Suffixes: B rows, T tokens, N query heads, K key and value heads (each serves N / K query heads), H dims of a head.
"""

from collections.abc import Callable
from functools import cache
from inspect import signature
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from datapipe.output import RunError
from trainer.shapes import Shape

DocumentKernel = Literal["auto", "flex", "varlen", "separate"]
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


def within_documents(documents_BT: Tensor, kernel: DocumentKernel = "auto") -> Attend:
    """Causal attention that sees no other document. Documents are runs of equal numbers in a row.

    - flex: FlexAttention, which skips the blocks between documents
    - varlen: torch's `varlen_attn`, all documents as sequences of their own lengths; FlashAttention computes them
    - separate: one document after the other: the reference
    - auto: flex on GPUs; elsewhere separate, since FlexAttention has no backward pass on CPUs
    """
    if kernel == "auto":
        kernel = "flex" if documents_BT.is_cuda else "separate"
    if kernel == "varlen":
        return packed_documents(documents_BT, varlen_kernel())
    return flex_documents(documents_BT) if kernel == "flex" else separate_documents(documents_BT)


def check_document_kernel(kernel: DocumentKernel, device: torch.device) -> None:
    """Raise RunError where a device cannot train by it."""
    if kernel in ("flex", "varlen") and device.type != "cuda":
        why = "has no backward pass on CPUs" if kernel == "flex" else "computes on GPUs only"
        raise RunError(f"execution.document_kernel: {kernel} {why}; expected separate or auto")
    if kernel == "varlen":
        varlen_kernel()


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


def document_starts(documents_BT: Tensor) -> Tensor:
    """Where the documents of all rows begin, the rows put behind each other, and where the last ends: int32."""
    are_first_BT = F.pad(documents_BT[:, 1:] != documents_BT[:, :-1], (1, 0), value=True)
    return F.pad(are_first_BT.flatten().nonzero()[:, 0], (0, 1), value=documents_BT.numel()).int()


def packed_documents(documents_BT: Tensor, kernel: Callable[..., Any]) -> Attend:
    """The same by a kernel of torch's `varlen_attn` form. Written for GPUs, where it was never run."""
    starts, (rows, tokens) = document_starts(documents_BT), documents_BT.shape

    def attend(query_BNTH: Tensor, key_BKTH: Tensor, value_BKTH: Tensor) -> Tensor:
        packed = [states.transpose(1, 2).flatten(0, 1) for states in (query_BNTH, key_BKTH, value_BKTH)]
        # A row is the longest that a document can be: the longest here would have to be asked of the GPU.
        found: Tensor = kernel(*packed, starts, starts, tokens, tokens, window_size=(-1, 0), enable_gqa=True)
        return found.view(rows, tokens, *found.shape[1:]).transpose(1, 2)

    # Their number is another one in every batch, as lengths are above.
    untraced: Attend = torch.compiler.disable(attend)  # type: ignore[no-untyped-call]
    return untraced


@cache
def varlen_kernel() -> Callable[..., Any]:
    """torch's attention over sequences of any lengths. Raises RunError where torch has none that knows our form."""
    try:
        from torch.nn.attention.varlen import varlen_attn
    except ImportError:
        known: set[str] = set()
    else:
        known = set(signature(varlen_attn).parameters)
    if not {"window_size", "enable_gqa"} <= known:
        raise RunError(f"execution.document_kernel: torch {torch.__version__} has no varlen_attn with grouped queries")
    return varlen_attn


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
