"""Numbers that the page of an experiment draws, by hand."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.trainer.mixture.test_mixture_answers import gathered
from trainer.mixture.experiment import Running
from trainer.mixture.report.tables import cost, effect_tables


def test_the_best_run_has_the_lowest_objective_and_the_first_place(tmp_path: Path) -> None:
    found = gathered(tmp_path, "results")
    in_order = sorted(found.observed, key=lambda run: found.observed[run])
    assert [found.best_rank[run] for run in (in_order[0], in_order[-1])] == [0, 1]
    assert sorted(found.best_rank, key=lambda run: found.best_rank[run]) == in_order


def test_an_effect_is_clear_where_its_interval_leaves_out_zero(tmp_path: Path) -> None:
    """Intervals reach 0.002 to both sides: -0.004 is clear, 0.001 and 0.002 are not."""
    fit = gathered(tmp_path, "fit").fit
    assert fit is not None
    (table,) = effect_tables(fit)
    cells = {(name, cell.effect.target): cell for name, row in table.rows for cell in row if cell is not None}
    assert {place: cell.is_clear for place, cell in cells.items()} == {
        (f"c{row}", f"t{column}"): row == column for row in range(3) for column in range(3)
    }
    assert all((cell.strength < 0) == (cell.effect.effect < 0) for cell in cells.values())


def test_runs_that_share_a_gpu_cost_their_part_of_its_time(tmp_path: Path) -> None:
    """24 runs of two hours, four on a GPU, and one that has no result."""
    found = gathered(tmp_path, "results")
    results = {name: replace(one, seconds=7200.0, flops=1e12) for name, one in found.results.items()}
    del results["0007"]
    shared = replace(found, results=results, experiment=replace(found.experiment, run=Running(num_gpus=0.25)))
    said = cost(shared)
    assert (said.runs, said.seconds, said.gpu_hours) == (23, 23 * 7200, pytest.approx(11.5))
    assert said.statuses == (("done", 23), ("to come", 1))
    assert cost(found).gpu_hours == 0
