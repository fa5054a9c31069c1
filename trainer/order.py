"""Which window every sample is: arithmetic on the number of the sample, with no state but what a course says.

The children of a blend are its domains, theirs are their units; `trainer.turns` orders each, from the first sample of
the blend on, however many stretches of other batches it lasts. A unit's ordinal goes on from its cursor there; divided
by the unit's windows it gives the epoch and the place in it, and a bijection of its own for every epoch makes a row of
that. Where only a sample of a unit's windows is read, that row is a place in the sample, and one more bijection, the
same for every run, makes a row of the unit of it.
"""

from dataclasses import dataclass
from itertools import takewhile
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from trainer.course import ByUnit, Course, Stretch
from trainer.kernels.rows import find_drawn, find_rows, sample_key, unit_key
from trainer.kernels.turns import Int64s
from trainer.schedule import stretch_at
from trainer.turns import Turns, make_side_by_side, shared_turns


@dataclass(frozen=True)
class Places:
    """Where samples are read, one after the other."""

    unit: npt.NDArray[np.int32]
    """Its place in `Order.units`."""
    epoch: Int64s
    """How often all of the unit was read before, in this run and those it went on from."""
    row: Int64s
    """Which of the unit's windows."""


_Domain: TypeAlias = tuple[int, Turns]
"""The first of the nodes of its units, and their turns."""


@dataclass(frozen=True)
class _Tree:
    """A stretch's blend. Node 0 is the blend, its domains are nodes 1 and up, their units the nodes behind."""

    first: int
    """The sample that turns begin at: that of the first of the stretches in a row that have this blend."""
    root: Turns
    domains: tuple[_Domain, ...]
    units: npt.NDArray[np.int32]
    """Of the nodes behind the domains: places in `Order.units`."""
    cursors: Int64s
    """Of all units of the course, there."""

    def at(self, sample: int) -> list[tuple[_Domain, int]]:
        """The domains, ready for a sample, and how many samples of each are before it."""
        found = list(zip(self.domains, self.root.uses(sample - self.first).tolist(), strict=True))
        make_side_by_side((turns, ordinal) for (_, turns), ordinal in found)
        return found


class Order:
    """The order of a course's samples. Threads may share it."""

    def __init__(self, course: Course) -> None:
        """Nothing is made before it is asked for."""
        self.course = course
        self.units = tuple(
            (domain, unit) for domain in sorted(course.windows) for unit in sorted(course.windows[domain])
        )
        self._index = {unit: place for place, unit in enumerate(self.units)}
        self._windows: Int64s = np.array([course.windows[domain][unit] for domain, unit in self.units], np.int64)
        names = [np.array(bytearray(f"{domain}/{unit}".encode())) for domain, unit in self.units]
        self._keys = np.array([unit_key(np.uint64(course.seed), name) for name in names], np.uint64)
        self._drawn_from: Int64s = np.array(
            [course.drawn_from.get(domain, {}).get(unit, 0) for domain, unit in self.units], np.int64
        )
        self._sample_keys = np.array([sample_key(name) for name in names], np.uint64)
        self._trees: dict[int, _Tree] = {}

    def places(self, first: int, count: int) -> Places:
        """Where the samples [first, first + count) are read. Raises RunError for samples that the course has not."""
        units, ordinals = np.zeros(count, np.int64), np.zeros(count, np.int64)
        done = 0
        while done < count:
            stretch = stretch_at(self.course, first + done)
            until = min(count, stretch.end - first)
            self._place(stretch, first + done, units[done:until], ordinals[done:until])
            done = until
        epochs, rows = np.empty(count, np.int64), np.empty(count, np.int64)
        find_rows(units, ordinals, self._keys, self._windows, epochs, rows)
        if self.course.drawn_from:
            find_drawn(units, rows, self._sample_keys, self._drawn_from)
        return Places(units.astype(np.int32), epochs, rows)

    def cursors(self, samples_seen: int) -> ByUnit:
        """Samples of every unit before `samples_seen`, in this run and those it went on from."""
        course = self.course
        stretch = course.stretches[0] if samples_seen == 0 else stretch_at(course, samples_seen - 1)
        tree = self._tree(stretch)
        found = tree.cursors.copy()
        for (first_child, turns), ordinal in tree.at(samples_seen):
            start = first_child - len(tree.domains) - 1
            found[tree.units[start : start + len(turns.parts)]] += turns.uses(ordinal)
        return self._by_unit(found)

    def used(self, first: int, end: int) -> ByUnit:
        """How many of the samples [first, end) are of each unit."""
        before, after = self.cursors(first), self.cursors(end)
        return {
            domain: {unit: after[domain][unit] - before[domain][unit] for unit in after[domain]} for domain in after
        }

    def _place(self, stretch: Stretch, first: int, units: Int64s, ordinals: Int64s) -> None:
        """Fill in the unit and the ordinal in it of samples from `first` on, all of one stretch."""
        tree = self._tree(stretch)
        nodes = np.zeros(len(units), np.int64)
        ordinals[:] = np.arange(first - tree.first, first - tree.first + len(units))
        tree.root.send(0, 1, nodes, ordinals)
        for node, ((first_child, turns), _) in enumerate(tree.at(first), 1):
            turns.send(node, first_child, nodes, ordinals)
        units[:] = tree.units[nodes - len(tree.domains) - 1]
        ordinals += tree.cursors[units]

    def _tree(self, stretch: Stretch) -> _Tree:
        if stretch.first not in self._trees:
            before = [one for one in self.course.stretches if one.first < stretch.first]
            same = takewhile(lambda one: one.parts == stretch.parts, reversed(before))
            self._trees[stretch.first] = self._grown([stretch, *same][-1])
        return self._trees[stretch.first]

    def _grown(self, stretch: Stretch) -> _Tree:
        domains = {name: parts for name, parts in sorted(stretch.parts.domains.items()) if parts}
        found: list[_Domain] = []
        units: list[int] = []
        for name in domains:
            children = {unit: parts for unit, parts in sorted(stretch.parts.units[name].items()) if parts}
            found.append((1 + len(domains) + len(units), shared_turns(name, tuple(children.values()))))
            units += [self._index[name, unit] for unit in children]
        cursors = np.array([stretch.cursors[domain][unit] for domain, unit in self.units], np.int64)
        root = shared_turns("", tuple(domains.values()))
        return _Tree(stretch.first, root, tuple(found), np.array(units, np.int32), cursors)

    def _by_unit(self, values: Int64s) -> ByUnit:
        found: dict[str, dict[str, int]] = {}
        for (domain, unit), value in zip(self.units, values, strict=True):
            found.setdefault(domain, {})[unit] = int(value)
        return found
