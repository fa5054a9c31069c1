"""The connected parts of all ties where no machine holds a number per document: rounds over files, range by range.

Edges cross the exchange again and again: `join_lesser` joins every document and its lesser neighbours to the least of
them, `join_greater` its greater neighbours to the least of all, until every part is a star about its least row key. It
is small-star and large-star (Kiveris et al., Connected Components in MapReduce and Beyond, 2014): O(log(n) ** 2)
rounds, a handful in practice, in which edges never grow in number.
"""

from collections.abc import Callable

import numpy as np

from datapipe import storage
from datapipe.dedup.near.edge_ranges import RangeTask
from datapipe.dedup.near.labels import labels_path
from datapipe.dedup.near.records import LABEL_WORDS, TIE_WORDS
from datapipe.dedup.near.streams import Sink, read_chunks
from datapipe.exchange_files import Records, write_records
from datapipe.receipts import Receipt, Stopwatch


def join_lesser(task: RangeTask) -> Receipt:
    """Join each document and its lesser neighbours to the least of these; edges in are (document, lesser one).

    Edges out are (document, neighbour), each both ways. Of a document with one lesser neighbour the edge comes once.
    """
    from datapipe.kernels.stars import small_star

    return _join(task, small_star)


def join_greater(task: RangeTask) -> Receipt:
    """Join the greater neighbours of each document to the least of all, itself included; edges in go both ways.

    Edges out are (document, lesser one). `figures`: `{"bent": {"bent": documents that are not the end or the centre of
    one star}}`: without any, all parts are stars, and the edges out are those that came in.
    """
    from datapipe.kernels.stars import large_star

    return _join(task, lambda least, _, *edges: large_star(least, *edges))


def _join(task: RangeTask, joined: Callable[..., Records]) -> Receipt:
    from datapipe.kernels.stars import count_bent, note_neighbours

    done = task.key.finished()
    if done is not None:
        return done
    watch = Stopwatch()
    where = task.numbering
    least, marks, edges = task.own_keys(), np.zeros(task.documents, np.uint8), 0
    for some in read_chunks(task.slices, TIE_WORDS):
        note_neighbours(least, marks, some, *where)
        edges += len(some)
    sink = Sink(task.key, task.split, TIE_WORDS)
    for some in read_chunks(task.slices, TIE_WORDS):
        sink.add(joined(least, marks, some, *where))
    return sink.leave(watch, edges, {"bent": {"bent": count_bent(marks)}})


def count_members(task: RangeTask) -> Receipt:
    """Of stars, whose edges go both ways and come once: tell each document its label, as (row key, label, size).

    `figures`: `{"parts": {"parts": n, "largest": documents}}`.
    """
    from datapipe.kernels.stars import count_ends, labels_of_ends

    done = task.key.finished()
    if done is not None:
        return done
    watch = Stopwatch()
    where = task.numbering
    ends, edges = np.zeros(task.documents, np.int64), 0
    for some in read_chunks(task.slices, TIE_WORDS):
        count_ends(ends, some, *where)
        edges += len(some)
    sink = Sink(task.key, task.split, LABEL_WORDS)
    for some in read_chunks(task.slices, TIE_WORDS):
        sink.add(labels_of_ends(ends, some, *where))
    centres = np.flatnonzero(ends)
    keys, sizes = task.keys_of(centres), (ends[centres] + 1).astype(np.uint64)
    sink.add(np.stack([keys, keys, sizes], axis=1))
    parts = {"parts": len(centres), "largest": int(sizes.max(initial=0))}
    return sink.leave(watch, edges, {"parts": parts})


def collect_labels(task: RangeTask) -> Receipt:
    """Write the labels of every group of the range, and the receipt, as `label_documents` does; without `parts`."""
    from datapipe.kernels.stars import place_labels

    done = task.key.finished()
    if done is not None:
        return done
    watch = Stopwatch()
    firsts, offsets = task.numbering
    labels, sizes = (np.zeros(task.documents, np.uint64) for _ in range(2))
    told = 0
    for some in read_chunks(task.slices, LABEL_WORDS):
        place_labels(labels, sizes, some, firsts, offsets)
        told += len(some)
    starts = [*offsets[firsts.searchsorted(np.array(task.bounds, np.uint64))].tolist(), len(labels)]
    outputs, labelled = [], {}
    for position, start in enumerate(starts[:-1]):
        rows = start + np.flatnonzero(sizes[start : starts[position + 1]])
        records = np.stack([task.keys_of(rows), labels[rows], sizes[rows]], axis=1)
        group = task.first_group + position
        path = storage.join(task.key.folder, labels_path(task.key.pass_name, group))
        outputs.append(write_records(path, records, np.zeros(len(rows), np.uint32), 1))
        labelled[f"{group:06}"] = len(rows)
    figures = {"labelled": labelled}
    return task.key.leave(watch, outputs, rows_in=told, rows_out=sum(labelled.values()), figures=figures)
