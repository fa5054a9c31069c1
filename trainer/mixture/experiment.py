"""What an experiment says: every key, its type and its meaning. `trainer.mixture.load` makes these from YAML.

The attribute docstrings below are the reference: `recipes/MIXTURE_REFERENCE.md` is made of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from datapipe.recipe import Name
from datapipe.strict import STRICT
from trainer.plan import Count, Model, NotNegative, Positive, Text
from trainer.plan import Plan as TrainingPlan

Share = Annotated[float, Field(ge=0, le=1)]
Weights = Mapping[Name, Share]
PredictorName = Literal["log_linear", "square_root_ridge", "hellinger_ridge", "gaussian_process", "light_gbm", "mean"]


@dataclass(frozen=True)
class Component:
    """What gets one weight: a domain, or some units of one. Inside it units keep the shares they have."""

    domain: Name | None = None
    """Of the data; the component's own name where nothing is said."""
    units: tuple[Text, ...] = ()
    """Units of the domain; those that no other component names where nothing is said."""
    min: Share | None = None
    """Least weight in every phase; `caps.min_weight` where nothing is said."""
    max: Share = 1.0
    """Largest weight in every phase."""
    max_epochs: Positive | None = None
    """How often it may be read in the full run; `caps.max_epochs` where nothing is said."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Group:
    """Components whose weights have a floor or a ceiling together, in every phase."""

    of: Annotated[tuple[Name, ...], Field(min_length=1)]
    """Their names."""
    min: Share = 0.0
    """Floor of their sum."""
    max: Share = 1.0
    """Ceiling of their sum."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class MixturePhase:
    """A stretch of the full run with weights of its own."""

    name: Name
    """What it is called."""
    of: tuple[Name, ...] = ()
    """The phases of `plan` that it stands for, one after the other: all of the plan's are in one of `phases`, in order.
    A single one stands for all of them where nothing is said."""
    tokens: Count | None = None
    """Of the full run, where there is no `plan`; `budget_tokens` of `mixture.json` for a single phase where nothing is
    said."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Caps:
    """What no mixture may do, designed or proposed."""

    max_epochs: Positive = 4.0
    """How often a component may be read in the full run: up to four times is nearly as good as fresh text (Muennighoff
    et al. 2023, arXiv 2305.16264)."""
    warn_epochs: Positive = 2.0
    """From here on it is told."""
    refuse_epochs: Positive = 16.0
    """No cap may be above, unless `force`: beyond, repeating is worth little (the same)."""
    force: bool = False
    """Allow caps above `refuse_epochs`."""
    min_weight: Share = 0.002
    """Least weight of a component in a phase."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class ProxyRate:
    """Learning rate of a proxy: linear from 0, then constant or a cosine to `end_fraction` of the peak."""

    peak: Positive = 1e-5
    """Low on purpose: which data is better then depends less on the model's size (arXiv 2512.24503: rank correlation
    between 125M and 1B models above 0.95 at 1e-5 to 1e-6, below 0.75 at usual rates)."""
    warm_up: Annotated[float, Field(ge=0, lt=1)] = 0.02
    """Share of the tokens."""
    shape: Literal["constant", "cosine"] = "cosine"
    """After that."""
    end_fraction: Annotated[float, Field(gt=0, le=1)] = 0.1
    """Of the peak, at the end of a cosine."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Proxy:
    """The small models that mixtures are tried with. Their optimizer is that of `plan`, the trainer's without one."""

    model: Model
    """At least 15 M parameters beside the embeddings, if that can be afforded: smaller ones rank mixtures otherwise
    (Olmix: rank correlation with 1B models 0.89 above, 0.73 at 1 M)."""
    tokens: Count
    """Each is trained on, over all phases: at least 20 per parameter."""
    batch: Count
    """Sequences per step."""
    tokenizer: Text | None = None
    """Below `tokens/` of the data: a smaller one than the plan's, if there is one, makes proxies cheaper; figures are
    bits per byte, which vocabularies cannot flatter. The plan's where nothing is said."""
    seq_len: Count | None = None
    """Tokens of a sequence; that of the tokens where nothing is said."""
    learning_rate: ProxyRate = field(default_factory=ProxyRate)
    """Of all phases together."""
    repetition: Literal["matched", "as_is"] = "matched"
    """`matched`: of every unit a proxy sees so small a sample that it repeats it as often as the full run will. What is
    best on unrepeated text is not (arXiv 2606.07597: error 0.75 -> 0.05)."""
    checkpoints: Count = 4
    """Measurements on the way, the last at the end: they tell whether longer proxies would say something else."""
    max_validation_tokens: Count = 65_536
    """Per unit, as `validation.max_tokens` of a plan."""
    precision: Literal["bf16", "fp32"] = "bf16"
    """Of matrix products."""
    micro_batch: Count = 1
    """Sequences per forward pass."""
    loss_above: Positive | None = 3.0
    """A run whose loss rises so many nats above its lowest has diverged: it ends, and says so."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class SwarmKeys:
    """Which mixtures are tried."""

    runs: Count | None = None
    """All of them, repeats too; max(16, 4 x components x phases) + repeats where nothing is said."""
    repeats: Annotated[int, Field(ge=2)] = 3
    """Runs of `repeat_of` beside the first, with other seeds: what differs between them is noise."""
    repeat_of: Text = "proportional"
    """The anchor that is repeated."""
    anchors: tuple[Text, ...] = ("proportional", "uniform", "current")
    """Static mixtures among the runs: names that `trainer mix plan` lists. One that caps forbid is moved to the nearest
    that they allow; one that is the mixture of another stands there once."""
    deletions: bool = True
    """Whether `repeat_of` without one component, for each of them in turn, is among the runs."""
    rows: Literal["d_optimal", "space_filling", "dirichlet"] = "d_optimal"
    """How the other rows are chosen inside the caps: `d_optimal` ones tell most about effects of components,
    `space_filling` ones are far from one another, `dirichlet` ones are drawn around shares of tokens as RegMix's."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Running:
    """Where proxies run: what one of them takes of a cluster."""

    num_cpus: Positive = 1.0
    """CPUs, and threads that compute where there is no GPU."""
    num_gpus: NotNegative = 0.0
    """0.25: four share a GPU."""
    memory_bytes: Count = 4 << 30
    """Of the machine."""
    attempts: Count = 3
    """Of a run that fails for another reason than the mixture."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Fitting:
    """How laws are fitted and compared."""

    predictors: tuple[PredictorName, ...] = ("log_linear", "square_root_ridge", "hellinger_ridge", "gaussian_process")
    """The laws; their mean is fitted beside them."""
    folds: Annotated[int, Field(ge=2)] = 8
    """Of cross-validation: repeats of one mixture are always in one fold."""
    huber: Positive = 0.2
    """Residuals of the log-linear law above it count linearly, in units of the target's spread. Olmix has 0.02
    bits per byte, of values that vary by tenths; 0.02 of the spread makes errors up to a fifth larger where noise is
    normal."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Proposing:
    """How the best mixture is looked for."""

    predictor: PredictorName = "mean"
    """Whose optimum."""
    objective: Mapping[Text, NotNegative] = field(default_factory=dict)
    """Weights of the targets, each divided by its spread over the swarm; all targets alike where nothing is said."""
    kl: NotNegative = 0.05
    """Weight of the Kullback-Leibler divergence from `reference`, in units of the objective."""
    kl_path: tuple[NotNegative, ...] = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
    """Strengths that are shown side by side."""
    reference: Text = "proportional"
    """The static mixture that it is held near to."""
    resamples: Count = 200
    """Bootstrap fits, of which intervals are made."""
    interval: Annotated[float, Field(gt=0, lt=1)] = 0.8
    """Their coverage."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Validating:
    """How the proposal is tried against the baseline."""

    tokens: Count
    """Each run is trained on."""
    model: Model
    """At least four times the proxy."""
    batch: Count | None = None
    """Sequences per step; the proxy's where nothing is said."""
    seeds: Annotated[int, Field(ge=3)] = 3
    """Pairs: proposal and baseline with the same seed."""
    baseline: Text = "current"
    """The static mixture that the proposal is to beat."""
    learning_rate: ProxyRate | None = None
    """The proxy's where nothing is said."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Experiment:
    """Everything that determines an experiment."""

    name: Name
    """Of the experiment."""
    output: Text
    """Folder of everything it writes, under `--root`, `CORPUSMILL_ROOT` or the current folder."""
    plan: Text | None = None
    """The training plan that the mixture is for, against this file's folder: its data, tokenizer and phases are meant
    where nothing else is said here, and the proposal is written as a copy of it with other blends."""
    data: Text | None = None
    """Output folder of `datapipe run`; the plan's where nothing is said. Without a plan `proxy.tokenizer` says whose
    tokens are meant; `mix plan` can do without and estimates them from bytes, as `mixture.json` does."""
    sizes: Mapping[Name, Count] = field(default_factory=dict)
    """Tokens of every component, where there is neither plan nor data: for imported evidence. It needs `phases`."""
    components: Mapping[Name, Component] = field(default_factory=dict)
    """What gets weights; every domain with a weight where nothing is said. Beside `sizes`: the same names."""
    groups: Mapping[Name, Group] = field(default_factory=dict)
    """Components with a floor or a ceiling together; also the objectives that the Pareto front is drawn between."""
    phases: tuple[MixturePhase, ...] = ()
    """Stretches with weights of their own; one, of all of the plan, where nothing is said."""
    current: Mapping[Name, Weights] | None = None
    """Today's mixture by phase; that of the plan, else of `mixture.json`, where nothing is said."""
    candidates: Mapping[Name, Weights] = field(default_factory=dict)
    """More static mixtures, beside those that are always shown: each the same in all phases."""
    caps: Caps = field(default_factory=Caps)
    """What no mixture may do."""
    proxy: Proxy | None = None
    """What is trained; `run` and the costs of `design` need it."""
    swarm: SwarmKeys = field(default_factory=SwarmKeys)
    """The mixtures that are tried."""
    run: Running = field(default_factory=Running)
    """Where."""
    targets: tuple[Text, ...] = ()
    """What is predicted: bits per byte of `domain` or `domain/unit` as the trainer measures them, or columns of
    imported evidence; every domain, or every column, where nothing is said."""
    fit: Fitting = field(default_factory=Fitting)
    """How laws are fitted."""
    propose: Proposing = field(default_factory=Proposing)
    """How the best of all mixtures is looked for."""
    validate: Validating | None = None
    """How it is tried."""
    seed: Annotated[int, Field(ge=0, lt=2**62)] = 17
    """Of everything that is drawn."""
    base: TrainingPlan | None = None
    """Not a key: the plan of `plan`, loaded,"""
    folder: Path = Path()
    """the folder that relative paths of files stand against,"""
    file: str = ""
    """the file the experiment was read from,"""
    text: str = ""
    """and its text."""

    __pydantic_config__ = STRICT
