"""Who may have to be compared: the bands of a round of near-duplicates, their buckets, and the parts they connect."""

from collections.abc import Sequence

from datapipe.accounts import source_of
from datapipe.dedup.near.bands import BandTask, EarlierBandTask, gather_bands, gather_earlier_bands
from datapipe.dedup.near.buckets import BucketTask, find_buckets
from datapipe.dedup.near.labels import Holders
from datapipe.dedup.near.profiles import EarlierProfileTask, ProfileTask, profile_documents, profile_earlier
from datapipe.dedup.near.records import BAND_WORDS
from datapipe.exchange import Layout, Split, layout_for
from datapipe.passes.near_labels import Labelling
from datapipe.passes.near_work import NearWork
from datapipe.passes.partitions import Partition
from datapipe.receipts import Receipt


def find_parts(work: NearWork) -> list[Partition]:
    """The profiles of all documents that have a band in common with another one, part by part."""
    layout = layout_for(work.documents * work.form.bands, BAND_WORDS, work.exchange.sizes)
    bands = _bands(work, layout)
    labelling = _labelling(work, bands)
    partitions = work.exchange.partitions("bands", work.prints.bands, layout, bands)
    buckets = _buckets(work, partitions, labelling.ties.map_split)
    return _profiles(work, labelling.labels(buckets), _crowded(buckets))


def _bands(work: NearWork, layout: Layout) -> list[Receipt]:
    tasks = [
        BandTask(
            work.exchange.key("bands", number, work.prints.bands, [layout, [work.inputs[k] for k in group]]),
            tuple(work.shards[k] for k in group), group.start, work.plan.banded, work.form, layout.map_split,
        )
        for number, group in enumerate(work.groups)
    ]  # fmt: skip
    earlier = [
        EarlierBandTask(
            work.exchange.key("earlier_bands", number, work.prints.bands, [layout, work.files.made_of(group)]),
            work.files.slices(group), group.start, work.form, layout.map_split,
        )
        for number, group in work.earlier_groups
    ]  # fmt: skip
    found = work.exchange.map("bands", gather_bands, tasks)
    return found + work.exchange.map("earlier_bands", gather_earlier_bands, earlier)


def _labelling(work: NearWork, bands: Sequence[Receipt]) -> Labelling:
    rows = {name: count for one in bands for name, count in one.figures.get("documents", {}).items()}
    holders = Holders(tuple(rows[name] for name in work.shards), work.files.records)
    return Labelling(work.exchange, work.prints.bands, holders, tuple(work.bounds))


def _buckets(work: NearWork, partitions: Sequence[Partition], split: Split) -> list[Receipt]:
    tasks = [
        BucketTask(
            work.exchange.key("buckets", number, work.prints.bands, [one.made_of, split]), one.slices, work.form, split
        )
        for number, one in enumerate(partitions)
    ]
    return work.exchange.map("buckets", find_buckets, tasks)


def _profiles(work: NearWork, labels: Sequence[Partition], crowded: tuple[tuple[int, int], ...]) -> list[Partition]:
    labelled = sum(one.records for one in labels)
    layout = layout_for(labelled, work.form.profile_words, work.exchange.sizes)
    ranks = {name: rank for rank, name in enumerate(work.table)}
    settings = [layout, work.table, crowded]
    tasks = [
        ProfileTask(
            work.exchange.key(
                "profiles", number, work.prints.profiles,
                [settings, labels[number].made_of, [work.inputs[k] for k in group]],
            ),
            tuple(work.shards[k] for k in group), tuple(source_of(work.shards[k]) for k in group), group.start,
            work.plan.profiled, ranks, labels[number].slices, crowded, work.form, layout.map_split,
        )
        for number, group in enumerate(work.groups)
    ]  # fmt: skip
    earlier = [
        EarlierProfileTask(
            work.exchange.key(
                "earlier_profiles", number, work.prints.profiles,
                [settings, labels[number].made_of, work.files.made_of(group)],
            ),
            work.files.slices(group), work.files.runs(group), work.files.sources(group), work.table, group.start,
            labels[number].slices, crowded, work.form, layout.map_split,
        )
        for number, group in work.earlier_groups
    ]  # fmt: skip
    found = work.exchange.map("profiles", profile_documents, tasks)
    found += work.exchange.map("earlier_profiles", profile_earlier, earlier)
    return work.exchange.partitions("profiles", work.prints.profiles, layout, found)


def _crowded(buckets: Sequence[Receipt]) -> tuple[tuple[int, int], ...]:
    """Band keys that too many documents share to be compared together, with their documents."""
    found = {key: size for one in buckets for key, size in one.figures.get("crowded", {}).items()}
    return tuple(sorted((int(key, 16), size) for key, size in found.items()))
