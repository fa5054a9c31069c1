"""Hot loops of the tokenizer: Numba functions over the offsets and bytes of an Arrow large_string column."""
