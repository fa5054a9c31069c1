"""What repeated tokens are worth: the law of data-constrained scaling (Muennighoff et al. 2023, arXiv 2305.16264)."""

import numpy as np

from trainer.mixture.arrays import Floats

R_STAR = 15.387756
"""R*_D: repetitions after which the next one is worth 1 / e of fresh text (appendix A; in the paper's text 15.4)."""


def effective_tokens(tokens_K: Floats, unique_K: Floats) -> Floats:
    """Fresh tokens that are worth as much as `tokens` read of `unique` ones: U + U R* (1 - exp(-R / R*)).

    U is what is read at all, R = tokens / unique - 1 how often it is read again (section 3.1 of the paper). Up to one
    epoch they are the tokens themselves; the most that text can be worth is unique (1 + R*).
    """
    used_K = np.minimum(tokens_K, unique_K)
    again_K = np.maximum(tokens_K / unique_K - 1, 0)
    found: Floats = used_K * (1 - R_STAR * np.expm1(-again_K / R_STAR))
    return found
