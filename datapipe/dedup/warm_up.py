"""The kernels of the rounds, compiled before many tasks at once want them."""

import numpy as np


def compile_kernels() -> None:
    """Call each once, with what it is called with later."""
    from datapipe.kernels.id_words import parse_ids, write_ids
    from datapipe.kernels.pairs import find_pairs
    from datapipe.kernels.partitions import partition_of
    from datapipe.kernels.record_sort import sort_records

    records = np.zeros((4, 3), np.uint64)
    partition_of(np.ascontiguousarray(records[:, 0]), 2)
    partition_of(records[:, 0], 2)
    find_pairs(sort_records(records, 2), np.ascontiguousarray(records[:, :2]))
    offsets, data = np.zeros(2, np.int64), np.zeros(0, np.uint8)
    offsets.flags.writeable = data.flags.writeable = False
    parse_ids(offsets, data)
    words = np.zeros(1, np.uint64)
    write_ids(np.zeros(1, np.int64), words, words, np.array([0, 0]), data)


def near_kernels() -> None:
    """The same for rounds of near-duplicates, besides those above."""
    _near_parts()
    _near_stars()
    _near_pairs()
    _near_comparisons()
    _near_survivors()


def _near_parts() -> None:
    """Bands, buckets, connected parts."""
    from datapipe.kernels.bands import band_keys
    from datapipe.kernels.buckets import move_unique, tie_buckets
    from datapipe.kernels.record_sort import sort_records
    from datapipe.kernels.union_find import flatten, join, labels_between

    signatures = np.zeros((2, 4), np.uint32)
    signatures.flags.writeable = False
    band_keys(signatures, np.zeros(2, np.uint64), 2, 2)
    records = np.zeros((2, 2), np.uint64)
    tie_buckets(np.zeros((0, 3), np.uint64), records, np.uint64(1))
    move_unique(sort_records(records, 2))
    parents, firsts, offsets = np.arange(2, dtype=np.uint32), np.zeros(1, np.uint64), np.array([0, 2])
    join(parents, records, firsts, offsets)
    labels_between(parents, flatten(parents), firsts, offsets, 0, 2)


def _near_stars() -> None:
    """Parts of more documents than one machine labels."""
    from datapipe.kernels import stars

    edges, firsts, offsets = np.zeros((2, 2), np.uint64), np.zeros(1, np.uint64), np.array([0, 2])
    least, marks, ends = np.arange(2, dtype=np.uint64), np.zeros(2, np.uint8), np.zeros(2, np.int64)
    stars.note_neighbours(least, marks, edges, firsts, offsets)
    stars.count_bent(marks)
    stars.small_star(least, marks, edges, firsts, offsets)
    stars.large_star(least, edges, firsts, offsets)
    stars.count_ends(ends, edges, firsts, offsets)
    stars.place_labels(least, least.copy(), stars.labels_of_ends(ends, edges, firsts, offsets), firsts, offsets)


def _near_pairs() -> None:
    """Keys of parts, pairs of documents, who stays of them."""
    from datapipe.kernels.bucket_links import find_buckets, visiting_order
    from datapipe.kernels.bucket_pairs import Members, next_block
    from datapipe.kernels.part_keys import divided_part_keys
    from datapipe.kernels.record_sort import sort_records
    from datapipe.kernels.survivor_choice import choose

    records, numbers = np.zeros((2, 6), np.uint64), np.zeros(2, np.int64)
    divided_part_keys(records, records, records, records[0], numbers, 1)
    keys, starts = sort_records(records, 3), np.array([0, 2])
    buckets = find_buckets(keys, starts, 2)
    order = visiting_order(buckets, starts, numbers, 1)
    members = Members(order, np.zeros(2, np.bool_), numbers, numbers, numbers - 1, np.zeros(12, np.int32))
    next_block(keys, buckets, members, np.zeros(2, np.int64), 0, 1, np.zeros((1, 2), np.int32), np.zeros(2, np.int32))
    better, other = np.zeros(1, np.uint32), np.ones(1, np.uint32)
    choose(better, other, np.ones(1, np.uint8), np.zeros(2, np.bool_))


def _near_comparisons() -> None:
    """Sets of shingles made, packed, unpacked and compared."""
    from datapipe.kernels.minhash import signatures
    from datapipe.kernels.packed_records import collect, firsts, spread, unpack_documents
    from datapipe.kernels.packed_sets import pack_sets, pack_signatures, packed_counts
    from datapipe.kernels.pair_overlap import common_hashes, equal_values
    from datapipe.kernels.partitions import in_partitions, partition_starts
    from datapipe.kernels.record_sort import sort_records
    from datapipe.kernels.shingles import shingle_sets
    from datapipe.kernels.shingling import Shingling

    offsets, data = np.array([0, 1]), np.full(1, ord("a"), np.uint8)
    offsets.flags.writeable = data.flags.writeable = False
    lists, hashes = shingle_sets(offsets, data, Shingling())
    signed = signatures(lists, hashes, 4)
    pack_signatures(signed)
    of_column = signed.copy()
    of_column.flags.writeable = False
    pack_signatures(of_column)
    numbers, keys = np.zeros(1, np.int64), np.zeros(1, np.uint64)
    packed = pack_sets(lists, hashes)
    packed_counts(*packed)
    records = sort_records(spread(*packed, numbers, keys, keys, 16), 16)
    in_partitions(records, np.zeros(1, np.uint32), partition_starts(np.zeros(1, np.uint32), 1))
    collect(records, firsts(records)[:-1])
    pairs = np.zeros((1, 2), np.int64)
    common_hashes(pairs, *unpack_documents(records, numbers, 4)[:2])
    equal_values(pairs, signed, 2, 2)


def _near_survivors() -> None:
    """Who stays."""
    from datapipe.kernels.survivor_choice import choose

    positions = np.zeros(0, np.uint32)
    choose(positions, positions, np.zeros(0, np.uint8), np.zeros(1, np.bool_))
