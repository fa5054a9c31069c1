"""The pages name only files that are there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    path
    for path in sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("*/*.md")) + sorted(ROOT.glob("*/*/*.md"))
    if "REFERENCE" not in path.name and ".venv" not in path.parts
]
CODE = re.compile(r"`((?:[\w-]+/)*[\w-]+\.(?:py|yaml|jinja)|tests/[\w/]+)`")
PACKAGES = ("datapipe", "tokenizer", "trainer", "recipes/tiny")
EXAMPLES = ("letters.py", "uppercase.py")
"""Of a stage that nobody has written."""
LINK = re.compile(r"\]\(([^)#]*)(?:#[^)]*)?\)")


def named(page: Path) -> Iterator[tuple[str, list[Path]]]:
    """What a page names, and where it could be: beside the page, in the root, or, files alone, in its package."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for name in CODE.findall(text):
        yield name, [page.parent / name, ROOT / name, *(ROOT / package / name for package in PACKAGES)]
    for link in LINK.findall(text):
        if link and "://" not in link:
            yield link, [page.parent / link]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    found = [(name, places) for name, places in named(page) if not name.endswith(EXAMPLES)]
    missing = [name for name, places in found if not any(place.exists() for place in places)]
    assert missing == []


@pytest.mark.parametrize(("folder", "without"), [("trainer", "mixture/"), ("trainer/mixture", "")])
def test_a_table_of_files_names_each_once(folder: str, without: str) -> None:
    """That of the trainer leaves those of mixtures to their own."""
    page = (ROOT / folder / "README.md").read_text("utf-8").partition("\n## Files\n")[2].partition("\n## ")[0]
    named_files = re.findall(r"^\| `([\w/]+\.py)` \|", page, flags=re.MULTILINE)
    files = [str(path.relative_to(ROOT / folder)) for path in (ROOT / folder).rglob("*.py")]
    expected = [path for path in files if not path.endswith("__init__.py")]
    assert sorted(named_files) == sorted(path for path in expected if not without or not path.startswith(without))
