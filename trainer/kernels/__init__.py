"""Hot loops of the trainer: the order of samples. `datapipe.kernels` says where numba keeps them compiled."""

import datapipe.kernels  # noqa: F401  # before numba loads
