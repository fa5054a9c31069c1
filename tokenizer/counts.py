"""Counting the fragments of all texts of a finished run."""

from typing import TYPE_CHECKING, Literal

from datapipe.housekeeping.disk import RESERVE_BYTES
from datapipe.observing.events import RunFinished
from datapipe.output import placed
from tokenizer.counting.count_shards import warm_up
from tokenizer.counting.counts_file import Counts as Counts
from tokenizer.counting.counts_file import UnitTotals as UnitTotals
from tokenizer.counting.counts_file import open_counts as open_counts
from tokenizer.counting.counts_file import write_counts
from tokenizer.counting.passes import Counting, pass_fingerprints
from tokenizer.recipe import TokenizerRecipe
from tokenizer.shards import text_shards
from tokenizer.working import working

if TYPE_CHECKING:
    from rich.console import Console


def count(
    recipe: TokenizerRecipe,
    *,
    root: str | None = None,
    executor: Literal["ray", "inline"] = "inline",
    num_cpus: int | None = None,
    verify: bool = False,
    disk_reserve_gib: float = RESERVE_BYTES / 2**30,
    console: "Console | None" = None,
) -> str:
    """Count the fragments of the recipe's data and return the folder of the counts. What is finished stays.

    Raises RunError, OSError.
    """
    texts = text_shards(placed("data", recipe.data, root), recipe.count.domains)
    folder = placed("output", recipe.output, root)
    with working(
        folder, recipe.name, pass_fingerprints(recipe), (warm_up,), executor=executor, num_cpus=num_cpus, root=root,
        verify=verify, disk_reserve_gib=disk_reserve_gib, console=console,
    ) as work:  # fmt: skip
        counts = Counting(work, recipe, texts).count()
        write_counts(counts)
        work.log.add(RunFinished(sum(one.documents for one in texts), sum(one.bytes for one in texts)))
    return folder
