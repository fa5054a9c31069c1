"""`fit.json`: how well each law, and each trivial rule, says what runs come to that it has not seen."""

from dataclasses import dataclass

FILE = "fit.json"


@dataclass(frozen=True)
class Score:
    """A law or a rule on one target, by cross-validation. None: not defined, as the RMSE of a rule that only ranks."""

    predictor: str
    target: str
    is_trivial: bool
    """A rule without a law: more of one component, distance from uniform, distance from proportional."""
    spearman: float | None
    kendall: float | None
    rmse: float | None
    """In units of the target."""
    regret_1: float | None
    """What the run it takes for the best has above the best, in units of the target."""
    regret_5: float | None
    """The same of the best of the five that it takes for the best."""
    optimism: float | None
    """By how much it flatters the runs that it takes for the best fifth: their mean value less what it says (Marin's
    lower-tail optimism)."""


@dataclass(frozen=True)
class AnchorScore:
    """An anchor or a deletion predicted from all other mixtures: what a law says where it must extrapolate."""

    run: str
    kind: str
    of: str
    target: str
    predicted: float
    observed: float
    """Mean of its repeats."""


@dataclass(frozen=True)
class OutOfFold:
    """What the mean law says of a run that it has not seen."""

    run: str
    target: str
    predicted: float
    spread: float
    """Standard deviation of such predictions: from residuals out of fold."""
    observed: float


@dataclass(frozen=True)
class Learning:
    """Rank correlation out of fold with fewer runs: whether more of them would help."""

    runs: int
    target: str
    spearman: float
    """Mean over draws of so many runs,"""
    deviation: float
    """and their standard deviation."""


@dataclass(frozen=True)
class Interaction:
    """What moving one hundredth of the tokens to a component, from all others in proportion, does to a target."""

    phase: str
    component: str
    target: str
    effect: float
    """At the reference mixture, in units of the target,"""
    low: float
    high: float
    """and its 80 % interval."""


@dataclass(frozen=True)
class TargetSummary:
    """One target over the swarm."""

    target: str
    mean: float
    spread: float
    """Standard deviation over mixtures."""
    noise: float | None
    """Standard deviation of repeats; None where there are none."""
    signal_to_noise: float | None


@dataclass(frozen=True)
class Fit:
    """All of it."""

    experiment: str
    swarm_digest: str
    """Of `swarm.json` and `results.jsonl`: what this was fitted to."""
    runs: int
    mixtures: int
    left_out: tuple[tuple[str, str], ...]
    predictors: tuple[str, ...]
    targets: tuple[TargetSummary, ...]
    scores: tuple[Score, ...]
    anchors: tuple[AnchorScore, ...]
    out_of_fold: tuple[OutOfFold, ...]
    learning: tuple[Learning, ...]
    interactions: tuple[Interaction, ...]
    checkpoints: tuple[tuple[int, str, float], ...]
    """Tokens of an earlier checkpoint, target, and Spearman between its values and the last ones."""
    notes: tuple[str, ...]
    """Of the evidence."""
    warnings: tuple[str, ...]
    """A trivial rule that is as good; noise of the size of the signal; what is extrapolated."""
