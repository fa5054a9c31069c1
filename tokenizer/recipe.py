"""What a tokenizer recipe says: every key, its type and its meaning. `tokenizer.load` makes these from YAML.

The attribute docstrings below are the reference: `recipes/TOKENIZER_REFERENCE.md` is made of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from datapipe.recipe import Name
from datapipe.strict import STRICT

VOCABULARY_MULTIPLE = 128
"""Sizes are multiples of it, so that embeddings divide among 8 GPUs and fill their tiles: 256,000 = 2,000 x 128."""

Factor = Annotated[float, Field(ge=0)]


@dataclass(frozen=True)
class Symbols:
    """Strings that are always a token of their own. Counts are cut at them: they hold for all models of a count."""

    user_defined: tuple[Annotated[str, Field(min_length=1)], ...] = ("\n", "\t")
    """Strings that are always one token. A new line and a tab have no other way into a SentencePiece vocabulary."""
    split_digits: Literal["every_script", "ascii", "none"] = "every_script"
    """Each digit is a token: of every script (all of Unicode Nd), only `0-9` and full-width `０-９`, or none."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Count:
    """What is counted of the shards."""

    domains: tuple[Name, ...] = ()
    """Domains to count; all where nothing is said."""
    max_bytes: Annotated[int, Field(gt=0)] = 20_000_000_000
    """Text per language of which fragments are counted that grow with the text: in scripts without spaces, and above
    64 bytes. A larger language is sampled for them, by a hash of the documents' ids; all others are always counted."""
    max_fragment_bytes: Annotated[int, Field(ge=64)] = 65_536
    """Longer fragments are not counted; how much text they are is told."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Unimax:
    """As even over all units as a cap on repetition allows (Chung et al. 2023, arXiv 2304.09151, algorithm 1).

    The budget is as much text as there is.
    """

    max_epochs: Annotated[float, Field(gt=0)] = 4
    """How often a unit may be repeated at most. 1 leaves all shares as they are."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Weights:
    """How much domains and units count, in one of these ways. Keys are domains, or `domain/unit`, which go first."""

    up_sampling: Mapping[str, Factor] | None = None
    """The weights of `mixture.json` times these factors; 1 where nothing is said. So it is where no way is chosen."""
    shares: Mapping[str, Factor] | None = None
    """Shares of the text trained on, scaled to sum to 1; units of a domain by size. What is not named has none."""
    repeat: Mapping[str, Factor] | None = None
    """How often the text as it is counts; 1 where nothing is said."""
    temperature: Annotated[float, Field(gt=0)] | None = None
    """Shares of all units proportional to bytes ** (1 / temperature): above 1 flattens."""
    unimax: Unimax | None = None
    """As even over all units as `max_epochs` allows."""
    file: Annotated[str, Field(min_length=1)] | None = None
    """Shares from a file that `tokenizer weights` has written, against the recipe's folder."""

    __pydantic_config__ = STRICT

    def __post_init__(self) -> None:
        """Refuse two ways at once."""
        names = ("up_sampling", "shares", "repeat", "temperature", "unimax", "file")
        chosen = [name for name in names if getattr(self, name) is not None]
        if len(chosen) > 1:
            raise ValueError(f"expected one of {', '.join(names)}, found {' and '.join(chosen)}")


