"""Runs that look like RegMix's released ones (sail-sg/regmix, Liu et al. 2024, arXiv 2407.01492), from a law that is
written down here: 17 domains of the Pile, 13 validation losses in nats, small models and large ones.

What is known, and stands here as it was read, not as it suits a law:

- mixtures of the small models: `mixture_config/synthesize_mixture.py`; those of the large ones are nearer to the token
  shares (in `data/test_mixture_1B.csv` the standard deviation of Pile-CC is 0.13 around 0.23: a strength of about 9);
- losses fall with the logarithm of a domain's effective share, as in BiMix (arXiv 2405.14908) with a small exponent:
  read off the first 66 rows of `data/train_mixture_1m.csv` with `train_pile_loss_1m.csv`, and the 64 of
  `test_mixture_1B.csv` with `test_pile_loss_1B.csv` (freelaw at 1M: 3.9 at a share of 0.9, 4.2 at 0.3, 4.9 at 0.03,
  5.6 at 0.003), within about 0.1 nats;
- transfer: without any of its own a domain's loss depends on the others, as if about two hundredths of related ones and
  3e-4 of the rest, unevenly, were its own (the same rows: Wikipedia from Pile-CC 0.02, GitHub from law 4e-5);
- room: broad English suffers from technical text, for small models 1.7 times its weight in the logarithm of the
  effective share, for large ones 1.0 times (Pile-CC at 0.27 beside 0.68 of arXiv: as at 0.06; Wikipedia at 0.06
  beside 0.74: as at 0.02; arXiv or law beside anything: hardly);
- noise: standard deviation between seeds 0.0016 bits per byte at proportional and 0.041 of text for models of code only
  (Marin issue #2345), here 4 bytes per token and geometric in the loss between these two.

Known to be missing: that many domains at once help each other, and repetition.
"""

from dataclasses import dataclass

import numpy as np

from trainer.mixture.arrays import Floats

SHARES = {
    "arxiv": 0.113285273,
    "freelaw": 0.079608651,
    "nih_exporter": 0.003913491,
    "pubmed_central": 0.185375901,
    "wikipedia_en": 0.051081359,
    "dm_mathematics": 0.015962925,
    "github": 0.101750772,
    "philpapers": 0.003707518,
    "stackexchange": 0.066529351,
    "enron_emails": 0.001750772,
    "gutenberg_pg_19": 0.027085479,
    "pile_cc": 0.236869207,
    "ubuntu_irc": 0.01184346,
    "europarl": 0.007929969,
    "hackernews": 0.008032956,
    "pubmed_abstracts": 0.038825953,
    "uspto_backgrounds": 0.046446962,
}
"""Of tokens, as `synthesize_mixture.py` has them."""
LOSSES = {
    "arxiv": (3.60, 0.263, 1.56, 0.098),
    "freelaw": (3.86, 0.267, 1.66, 0.089),
    "pubmed_central": (3.80, 0.237, 1.58, 0.082),
    "wikipedia_en": (4.72, 0.207, 2.15, 0.080),
    "dm_mathematics": (1.63, 0.083, 1.00, 0.030),
    "github": (3.66, 0.340, 0.77, 0.097),
    "stackexchange": (4.02, 0.240, 1.55, 0.090),
    "gutenberg_pg_19": (4.60, 0.160, 2.30, 0.058),
    "pile_cc": (5.12, 0.129, 2.77, 0.107),
    "ubuntu_irc": (4.40, 0.260, 1.90, 0.094),
    "hackernews": (4.40, 0.200, 2.30, 0.072),
    "pubmed_abstracts": (4.30, 0.220, 1.75, 0.079),
    "uspto_backgrounds": (4.04, 0.260, 1.90, 0.094),
}
"""Of each target: loss of a model that has seen nothing else, and what it rises by when the effective share falls to
1 / e of that; small models, then large ones. The six that nobody measured at 1B rise by 0.36 of what they do at 1M, as
the others do on average."""
EXPONENT, EXPONENT_OF_MATHEMATICS = 0.03, 0.3
"""Of the effective share: 0 would be its logarithm. Generated exercises in mathematics are soon learnt."""
KIN = (
    ("pile_cc", "wikipedia_en", "gutenberg_pg_19", "hackernews", "philpapers", "enron_emails", "europarl"),
    ("freelaw", "uspto_backgrounds", "pile_cc"),
    ("pubmed_central", "pubmed_abstracts", "nih_exporter"),
    ("github", "stackexchange", "ubuntu_irc", "hackernews"),
    ("arxiv", "philpapers", "dm_mathematics", "stackexchange"),
)
TRANSFER_OF_KIN, TRANSFER = (0.02, 1.0), (3e-4, 1.5)
"""Median, and standard deviation of its logarithm."""
BROAD = ("wikipedia_en", "gutenberg_pg_19", "pile_cc", "hackernews")
TECHNICAL = ("arxiv", "freelaw", "pubmed_central", "dm_mathematics", "github")
ROOM = (1.7, 1.0)
TRACE = 1e-6
UNSEEN = 1e-4
"""Effective share of text for a model of code only."""
STRENGTHS = np.logspace(-1, np.log10(5), 15)
LEAST = 2e-4
REPETITION = 15
STRENGTH_OF_LARGE = 9.0
NATS_PER_BIT_PER_BYTE = np.log(2) * 4
NOISE, NOISE_OF_CODE = 0.0016 * NATS_PER_BIT_PER_BYTE, 0.041 * NATS_PER_BIT_PER_BYTE


