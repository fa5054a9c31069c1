"""A recipe that loads is a recipe that runs; one that does not says in one line where, what, and what is possible."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from datapipe import load
from datapipe.loading.load import BUILT_IN_PASSES
from datapipe.loading.located_yaml import RecipeError
from datapipe.recipe import Holdout, Sampling, Unimax, options_of
from datapipe.rules import Rule, RuleSet
from datapipe.stage import STAGES
from tests.recipe.small_recipe import RECIPE, changed, error, loaded

RECIPES = Path(__file__).parents[2] / "recipes"


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*/*recipe*.yaml")), ids=lambda path: path.parent.name)
def test_every_recipe_that_ships_loads(path: Path) -> None:
    recipe = load(path)
    assert recipe.name == path.parent.name
    assert recipe.folder == path.parent


def test_a_recipe_is_what_its_text_says() -> None:
    recipe = loaded()
    assert (recipe.name, recipe.output, recipe.seed, recipe.budget_tokens) == ("small", "out/small", 17, None)
    assert [source.name for source in recipe.sources] == ["web"]
    assert recipe.source("web").paths == ("web.jsonl",)
    assert [[step.name for step in one.steps] for one in recipe.passes] == [
        ["normalize_text", "identify_language", "url_statistics", "select"],
        ["content_hash", "select"],
    ]
    assert recipe.passes[0].steps[1].stage == STAGES["identify_language"](characters=500)
    assert [one.name for one in recipe.passes[0].sweep] == [step.name for step in recipe.passes[0].steps]
    assert [one.name for one in recipe.passes[1].sweep] == ["content_hash"]
    assert [one.name for one in recipe.passes[1].late_selections] == ["select"]
    assert recipe.domains[0].rules == (RuleSet("english", (Rule("heat", max=40.0),)),)
    assert (recipe.text, recipe.file, recipe.settings) == (RECIPE, "recipe.yaml", ())
    assert recipe.folder == Path.cwd()


def test_a_step_without_options_can_be_written_in_three_ways() -> None:
    texts = [
        changed("- normalize_text", f"- {way}") for way in ("normalize_text", "normalize_text:", "normalize_text: {}")
    ]
    assert len({loaded(text).passes[0].steps[0] for text in texts}) == 1


def test_a_step_knows_its_rows_and_norwegian_is_a_language() -> None:
    recipe = loaded(changed("where: {language: en}", "where: {language: no}"))
    assert recipe.domains[0].where[0].values == ("no",)
    recipe = loaded(changed("- content_hash", "- content_hash: {where: {language: [no, en]}}"))
    assert recipe.passes[1].steps[0].where[0].values == ("no", "en")


def test_a_rule_written_out_stands_beside_a_set_named_like_its_owner(tmp_path: Path) -> None:
    (tmp_path / "english.yaml").write_text("rules: [{column: stars, min: 1}]")
    (tmp_path / "recipe.yaml").write_text(
        changed(
            "rules: [{column: heat, max: 40}]",
            "rules: [{column: heat, max: 40}, english.yaml, {column: stars, name: many, min: 9}]",
        )
    )
    names = [
        (one.name, [check.reason for check in one.checks()]) for one in load(tmp_path / "recipe.yaml").domains[0].rules
    ]
    assert names == [
        ("english", ["english.heat.missing", "english.heat.max"]),
        ("english", ["english.stars.missing", "english.stars.min"]),
        ("english", ["english.many.missing", "english.many.min"]),
    ]


def test_every_key_has_a_default_that_is_checked_like_any_value() -> None:
    recipe = loaded(changed("name: small", "name: small\nholdout: {}\nimports: []\ncolumns: []"))
    assert recipe == loaded(recipe.text)
    assert recipe.holdout == Holdout()
    recipe = loaded(changed("by: language", "by: language\n    sampling: {unimax: {}}") + "budget_tokens: 5")
    assert recipe.domains[1].sampling == Sampling(unimax=Unimax())


def mistakes() -> Iterator[tuple[str, str, str]]:
    """Of `mistakes.txt`: what is changed, into what, and how the error begins."""
    lines = (Path(__file__).parent / "mistakes.txt").read_text().splitlines()
    entries = [line for line in lines if line and not line.startswith("#")]
    for change, message in zip(entries[::2], entries[1::2], strict=True):
        old, new = change.replace("\\n", "\n").split(" => ")
        yield old, new, message.strip()


@pytest.mark.parametrize(("old", "new", "message"), list(mistakes()))
def test_a_mistake_is_told_by_its_line_its_place_and_what_is_possible(old: str, new: str, message: str) -> None:
    assert error(changed(old, new)).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1: expected a mapping of recipe keys, found null"),
        ("# nothing\n", "1: expected a mapping of recipe keys, found null"),
        ("- name: a", '1: expected a mapping of recipe keys, found [{"name": "a"}]'),
        ("recipe", "1: expected a mapping of recipe keys, found 'recipe'"),
        ("{}", "1: key 'name' is missing"),
        ("a: b: c", "1: not valid YAML: mapping values are not allowed here"),
        ("name: [", "1: not valid YAML: "),
        ("[" * 2000, "1: not valid YAML: nested too deeply"),
        ("name: &a [x]\noutput: *a", "1: aliases (&name, *name) are not supported in recipes"),
        ("a:" + "\n b: " + "x" * 100_000, "1: a: unknown key; "),
    ],
)
def test_a_file_of_another_kind_is_one_line(text: str, message: str) -> None:
    assert error(text).startswith(message)


@pytest.mark.parametrize("key", ["sources", "passes", "domains"])
@pytest.mark.parametrize("value", ["null", "5", "text", "{}", "[5]", "[null]", "[[]]", "[]"])
def test_the_lists_of_a_recipe_hold_mappings(key: str, value: str) -> None:
    start = RECIPE.index(f"{key}:")
    following = [RECIPE.find(f"\n{other}:", start) for other in ("passes", "domains")]
    end = min([place for place in following if place > 0], default=len(RECIPE))
    message = error(f"{RECIPE[:start]}{key}: {value}{RECIPE[end:]}")
    assert f": {key}" in message and "expected a" in message


def test_names_of_built_in_passes_are_taken() -> None:
    for name in BUILT_IN_PASSES:
        assert f"{name!r} is the name of a built-in pass" in error(changed("name: measure", f"name: {name}"))


def test_a_reader_without_fields_takes_neither_fields_nor_columns() -> None:
    source = "{name: web, reader: text, paths: [a], fields: {text: body}}"
    text = (
        "name: a\noutput: b\nsources:\n  - "
        + source
        + "\npasses: [{name: p, steps: []}]\ndomains: [{name: d, weight: 1}]"
    )
    assert error(text) == "4: sources.0.fields: this reader's records have no fields"
    assert loaded(text.replace(", fields: {text: body}", "")).sources[0].name == "web"


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\x1f\x8b\x08\x00\xff")
    for name, reason in (
        ("binary.yaml", "not UTF-8 text"),
        ("no.yaml", "No such file or directory"),
        (".", "Is a dir"),
    ):
        with pytest.raises(RecipeError, match=f"cannot be read: {reason}"):
            load(tmp_path / name)


def test_a_file_with_a_byte_order_mark_and_windows_line_ends_loads(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_bytes(b"\xef\xbb\xbf" + RECIPE.replace("\n", "\r\n").encode())
    assert load(tmp_path / "r.yaml").name == "small"


OWN_STAGE = """
from dataclasses import dataclass
from typing import ClassVar
import pyarrow as pa
from datapipe.stage import stage, write_columns

