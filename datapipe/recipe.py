"""What a recipe says: every key, its type and its meaning. `datapipe.loading.load` makes these from YAML.

The attribute docstrings below are the reference: `datapipe schema` and `recipes/REFERENCE.md` are made of them.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import pyarrow as pa
from pydantic import Field, SkipValidation

from datapipe.reader import Reader, ReadOptions
from datapipe.recipe_duplicates import Exact, Near, Preference, Repeated, Url
from datapipe.rules import RuleSet
from datapipe.stage import Stage
from datapipe.strict import STRICT
from datapipe.where import Condition

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
"""Names become parts of file names: lower-case letters, digits, `_` and `-`."""

IMPORT_PREFIX = "corpusmill_import_"
"""Names of the modules made of the files under `imports:` begin with it."""

COLUMN_TYPES = {"string": pa.string(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_()}


@dataclass(frozen=True)
class Step:
    """A stage with its options, the rows it applies to, and whether its drops leave at once."""

    name: str
    stage: Annotated[Stage, SkipValidation]
    where: tuple[Condition, ...] = ()
    """Rows the step applies to; the others pass untouched and their measurements are null."""
    early: bool = False
    """Only for `select`: drop here, before the documents are written, instead of in the deciding pass."""

    __pydantic_config__ = STRICT

    @property
    def writes_text(self) -> bool:
        """Whether the step rewrites documents."""
        return "text" in self.stage.writes.names

    @property
    def rules(self) -> tuple[RuleSet, ...]:
        """The rule sets of a selection; none of any other step."""
        found: tuple[RuleSet, ...] = getattr(self.stage, "rules", ()) if self.name == "select" else ()
        return found


@dataclass(frozen=True)
class Source:
    """Where documents come from, and how they are read."""

    name: Name
    """Name of the source: first part of every id and shard name."""
    reader: Annotated[Reader, SkipValidation]
    """Reader by name, or `{name: {option: value}}`."""
    paths: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Files, folders and globs, against the recipe's folder; `s3://`, `gs://` and URLs too. A path or glob that ends in
    `.tar`, `.tar.gz`, `.tgz`, `.tar.zst`, `.tar.bz2`, `.tar.xz` or `.zip` names archives, whose members are read."""
    paths_from: str | None = None
    """A text file that lists paths or URLs, one per line; blank lines and those that begin with `#` do not count."""
    root: str | None = None
    """Folder that ids are relative to; default: the common folder of `paths` before any wildcard."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Column of ours: name of the field in the records, as in `{text: content}`."""
    extra_columns: Mapping[str, Literal["string", "int", "float", "bool"]] = field(default_factory=dict)
    """Further fields to keep as columns, with their types."""
    max_record_bytes: Annotated[int, Field(gt=0)] = 32 << 20
    """Larger records are skipped in bounded memory and quarantined (32 MiB)."""

    __pydantic_config__ = STRICT

    @property
    def read_options(self) -> ReadOptions:
        """What the reader is told."""
        extra = pa.schema([pa.field(name, COLUMN_TYPES[kind]) for name, kind in self.extra_columns.items()])
        return ReadOptions(fields=self.fields, extra_columns=extra, max_record_bytes=self.max_record_bytes)


@dataclass(frozen=True)
class Pass:
    """Steps that run in one sweep over every shard: one read, one write. Or `url`, `exact`, `near` with their own."""

    name: Name
    """Name of the pass: a folder of its output."""
    steps: tuple[Step, ...] = ()
    """Stages with their options, in order."""
    repeated: Repeated | None = None
    """Remove repeated passages from the texts, before the steps of the pass if it has any."""
    url: Url | None = None
    """Keep one document of every address,"""
    exact: Exact | None = None
    """then one of every text,"""
    near: Near | None = None
    """and then one of texts that are nearly the same; no `steps` beside these."""
    keep: tuple[Preference, ...] = ()
    """Which duplicate stays: by the first of these in which they differ, at last by id."""
    num_cpus: Annotated[float, Field(ge=0)] = 1
    """CPUs that Ray reserves per task."""
    num_gpus: Annotated[float, Field(ge=0)] = 0
    """GPUs that Ray reserves per task."""
    memory_bytes: Annotated[int, Field(gt=0)] = 2 << 30
    """Memory that Ray reserves per task (2 GiB). On Ray a document that needs more is quarantined."""
    record_cpu_seconds: Annotated[float, Field(gt=0)] = 30
    """On Ray a document that keeps a step busy for longer is quarantined (CPU time)."""

    __pydantic_config__ = STRICT

    @property
    def writes_text(self) -> bool:
        """Whether the pass rewrites documents."""
        return self.repeated is not None or any(step.writes_text for step in self.steps)

    @property
    def drops_duplicates(self) -> bool:
        """Whether documents are compared with each other when the rules are done."""
        return self.url is not None or self.exact is not None or self.near is not None

    @property
    def sweep(self) -> tuple[Step, ...]:
        """The steps this pass runs itself: all but the selections that wait for the deciding pass."""
        return tuple(step for step in self.steps if step.name != "select" or step.early)

    @property
    def late_selections(self) -> tuple[Step, ...]:
        """The selections left to the deciding pass."""
        return tuple(step for step in self.steps if step.name == "select" and not step.early)


