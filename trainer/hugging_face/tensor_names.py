"""What Hugging Face's `NemotronForCausalLM` calls the tensors of our model, and their sizes. No torch here."""

from trainer.shapes import Shape

WHOLE = {
    "embedding.weight": "model.embed_tokens.weight",
    "norm.weight": "model.norm.weight",
    "norm.bias": "model.norm.bias",
    "head.weight": "lm_head.weight",
}
"""Ours -> theirs, but those of blocks."""
OF_BLOCKS = {
    "attention_norm.weight": "input_layernorm.weight",
    "attention_norm.bias": "input_layernorm.bias",
    "attention.query.weight": "self_attn.q_proj.weight",
    "attention.key.weight": "self_attn.k_proj.weight",
    "attention.value.weight": "self_attn.v_proj.weight",
    "attention.output.weight": "self_attn.o_proj.weight",
    "mlp_norm.weight": "post_attention_layernorm.weight",
    "mlp_norm.bias": "post_attention_layernorm.bias",
    "mlp.up.weight": "mlp.up_proj.weight",
    "mlp.down.weight": "mlp.down_proj.weight",
}
"""`blocks.N.` -> `model.layers.N.`."""


def names(shape: Shape) -> dict[str, str]:
    """Ours -> theirs, of a model with layer norms."""
    found = dict(WHOLE)
    for layer in range(shape.n_layer):
        found |= {f"blocks.{layer}.{ours}": f"model.layers.{layer}.{theirs}" for ours, theirs in OF_BLOCKS.items()}
    return found


def sizes(shape: Shape) -> dict[str, tuple[int, ...]]:
    """Of our tensors, by our names."""
    queries, keys, width = shape.n_head * shape.d_head, shape.n_kv_head * shape.d_head, shape.d_model
    of_ending = {
        "embedding.weight": (shape.vocab_size, width),
        "head.weight": (shape.vocab_size, width),
        "query.weight": (queries, width),
        "key.weight": (keys, width),
        "value.weight": (keys, width),
        "output.weight": (width, queries),
        "up.weight": (shape.d_ff, width),
        "down.weight": (width, shape.d_ff),
    }
    return {name: of_ending.get(".".join(name.split(".")[-2:]), (width,)) for name in names(shape)}
