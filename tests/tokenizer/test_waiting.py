"""A long step is never silent: a line now and then in a log, one that moves on a terminal."""

import io
import re
import time

import pytest
from rich.console import Console

from tokenizer.training.waiting import waiting


def said(step_seconds: float, every_seconds: float, is_terminal: bool = False) -> str:
    console = Console(file=io.StringIO(), width=100, force_terminal=is_terminal)
    with waiting("checking 5,071 merges", console, every_seconds):
        time.sleep(step_seconds)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_a_log_tells_again_and_again_what_is_being_done_and_for_how_long() -> None:
    lines = said(0.5, 0.1).splitlines()
    assert len(lines) >= 2
    assert all(re.fullmatch(r"checking 5,071 merges, \d s", line) for line in lines)


def test_a_short_step_leaves_nothing_in_a_log() -> None:
    assert said(0, 30) == ""


def test_a_terminal_shows_the_step_at_once_and_clears_it() -> None:
    shown = said(0, 30, is_terminal=True)
    assert "checking 5,071 merges" in shown and "0:00:00" in shown
    assert shown.endswith("\x1b[2K")


def test_an_error_ends_the_lines_too() -> None:
    console = Console(file=io.StringIO(), width=100)
    with pytest.raises(ValueError, match="broken"), waiting("reading counts", console, 0.05):
        raise ValueError("broken")
    before = console.file.getvalue()  # type: ignore[attr-defined]
    time.sleep(0.15)
    assert console.file.getvalue() == before  # type: ignore[attr-defined]
