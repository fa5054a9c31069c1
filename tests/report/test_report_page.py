"""`report.html` stands alone, and whatever documents hold stays text in it."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from datapipe.report.figures import Figures, UnitFigures
from datapipe.report.html import breakable
from datapipe.report.outcomes import Amount, Outcome
from datapipe.report.page import anchor, page
from datapipe.report.sample import Sample
from datapipe.report.samples import Samples, read_samples
from tests.report.small_run import KIND

LOADING = {"src", "srcset", "data", "action", "formaction", "poster", "background", "ping", "manifest", "xlink:href"}
HEAD = "html head meta title style script body"
PROSE = "header nav main section h1 h2 h3 h4 p a b i span small code pre bdi wbr div dl dt dd ul li"
TABLES = "table thead tbody tr th td"
CONTROLS = "fieldset legend label input details summary figure figcaption"
TAGS = {tag for group in (HEAD, PROSE, TABLES, CONTROLS) for tag in group.split()}


class Page(HTMLParser):
    """Tags with their attributes, and the text outside scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self.is_script = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.is_script = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self.is_script = False

    def handle_data(self, data: str) -> None:
        (self.scripts if self.is_script else self.texts).append(data)


@pytest.fixture(scope="module")
def html(small_run: Path) -> str:
    return (small_run / "report.html").read_text("utf-8")


@pytest.fixture(scope="module")
def parsed(html: str) -> Page:
    return Page(html)


def test_nothing_is_loaded_from_anywhere(html: str, parsed: Page) -> None:
    for tag, attributes in parsed.tags:
        assert tag in TAGS
        assert not LOADING & attributes.keys()
        assert attributes.get("href", "#").startswith("#")
    style = html.partition("<style>")[2].partition("</style>")[0]
    assert not re.search(r"url\(|@import|@font-face|http", style)


def test_the_policy_forbids_everything_but_the_one_script(parsed: Page) -> None:
    policy = next(a["content"] for t, a in parsed.tags if t == "meta" and "http-equiv" in a) or ""
    assert "default-src 'none'" in policy
    [script] = parsed.scripts
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|Function\(", script)


def test_no_document_adds_a_tag_or_a_handler(html: str, parsed: Page) -> None:
    assert html.count("<script") == html.count("</script>") == 1
    assert not any(name.startswith("on") for _, attributes in parsed.tags for name in attributes)
    assert {tag for tag, _ in parsed.tags} <= TAGS
    assert "49" not in "".join(re.findall(r"\{\{[^}]*\}\}", html))  # {{ 7 * 7 }} is shown as it stands


def test_hostile_texts_names_and_addresses_are_shown_as_text(parsed: Page) -> None:
    text = "".join(parsed.texts)
    assert "</pre></figure><script>alert('text')</script><img src=x onerror=alert(2)> {{ 7 * 7 }} {% raw %}" in text
    assert "javascript:alert(1)//\"><script>alert('url')</script>" in text
    assert KIND in text


def test_what_cannot_be_seen_is_made_visible(html: str, parsed: Page) -> None:
    assert not re.search("[\u0000-\u0008\u000b-\u001f\u007f\u202e\u200b]", html)
    assert "⟨U+202E⟩␀␛[31m [red] ⟨U+200B⟩" in "".join(parsed.texts)


def test_texts_choose_their_own_direction(parsed: Page) -> None:
    assert all(
        attributes.get("dir") == "auto"
        for tag, attributes in parsed.tags
        if tag == "pre" and not attributes.get("class")
    )


def test_every_link_inside_the_page_has_its_place(html: str, parsed: Page) -> None:
    links = {attributes["href"] for tag, attributes in parsed.tags if tag == "a"}
    places = {f"#{attributes['id']}" for _, attributes in parsed.tags if "id" in attributes}
    with_samples = {link for link in links if not re.fullmatch("#x[0-9a-f]{12}", link or "")}
    assert with_samples <= places
    assert f"#{anchor('domains.english', 'english.n.min')}" in places


def test_samples_show_every_reason_with_what_was_measured(figures: Figures) -> None:
    samples = read_samples(figures)
    assert {key: len(found) for key, found in samples.dropped.items()} == {
        ("extract.select.early", "extract.kind.none_of"): 3,
        ("domains", "no_domain"): 3,
        ("domains.english", "english.n.min"): 3,
        ("domains.rest", "long.n.min"): 2,
    }
    assert samples.dropped["domains.english", "english.n.min"][0].failed == ("english.n.min: 5, expected at least 10",)
    assert {key: len(found) for key, found in samples.kept.items()} == {
        ("english", "web"): 2,
        ("rest", KIND): 2,
        ("rest", "book"): 2,
    }


def test_errors_that_are_alike_stand_together(figures: Figures) -> None:
    samples = read_samples(figures)
    assert samples.quarantined == 3
    assert sorted((one.step, one.count) for one in samples.errors) == [("read", 1), ("read", 1), ("report_length", 1)]


def test_a_report_of_very_many_sources_languages_and_reasons_stays_below_a_megabyte(figures: Figures) -> None:
    steps = ("domains", "domains.english", "domains.rest")
    outcomes = tuple(
        Outcome(
            f"source-{n % 300}", f"l{n % 180}", steps[n % 3], f"a_set.a_long_column_name_{n % 90}.max", Amount(n + 1, n)
        )
        for n in range(20_000)
    )
    units = tuple(UnitFigures(f"unit {n}", Amount(n, n), 0.001, 0.001, 1.0, Amount(1, 1)) for n in range(5_000))
    texts = [
        Sample(f"web/0123456789abcdef/{n:010}", "語" * 500, True, "ja", "https://e/", ("a: 1",) * 4) for n in range(3)
    ]
    keys = list(dict.fromkeys((one.step, one.reason) for one in outcomes))[:60]
    kept = {("english", f"unit {n}"): texts[:2] for n in range(36)}
    wide = replace(figures, outcomes=outcomes, domains=tuple(replace(one, units=units) for one in figures.domains))
    html = page(wide, Samples(200, dict.fromkeys(keys, texts), kept, [], 0))
    assert len(html.encode()) < 1_000_000


def test_long_names_break_behind_dots_and_underscores_and_stay_escaped() -> None:
    assert breakable("a_b.<c>") == "a_<wbr>b.<wbr>&lt;c&gt;"
