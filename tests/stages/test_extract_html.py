"""Pages become text; everything that is not a page stays as it is."""

import time
from typing import Any

import pyarrow as pa
import pytest

from datapipe.stages.extract_html import MAX_NESTED, ExtractHtml, is_deep

ARTICLE = """<!doctype html><html lang="en-GB"><head><title> Rivers
 &amp; seas </title><style>p { color: red }</style></head>
<body><nav><ul><li><a href="/">Home</a></li><li><a href="/all">All articles</a></li></ul></nav>
<main><div><article><h1>Rivers</h1><p>Water runs <b>down</b>hill, says <a href="https://a.example/">the book</a>.</p>
<!-- a comment --><script>var hidden = "no";</script><noscript>Switch it on.</noscript>
<p>It carries<br>sand &amp; stones.</p><ul><li>mud</li><li>gravel</li></ul>
<img src="x.png" alt="a bend"></article></div></main>
<footer>All rights reserved</footer></body></html>"""


def extracted(html: str, media_type: str | None = "text/html", **options: Any) -> dict[str, Any]:
    batch = pa.record_batch(
        {"text": pa.array([html], pa.large_string()), "media_type": pa.array([media_type], pa.string())}
    )
    rows: list[dict[str, Any]] = ExtractHtml(**options)(batch).to_pylist()
    return rows[0]


def test_a_page_becomes_its_main_text_with_a_blank_line_between_blocks() -> None:
    assert extracted(ARTICLE)["text"] == (
        "Rivers\n\nWater runs downhill, says the book.\n\nIt carries\nsand & stones.\n\n  • mud\n  • gravel"
    )


def test_without_the_search_for_main_content_navigation_and_footer_are_kept() -> None:
    text = extracted(ARTICLE, main_content=False)["text"]
    assert text.startswith("  • Home") and text.endswith("All rights reserved")


def test_a_bulleted_list_just_below_the_body_is_taken_for_navigation() -> None:
    listed = "<div>" * 3 + "<p>They carry<ul><li>mud</ul>"
    assert extracted(listed)["text"] == "They carry\n\n  • mud"
    assert extracted(listed.removeprefix("<div>"))["text"] == "They carry"


def test_the_page_says_its_title_and_language() -> None:
    page = extracted(ARTICLE)
    assert (page["html_title"], page["html_language"]) == ("Rivers & seas", "en-GB")
    assert extracted('<html xml:lang="fr"><p>eau')["html_language"] == "fr"


def test_a_page_that_does_not_say_them_has_nulls() -> None:
    page = extracted("<html lang=''><title> </title><p>x")
    assert (page["html_title"], page["html_language"]) == (None, None)


@pytest.mark.parametrize("media_type", ["text/html", "application/xhtml+xml"])
def test_an_extracted_page_is_plain_text_and_is_not_extracted_again(media_type: str) -> None:
    html = "<p>1 &lt;b&gt; 2</p>"
    once = extracted(html, media_type)
    assert (once["text"], once["media_type"]) == ("1 <b> 2", "text/plain")
    assert extracted(once["text"], once["media_type"])["text"] == once["text"]


@pytest.mark.parametrize("media_type", ["text/plain", "application/json", "", None])
def test_a_row_of_another_media_type_is_left_alone(media_type: str | None) -> None:
    html = "<title>no</title><p>x</p>"
    untouched = {"text": html, "media_type": media_type, "html_title": None, "html_language": None, "html_is_cut": None}
    assert extracted(html, media_type) == untouched


@pytest.mark.parametrize(
    ("option", "value", "html", "text"),
    [
        ("links", True, '<p>see <a href="/x">here</a>', "see here (/x)"),
        ("links", False, '<p>see <a href="/x">here</a>', "see here"),
        ("alt_texts", True, '<p>a <img alt="photo"> b', "a photo b"),
        ("alt_texts", False, '<p>a <img alt="photo"> b', "a b"),
        ("list_bullets", False, "<main><p>y<ol><li>x</ol>", "y\n\n  x"),
        ("list_bullets", True, "<main><p>y<ol><li>x</ol>", "y\n\n  1. x"),
        ("noscript", True, "<p>a <noscript>b</noscript>", "a b"),
        ("noscript", False, "<p>a<noscript>b</noscript>", "a"),
        ("preserve_formatting", False, "<p>a<p>b", "a b"),
        ("skip_elements", ("p.ad", "table"), "<p>a<p class=ad>b<table><tr><td>c</table>", "a"),
    ],
)
def test_options_choose_what_is_kept(option: str, value: Any, html: str, text: str) -> None:
    assert extracted(html, **{option: value})["text"] == text


def test_a_selector_that_does_not_parse_is_refused_before_any_page_is_read() -> None:
    with pytest.raises(ValueError, match="skip_elements"):
        ExtractHtml(skip_elements=("p[",))


@pytest.mark.parametrize("html", ["", "\0", "<html>", "<script>x</script>", "<!-- x -->", "<img src=x>"])
def test_a_page_without_text_gives_the_empty_string(html: str) -> None:
    assert extracted(html)["text"] == ""


def test_a_page_longer_than_the_limit_is_cut_before_it_is_parsed() -> None:
    cut, whole = (extracted("<p>äbc<p>def", max_html_characters=limit) for limit in (5, 12))
    assert (cut["text"], cut["html_is_cut"]) == ("äb", True)
    assert (whole["text"], whole["html_is_cut"]) == ("äbc\n\ndef", False)


def test_character_references_to_no_character_become_replacement_characters() -> None:
    assert extracted("<p>&#0;&#xD800;&#x110000;")["text"] == "\ufffd" * 3


def test_markup_that_would_take_minutes_is_extracted_at_once() -> None:
    start = time.perf_counter()
    assert extracted("<div>" * 200_000 + "deep")["text"] == "deep"
    assert extracted("<p>before<select>" + "<option>x" * 200_000 + "</select>")["text"] == "before"
    assert time.perf_counter() - start < 20


def test_depth_is_what_the_tags_say_at_their_deepest() -> None:
    assert not is_deep("<div>" * MAX_NESTED)
    assert is_deep("<div>" * (MAX_NESTED + 1) + "</div>" * (MAX_NESTED + 1))
    assert not is_deep("<div></div>" * (MAX_NESTED + 1))
    assert not is_deep("</div>" * MAX_NESTED + "<div>x</div>" * (MAX_NESTED + 1))
