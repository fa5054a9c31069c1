"""A run in progress, and how the tasks of one pass go through it: results as they finish, sums, progress, errors."""

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from datapipe import storage
from datapipe.accounts import PassAccount, source_of
from datapipe.executors import Executor, Resources
from datapipe.housekeeping.disk import RESERVE_BYTES, DiskGuard
from datapipe.observing.error_table import QuarantineFiles, print_error_table
from datapipe.observing.event_log import EventLog
from datapipe.observing.events import Incident
from datapipe.observing.pass_log import PassLog
from datapipe.output import RunError, Trial
from datapipe.receipts import Receipt, nothing_is_done
from datapipe.recipe import Recipe

if TYPE_CHECKING:
    from rich.console import Console

EARLY_CHECK_RECORDS = 10_000
"""Records of a source after which too many unreadable ones stop the run before the pass is over."""


@dataclass
class Work:
    """Work in progress in an output folder: what hands tasks out, what watches them, what they came to."""

    folder: str
    executor: Executor
    console: "Console"
    log: EventLog
    root: str | None = None
    """What relative folders stand under."""
    verify: bool = False
    accounts: dict[str, PassAccount] = field(default_factory=dict)
    disk_reserve_bytes: int = RESERVE_BYTES
    """What stays free on the output's disk; 0: nobody looks."""


@dataclass(kw_only=True)
class Run(Work):
    """A run in progress: the recipe, where it writes, what it has counted."""

    recipe: Recipe
    trial: Trial
    fingerprints: dict[str, str]
    """Of every pass, worked out once: it takes reading the files that steps name."""
    indexes: dict[str, str] = field(default_factory=dict)
    """Of the rounds of duplicates: sum of the page that names the files of each index."""
    share_read: float = 1.0
    """Part of the input that a trial reads: its budget is scaled by it."""


@dataclass(frozen=True)
class Tasks(Collection[Any]):
    """Tasks that are made when they are handed on: all at once, those of 100,000 shards would fill the driver."""

    count: int
    make: Callable[[], Iterator[Any]]

    def __len__(self) -> int:
        """How many."""
        return self.count

    def __iter__(self) -> Iterator[Any]:
        """Make them."""
        return self.make()

    def __contains__(self, task: object) -> bool:
        """Whether it is one of them."""
        return any(task == one for one in self)


@dataclass(frozen=True)
class FinishedOnly:
    """A task function where there is no room: it tells what is finished, so a rerun with nothing to do ends well."""

    function: Callable[[Any], Any]
    why: str

    def __call__(self, task: Any) -> Any:
        """The receipts of the task. Raises RunError where something is to be done."""
        with nothing_is_done(self.why):
            return self.function(task)


def map_tasks(
    run: Work,
    name: str,
    function: Callable[[Any], Any],
    tasks: Collection[Any],
    resources: Resources,
    sizes: tuple[int, str] = (0, "bytes_in"),
) -> Iterator[Receipt]:
    """Run the tasks of a pass, add up their receipts, show progress; the receipts as they finish."""
    from datapipe.observing.progress import PassProgress

    account = run.accounts.setdefault(name, PassAccount())
    total, measured = sizes
    guard = DiskGuard(run.folder, run.disk_reserve_bytes, run.executor.at_once(resources))
    lack = guard.lack()
    called = FinishedOnly(function, lack) if lack else function
    with (
        PassProgress(name, total, len(tasks), run.console) as progress,
        PassLog(run.log, name, len(tasks), total) as log,
        contextlib.ExitStack() as at_the_end,
    ):
        at_the_end.callback(_tell_incidents, run, name)  # those of a task that is given up
        for result in run.executor.map(called, tasks, resources):
            _tell_incidents(run, name)
            receipts: Iterable[Receipt] = result if isinstance(result, tuple) else (result,)
            for position, receipt in enumerate(receipts):
                account.add(receipt, source_of(receipt.shard))
                progress.add(receipt, getattr(receipt, measured), tasks=0 if position else 1)
                log.add(receipt, getattr(receipt, measured), tasks=0 if position else 1)
                guard.add(receipt)
                yield receipt


def _tell_incidents(run: Work, name: str) -> None:
    """Say and note what tasks of a pass survived."""
    for one in run.executor.incidents:
        run.console.print(str(one), markup=False, highlight=False, soft_wrap=True)
        run.log.add(Incident(name, one.kind, one.task, one.step, one.what, one.error, one.node, one.peak_bytes))
    run.executor.incidents.clear()


def check_errors(run: Run, pass_name: str, at_least: int, files: QuarantineFiles) -> None:
    """Stop when too many records of a source are in quarantine, with a table of what is in `files`."""
    account = run.accounts[pass_name]
    for source, quarantined in account.quarantined_of_source.items():
        records = account.records_of_source[source]
        if records >= at_least and quarantined > run.recipe.max_error_fraction * records:
            of_source = (account.records_of_source, account.quarantined_of_source)
            print_error_table(run.console, run.folder, files, *of_source, run.recipe.max_error_fraction)
            raise RunError(
                f"source {source!r}: {quarantined:,} of {records:,} records are in quarantine, more than "
                f"max_error_fraction {run.recipe.max_error_fraction:g}; see {storage.join(run.folder, 'quarantine')}"
            )
