"""Names of the arrays of this package.

Suffixes: N runs or mixtures, P phases, K components, M targets, C constraints, F = P x K features, phase after phase.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.intp]
"""Indices."""
Bools: TypeAlias = npt.NDArray[np.bool_]
