"""What the report says of a run: its numbers, against the hand-made input in `conftest.py`."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from datapipe.mixture import MixtureError
from datapipe.report import write_report
from datapipe.report.charts import bars, matrix, reasons, step_bars
from datapipe.report.figures import Figures, PassFigures, read_figures
from datapipe.report.findings import Finding, find
from datapipe.report.funnel import Level, funnel
from datapipe.report.outcomes import KEPT, Amount, Outcome, grouped, total
from datapipe.report.rules import applied_checks, describe, show_limit, switched_off


def findings(figures: Figures) -> list[Finding]:
    return find(figures, applied_checks(figures), switched_off(figures.recipe))


def test_every_document_has_one_outcome(figures: Figures) -> None:
    counts = {
        key: total(found).documents
        for key, found in grouped(figures.outcomes, lambda one: f"{one.step}: {one.reason}").items()
    }
    assert counts == {
        ": ": 50,
        "quarantine: quarantined": 3,
        "extract.select.early: extract.kind.none_of": 5,
        "domains: no_domain": 3,
        "domains.english: english.n.min": 4,
        "domains.rest: long.n.min": 2,
    }
    assert sum(counts.values()) == figures.documents == 67


def test_the_funnel_goes_down_step_by_step_to_the_training_documents(figures: Figures) -> None:
    held_out = sum(domain.held_out.documents for domain in figures.domains)
    assert funnel(figures) == [
        Level("records found", 0, 67),
        Level("quarantine", 3, 64),
        Level("early selection in extract", 5, 59),
        Level("no domain takes it", 3, 56),
        Level("rules of english", 4, 52),
        Level("rules of rest", 2, 50),
        Level("held out for validation", held_out, 50 - held_out),
        Level("documents for training", 0, 50 - held_out),
    ]
    assert sum(domain.amount.documents for domain in figures.domains) == 50 - held_out


def test_the_account_of_a_sample_adds_up(run_changed: Callable[..., Path]) -> None:
    figures = read_figures(str(run_changed("", "", sample=0.5)))
    assert 0 < figures.documents < 67
    assert total(figures.outcomes).documents == figures.documents
    assert funnel(figures)[-1].left == sum(one.amount.documents for one in figures.domains)


def test_a_bar_is_made_of_what_was_kept_and_what_each_step_took(figures: Figures) -> None:
    web = next(bar for bar in bars(figures, lambda one: one.source) if bar.label == "web")
    assert (web.documents, web.kept_documents) == (57, 40)
    assert [part.colour for part in web.parts] == ["kept", "s0", "s1", "s2", "s3", "s4"]
    assert sum(part.documents_width for part in web.parts) == pytest.approx(100)
    assert web.documents_width == 100


def test_rules_of_a_domain_are_measured_against_its_own_documents(figures: Figures) -> None:
    found = {bar.label: (bar.documents, bar.kept_documents) for bar in step_bars(figures)}
    assert found["rules of english"] == (34, 30)
    assert found["rules of rest"] == (22, 20)
    assert found["early selection in extract"] == (64, 59)


def test_many_values_end_in_one_row_for_the_rest(figures: Figures) -> None:
    many = tuple(Outcome(f"s{n}", "", KEPT, KEPT, Amount(1000 - n, 1)) for n in range(400))
    found = bars(replace(figures, outcomes=many), lambda one: one.source)
    assert len(found) == 150
    assert found[-1].label == "251 more"
    assert sum(bar.documents for bar in found) == sum(1000 - n for n in range(400))


def test_reasons_say_what_the_rule_asks_for_and_whose_limit_it_is(figures: Figures) -> None:
    found = {one.name: one for one in reasons(figures, applied_checks(figures))}
    assert found["english.n.min"].meaning == "at least 10"
    assert found["english.n.min"].origin == "a <paper> | table"
    assert found["no_domain"].meaning == "no domain's condition matches the document"
    assert (found["english.n.min"].documents, found["english.n.min"].failed) == (4, 4)


def test_the_matrix_gives_shares_of_each_source_and_language(figures: Figures) -> None:
    found = matrix(figures)
    rows = {reason: dict(zip(found.columns, shares, strict=True)) for reason, shares in found.rows}
    assert rows["no_domain"]["xx"] == 1
    assert rows["english.n.min"]["web"] == 4 / 57
    assert rows["english.n.min"]["books"] == 0


def test_limits_that_failed_nothing_are_idle(figures: Figures) -> None:
    idle = {one.check.reason: one.tested for one in applied_checks(figures) if one.is_limit and one.is_idle}
    assert idle == {"english.n.max": 34, "long.n.max": 22, "long.length.min": 22, "long.length.max": 22}
    assert Finding("note", "4 of 7 limits never failed a document.", "rules") in findings(figures)


def test_reasons_that_two_domains_share_have_no_count_of_failures(run_changed: Callable[..., Path]) -> None:
    own = '[{column: n, min: 10, max: 100_000, source: "a <paper> | table"}]'
    checks = applied_checks(read_figures(str(run_changed(own, "[long.yaml]"))))
    assert [(one.step, one.failed) for one in checks if one.check.reason == "long.n.min"] == [
        ("domains.english", None),
        ("domains.rest", None),
    ]


def test_limits_per_language_say_where_they_are_off_and_where_they_differ(figures: Figures) -> None:
    found = {one.label: one for one in switched_off(figures.recipe)}
    assert (found["n.min"].limit, found["n.min"].off, found["n.min"].changed) == (
        "at least 20",
        ("ja",),
        (("de", 15.0),),
    )
    assert "length.max" not in found
    assert Finding("note", "Some limits are switched off for ja.", "rules") in findings(figures)


def test_rules_are_described_in_words(figures: Figures) -> None:
    words = [describe(one.check) for one in applied_checks(figures)]
    assert words[:3] == ["kind none of spam", "n must be there", "n at least 10"]
    shown = [show_limit(limit) for limit in (None, True, 0.25, 100_000, 1e12, ("a", 2))]
    assert shown == ["what its language asks for", "true", "0.25", "100,000", "1,000,000,000,000", "a, 2"]


def test_what_is_wiped_out_is_named(figures: Figures) -> None:
    lost = Outcome("web", "xx", "domains", "no_domain", Amount(97, 1))
    text = "1 language lost 90% or more: xx (0 of 100 kept)."
    assert Finding("warning", text, "outcomes") in findings(replace(figures, outcomes=(*figures.outcomes, lost)))


def test_units_repeated_often_are_named(figures: Figures) -> None:
    warning = next(one for one in findings(figures) if "Repeated more than 4 times" in one.text)
    assert "rest/book" in warning.text
    assert warning.level == "warning"


def test_documents_that_are_written_more_than_once_are_counted(figures: Figures) -> None:
    gather = {**figures.run["passes"]["gather"], "rows_in": 1_000, "rows_out": 1_500}
    often = replace(figures, run={**figures.run, "passes": {**figures.run["passes"], "gather": gather}})
    note = Finding("note", "1,000 documents are written 1,500 times, as `repeat` says.", "mixture")

    assert note in findings(often)
    assert not any("are written" in one.text for one in findings(figures))


def test_a_run_whose_weights_cannot_be_met_still_has_its_report(
    run_changed: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(MixtureError):
        run_changed("weight: 0.25", "max_epochs: 0.1, weight: 0.25")
    figures = read_figures(str(tmp_path / "out"))
    assert findings(figures)[0].level == "problem"
    assert "the cap is 0.1" in findings(figures)[0].text
    assert "the cap is 0.1" in (tmp_path / "out" / "report.html").read_text()


def test_a_domain_without_documents_is_a_warning(figures: Figures) -> None:
    empty = replace(figures.domains[0], units=())
    outcomes = tuple(one for one in figures.outcomes if one.step != "domains.english")
    changed = replace(figures, domains=(empty, figures.domains[1]), outcomes=outcomes, passed_rules={})
    assert Finding("warning", "No document reached the rules of english.", "rules") in findings(changed)


def test_the_same_run_gives_the_same_report(small_run: Path) -> None:
    before = (small_run / "report.html").read_bytes(), (small_run / "card.md").read_bytes()
    write_report(str(small_run))
    assert ((small_run / "report.html").read_bytes(), (small_run / "card.md").read_bytes()) == before


def test_a_pass_that_reads_no_text_has_no_speed() -> None:
    reading = PassFigures("extract", 1, 10, 6_000_000, 3.0, 2.0, 100.0, {})

    assert reading.mb_per_cpu_second == 3.0
    assert replace(reading, bytes=0).mb_per_cpu_second is None
