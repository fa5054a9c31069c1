"""What a round of near-duplicates reads and writes, worked out from the recipe alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from datapipe.dedup.near.records import NearForm
from datapipe.executors import Resources
from datapipe.fingerprints import FORMAT, digest, step_data
from datapipe.loading.columns import columns_before
from datapipe.passes.deciding import ROUTE_SCHEMA
from datapipe.passes.planning import ACCOUNTED, upstream_of
from datapipe.passes.rounds import (
    Round,
    kept_order,
    round_columns,
    routes_before,
    routes_schema,
    shingling_of,
    sizes_before,
)
from datapipe.recipe import Recipe
from datapipe.shard_files import Upstream

VERSION = 1
"""Of these rounds: raised when the same input may give other routes, decisions, evidence or indexes."""


@dataclass(frozen=True)
class NearFingerprints:
    """Of the phases: each is told by the settings that it and those before it heed."""

    bands: str
    """Also of buckets and labels."""
    profiles: str
    pairing: str
    """Also of shingles."""
    verifying: str
    """Also of choosing."""
    resolving: str


@dataclass(frozen=True)
class NearPlan:
    """A round of near-duplicates as it will run."""

    round: Round
    form: NearForm
    banded: tuple[Upstream, ...]
    """What bands are made of: documents first."""
    profiled: tuple[Upstream, ...]
    """What profiles are made of."""
    compared: tuple[Upstream, ...]
    """What pairs are compared on: texts, or signatures."""
    accounted: tuple[Upstream, ...]
    """What the last phase reads: what accounts of documents and the index need, all columns of the routes before."""
    schema: pa.Schema
    """Of its routes."""
    fingerprints: NearFingerprints
    resources: Resources


def plan_near(recipe: Recipe, rounds: Sequence[Round]) -> NearPlan:
    """The last of these rounds, behind the others."""
    one, before = rounds[-1], rounds[:-1]
    near = one.near
    assert near is not None, "a round of near-duplicates"
    columns = columns_before(recipe, len(recipe.passes))
    sizes = round_columns(before) if before else {}
    routes = routes_before(rounds)
    kept = kept_order(one, columns)
    known = sizes_before(rounds)
    bands, rows = near.banding
    form = NearForm(
        shingling_of(near), bands, rows, near.scope_columns, near.bucket_limit, near.verify, near.containment,
        near.compare, known, kept, len(one.against), near.store_shingles,
    )  # fmt: skip
    owner = next(member for member in recipe.passes if member.name == one.pass_name)
    step = next(step for step in owner.steps if step.name == "minhash")
    signed = Upstream("annotations", one.pass_name, ("signature",))
    routed = Upstream("annotations", routes, ("drop_reason", *known))
    names = {"id", "text_bytes", *near.scope_columns, *(name for name, _, _ in kept)}
    text = upstream_of(columns, {"id", "text"} if near.compare == "shingles" else {"id"})
    accounted = {*ACCOUNTED, *near.scope_columns, *(["text"] if near.store_shingles else [])}
    return NearPlan(
        one,
        form,
        (*upstream_of(columns, {"id", *near.scope_columns}), signed, routed),
        (*upstream_of(columns, names), signed, routed),
        text if near.compare == "shingles" else (*text, signed),
        (
            *upstream_of(columns, accounted),
            signed,
            Upstream("annotations", routes, (*ROUTE_SCHEMA.names, *sizes)),
        ),
        routes_schema(rounds),
        _fingerprints(form, [FORMAT, VERSION, one.name, step_data(step), routes]),
        Resources(owner.num_cpus, 0, owner.memory_bytes),
    )


def _fingerprints(form: NearForm, settings: list[object]) -> NearFingerprints:
    """Each chained to the one before."""
    bands = digest([*settings, form.bands, form.rows, form.scope, form.earlier_runs])
    profiles = digest([bands, form.keep, form.size_columns])
    pairing = digest([profiles, form.bucket_limit, form.compare])
    verifying = digest([pairing, form.verify, form.containment])
    return NearFingerprints(bands, profiles, pairing, verifying, digest([verifying, form.store_shingles]))
