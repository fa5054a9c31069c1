"""The page of a run says what its log says, needs nothing else, and stays small."""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from datapipe.observing.status import read_status
from datapipe.output import RunError
from tests.trainer.written_run import append, write_run
from trainer.report.figures import read_run, unit_rows
from trainer.report.findings import find
from trainer.report.write import report, write_report

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return write_run(tmp_path / "run")


def page_of(folder: str) -> str:
    return Path(write_report(folder)).read_text("utf-8")


def text_of(page: str) -> str:
    """What a reader sees, in one line."""
    seen: list[str] = []

    class Reader(HTMLParser):
        hidden = 0

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.hidden += tag in ("script", "style")

        def handle_endtag(self, tag: str) -> None:
            self.hidden -= tag in ("script", "style")

        def handle_data(self, data: str) -> None:
            if not self.hidden:
                seen.append(data)

    Reader().feed(page)
    return " ".join(" ".join(seen).split())


def test_the_page_tells_what_was_trained_and_how_well(folder: str) -> None:
    said = text_of(page_of(folder))
    # Steps of 4 samples, then of 8: means over samples 4 to 80, and over 848 to 1000.
    first, last = 9 - 5 * 42 / 1000, 9 - 5 * 924 / 1000
    assert f"training loss {first:.3f} over the first 20 steps, {last:.3f} over the last 20" in said
    assert "10 k of 10 k tokens in 150 steps" in said
    assert "code 3.000 -5.000 1.000 -1.667 900" in said
    assert "prose 4.000 -5.000 1.333 -1.667 900" in said
    assert "code 50.000 % 50.000 %" in said


def test_every_phase_stands_there_with_its_steps_batch_and_rates(folder: str) -> None:
    said = text_of(page_of(folder))
    assert "ramp 0 to 200 2 k 4 50 2e-05 to 0.001" in said
    assert "main 200 to 1,000 8 k 8 100 0.001 to 0.0001" in said


def test_epochs_are_those_of_the_order(folder: str) -> None:
    rows = {row.unit: (row.samples, row.epochs) for row in unit_rows(read_run(folder))}
    assert rows == {"python": (500, 5.0), "books": (500, 10.0)}


def test_the_edges_of_phases_are_drawn_into_every_chart(folder: str) -> None:
    page = page_of(folder)
    charts = page.count("<svg ")
    assert charts >= 8
    assert page.count('<text class="edge"') == 2 * charts


def test_the_page_loads_nothing_and_runs_no_script_but_its_own(folder: str) -> None:
    Path(folder, "sample.txt").write_text("<script>alert(1)</script> <img src=http://example.com/a.png>")
    page = page_of(folder)
    assert "<b>the plan</b>" not in page and "&lt;b&gt;the plan&lt;/b&gt;" in page
    assert "&lt;script&gt;alert(1)" in page
    assert re.findall(r"<script[ >]", page) == ["<script>"]
    assert not re.search(r"<[^<>]*(?:src|href)=[\"']?(?:https?:)?//", page)
    assert "default-src 'none'" in page


def test_a_log_of_a_hundred_thousand_steps_makes_a_page_as_small(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run")
    small = len(page_of(folder))
    step = '{{"kind": "step", "samples_seen": {n}, "step": {n}, "time": 0, "loss": {loss}, "step_seconds": 1}}\n'
    with Path(folder, "log.jsonl").open("a") as file:
        file.writelines(step.format(n=1001 + n, loss=4 + n % 7 / 10) for n in range(100_000))
    assert len(page_of(folder)) < small + 150_000


def test_a_run_at_work_is_shown_as_far_as_it_is(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", until=100)
    with Path(folder, "log.jsonl").open("a") as file:
        file.write('{"kind": "st')
    assert "1 k of 10 k tokens in 25 steps" in text_of(page_of(folder))
    assert [one.text for one in find(read_run(folder))] == [
        "The plan is not done: 9,000 tokens are left. The same command goes on."
    ]


def test_a_run_that_has_not_made_a_step_is_a_page_too(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", until=0)
    assert "in 0 steps." in text_of(page_of(folder))


def test_what_went_wrong_comes_first(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", until=100)
    append(folder, kind="skipped", samples_seen=104, step=26, time=0, loss=None, grad_norm=None, in_a_row=1)
    append(folder, kind="stop", samples_seen=104, step=26, time=0, why="the loss is 3 nats above its lowest mean")
    assert [(one.level, one.text) for one in find(read_run(folder))] == [
        ("problem", "The run stopped before its plan did: the loss is 3 nats above its lowest mean."),
        (
            "warning",
            "1 steps were skipped because their gradient was not finite, the first at 1,040 tokens, the last at 1,040.",
        ),
    ]


def test_a_plan_stands_for_its_output(tmp_path: Path) -> None:
    write_run(tmp_path / "out")
    (tmp_path / "plan.yaml").write_text(
        "name: written\noutput: out\ndata: d\ntokenizer: t\nmodel: {preset: nemotron4_15b}\n"
        "phases: [{name: a, tokens: 1000, batch: 1, learning_rate: [{shape: constant, start: 1}]}]\n"
    )
    assert report(str(tmp_path / "plan.yaml"), str(tmp_path)) == str(tmp_path / "out" / "report.html")
    assert report("out", str(tmp_path)) == str(tmp_path / "out" / "report.html")


def test_a_folder_without_a_run_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no course.json and log.jsonl there: give the output folder"):
        report(str(tmp_path))


def test_the_status_of_the_data_side_sends_who_asks_it_here(folder: str) -> None:
    with pytest.raises(RunError, match=r"run: a run of the trainer; `trainer report .*run` draws how it goes"):
        read_status(folder)


def test_a_damaged_log_names_its_line(folder: str) -> None:
    path = Path(folder, "log.jsonl")
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:2], "not json\n", *lines[2:]]))
    with pytest.raises(RunError, match=r"log\.jsonl:3: no record of a log: 'not json'"):
        report(folder)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_browser_draws_it_and_says_nothing_on_its_console(folder: str) -> None:
    path = report(folder)
    done = subprocess.run(
        [
            str(CHROMIUM),
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--enable-logging=stderr",
            "--dump-dom",
            path,
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.count("<polyline") >= 8
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
