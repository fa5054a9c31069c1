"""Hot loops of the tokenizer: Numba functions over the offsets and bytes of an Arrow large_string column."""

import datapipe.kernels  # noqa: F401  # tells numba where compiled kernels go, before it loads
