"""`proposal.json`: the best mixture, how sure that is, and what else is as good. Weights are shares of tokens."""

from dataclasses import dataclass

FILE = "proposal.json"
PLAN = "proposal.yaml"
"""The training plan with it."""


@dataclass(frozen=True)
class ComponentProposal:
    """One weight."""

    phase: str
    component: str
    weight: float
    low: float
    high: float
    """Its bootstrap interval."""
    byte_share: float | None
    """The same as a share of bytes of text, which another tokenizer can express anew."""
    current: float | None
    reference: float
    tokens: int
    """Of the full run."""
    epochs: float | None
    """Over all phases up to and with this one."""
    effective_tokens: float | None
    """What these are worth, repeats counted as the data-constrained law has it."""
    at_limit: str
    """The bound it stands at, in words; "" where it is free."""


@dataclass(frozen=True)
class Mixture:
    """A mixture and what is said of it."""

    name: str
    weights: tuple[tuple[float, ...], ...]
    """By phase and component."""
    objective: float
    low: float
    high: float
    """What noise and the choice of laws leave open; not what the least of all that a law says flatters by."""
    targets: tuple[float, ...]
    """Predicted, in order of the proposal's targets."""
    is_tied: bool
    """Whether it cannot be told from the proposal: by the bootstrap, or because its own runs came to as much as the law
    says of the proposal, but for noise."""
    observed: float | None = None
    """The objective that its runs came to, of repeats the mean; None where it was never trained."""


@dataclass(frozen=True)
class KlPoint:
    """The optimum at one strength of the divergence."""

    kl: float
    mixture: Mixture
    divergence: float
    """From the reference, in nats."""


@dataclass(frozen=True)
class ParetoPoint:
    """A mixture that no other beats in all objectives at once."""

    shares: tuple[float, ...]
    """What each objective was weighted with."""
    objectives: tuple[float, ...]
    """Predicted: of each group, mean of its targets over their spread; lower is better."""
    weights: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Proposal:
    """All of it."""

    experiment: str
    swarm_digest: str
    predictor: str
    phases: tuple[str, ...]
    components: tuple[str, ...]
    targets: tuple[str, ...]
    objective: tuple[float, ...]
    """Weights of the targets."""
    kl: float
    reference: str
    interval: float
    resamples: int
    best: Mixture
    weights: tuple[ComponentProposal, ...]
    tied: tuple[Mixture, ...]
    """Mixtures that cannot be told from the best: runs of the swarm, static ones, and draws around."""
    nearest_tied: Mixture
    """Of all that is tied with the best, the one nearest to the current mixture."""
    statics: tuple[Mixture, ...]
    """Static mixtures, as the law sees them."""
    worst: Mixture
    """The worst that is allowed: the law should be right about it too."""
    kl_path: tuple[KlPoint, ...]
    objectives: tuple[str, ...]
    """Names of those of the front."""
    pareto: tuple[ParetoPoint, ...]
    resampled: tuple[tuple[float, ...], ...]
    """Flat weights of every bootstrap optimum."""
    plan: str
    """File name of the training plan, "" where the experiment names none."""
    warnings: tuple[str, ...]
