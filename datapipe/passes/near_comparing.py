"""What is found of the pairs of a round of near-duplicates: in blocks, each with the shingles of its documents."""

from collections.abc import Sequence

from datapipe.dedup.near.evidence import EVIDENCE_WORDS
from datapipe.dedup.near.pairing import PairingTask, pair_documents
from datapipe.dedup.near.records import REQUEST_WORDS, SHINGLE_WORDS, block_key
from datapipe.dedup.near.shingle_sets import EarlierShingleTask, ShingleTask, gather_earlier_shingles, gather_shingles
from datapipe.dedup.near.verifying import VerifyTask, verify_pairs
from datapipe.exchange import layout_at
from datapipe.exchange_files import Slice
from datapipe.passes.near_exchange import map_file
from datapipe.passes.near_words import comparison
from datapipe.passes.near_work import NearWork
from datapipe.passes.partitions import Partition
from datapipe.receipts import Receipt


def compare_pairs(work: NearWork, profiles: Sequence[Partition]) -> tuple[list[Receipt], list[Receipt]]:
    """The receipts of the tasks that made pairs, one for each partition, and of those that compared them, by block."""
    pairings = _pairings(work, profiles)
    shingles = _shingles(work, pairings)
    work.run.console.print(comparison(work.run, work.name), markup=False, highlight=False, soft_wrap=True)
    return pairings, _verified(work, pairings, shingles)


def _pairings(work: NearWork, profiles: Sequence[Partition]) -> list[Receipt]:
    back = layout_at(work.bounds, REQUEST_WORDS, work.exchange.sizes)
    tasks = [
        PairingTask(
            work.exchange.key("pairing", number, work.prints.pairing, [number, back, one.made_of, work.block_bytes]),
            number, one.slices, work.form, back.map_split, work.block_bytes,
        )
        for number, one in enumerate(profiles)
    ]  # fmt: skip
    return work.exchange.map("pairing", pair_documents, tasks)


def _blocks(work: NearWork, pairings: Sequence[Receipt]) -> list[int]:
    """The keys of all blocks, rising."""
    return [
        block_key(number, block)
        for number, one in enumerate(pairings)
        for block in range(one.figures["blocks"]["blocks"])
    ]


def _shingles(work: NearWork, pairings: Sequence[Receipt]) -> list[Partition]:
    """What every block compares."""
    blocks = _blocks(work, pairings)
    if not blocks:
        return []
    back = layout_at(work.bounds, REQUEST_WORDS, work.exchange.sizes)
    requests = work.exchange.partitions("requests", work.prints.pairing, back, pairings, "pairing.requests")
    layout = layout_at(blocks, SHINGLE_WORDS, work.exchange.sizes)
    tasks = [
        ShingleTask(
            work.exchange.key(
                "shingles", number, work.prints.pairing,
                [layout, requests[number].made_of, [work.inputs[k] for k in group]],
            ),
            tuple(work.shards[k] for k in group), group.start, work.plan.compared, requests[number].slices,
            work.form, layout.map_split,
        )
        for number, group in enumerate(work.groups)
    ]  # fmt: skip
    earlier = [
        EarlierShingleTask(
            work.exchange.key(
                "earlier_shingles", number, work.prints.pairing,
                [layout, requests[number].made_of, work.files.made_of(group)],
            ),
            work.files.slices(group), work.files.shingles(group), group.start, requests[number].slices, work.form,
            layout.map_split,
        )
        for number, group in work.earlier_groups
    ]  # fmt: skip
    found = work.exchange.map("shingles", gather_shingles, tasks)
    found += work.exchange.map("earlier_shingles", gather_earlier_shingles, earlier)
    return work.exchange.partitions("shingles", work.prints.pairing, layout, found)


def _verified(work: NearWork, pairings: Sequence[Receipt], shingles: Sequence[Partition]) -> list[Receipt]:
    back = layout_at(work.bounds, EVIDENCE_WORDS, work.exchange.sizes)
    tasks: list[VerifyTask] = []
    for number, one in enumerate(pairings):
        pairs, members = (map_file(work.run.folder, one, f"pairing.{kind}") for kind in ("pairs", "members"))
        for block in range(one.figures["blocks"]["blocks"]):
            compared = shingles[len(tasks)]
            key = work.exchange.key(
                "verifying", f"{number:06}-{block:06}", work.prints.verifying,
                [back, pairs.sha256, members.sha256, block, compared.made_of],
            )  # fmt: skip
            pair_slice, member_slice = Slice(pairs.path, block), Slice(members.path, block)
            tasks.append(VerifyTask(key, pair_slice, member_slice, compared.slices, work.form, back.map_split))
    return work.exchange.map("verifying", verify_pairs, tasks)
