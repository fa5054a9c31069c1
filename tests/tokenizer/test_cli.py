"""The command line of the tokenizer: what is wrong is one line, and the exit code tells which kind."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal import Terminal
from tokenizer.cli import app, main

ROOT = Path(__file__).parents[2]
BODY = "name: small\ndata: out/small\noutput: out/small-tokenizer\n"
SLOW = {"ray", "numba", "torch", "sentencepiece", "tokenizers", "transformers", "tiktoken", "fasttext"}


@pytest.fixture
def tokenizer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    (tmp_path / "tokenizer.yaml").write_text(BODY)
    return Terminal("tokenizer", main, tmp_path, monkeypatch, capsys)


COMMANDS = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]


def test_the_help_names_every_command(tokenizer: Terminal) -> None:
    said = tokenizer("--help")
    assert (said.code, said.error) == (0, "")
    listed = said.out.partition("Commands:")[2]
    assert [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "] == COMMANDS


def test_without_a_command_the_help_is_shown(tokenizer: Terminal) -> None:
    said = tokenizer()
    assert "Usage: tokenizer" in said.out + said.error


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_has_words_of_help(command: str, tokenizer: Terminal) -> None:
    said = tokenizer(command, "--help")
    assert said.code == 0
    usage, _, rest = said.out.partition("\n\n")
    assert usage.startswith(f"Usage: tokenizer {command}")
    about, _, options = rest.partition("Options:\n")
    assert about.strip().endswith(".") or "." in about
    lines = options.splitlines()
    named = [line for line in lines if line.startswith("  -")]
    bare = [line for line in named if len(line.split("  ")) < 3 and not _next(lines, line).startswith("     ")]
    assert bare == []


def _next(lines: list[str], line: str) -> str:
    return [*lines, ""][lines.index(line) + 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("cuont",), "No such command 'cuont'"),
        (("schema", "a"), "unexpected extra argument"),
        (("reference", "--json"), "No such option"),
        (("run",), "Missing argument 'RECIPE'"),
        (("count", "a.yaml", "b.yaml"), "unexpected extra argument"),
        (("encode", "a.yaml", "--executor", "dask"), "--executor"),
        (("count", "a.yaml", "--num-cpus", "0"), "--num-cpus"),
        (("evaluate", "a.yaml", "b.yaml"), "give one recipe"),
    ],
)
def test_a_command_that_is_none_has_exit_code_2(arguments: tuple[str, ...], message: str, tokenizer: Terminal) -> None:
    said = tokenizer(*arguments)
    assert (said.code, said.out) == (2, "")
    assert message in said.error
    assert "Traceback" not in said.error


@pytest.mark.parametrize("command", ["run", "count", "train", "encode", "evaluate", "weights", "export"])
def test_what_stands_in_the_way_of_a_command_is_one_line(command: str, tokenizer: Terminal) -> None:
    assert tokenizer.error(command, "no.yaml") == "no.yaml: cannot be read: No such file or directory"
    message = "tokenizer.yaml:1: train.reserved: expected an integer, found 'many'"
    assert tokenizer.error(command, "tokenizer.yaml", "--set", "train.reserved=many") == message
    inline = ("--executor", "inline") if command in {"run", "count", "encode", "weights"} else ()
    assert re.match(r"out/small(-tokenizer)?[:/].*\S$", tokenizer.error(command, "tokenizer.yaml", *inline))


def test_the_schema_is_json(tokenizer: Terminal) -> None:
    assert json.loads(tokenizer("schema").out)["title"] == "Corpusmill tokenizer recipe"


def test_a_mapping_of_the_recipe_is_explained(tokenizer: Terminal) -> None:
    assert "character_coverage" in tokenizer("reference", "train").out
    assert tokenizer.error("reference", "trian").startswith("nothing is called 'trian'; did you mean 'train'?")


def test_the_help_comes_without_the_slow_libraries() -> None:
    loaded = f"{SLOW!r} & set(sys.modules)"
    run = "import atexit, sys, tokenizer.cli; sys.argv = ['tokenizer', '--help']"
    code = f"{run}; atexit.register(lambda: print({loaded})); tokenizer.cli.main()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Commands:" in done.stdout
    assert done.stdout.splitlines()[-1] == "set()"
