"""Sizes of a model and what follows from them: parameters, FLOPs. No torch here: `trainer plan` is quick."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from datapipe.strict import STRICT

Count = Annotated[int, Field(gt=0)]


@dataclass(frozen=True)
class Shape:
    """The sizes that determine a model."""

    n_layer: Count
    n_head: Count
    n_kv_head: Count
    d_model: Count
    d_ff: Count
    d_head: Count
    vocab_size: Count
    norm: Literal["layer_norm", "rms_norm"] = "layer_norm"
    """With a zero-centred gain either way: what is stored is the gain minus 1. Only `layer_norm` has a bias vector."""
    norm_eps: Annotated[float, Field(gt=0)] = 1e-5
    rope_fraction: Annotated[float, Field(ge=0, le=1)] = 0.5
    """Share of each head's dims that are rotated; the rest pass through."""
    rope_base: Annotated[float, Field(gt=0)] = 10_000.0
    init_std: Annotated[float, Field(gt=0)] = 0.0134
    """Of all weight matrices; what writes into the residual stream is further divided by sqrt(2 L)."""

    __pydantic_config__ = STRICT

    @property
    def norm_parameters(self) -> int:
        """Of one norm."""
        return self.d_model * (2 if self.norm == "layer_norm" else 1)

    @property
    def layer_matrices(self) -> int:
        """Parameters of the matrices of one layer: query, key, value, output, up, down."""
        attention = self.d_model * self.d_head * (2 * self.n_head + 2 * self.n_kv_head)
        return attention + 2 * self.d_model * self.d_ff

    @property
    def body_matrices(self) -> int:
        """Parameters of all matrices but the embeddings."""
        return self.n_layer * self.layer_matrices

    @property
    def embedding(self) -> int:
        """Parameters of the input embedding, and as many again of the output's."""
        return self.vocab_size * self.d_model

    @property
    def parameters(self) -> int:
        """All of them."""
        norms = (2 * self.n_layer + 1) * self.norm_parameters
        return self.body_matrices + norms + 2 * self.embedding

    def flops_per_token(self, seq_len: int, causal: bool = False) -> int:
        """FLOPs of one token, forward and backward, at a sequence length; nothing is computed twice.

        A matrix costs 6 per parameter: a multiply and an add forward, and twice that backward. The input embedding is
        looked up and costs nothing. Attention's two products (scores, and values by scores) cost 12 x L x h x S, where
        h is n_head x d_head, if all S positions are counted, as Megatron-LM did in 2024 and torch's FlopCounterMode
        does; `causal` counts the half that the mask leaves. Norms, RoPE, softmax and the loss are left out.
        """
        attention = 12 * self.n_layer * self.n_head * self.d_head * seq_len
        return 6 * (self.body_matrices + self.embedding) + (attention // 2 if causal else attention)


NEMOTRON4_15B = Shape(n_layer=32, n_head=48, n_kv_head=8, d_model=6144, d_ff=24_576, d_head=128, vocab_size=256_000)
"""Nemotron-4 15B: layers to sequence length from table 1 of arXiv 2402.16819; d_ff, d_head, norm, RoPE and init from
NVIDIA's NeMo recipe of the model, which the paper leaves open."""
PARAMETERS_1B = Shape(24, 16, 4, 2048, 8192, 128, vocab_size=1, init_std=0.02)
"""1,056,964,608 parameters in the matrices of its layers, which it is named for, and 200,704 in norms; embeddings add
4,096 for each piece of the tokenizer: 2,105,741,312 in all with 256,000. As those below it has Nemotron-4's proportions
as far as heads divide, and the init_std that is Megatron's default."""
PARAMETERS_100M = Shape(16, 12, 4, 768, 3072, 64, vocab_size=1, init_std=0.02)
"""100,663,296 and 50,688; 1,536 for each piece: 149,865,984 with 32,000."""
PARAMETERS_10M = Shape(6, 6, 2, 384, 1536, 64, vocab_size=1, init_std=0.02)
"""9,437,184 and 9,984; 768 for each piece: 15,738,624 with 8,192."""
PARAMETERS_1M = Shape(6, 4, 2, 128, 512, 32, vocab_size=1, init_std=0.02)
"""1,081,344 and 3,328; 256 for each piece: 3,181,824 with 8,192."""
PRESETS: dict[str, Shape] = {
    "nemotron4_15b": NEMOTRON4_15B,
    "1b": PARAMETERS_1B,
    "100m": PARAMETERS_100M,
    "10m": PARAMETERS_10M,
    "1m": PARAMETERS_1M,
}
"""By name. Where `vocab_size` is 1, the tokenizer says it."""
