"""The command line of the trainer: what is wrong is one line, and the exit code tells which kind."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from tests.terminal import Terminal
from trainer.cli import app, main
from trainer.mixture.cli import app as mix

ROOT = Path(__file__).parents[2]
SLOW = {"ray", "numba", "torch", "sentencepiece", "safetensors", "tokenizers", "transformers", "lm_eval", "wandb"}


PLAN = """\
name: small
output: out
data: data
tokenizer: small-8192
model: {preset: nemotron4_15b}
phases: [{name: one, tokens: 1000, batch: 1, learning_rate: [{shape: constant, start: 1}]}]
"""


@pytest.fixture
def trainer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal("trainer", main, tmp_path, monkeypatch, capsys)


def names(of: typer.Typer) -> list[str]:
    return [command.name or command.callback.__name__ for command in of.registered_commands if command.callback]


COMMANDS = names(app)
ALL_COMMANDS = [*COMMANDS, *(f"mix {name}" for name in names(mix))]


def test_the_help_names_every_command(trainer: Terminal) -> None:
    said = trainer("--help")
    assert (said.code, said.error) == (0, "")
    listed = said.out.partition("Commands:")[2]
    assert [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "] == [
        *COMMANDS,
        "mix",
    ]


@pytest.mark.parametrize("command", ALL_COMMANDS)
def test_every_command_and_option_has_words_of_help(command: str, trainer: Terminal) -> None:
    said = trainer(*command.split(), "--help")
    assert said.code == 0
    usage, _, rest = said.out.partition("\n\n")
    assert usage.startswith(f"Usage: trainer {command}")
    about, _, options = rest.partition("Options:\n")
    assert "." in about
    lines = options.splitlines()
    named = [line for line in lines if line.startswith("  -")]
    bare = [line for line in named if len(line.split("  ")) < 3 and not _next(lines, line).startswith("     ")]
    assert bare == []


def _next(lines: list[str], line: str) -> str:
    return [*lines, ""][lines.index(line) + 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("rnu",), "No such command 'rnu'"),
        (("schema", "a"), "unexpected extra argument"),
        (("reference", "--json"), "No such option"),
    ],
)
def test_a_command_that_is_none_has_exit_code_2(arguments: tuple[str, ...], message: str, trainer: Terminal) -> None:
    said = trainer(*arguments)
    assert (said.code, said.out) == (2, "")
    assert message in said.error


def test_the_schema_is_json(trainer: Terminal) -> None:
    assert json.loads(trainer("schema").out)["title"] == "Corpusmill training plan"


def test_a_mapping_of_the_plan_is_explained(trainer: Terminal) -> None:
    assert "weight_decay" in trainer("reference", "optimizer").out
    assert trainer.error("reference", "optimiser").startswith(
        "nothing is called 'optimiser'; did you mean 'optimizer'?"
    )


def test_the_help_comes_without_the_slow_libraries() -> None:
    loaded = f"{SLOW!r} & set(sys.modules)"
    run = "import atexit, sys, trainer.cli; sys.argv = ['trainer', '--help']"
    code = f"{run}; atexit.register(lambda: print({loaded})); trainer.cli.main()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Commands:" in done.stdout
    assert done.stdout.splitlines()[-1] == "set()"


@pytest.mark.parametrize("command", ["run", "generate", "export"])
def test_without_torch_a_command_that_needs_it_says_what_brings_it(
    command: str, trainer: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "trainer" and name != "trainer.cli"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    (trainer.folder / "plan.yaml").write_text(PLAN)
    assert trainer.error(command, "plan.yaml") == "this needs the library torch: pip install 'corpusmill[trainer]'"