@dataclass(frozen=True)
class Train:
    """The vocabulary."""

    vocab_sizes: Annotated[tuple[Annotated[int, Field(gt=0)], ...], Field(min_length=1)] = (256_000,)
    """Sizes, each a model of its own from the same counts: all symbols and bytes included, multiples of 128."""
    weights: Weights = field(default_factory=Weights)
    """How much each domain and unit counts."""
    fim: tuple[str, ...] = ("<fim_prefix>", "<fim_middle>", "<fim_suffix>")
    """Control symbols for filling in the middle of code (ids from 4 on); control symbols cannot be typed in text."""
    reserved: Annotated[int, Field(ge=0)] = 100
    """Further control symbols `<reserved_0>`, ... for later use."""
    character_coverage: Annotated[float, Field(ge=0.98, le=1)] = 0.9995
    """Share of all characters that get a piece of their own; rarer ones become bytes."""
    max_piece_length: Annotated[int, Field(ge=1, le=256)] = 16
    """Characters of a piece at most. 32 to 64 allows long indentation and identifiers."""
    max_memory_bytes: Annotated[int, Field(gt=0)] | None = None
    """Where SentencePiece's trainer would need more, its merges are made natively: the same model at about half the
    memory. Where that is too much, too, the rarest fragments are left out, and the certificate says what that means."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Encode:
    """Token shards."""

    vocab_size: int | None = None
    """Which of `train.vocab_sizes`; the first where nothing is said."""
    model: Annotated[str, Field(min_length=1)] | None = None
    """A SentencePiece `.model` from elsewhere instead, against the recipe's folder."""
    domains: tuple[Name, ...] = ()
    """Domains to encode; all where nothing is said."""
    bos: bool = False
    """Whether `<s>` begins each document that has text."""
    eos: bool = True
    """Whether `</s>` ends each document that has text."""
    seq_len: Annotated[int, Field(gt=0)] = 4096
    """Tokens of a training sequence; windows of `seq_len` + 1 are counted in the manifest."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Gate:
    """A limit that `tokenizer evaluate` fails beyond."""

    metric: str
    """What is held to it."""
    group: str = "all"
    """`all`, a domain, `domain/unit`, or a language."""
    min: float | None = None
    """The least that passes."""
    max: float | None = None
    """The most that passes. One of both must be given."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Evaluate:
    """What tokenizers are measured on: the validation documents of the data, and parallel text."""

    max_bytes: Annotated[int, Field(gt=0)] = 4_000_000
    """Validation text per unit at most."""
    parallel: tuple[str, ...] = ()
    """Files of parallel text, against the recipe's folder: JSONL (plain, gz, zst) of `language`, `key`, `text`, where
    equal keys are translations. Without it the Universal Declaration of Human Rights that ships."""
    gates: tuple[Gate, ...] = ()
    """Limits that fail the command."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Sweep:
    """The weights that `tokenizer weights` tries."""

    vocab_size: Annotated[int, Field(gt=0)] = 32_000
    """Of the models it trains to compare them."""
    temperatures: tuple[Annotated[float, Field(gt=0)], ...] = (1, 1.5, 2, 3.3, 5)
    """Of `temperature`."""
    unimax_epochs: tuple[Annotated[float, Field(gt=0)], ...] = (1, 4)
    """Of `unimax`."""
    up_sampling: tuple[Annotated[float, Field(gt=0)], ...] = (1, 2, 4, 8)
    """Factors on the domains named in `up_sampled`."""
    up_sampled: tuple[Name, ...] = ()
    """Domains that `up_sampling` is for; those with `by: language` where nothing is said."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class TokenizerRecipe:
    """Everything that determines a tokenizer."""

    name: Name
    """Name of the tokenizer; models are called `NAME-SIZE`."""
    data: Annotated[str, Field(min_length=1)]
    """Output folder of the `datapipe run` whose shards are read, under `--root`, `CORPUSMILL_ROOT` or the current
    folder. Tokens are written into it."""
    output: Annotated[str, Field(min_length=1)]
    """Folder of counts and models, found as `data` is."""
    symbols: Symbols = field(default_factory=Symbols)
    """What is always a token of its own."""
    count: Count = field(default_factory=Count)
    """What is counted."""
    train: Train = field(default_factory=Train)
    """How the vocabulary is learnt from the counts."""
    encode: Encode = field(default_factory=Encode)
    """How token shards are made."""
    evaluate: Evaluate = field(default_factory=Evaluate)
    """Measurements and gates."""
    sweep: Sweep = field(default_factory=Sweep)
    """What `tokenizer weights` tries."""
    folder: Path = Path()
    """Not a key: the folder that relative paths of files stand against."""
    file: str = ""
    """Not a key: the file the recipe was read from,"""
    text: str = ""
    """its text,"""
    settings: tuple[str, ...] = ()
    """and what `--set` changed."""

    __pydantic_config__ = STRICT

    def tokenizer(self, vocab_size: int) -> str:
        """Name of the tokenizer of that size: of its folder below `models/`, and of its tokens."""
        return f"{self.name}-{vocab_size}"
