"""Our model as Hugging Face's `NemotronForCausalLM` says it: its config.json and the names of its tensors. No torch.

The weights are the same numbers: both keep the gain of a norm minus 1, rotate the first dims of each head in two
halves, and store matrices as (out, in). What the class cannot say is refused, either way.
"""

import math
from collections.abc import Mapping
from typing import Any

from datapipe.output import RunError
from trainer.shapes import Shape

CLASS = "NemotronForCausalLM"
MODEL_TYPE = "nemotron"
DTYPES = {"fp32": "float32", "bf16": "bfloat16"}

SIZES = {
    "n_layer": "num_hidden_layers",
    "n_head": "num_attention_heads",
    "n_kv_head": "num_key_value_heads",
    "d_model": "hidden_size",
    "d_ff": "intermediate_size",
    "d_head": "head_dim",
    "vocab_size": "vocab_size",
    "norm_eps": "norm_eps",
    "init_std": "initializer_range",
}
"""What config.json calls the fields of a Shape, all but those of RoPE."""
DEFAULTS: Mapping[str, Any] = {"norm_eps": 1e-5, "initializer_range": 0.0134, "max_position_embeddings": 4096}
"""Of NemotronConfig, where a config.json says nothing; no size of a tensor among them."""
ONLY: Mapping[str, Any] = {
    "hidden_act": "relu2",
    "attention_bias": False,
    "mlp_bias": False,
    "tie_word_embeddings": False,
}
"""What our model has one value for."""


def config(shape: Shape, seq_len: int, dtype: str, bos: int | None, eos: int | None, pad: int | None) -> dict[str, Any]:
    """Its config.json. Both ways to say how RoPE rotates and what the dtype is: transformers 5 reads one, 4 the other.

    Raises RunError for a shape that the class cannot say.
    """
    if shape.norm != "layer_norm":
        raise RunError(f"a model with {shape.norm} cannot be exported: {CLASS} has layer_norm only")
    rope = {"rope_theta": shape.rope_base, "partial_rotary_factor": shape.rope_fraction}
    return {
        "architectures": [CLASS],
        "model_type": MODEL_TYPE,
        **{theirs: getattr(shape, ours) for ours, theirs in SIZES.items()},
        **ONLY,
        "attention_dropout": 0.0,
        "max_position_embeddings": seq_len,
        **rope,
        "rope_parameters": {"rope_type": "default", **rope},
        "bos_token_id": bos,
        "eos_token_id": eos,
        "pad_token_id": pad,
        "use_cache": True,
        "dtype": DTYPES[dtype],
        "torch_dtype": DTYPES[dtype],
    }


def shape_of(found: Mapping[str, Any], file: str) -> tuple[Shape, int]:
    """The shape in a config.json, and its sequence length. Raises RunError naming the `file` and the key."""
    if found.get("model_type") != MODEL_TYPE:
        raise RunError(f"{file}: model_type {found.get('model_type')!r}; only {MODEL_TYPE!r} can be imported")
    for key, expected in ONLY.items():
        if found.get(key, expected) != expected:
            raise RunError(f"{file}: {key} {found[key]!r}; our model has {expected!r} only")
    known = {**DEFAULTS, **{key: value for key, value in found.items() if value is not None}}
    known.setdefault("num_key_value_heads", known.get("num_attention_heads"))  # what None means there
    if "head_dim" not in known:
        known["head_dim"] = _number(known, "hidden_size", file) // _number(known, "num_attention_heads", file)
    rope = known.get("rope_parameters") or {}
    _only_plain_rope({**rope, **(known.get("rope_scaling") or {})}, file)
    fraction = rope.get("partial_rotary_factor", known.get("partial_rotary_factor", 0.5))
    sizes = {ours: _number(known, theirs, file) for ours, theirs in SIZES.items()}
    base = rope.get("rope_theta", known.get("rope_theta", 10_000.0))
    shape = Shape(**sizes, rope_fraction=float(fraction), rope_base=float(base))
    return shape, _number(known, "max_position_embeddings", file)


def _number(known: Mapping[str, Any], key: str, file: str) -> Any:
    value = known.get(key)
    is_count = key not in ("norm_eps", "initializer_range")
    kinds = (int,) if is_count else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not 0 < value < math.inf:
        raise RunError(f"{file}: {key} {value!r}; expected a {'whole number' if is_count else 'number'} above 0")
    return value


def _only_plain_rope(rope: Mapping[str, Any], file: str) -> None:
    kind = rope.get("rope_type", rope.get("type", "default"))
    if kind != "default":
        raise RunError(f"{file}: RoPE of type {kind!r}; our model has 'default' only")