@stage("{name}")
@dataclass(frozen=True)
class Own:
    '''Its own.'''
    version: ClassVar = 1
    reads: ClassVar = ("text",)
    writes: ClassVar = pa.schema([pa.field("own_count", pa.int64())])
    start: int = 0
    '''Where counting begins.'''

    def __call__(self, batch):
        return write_columns(batch, self.writes, [pa.array([self.start] * batch.num_rows)])
"""


class TestImports:
    """Python files beside the recipe register stages of the user's own."""

    def recipe(self, folder: Path, module: str, step: str = "content_hash") -> str:
        (folder / "mine.py").write_text(module)
        text = changed("name: small", "name: small\nimports: [mine.py]")
        (folder / "recipe.yaml").write_text(changed("- content_hash", f"- {step}", text))
        return str(folder / "recipe.yaml")

    @pytest.fixture(autouse=True)
    def _forgotten_afterwards(self) -> Iterator[None]:
        yield
        for name in [name for name in STAGES if name.startswith("own_")]:
            del STAGES[name]

    def error(self, path: str) -> str:
        folder = Path(path).parent
        return error(Path(path).read_text(), file=path).replace(f"{folder}/", "")

    def test_two_files_of_one_name_are_refused(self, tmp_path: Path) -> None:
        path = self.recipe(tmp_path, "")
        (tmp_path / "more").mkdir()
        (tmp_path / "more" / "mine.py").touch()
        text = Path(path).read_text().replace("imports: [mine.py]", "imports: [mine.py, more/mine.py]")
        assert error(text, file=path) == "2: imports.1: two imports are called 'mine': rename one of the files"

    def test_a_stage_is_known_once_its_file_is_imported(self, tmp_path: Path) -> None:
        path = self.recipe(tmp_path, OWN_STAGE.format(name="own_stage"), "own_stage: {start: 3}")
        for _ in range(2):  # loading again is allowed
            step = load(path).passes[1].steps[0]
            assert (step.name, options_of(step.stage), step.stage.reads) == ("own_stage", {"start": 3}, ("text",))
        assert error(Path(path).read_text().replace("start: 3", "strat: 3"), file=path).startswith(
            "15: passes.1.steps.0.own_stage.strat: unknown key; did you mean 'start'?"
        )

    @pytest.mark.parametrize(
        ("module", "message"),
        [
            ("x = (1,\n", "2: imports.0: mine.py:1: SyntaxError: '(' was never closed"),
            (
                "\n\nimport no_such_module",
                "2: imports.0: mine.py:3: ModuleNotFoundError: No module named 'no_such_module'",
            ),
            ("def f():\n    return 1 / 0\n\nf()", "2: imports.0: mine.py:2: ZeroDivisionError: division by zero"),
            ("raise ValueError('two\\nlines')", "2: imports.0: mine.py:1: ValueError: two lines"),
            ("{}['a']", "2: imports.0: mine.py:1: KeyError: 'a'"),
            ("open('/no/such/file')", "2: imports.0: mine.py:1: FileNotFoundError: "),
            ("assert False, 'no'", "2: imports.0: mine.py:1: AssertionError: no"),
            ("undefined", "2: imports.0: mine.py:1: NameError: name 'undefined' is not defined"),
            ("\0", "2: imports.0: mine.py:1: "),
            (
                OWN_STAGE.format(name="select"),
                "2: imports.0: mine.py:7: ValueError: stage name 'select' is taken by datapipe.",
            ),
        ],
    )
    def test_a_file_that_fails_is_told_with_its_line(self, module: str, message: str, tmp_path: Path) -> None:
        assert self.error(self.recipe(tmp_path, module)).startswith(message)

    @pytest.mark.parametrize(
        ("imports", "message"),
        [
            ("[other.py]", "2: imports.0: no such file: other.py"),
            ("[mine.py, .]", "2: imports.1: no such file: "),
            (f"[{'x' * 300}.py]", "2: imports.0: no such file: xxx"),
            ("[recipe.yaml]", "2: imports.0: not a Python file: recipe.yaml"),
            ("[5]", "2: imports.0: no such file: 5"),
            ("mine.py", "2: imports: expected a list, found 'mine.py'"),
        ],
    )
    def test_a_file_that_is_none_is_one_line(self, imports: str, message: str, tmp_path: Path) -> None:
        path = Path(self.recipe(tmp_path, ""))
        path.write_text(path.read_text().replace("[mine.py]", imports))
        assert self.error(str(path)).startswith(message)


def test_options_that_name_files_stand_against_the_folder_of_the_recipe(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(changed("- url_statistics", "- url_statistics: {blocked_domains: lists/a.txt}"))
    stage: Any = load(tmp_path / "r.yaml").passes[0].steps[2].stage
    assert stage.blocked_domains == str(tmp_path / "lists" / "a.txt")
