"""The page of an experiment shows whatever is there, needs nothing else, and stays small."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from datapipe.output import RunError
from datapipe.report.words import percent
from tests.trainer.mixture.written_experiment import STEPS, write_experiment
from trainer.mixture.json_file import read_json, write_json
from trainer.mixture.load import loaded
from trainer.mixture.proposal_file import FILE, Proposal
from trainer.mixture.report.gathering import gather
from trainer.mixture.report.write import write_report
from trainer.mixture.results import read_results, write_results

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


def page_of(file: Path) -> str:
    return Path(write_report(file, str(file.parent), ())).read_text("utf-8")


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


SECTIONS = {
    "swarm": {"findings", "runs", "cost", "provenance"},
    "results": {"findings", "runs", "cost", "provenance"},
    "fit": {"findings", "runs", "law", "effects", "cost", "provenance"},
    "proposal": {"findings", "weights", "candidates", "runs", "law", "effects", "trade", "cost", "provenance"},
}
SECTIONS["prediction"] = SECTIONS["validation"] = SECTIONS["proposal"] | {"validation"}


@pytest.mark.parametrize("until", STEPS)
def test_a_page_has_the_sections_that_there_is_something_for(tmp_path: Path, until: str) -> None:
    page = page_of(write_experiment(tmp_path, until))
    assert set(re.findall(r'<section id="(\w+)"', page)) == SECTIONS[until]
    assert set(re.findall(r'<a href="#(\w+)"', page)) == SECTIONS[until]


def test_equal_files_make_equal_pages(tmp_path: Path) -> None:
    file = write_experiment(tmp_path)
    assert page_of(file) == page_of(file)


def test_without_a_swarm_there_is_no_page_but_one_line(tmp_path: Path) -> None:
    file = write_experiment(tmp_path, "swarm")
    (tmp_path / "out" / "swarm.json").unlink()
    with pytest.raises(RunError, match=r"swarm.json: not there; `trainer mix design`"):
        page_of(file)


def test_the_page_loads_nothing_and_runs_no_script_but_its_own(tmp_path: Path) -> None:
    file = write_experiment(tmp_path)
    with file.open("a") as more:
        more.write("# <script>alert(1)</script> <img src=http://example.com/a.png>\n")
    page = page_of(file)
    assert "&lt;script&gt;alert(1)" in page
    assert re.findall(r"<script[ >]", page) == ["<script>"]
    assert not re.search(r"<[^<>]*(?:src|href)=[\"']?(?:https?:)?//", page)
    assert "default-src 'none'" in page and "url(" not in page


def test_a_swarm_of_three_components_is_a_triangle_and_one_of_four_is_not(tmp_path: Path) -> None:
    assert page_of(write_experiment(tmp_path / "three", "swarm")).count('class="side"') == 1
    assert page_of(write_experiment(tmp_path / "phases", "swarm", phases=2)).count('class="side"') == 2
    assert 'class="side"' not in page_of(write_experiment(tmp_path / "four", "swarm", components=4))


def test_three_groups_of_everything_are_a_triangle_too(tmp_path: Path) -> None:
    file = write_experiment(tmp_path, "swarm", components=5)
    text = file.read_text()
    file.write_text(text + "groups: {english: {of: [c0]}, many: {of: [c1, c2]}, code: {of: [c3, c4]}}\n")
    page = page_of(file)
    assert page.count('class="side"') == 1 and ">english</text>" in page and ">many</text>" in page
    file.write_text(text + "groups: {english: {of: [c0]}, many: {of: [c1, c2]}, code: {of: [c3]}}\n")
    assert 'class="side"' not in page_of(file)


def test_every_run_stands_in_every_chart_that_shows_runs(tmp_path: Path) -> None:
    page = page_of(write_experiment(tmp_path, "fit"))
    # The triangle, the parallel axes, the table, and three targets predicted against observed.
    assert page.count('data-run="0007"') == 6
    # That of an anchor also stands where it was foretold from all others.
    assert page.count('data-run="0000"') == 9


def test_the_proposal_is_a_line_of_the_parallel_axes_whatever_the_order_of_targets(tmp_path: Path) -> None:
    # Of thirteen targets the evidence has t10 before t2, the proposal after it.
    page = page_of(write_experiment(tmp_path, "proposal", targets=13))
    assert page.count('class="proposed" points=') == 1


def test_runs_that_failed_are_told_and_left_out(tmp_path: Path) -> None:
    file = write_experiment(tmp_path, "results")
    first, second, *others = read_results(tmp_path / "out")
    first = replace(first, status="diverged", why="3 nats above its lowest loss", measurements=())
    second = replace(second, status="failed", why="no memory")
    write_results(tmp_path / "out", [first, second, *others])
    page = page_of(file)
    said = text_of(page)
    assert "2 of 24 runs are left out, the first 0000: diverged: 3 nats above its lowest loss." in said
    assert "22 done, 1 diverged, 1 failed" in said
    assert "Runs left out 0000 diverged: 3 nats above its lowest loss 0001 failed: no memory" in said
    assert page.count('class="none"') == 2


def test_names_of_others_cannot_act(tmp_path: Path) -> None:
    file = write_experiment(tmp_path, "results")
    for name in ("swarm.json", "results.jsonl"):
        path = tmp_path / "out" / name
        path.write_text(path.read_text().replace('"0003"', json.dumps('<b>"3\u202e')))
    page = page_of(file)
    assert '<b>"3' not in page and "\u202e" not in page
    assert 'data-run="&lt;b&gt;&#34;3⟨U+202E⟩"' in page


def test_a_page_of_the_largest_experiment_is_below_five_megabytes(tmp_path: Path) -> None:
    assert len(page_of(write_experiment(tmp_path, components=20, targets=13, runs=512)).encode()) < 5_000_000


def test_weights_stand_beside_their_intervals_today_and_what_else_is_as_good(tmp_path: Path) -> None:
    said = text_of(page_of(write_experiment(tmp_path, "proposal")))
    proposal = read_json(tmp_path / "out" / FILE, Proposal, "propose")
    one = proposal.weights[1]
    nearest = proposal.nearest_tied.weights[0][1]
    row = f"c1 {percent(one.weight)} {percent(one.low)} to {percent(one.high)} 33.3 % 33.3 % {percent(nearest)}"
    assert row.replace("\u00a0", " ") in said
    assert "c0 code epochs at 4.5" in said


def test_effects_stand_there_with_signs_and_intervals(tmp_path: Path) -> None:
    said = text_of(page_of(write_experiment(tmp_path, "fit")))
    # The largest is four thousandths, so that all are written in ten thousandths.
    assert "In 10 −4 of the target's unit." in said
    assert "c0 −40.0 −60.0 to −20.0 −10.0 −30.0 to +10.0 −20.0 −40.0 to 0.0" in said


def test_a_reference_that_is_todays_mixture_is_not_shown_beside_it(tmp_path: Path) -> None:
    file = write_experiment(tmp_path, "proposal")
    assert page_of(file).count('class="reference"') == 3
    path = tmp_path / "out" / FILE
    write_json(path, replace(read_json(path, Proposal, "propose"), reference="current"))
    page = page_of(file)
    assert 'class="reference"' not in page and "nats from today&#39;s" in page


def test_a_validation_stands_beside_its_prediction(tmp_path: Path) -> None:
    said = text_of(page_of(write_experiment(tmp_path)))
    assert "t0 +0.0200 +0.0100 to +0.0300 +0.0150 +0.0050 to +0.0250 better sign as predicted" in said
    assert "t2 +0.0200 +0.0100 to +0.0300 −0.0100 −0.0200 to 0.0000 worse sign not as predicted" in said


def opened(path: Path) -> tuple[str, list[str]]:
    """The page as a browser has it in the end, and what was said on its console."""
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom"]
    options += [f"--user-data-dir={path.parent / 'profile'}", "--disable-background-networking", "--no-first-run"]
    done = subprocess.run([str(CHROMIUM), *options, str(path)], capture_output=True, text=True, timeout=120)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_browser_draws_the_largest_experiment_and_says_nothing_on_its_console(tmp_path: Path) -> None:
    path = write_report(write_experiment(tmp_path, components=20, targets=13, runs=512), str(tmp_path), ())
    page, console = opened(Path(path))
    # A sentence that only the script writes: it has run to its end.
    assert "Drag along an axis to choose runs by it" in text_of(page)
    assert page.count("<polyline") > 512
    assert console == []


DRAG = """<script>
  Element.prototype.setPointerCapture = () => {};  // of a pointer that there is none of
  const rail = document.querySelector(".brush");
  const box = rail.getBoundingClientRect();
  for (const [type, share] of [["pointerdown", 0.5], ["pointermove", 1], ["pointerup", 1]])
    rail.dispatchEvent(new PointerEvent(type, { clientX: box.x, clientY: box.y + share * box.height, pointerId: 1 }));
  const of = (query) => [...document.querySelectorAll(query)].map((element) => element.dataset.run);
  document.title = JSON.stringify([of(".rows .out"), of("tr.out"), of("circle.out")]);
</script>"""


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_runs_that_an_axis_leaves_out_fade_in_every_chart(tmp_path: Path) -> None:
    file = write_experiment(tmp_path, "fit")
    page = re.sub(r"<meta http-equiv=.Content-Security-Policy[^>]*>", "", page_of(file)).replace("</body>", DRAG)
    (tmp_path / "dragged.html").write_text(page)
    title = re.search("<title>(.*)</title>", opened(tmp_path / "dragged.html")[0])
    assert title is not None
    lines, rows, dots = json.loads(title[1])
    experiment, output = loaded(file, (), str(tmp_path))
    observed = gather(experiment, output).observed
    middle = (min(observed.values()) + max(observed.values())) / 2
    worse = {run for run, value in observed.items() if value > middle}
    assert worse and set(lines) == set(rows) == set(dots) == worse
