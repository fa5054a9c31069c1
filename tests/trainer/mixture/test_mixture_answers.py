"""What the page of an experiment says first follows from its files."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.trainer.mixture.written_experiment import write_experiment
from trainer.mixture.fit_file import Learning
from trainer.mixture.load import loaded
from trainer.mixture.proposal_file import Mixture, Proposal
from trainer.mixture.report.answers import answers, points_moved
from trainer.mixture.report.findings import stands_out
from trainer.mixture.report.gathering import Gathered, gather
from trainer.mixture.report.scores import duels, score_rows
from trainer.mixture.report.surface import surfaces
from trainer.mixture.report.ternary import place
from trainer.mixture.results import read_results, write_results


def gathered(folder: Path, until: str) -> Gathered:
    experiment, output = loaded(write_experiment(folder, until), (), str(folder))
    return gather(experiment, output, str(folder))


def verdicts(found: Gathered) -> list[str]:
    return [one.verdict for one in answers(found)]


def with_proposal(found: Gathered, **changed: object) -> Gathered:
    assert found.proposal is not None
    return replace(found, proposal=replace(found.proposal, **changed))  # type: ignore[arg-type]


def test_nothing_is_known_of_a_swarm_that_was_not_run(tmp_path: Path) -> None:
    found = gathered(tmp_path, "swarm")
    assert verdicts(found) == ["not known yet"] * 4
    assert [one.level for one in stands_out(found)] == ["problem"]
    assert "0 of 24 runs can be used" in stands_out(found)[0].text


def test_a_law_that_a_rule_beats_on_one_target_is_said_to_be_beaten_there(tmp_path: Path) -> None:
    found = gathered(tmp_path, "fit")
    assert found.fit is not None
    assert [(one.target, one.law, one.rule, one.rule_spearman) for one in duels(found.fit, "mean")] == [
        ("t0", 0.9, "more c0", 0.5),
        ("t1", 0.9, "more c0", 0.5),
        ("t2", 0.9, "more c0", 0.95),
    ]
    first = answers(found)[0]
    assert (first.verdict, first.level) == ("on 2 of 3", "doubtful")
    assert first.text.endswith("the best rule of each target 0.65; it is not ahead on t2.")


def test_the_objective_is_what_a_law_is_judged_by_where_it_has_scores(tmp_path: Path) -> None:
    found = gathered(tmp_path, "fit")
    assert found.fit is not None
    law, rule = found.fit.scores[0], next(one for one in found.fit.scores if one.is_trivial)

    def judged_by(ours: float, theirs: float) -> str:
        assert found.fit is not None
        more = (replace(law, target="objective", spearman=ours), replace(rule, target="objective", spearman=theirs))
        return verdicts(replace(found, fit=replace(found.fit, scores=(*found.fit.scores, *more))))[0]

    assert judged_by(0.8, 0.7) == "on 2 of 3"
    assert judged_by(0.7, 0.7) == "no"
    even = tuple(replace(one, spearman=0.9) for one in found.fit.scores)
    found = replace(found, fit=replace(found.fit, scores=even))
    assert judged_by(0.8, 0.7) == "on the objective only"


def test_a_rule_that_is_as_good_as_the_law_is_not_beaten(tmp_path: Path) -> None:
    found = gathered(tmp_path, "fit")
    assert found.fit is not None
    even = tuple(replace(one, spearman=0.9) for one in found.fit.scores)
    found = replace(found, fit=replace(found.fit, scores=even))
    assert verdicts(found)[0] == "no"


def test_laws_stand_above_rules_and_errors_are_in_units_of_the_spread(tmp_path: Path) -> None:
    found = gathered(tmp_path, "fit")
    assert found.fit is not None
    rows = score_rows(found.fit)
    assert [row.predictor for row in rows] == ["mean", "log_linear", "more of one component", "near to uniform"]
    assert rows[0].rmse == pytest.approx(sum(0.01 / one.spread for one in found.fit.targets) / 3)
    assert rows[2].rmse is None and rows[2].by_target == (0.5, 0.5, 0.95)


def test_noise_as_large_as_half_the_signal_is_told(tmp_path: Path) -> None:
    found = gathered(tmp_path, "fit")
    assert found.fit is not None and verdicts(found)[1] == "yes"
    first, *others = found.fit.targets
    weak = (replace(first, signal_to_noise=1.9), *others)
    found = replace(found, fit=replace(found.fit, targets=weak))
    assert verdicts(found)[1] == "on 2 of 3"
    assert "below 2 on t0" in answers(found)[1].text


@pytest.mark.parametrize(("last", "verdict"), [(0.93, "yes"), (0.915, "hardly"), (0.85, "hardly")])
def test_more_runs_help_where_the_last_half_of_them_has(tmp_path: Path, last: float, verdict: str) -> None:
    found = gathered(tmp_path, "fit")
    assert found.fit is not None
    curve = tuple(Learning(size, "t0", value, 0.0) for size, value in ((6, 0.5), (12, 0.9), (24, last)))
    found = replace(found, fit=replace(found.fit, learning=curve))
    assert verdicts(found)[2] == verdict
    assert answers(found)[2].text.startswith(
        f"From 12 to 24 mixtures the rank correlation went from 0.900 to {last:.3f}"
    )


def test_a_proposal_tied_with_today_cannot_be_told_from_it(tmp_path: Path) -> None:
    found = gathered(tmp_path, "proposal")
    assert found.proposal is not None and verdicts(found)[3] == "predicted so"
    tied = tuple(replace(one, is_tied=one.name == "current") for one in found.proposal.statics)
    assert verdicts(with_proposal(found, statics=tied))[3] == "cannot be told"
    trained = tuple(replace(one, observed=-1.234) for one in tied)
    last = answers(with_proposal(found, statics=trained))[3]
    assert last.text.endswith(
        "when today's was trained it came to -1.23: noise of runs may be all there is between them."
    )
    assert verdicts(with_proposal(found, statics=()))[3] == "not known"


def test_a_validation_has_the_last_word(tmp_path: Path) -> None:
    assert verdicts(gathered(tmp_path, "prediction"))[3] == "predicted so"
    found = gathered(tmp_path, "validation")
    assert found.validation is not None
    last = answers(found)[3]
    assert last.verdict == "yes"
    assert last.text == (
        "3 trained pairs: the objective gains +0.15 (+0.05 to +0.25); better on 2 of 3 targets beyond chance, the sign "
        "as predicted on 2."
    )
    whole, *targets = found.validation.targets

    def with_whole(low: float, high: float) -> str:
        assert found.validation is not None
        changed = replace(whole, low=low, high=high, is_better=low > 0)
        return verdicts(replace(found, validation=replace(found.validation, targets=(changed, *targets))))[3]

    assert with_whole(-0.1, 0.3) == "not told apart"
    assert with_whole(-0.3, -0.1) == "no"
    assert verdicts(replace(found, validation=replace(found.validation, targets=tuple(targets))))[3] == "on 2 of 3"


def test_what_other_runs_were_used_for_is_told(tmp_path: Path) -> None:
    found = gathered(tmp_path, "proposal")
    assert not any("used other runs" in one.text for one in stands_out(found))
    write_results(found.output, read_results(found.output)[:-1])
    said = [one.text for one in stands_out(gather(found.experiment, found.output))]
    assert said[0] == "1 of 24 runs are left out, the first 0023: has no result yet."
    assert said[1] == "`fit` used other runs than there are now: `trainer mix fit` does it anew."
    assert said[2] == "`propose` used other runs than there are now: `trainer mix propose` does it anew."


def test_what_is_said_twice_stands_there_once(tmp_path: Path) -> None:
    found = gathered(tmp_path, "proposal")
    assert found.fit is not None
    said = [one.text for one in stands_out(with_proposal(found, warnings=found.fit.warnings))]
    assert len(said) == len(set(said)) and found.fit.warnings[0] in said


def test_tokens_moved_are_half_the_differences_of_the_phase_that_changes_most() -> None:
    before, after = ((0.5, 0.3, 0.2), (1.0, 0.0, 0.0)), ((0.4, 0.3, 0.3), (0.7, 0.3, 0.0))
    assert points_moved(before, after) == pytest.approx(0.3)


def test_corners_of_a_triangle_are_all_of_one_part_and_its_middle_is_even() -> None:
    corners = [place(shares) for shares in ((1, 0, 0), (0, 1, 0), (0, 0, 1))]
    assert corners == [(280, 34), (60, 415.1), (500, 415.1)]
    assert place((1, 1, 1)) == pytest.approx((280, 288.0), abs=0.1)


def test_the_surface_of_a_law_covers_the_triangle_and_is_best_where_the_law_is(tmp_path: Path) -> None:
    found = gathered(tmp_path, "proposal")
    (surface,) = surfaces(found)
    assert len(surface.tiles) == len({tile.points for tile in surface.tiles}) == 24**2
    assert found.proposal is not None

    def rank_at(mixture: Mixture) -> float:
        x, y = place(mixture.weights[0])

        def distance(points: str) -> float:
            pairs = [tuple(map(float, pair.split(","))) for pair in points.split()]
            return float((sum(px for px, _ in pairs) / 3 - x) ** 2 + (sum(py for _, py in pairs) / 3 - y) ** 2)

        return min(surface.tiles, key=lambda tile: distance(tile.points)).rank

    assert rank_at(found.proposal.best) < 15
    assert rank_at(found.proposal.worst) > 85


def test_what_floors_forbid_is_marked_in_the_surface(tmp_path: Path) -> None:
    found = gathered(tmp_path, "fit")
    caps = replace(found.experiment.caps, min_weight=0.25)
    (surface,) = surfaces(replace(found, experiment=replace(found.experiment, caps=caps)))
    # What is left of every part is a quarter of the side, 6 of 24 small triangles, so 36 of all.
    assert sum(tile.is_allowed for tile in surface.tiles) == 36


def test_no_surface_is_drawn_of_another_law_than_the_proposals(tmp_path: Path) -> None:
    found = gathered(tmp_path, "proposal")
    assert surfaces(with_proposal(found, predictor="log_linear")) == []
    assert isinstance(found.proposal, Proposal) and len(surfaces(found)) == 1
