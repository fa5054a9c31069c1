"""What the driver keeps of every shard from phase to phase: some hundred bytes. Receipts on storage keep the rest.

A hundred thousand shards are an ordinary run: a receipt of each, for each pass, would take gigabytes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from datapipe.fingerprints import digest
from datapipe.receipts import Receipt
from datapipe.shard_files import Upstream

Unit = tuple[str, str]
"""Domain and unit."""


@dataclass(frozen=True)
class PassInputs:
    """A pass that every shard has been through."""

    pass_name: str
    fingerprint: str
    inputs: Sequence[str]
    """Of every shard, the fingerprint of what the pass read."""


@dataclass(frozen=True)
class Shards:
    """The shards of a run, in order of their names, and the passes they have been through."""

    names: Sequence[str]
    text_bytes: int
    """Of the documents of all, as the first pass wrote them."""
    passes: tuple[PassInputs, ...] = ()

    def after(self, one: PassInputs) -> "Shards":
        """The same shards when they have been through one pass more."""
        return Shards(self.names, self.text_bytes, (*self.passes, one))

    def made_of(self, upstream: Sequence[Upstream]) -> list[str]:
        """Per shard a fingerprint of what a task reads of it: a pass that it does not read may change."""
        read = {one.pass_name for one in upstream}
        passes = [one for one in self.passes if one.pass_name in read]
        return [
            digest([[one.pass_name, one.fingerprint, one.inputs[position]] for one in passes])
            for position in range(len(self.names))
        ]


@dataclass(frozen=True, slots=True)
class Routes:
    """Where the documents of a shard go, as the deciding pass or a round of duplicates has written it."""

    documents: int
    """That stay."""
    sha256: str | None
    """Sum of the file."""
    units: tuple[Unit, ...]
    """That get any of them."""


def routes_of(receipts: Iterable[Receipt], names: Sequence[str]) -> list[Routes]:
    """The routes of all shards in the order of `names`, from receipts in any order."""
    found = {receipt.shard: _routes(receipt) for receipt in receipts}
    return [found[name] for name in names]


def _routes(receipt: Receipt) -> Routes:
    file = receipt.output("annotations")
    units = _shared(tuple((one.domain, one.unit) for one in receipt.units))
    return Routes(receipt.rows_out, file.sha256 if file else None, units)


@lru_cache(maxsize=100_000)
def _shared(units: tuple[Unit, ...]) -> tuple[Unit, ...]:
    """The first equal tuple there was: many shards give to the same units."""
    return units