@dataclass(frozen=True)
class LookAlike:
    """Small runs to fit to, small ones to test on, and large ones. Weights (N, 1, 17), values (N, 13)."""

    components: tuple[str, ...]
    targets: tuple[str, ...]
    weights: Floats
    values: Floats
    test_weights: Floats
    test_values: Floats
    large_weights: Floats
    large_values: Floats


def look_alike(seed: int, runs: int = 512, tests: int = 256, large: int = 64) -> LookAlike:
    """As many of each as RegMix has."""
    rng = np.random.default_rng(seed)
    weights, test_weights = regmix_mixtures(runs, rng), regmix_mixtures(tests, rng)
    large_weights = _with_least(rng.dirichlet(shares() * STRENGTH_OF_LARGE, large))
    values = [
        losses(found, size) + rng.normal(size=(len(found), len(LOSSES))) * noise(found, size)
        for found, size in ((weights, 0), (test_weights, 0), (large_weights, 1))
    ]
    return LookAlike(
        tuple(SHARES),
        tuple(LOSSES),
        weights[:, None],
        values[0],
        test_weights[:, None],
        values[1],
        large_weights[:, None],
        values[2],
    )


def regmix_mixtures(count: int, rng: np.random.Generator) -> Floats:
    """(count, 17): Dirichlet around the square roots of shares, one of 15 strengths each, nothing above 15 times its
    share, nothing below 0.0002, none twice."""
    centre = np.sqrt(shares()) / np.sqrt(shares()).sum()
    found: dict[bytes, Floats] = {}
    while len(found) < count:
        drawn = rng.dirichlet(centre * rng.choice(STRENGTHS))
        if np.isfinite(drawn).all() and (drawn <= np.minimum(REPETITION * shares(), 1)).all():
            mixture = _with_least(drawn[None])[0]
            found[mixture.tobytes()] = mixture
    return np.array(list(found.values()))


def losses(weights_NK: Floats, size: int) -> Floats:
    """(N, 13) without noise, of small models (0) or large ones (1)."""
    technical_N = weights_NK @ np.isin(list(SHARES), TECHNICAL)
    lost_NM = ROOM[size] * np.outer(technical_N, np.isin(list(LOSSES), BROAD))
    return losses_at((weights_NK @ transfer().T + TRACE) * np.exp(-lost_NM), size)


def losses_at(effective_NM: Floats, size: int) -> Floats:
    """Of effective shares."""
    exponents_M = np.array([EXPONENT_OF_MATHEMATICS if name == "dm_mathematics" else EXPONENT for name in LOSSES])
    numbers = np.array(list(LOSSES.values()))
    found: Floats = numbers[:, 2 * size] + numbers[:, 2 * size + 1] * (effective_NM**-exponents_M - 1) / exponents_M
    return found


def noise(weights_NK: Floats, size: int) -> Floats:
    """Standard deviation between seeds, (N, 13)."""
    proportional_M = losses(shares()[None], size)
    unseen_M = losses_at(np.full((1, len(LOSSES)), UNSEEN), size)
    excess_NM = np.clip((losses(weights_NK, size) - proportional_M) / (unseen_M - proportional_M), 0, 1)
    found: Floats = NOISE * (NOISE_OF_CODE / NOISE) ** excess_NM
    return found


def transfer() -> Floats:
    """(13, 17): what a token of a component is worth to a target."""
    drawn = np.random.default_rng(0).normal(size=(len(LOSSES), len(SHARES)))
    found = np.ones(drawn.shape)
    for row, target in enumerate(LOSSES):
        for column, component in enumerate(SHARES):
            is_kin = any(target in kin and component in kin for kin in KIN)
            median, deviation = TRANSFER_OF_KIN if is_kin else TRANSFER
            if target != component:
                found[row, column] = min(1, median * np.exp(deviation * drawn[row, column]))
    return found


def shares() -> Floats:
    found = np.array(list(SHARES.values()))
    return found / found.sum()


def _with_least(weights_NK: Floats) -> Floats:
    """Nothing below the least, all in multiples of it, as RegMix has them."""
    kept = np.where(weights_NK < LEAST, 0, weights_NK)
    rounded = np.round(kept / kept.sum(axis=1, keepdims=True) / LEAST)
    found: Floats = rounded / rounded.sum(axis=1, keepdims=True)
    return found
