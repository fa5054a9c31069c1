"""What a round of duplicates reads and writes, worked out from the recipe alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from datapipe.dedup.records import Form
from datapipe.executors import Resources
from datapipe.fingerprints import FORMAT, digest, step_data
from datapipe.loading.columns import columns_before
from datapipe.passes.deciding import ROUTE_SCHEMA
from datapipe.passes.near_plans import NearPlan, plan_near
from datapipe.passes.planning import ACCOUNTED, upstream_of
from datapipe.passes.rounds import (
    Round,
    kept_order,
    round_columns,
    rounds_of,
    routes_before,
    routes_schema,
    sizes_before,
)
from datapipe.recipe import Recipe
from datapipe.shard_files import Upstream

VERSION = 1
"""Of the rounds: raised when the same input may give other routes, decisions or indexes."""


@dataclass(frozen=True)
class RoundPlan:
    """A round as it will run."""

    round: Round
    form: Form
    upstream: tuple[Upstream, ...]
    """What is compared: documents first."""
    accounted: tuple[Upstream, ...]
    """What the last task reads: besides, what the accounts of documents need, and all columns of the routes before."""
    schema: pa.Schema
    """Of its routes."""
    fingerprint: str
    resources: Resources


def plan_rounds(recipe: Recipe) -> list[RoundPlan | NearPlan]:
    """The rounds in order."""
    rounds = rounds_of(recipe)
    so_far = [rounds[: number + 1] for number in range(len(rounds))]
    return [plan_near(recipe, some) if some[-1].near is not None else _plan(recipe, some) for some in so_far]


def _plan(recipe: Recipe, rounds: Sequence[Round]) -> RoundPlan:
    one, before = rounds[-1], rounds[:-1]
    columns = columns_before(recipe, len(recipe.passes))
    sizes = round_columns(before) if before else {}
    routes = routes_before(rounds)
    kept = kept_order(one, columns)
    known = sizes_before(rounds)
    form = Form(one.hash_column, one.scope, known, kept, len(one.against))
    names = {"id", *(name for name, _, _ in kept), *(["language"] if one.scope == "language" else [])}
    # Two passes may hash in two ways: this round's own file it is.
    hashed = Upstream("annotations", one.pass_name, (one.hash_column,))
    routes_now = (*ROUTE_SCHEMA.names, *sizes)
    owner = next(member for member in recipe.passes if member.name == one.pass_name)
    step = next(step for step in owner.steps if step.name == one.hash_column)
    return RoundPlan(
        one,
        form,
        (*upstream_of(columns, names), hashed, Upstream("annotations", routes, ("drop_reason", *known))),
        (*upstream_of(columns, {*names, *ACCOUNTED}), hashed, Upstream("annotations", routes, routes_now)),
        routes_schema(rounds),
        digest([FORMAT, VERSION, one.name, one.settings, kept, step_data(step), routes]),
        Resources(owner.num_cpus, 0, owner.memory_bytes),
    )