@dataclass(frozen=True)
class Unimax:
    """As even as a cap on repetition allows (Chung et al. 2023, arXiv 2304.09151, algorithm 1)."""

    max_epochs: Annotated[float, Field(gt=0)] = 1
    """How often a unit may be repeated at most."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Sampling:
    """How a domain's weight is divided among its units; by size where nothing is said."""

    alpha: Annotated[float, Field(gt=0)] | None = None
    """Weight proportional to bytes ** (1 / alpha): above 1 flattens."""
    temperature: Annotated[float, Field(gt=0)] | None = None
    """The same as alpha, by its other name."""
    unimax: Unimax | None = None
    """As even as `max_epochs` allows."""
    weights: Mapping[str, Annotated[float, Field(ge=0)]] | None = None
    """Explicit share of every unit; they sum to 1."""

    __pydantic_config__ = STRICT

    def __post_init__(self) -> None:
        """Refuse two ways at once."""
        chosen = [name for name in ("alpha", "temperature", "unimax", "weights") if getattr(self, name) is not None]
        if len(chosen) > 1:
            raise ValueError(f"expected one of alpha, temperature, unimax, weights, found {' and '.join(chosen)}")


@dataclass(frozen=True)
class Holdout:
    """Documents set apart for validation: never part of the training shards."""

    fraction: Annotated[float, Field(ge=0, lt=0.5)] = 0.001
    """Share of every unit, by a hash of the id."""
    min_documents: Annotated[int, Field(ge=0)] = 200
    """Raise the share of a small unit until about this many documents are held out,"""
    max_fraction: Annotated[float, Field(ge=0, lt=0.5)] = 0.05
    """but never beyond this share (5 %)."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Domain:
    """A part of the blend: which documents it takes, the rules they must pass, its weight."""

    name: Name
    """Name of the domain: a folder of the output."""
    weight: Annotated[float, Field(ge=0, le=1)]
    """Share of the training tokens; the weights of all domains sum to 1."""
    where: tuple[Condition, ...] = ()
    """Documents it takes. Domains are tried in order, the first match takes the document."""
    rules: tuple[RuleSet, ...] = ()
    """Rule sets by name or file, or rules written out."""
    by: str = "source"
    """Column whose values are the units of weighting."""
    sampling: Sampling = field(default_factory=Sampling)
    """How the weight is divided among the units."""
    max_epochs: Annotated[float, Field(gt=0)] | None = None
    """Refuse a budget that repeats any unit more often than this."""
    bytes_per_token: Annotated[float, Field(gt=0)] = 4.0
    """Assumed until tokens are counted; epochs estimated with it are marked so."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Recipe:
    """Everything that determines a run."""

    name: Name
    """Name of the recipe."""
    output: Annotated[str, Field(min_length=1)]
    """Folder of the output, under `--root`, `CORPUSMILL_ROOT` or the current folder."""
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    """Where documents come from."""
    passes: Annotated[tuple[Pass, ...], Field(min_length=1)]
    """What is measured and rewritten, in order."""
    domains: Annotated[tuple[Domain, ...], Field(min_length=1)]
    """The parts of the blend."""
    seed: Annotated[int, Field(ge=0, lt=1 << 64)] = 17
    """Key of every draw: order inside the shards, choice of held-out documents."""
    budget_tokens: Annotated[int, Field(gt=0)] | None = None
    """Tokens the mixture is planned for; epochs follow from it."""
    imports: tuple[str, ...] = ()
    """Python files beside the recipe that register stages, readers of your own."""
    holdout: Holdout = field(default_factory=Holdout)
    """Documents set apart for validation."""
    columns: tuple[str, ...] = ()
    """Measured columns that the shards carry beside those of the documents."""
    cut_bytes: Annotated[int, Field(ge=1 << 16)] = 256 << 20
    """Text read per shard, at least 64 KiB: a large file is cut after about this much, small files are grouped up to it
    (256 MiB)."""
    shard_bytes: Annotated[int, Field(ge=1 << 16)] = 256 << 20
    """Text per output shard, at least 64 KiB (256 MiB)."""
    max_error_fraction: Annotated[float, Field(ge=0, le=1)] = 0.05
    """The run stops when more of a source's records than this are quarantined."""
    folder: Path = Path()
    """Not a key: the folder that relative paths stand against."""
    file: str = ""
    """Not a key: the file the recipe was read from,"""
    text: str = ""
    """its text,"""
    settings: tuple[str, ...] = ()
    """and what `--set` changed."""

    __pydantic_config__ = STRICT

    def source(self, name: str) -> Source:
        """The source called `name`."""
        return next(source for source in self.sources if source.name == name)


def resolved(path: str, folder: Path) -> str:
    """A recipe's path against the recipe's folder; absolute ones and URIs stay."""
    return path if "://" in path or Path(path).is_absolute() else str(folder / path)


def options_of(item: Stage | Reader) -> dict[str, Any]:
    """The recipe keys of a stage or reader with their values."""
    return {field.name: getattr(item, field.name) for field in dataclasses.fields(item)}  # type: ignore[arg-type]
