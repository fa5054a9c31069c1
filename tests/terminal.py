"""Runs a command of ours in this process, in a folder of its own, and holds what it said."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class Said:
    """What a command left behind."""

    code: int
    out: str
    error: str


class Terminal:
    """A shell that knows one command."""

    def __init__(
        self,
        command: str,
        main: Callable[[], None],
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.chdir(folder)
        monkeypatch.delenv("CORPUSMILL_ROOT", raising=False)
        self.folder = folder
        self._command, self._main, self._monkeypatch, self._capsys = command, main, monkeypatch, capsys

    def __call__(self, *arguments: str) -> Said:
        self._monkeypatch.setattr(sys, "argv", [self._command, *arguments])
        with pytest.raises(SystemExit) as ended:
            self._main()
            sys.exit(0)
        said = self._capsys.readouterr()
        return Said(int(ended.value.code or 0), said.out, said.err)

    def error(self, *arguments: str) -> str:
        """The one line of a command that fails with exit code 1 and has nothing else to say."""
        said = self(*arguments)
        assert said.code == 1, said
        assert said.out == ""
        assert said.error.startswith("error: ") and said.error.endswith("\n")
        assert len(said.error.splitlines()) == 1
        return said.error.removeprefix("error: ").removesuffix("\n").replace(f"{self.folder}/", "")
