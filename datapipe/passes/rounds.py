"""The rounds that a recipe's duplicate passes make: each compares what is still kept by one hash, after the rules.

A pass with `url`, `exact` and `near` is an ordinary pass as far as its hashes go (the steps that the loader gives it),
and one round for each of the three behind the deciding pass. A moved threshold so hashes no text again.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from datapipe.dedup.order import order_words
from datapipe.kernels.shingling import Shingling
from datapipe.loading.columns import Column, Columns, columns_before
from datapipe.passes.deciding import PASS as DECIDE
from datapipe.passes.deciding import ROUTE_SCHEMA
from datapipe.recipe import Pass, Recipe, Step
from datapipe.recipe_duplicates import Near, Preference, Scope
from datapipe.stages.content_hash import ContentHash
from datapipe.stages.minhash import Minhash
from datapipe.stages.url_hash import UrlHash

HASH_COLUMNS = {"url": "url_hash", "exact": "content_hash", "near": "signature"}
"""By key of a duplicate pass, in the order of its rounds: the column that is compared."""
NO_ORDER = ("text", "content_hash", "url_hash", "signature")


@dataclass(frozen=True)
class Round:
    """One comparison of the documents that are still kept."""

    pass_name: str
    key: str
    """`url`, `exact` or `near`."""
    normalize: str | None
    """Of `exact`."""
    scope: Scope
    """Of `url` and `exact`."""
    keep: tuple[Preference, ...]
    against: tuple[str, ...]
    near: Near | None = None
    """Of `near`: all it says."""

    @property
    def name(self) -> str:
        """Of its folders, and the drop reason that it gives."""
        return f"{self.pass_name}.{self.key}"

    @property
    def hash_column(self) -> str:
        """What is compared."""
        return HASH_COLUMNS[self.key]

    @property
    def size_column(self) -> str:
        """How many documents the one that stays stands for."""
        return f"{self.key}_cluster_size"

    @property
    def settings(self) -> dict[str, object]:
        """What must be the same in two runs whose documents are compared."""
        if self.near is None:
            return {"key": self.key, "normalize": self.normalize, "scope": self.scope}
        bands, rows = self.near.banding
        stage = dataclasses.asdict(signature_stage(self.near)) | {"scope": list(self.near.scope_columns)}
        return {"key": self.key, "bands": bands, "rows": rows, **stage, "version": Minhash.version}


def with_hashes(one: Pass) -> Pass:
    """A duplicate pass with the steps that hash what it compares; any other as it is."""
    if not one.drops_duplicates:
        return one
    steps = []
    if one.url is not None:
        steps.append(Step("url_hash", UrlHash()))
    if one.exact is not None:
        steps.append(Step("content_hash", ContentHash(one.exact.normalize)))
    if one.near is not None:
        steps.append(Step("minhash", signature_stage(one.near)))
    return dataclasses.replace(one, steps=tuple(steps))


def shingling_of(near: Near) -> Shingling:
    """What `near` makes shingles of."""
    return Shingling(near.unit, near.ngram, near.normalize, near.strip_marks, near.max_chars)


def signature_stage(near: Near) -> Minhash:
    """The stage that makes what `near` compares."""
    bands, rows = near.banding
    return Minhash(*shingling_of(near), bands * rows)


def rounds_of(recipe: Recipe) -> tuple[Round, ...]:
    """All of them, in order."""
    found = []
    for one in recipe.passes:
        if one.url is not None:
            found.append(Round(one.name, "url", None, one.url.scope, one.keep, one.url.against))
        if one.exact is not None:
            exact = one.exact
            found.append(Round(one.name, "exact", exact.normalize, exact.scope, one.keep, exact.against))
        if one.near is not None:
            found.append(Round(one.name, "near", None, "global", one.keep, one.near.against, one.near))
    return tuple(found)


def routes_before(rounds: Sequence[Round]) -> str:
    """Whose routes the last of these rounds reads: those of the round before it, or of the deciding pass."""
    return rounds[-2].name if len(rounds) > 1 else DECIDE


def kept_order(one: Round, columns: Columns) -> tuple[tuple[str, bool, int], ...]:
    """The columns by which a duplicate stays, whether they are descending, and the words that each takes."""
    return tuple(
        (wanted.column, wanted.order == "descending", order_words(columns[wanted.column].field.type))
        for wanted in one.keep
    )


def routes_schema(rounds: Sequence[Round]) -> pa.Schema:
    """Of the routes that the last of these rounds writes."""
    return pa.schema([*ROUTE_SCHEMA, *(column.field for column in round_columns(rounds).values())])


def round_columns(rounds: Sequence[Round]) -> Columns:
    """What the rounds know of the documents that stay, at home in the routes of the last one."""
    sizes = dict.fromkeys(one.size_column for one in rounds)
    return {name: Column(pa.field(name, pa.int64()), rounds[-1].name, False, False) for name in sizes}


def sizes_before(rounds: Sequence[Round]) -> tuple[str, ...]:
    """Columns of the routes before the last of these rounds by which it counts: the greatest of them.

    What `near` has folded every round behind it counts too, and `near` the equal texts; those of one address only where
    no texts have been compared, since `exact` does not count them.
    """
    before = {one.key for one in rounds[:-1]}
    wanted = {rounds[-1].key, "near"} if rounds[-1].near is None else {"exact", "near"} & before or {"url"}
    return tuple(f"{key}_cluster_size" for key in HASH_COLUMNS if key in wanted & before)


def final_columns(recipe: Recipe) -> Columns:
    """All columns that shards can carry."""
    return columns_before(recipe, len(recipe.passes)) | round_columns(rounds_of(recipe))
