"""The command line: what is wrong is one line on standard error, and the exit code tells which kind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from datapipe.cli import app, main
from datapipe.init import RECIPES, shipped
from datapipe.loading.load import load
from tests.terminal import Terminal
from tokenizer.load import load as load_tokenizer
from trainer.load import load as load_plan
from trainer.mixture.load import load as load_mixture
from trainer.plan import Start

ROOT = Path(__file__).parents[1]
COMMANDS = (
    "plan",
    "run",
    "status",
    "runs",
    "clean",
    "report",
    "explain",
    "duplicates",
    "diff",
    "stages",
    "schema",
    "init",
)
RECIPE = """\
name: small
output: out
sources: [{name: web, reader: jsonl, paths: ["*.jsonl"]}]
passes: [{name: extract, steps: [normalize_text]}]
domains: [{name: all, weight: 1}]
"""

SLOW = {"ray", "numba", "torch", "fasttext", "resiliparse", "fastwarc", "datasketch", "tldextract"}
LOADED = f"{SLOW!r} & set(sys.modules)"
"""Of Python, what it has loaded that takes long."""


@pytest.fixture
def datapipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal("datapipe", main, tmp_path, monkeypatch, capsys)


def write(datapipe: Terminal, text: str = RECIPE) -> None:
    """The recipe, and a document for it."""
    (datapipe.folder / "recipe.yaml").write_text(text)
    (datapipe.folder / "a.jsonl").write_text('{"text": "one"}\n')


def python(*arguments: str, **options: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, **options)  # type: ignore[call-overload, no-any-return]


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if "__pycache__" not in path.parts}


def same_bytes(one: Path, other: Path) -> bool:
    return one.is_dir() or one.read_bytes() == other.read_bytes()


def test_the_help_names_every_command(datapipe: Terminal) -> None:
    said = datapipe("--help")
    assert (said.code, said.error) == (0, "")
    listed = said.out.partition("Commands:")[2]
    assert [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "] == list(
        COMMANDS
    )


def test_without_a_command_the_help_is_shown(datapipe: Terminal) -> None:
    said = datapipe()
    assert "Usage: datapipe" in said.out + said.error


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, datapipe: Terminal) -> None:
    said = datapipe(command, "--help")
    assert said.code == 0
    assert f"Usage: datapipe {command}" in said.out


def test_every_command_and_option_has_words_of_help() -> None:
    for command in app.registered_commands:
        assert command.callback is not None and command.callback.__doc__


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("paln",), "No such command 'paln'"),
        (("plan",), "Missing argument 'RECIPE'"),
        (("plan", "a", "b"), "unexpected extra argument"),
        (("plan", "recipe.yaml", "--executor", "ray"), "No such option"),
        (("run", "recipe.yaml", "--executor", "dask"), "--executor"),
        (("run", "recipe.yaml", "--sample", "2"), "--sample"),
        (("run", "recipe.yaml", "--sample", "some"), "--sample"),
        (("run", "recipe.yaml", "--max-shards", "0"), "--max-shards"),
        (("run", "recipe.yaml", "--num-cpus", "0"), "--num-cpus"),
        (("explain", "recipe.yaml"), "give the ID of a document, or --text FILE"),
        (("init", "tiny"), "Missing argument 'FOLDER'"),
    ],
)
def test_a_command_that_is_none_has_exit_code_2(arguments: tuple[str, ...], message: str, datapipe: Terminal) -> None:
    said = datapipe(*arguments)
    assert (said.code, said.out) == (2, "")
    assert message in said.error
    assert "Traceback" not in said.error


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "name: small",
            "nmae: small",
            "recipe.yaml:1: nmae: unknown key; did you mean 'name'? possible: budget_tokens,",
        ),
        ("weight: 1", "weight: '1'", "recipe.yaml:5: domains.0.weight: expected a number, found '1'"),
        ("name: small", "name: [", "recipe.yaml:3: not valid YAML: "),
        (
            "[normalize_text]",
            "[normalise_text]",
            "recipe.yaml:4: passes.0.steps.0: unknown stage 'normalise_text'; did ",
        ),
        ("*.jsonl", "*.json", "recipe.yaml:3: sources.0.paths.0: *.json matches no file"),
        ("*.jsonl", "none/", "recipe.yaml:3: sources.0.paths.0: none matches no file"),
        (
            "[normalize_text]",
            "[url_statistics: {blocked_domains: no.txt}]",
            "step 'url_statistics': no such file: no.txt",
        ),
    ],
)
@pytest.mark.parametrize("command", ["plan", "run"])
def test_a_recipe_that_cannot_run_is_one_line(
    command: str, old: str, new: str, message: str, datapipe: Terminal
) -> None:
    assert RECIPE.count(old) == 1
    write(datapipe, RECIPE.replace(old, new))
    options = ("--executor", "inline") if command == "run" else ()
    assert datapipe.error(command, "recipe.yaml", *options).startswith(message)


@pytest.mark.parametrize("scheme", ["nosuch://bucket/a.jsonl", "s3://"])
def test_a_storage_that_nobody_knows_is_one_line(scheme: str, datapipe: Terminal) -> None:
    write(datapipe, RECIPE.replace("*.jsonl", scheme))
    assert scheme in datapipe.error("plan", "recipe.yaml")


def test_a_setting_that_is_wrong_is_one_line(datapipe: Terminal) -> None:
    write(datapipe)
    assert (
        datapipe.error("plan", "recipe.yaml", "--set", "seed=x")
        == "recipe.yaml:1: seed: expected an integer, found 'x'"
    )
    message = "--set passes.extrct.num_cpus=2: no 'extrct' there; did you mean 'extract'? there are: extract"
    assert datapipe.error("plan", "recipe.yaml", "--set", "passes.extrct.num_cpus=2") == message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("plan", "no.yaml"), "no.yaml: cannot be read: No such file or directory"),
        (("plan", "."), ".: cannot be read: Is a directory"),
        (("run", "no.yaml"), "no.yaml: cannot be read: No such file or directory"),
        (("report", "nowhere"), "nowhere: "),
        (("diff", "nowhere", "elsewhere"), "nowhere: "),
        (("explain", "nowhere", "web/0/0"), "nowhere: "),
        (("explain", "no.yaml", "--text", "-"), "no.yaml: cannot be read: No such file or directory"),
        (("stages", "normalise_text"), "nothing is called 'normalise_text'; did you mean 'normalize_text'?"),
        (("init", "tinny", "mine"), "no recipe 'tinny'; did you mean 'tiny'? there are: "),
        (("init", "../recipes/tiny", "mine"), "no recipe '../recipes/tiny'; "),
        (("init", "rules", "mine"), "no recipe 'rules'; "),
    ],
)
def test_a_name_of_nothing_is_one_line(arguments: tuple[str, ...], message: str, datapipe: Terminal) -> None:
    assert datapipe.error(*arguments).startswith(message)


def test_a_text_to_explain_that_is_not_there_is_one_line(datapipe: Terminal) -> None:
    write(datapipe)
    assert "no.txt" in datapipe.error("explain", "recipe.yaml", "--text", "no.txt")
    assert "--column nothing" in datapipe.error("explain", "recipe.yaml", "--text", "a.jsonl", "--column", "nothing")


def test_an_interrupted_command_says_how_to_go_on(datapipe: Terminal) -> None:
    write(datapipe, "imports: [own.py]\n" + RECIPE)
    (datapipe.folder / "own.py").write_text("raise KeyboardInterrupt")
    said = datapipe("run", "recipe.yaml")
    assert said.code == 130
    assert said.error == "interrupted; run the same command again to go on where it stopped\n"


def test_a_plan_runs_nothing(datapipe: Terminal) -> None:
    write(datapipe)
    said = datapipe("plan", "recipe.yaml")
    assert (said.code, said.error) == (0, "")
    assert "recipe small" in said.out
    assert sorted(path.name for path in datapipe.folder.iterdir()) == ["a.jsonl", "recipe.yaml"]


def test_the_schema_is_json(datapipe: Terminal) -> None:
    assert json.loads(datapipe("schema").out)["title"] == "Corpusmill recipe"


def test_a_stage_and_a_reader_are_explained(datapipe: Terminal) -> None:
    assert "normal form C" in " ".join(datapipe("stages", "normalize_text").out.split())
    assert "JSON object" in " ".join(datapipe("stages", "jsonl").out.split())


def test_a_shipped_recipe_is_copied_with_its_data_and_tokenizer_and_loads(datapipe: Terminal) -> None:
    said = datapipe("init", "tiny", "new/mine")
    assert said.code == 0
    assert said.out == (
        "copied to new/mine; next: datapipe run new/mine/recipe.yaml\nand then: tokenizer run new/mine/tokenizer.yaml\n"
        "and then: trainer run new/mine/pretrain.yaml\nfor its weights: trainer mix all new/mine/mixture.yaml\n"
    )
    copied, there = datapipe.folder / "new" / "mine", RECIPES / "tiny"
    assert files_of(copied) == files_of(there)
    changed = {name for name in files_of(copied) if not same_bytes(copied / name, there / name)}
    assert changed == {"recipe.yaml", "tokenizer.yaml", "pretrain.yaml", "continue.yaml", "mixture.yaml"}
    recipe, tokenizer = load("new/mine/recipe.yaml"), load_tokenizer("new/mine/tokenizer.yaml")
    assert (recipe.folder, recipe.name, recipe.output) == (copied, "mine", "out/mine")
    assert (tokenizer.name, tokenizer.data, tokenizer.output) == ("mine", "out/mine", "out/mine-tokenizer")
    pretrain, further = load_plan("new/mine/pretrain.yaml"), load_plan("new/mine/continue.yaml")
    assert (pretrain.data, pretrain.tokenizer, pretrain.output) == ("out/mine", "mine-8192", "out/mine-model")
    assert further.start == Start(checkpoint=pretrain.output)
    assert (further.data, further.tokenizer, further.output) == ("out/mine", "mine-8192", "out/mine-model-continued")
    mixture = load_mixture("new/mine/mixture.yaml")
    assert mixture.base is not None and mixture.base.data == "out/mine"
    assert (mixture.name, mixture.output) == ("mine", "out/mine-mixture")


def test_a_recipe_is_never_copied_over_anything(datapipe: Terminal) -> None:
    (datapipe.folder / "mine").mkdir()
    assert datapipe.error("init", "tiny", "mine") == "mine exists already; name a new folder"
    (datapipe.folder / "file").touch()
    assert datapipe.error("init", "tiny", "file") == "file exists already; name a new folder"


def test_every_folder_of_recipes_but_the_rules_ships() -> None:
    assert {"tiny", "nemotron4_15b"} <= set(shipped())
    assert "rules" not in shipped()


def test_a_folder_that_cannot_be_written_is_one_line(datapipe: Terminal) -> None:
    write(datapipe)
    (datapipe.folder / "file").touch()
    arguments = ("run", "recipe.yaml", "--executor", "inline", "--set", "output=file/out")
    assert "Not a directory" in datapipe.error(*arguments)
    assert "Not a directory" in datapipe.error("init", "tiny", "file/mine")


def test_the_help_comes_without_the_slow_libraries() -> None:
    run = "import atexit, sys, datapipe.cli; sys.argv = ['datapipe', '--help']"
    done = python("-c", f"{run}; atexit.register(lambda: print({LOADED})); datapipe.cli.main()")
    assert done.returncode == 0, done.stderr
    assert "Commands:" in done.stdout
    assert done.stdout.splitlines()[-1] == "set()"


def test_loading_a_recipe_takes_no_slow_library() -> None:
    done = python("-c", f"import sys; from datapipe import load; load('recipes/tiny/recipe.yaml'); print({LOADED})")
    assert (done.returncode, done.stdout) == (0, "set()\n"), done.stderr


def test_a_reader_that_stops_listening_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "datapipe.cli", "schema"], cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True
    )
    os.close(writing)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("command", "error"),
    [
        ("status", "nothing: no event log: not the output folder of a run"),
        ("runs", "nothing: no run at or below it (a run's folder holds a plan.json)"),
        ("clean", "nothing: not the output folder of a run (`datapipe runs nothing` lists those below it)"),
    ],
)
def test_a_folder_that_is_no_run_is_one_line(command: str, error: str, datapipe: Terminal) -> None:
    assert datapipe.error(command, "nothing") == error


def test_a_run_is_watched_listed_and_tidied(datapipe: Terminal) -> None:
    write(datapipe)
    assert datapipe("run", "recipe.yaml", "--executor", "inline").code == 0

    assert json.loads(datapipe("status", "out", "--json").out)["state"] == "finished"
    assert [one["recipe"] for one in json.loads(datapipe("runs", ".", "--json").out)] == ["small"]
    assert "out: nothing to clean" in datapipe("clean", "out").out
    assert ": deleted" in datapipe("clean", "out", "--intermediates", "--yes").out
    assert not (datapipe.folder / "out/survivors").exists()
