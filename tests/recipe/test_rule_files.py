"""Rule sets as files: found by name or path, checked rule by rule, with limits per language from a table."""

from pathlib import Path

import pytest

from datapipe.loading.located_yaml import RecipeError, parse
from datapipe.loading.rule_files import SHIPPED, check_reasons, rule_set
from datapipe.rules import Override, Rule, RuleSet

HEADER = "language,column,min,max\n"
RULES = """\
about: Two rules.
overrides: limits.csv
rules:
  - {column: word_count, min: 50, max: 100_000, source: "a paper, table 1"}
  - {column: kind, one_of: [tale, song]}
"""


def write(folder: Path, table: str = HEADER, rules: str = RULES) -> Path:
    (folder / "mine.yaml").write_text(rules)
    (folder / "limits.csv").write_bytes(table.encode("utf-8", "surrogateescape"))
    return folder


def refused(folder: Path) -> str:
    """The message, behind the folder."""
    with pytest.raises(RecipeError) as caught:
        rule_set("mine.yaml", folder)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value).replace(f"{folder}/", "")


def test_a_file_is_a_set_named_after_it(tmp_path: Path) -> None:
    expected = RuleSet(
        "mine",
        (
            Rule("word_count", min=50, max=100_000, source="a paper, table 1"),
            Rule("kind", one_of=("tale", "song")),
        ),
        about="Two rules.",
    )
    assert rule_set("mine.yaml", write(tmp_path)) == expected


def test_a_path_below_the_folder_and_the_other_suffix_work_too(tmp_path: Path) -> None:
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "short.yml").write_text("rules: [{column: a, min: 1}]")
    assert rule_set("sets/short.yml", tmp_path).rules == (Rule("a", min=1),)


def test_shipped_sets_go_by_name() -> None:
    for path in SHIPPED.glob("*.yaml"):
        assert rule_set(path.stem, Path("nowhere")).name == path.stem


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gophr", "no rule set 'gophr'; did you mean 'gopher'? shipped: "),
        ("gopher.yaml", "no rule set 'gopher.yaml'; did you mean 'gopher'? shipped: "),
        ("../gopher", "no rule set '../gopher'; did you mean 'gopher'? shipped: "),
        ("", "no rule set ''; shipped: "),
        ("x" * 5000, "no rule set 'xxxxx"),
        ("x" * 5000 + ".yaml", "no rule set 'xxxxx"),
    ],
)
def test_an_unknown_name_lists_what_there_is(name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(KeyError) as caught:
        rule_set(name, tmp_path)
    assert caught.value.args[0].startswith(message)
    assert caught.value.args[0].endswith("; or a .yaml file beside the recipe")


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("", "mine.yaml:1: expected a mapping, found null; keys: rules, about, overrides"),
        ("[a]", 'mine.yaml:1: expected a mapping, found ["a"]; keys: rules, about, overrides'),
        ("about: x", "mine.yaml:1: key 'rules' is missing"),
        ("rules: {column: a}", 'mine.yaml:1: rules: expected a list, found {"column": "a"}'),
        ("rules: [gopher]", "mine.yaml:1: rules.0: expected a mapping, found 'gopher'"),
        ("rulse: []", "mine.yaml:1: rulse: unknown key; did you mean 'rules'? possible: about, overrides, rules"),
        ("about: 5\nrules: []", "mine.yaml:1: about: expected text, found 5"),
        ("rules: []\noverrides: 5", "mine.yaml:2: overrides: expected text, found 5"),
        ("rules: []\noverrides: no.csv", "mine.yaml:2: overrides: no such file: no.csv"),
        ("rules: []\noverrides: .", "mine.yaml:2: overrides: no such file: "),
        ("rules:\n  - {column: a, mim: 1}", "mine.yaml:2: rules.0.mim: unknown key; did you mean 'min'?"),
        ("rules:\n  - column: a\n    min: '1'", "mine.yaml:3: rules.0.min: expected a number, found '1'"),
        ("rules: [{column: a, min: true}]", "mine.yaml:1: rules.0.min: expected a number, found true"),
        ("rules: [{column: no, one_of: no}]", "mine.yaml:1: rules.0.one_of: expected a list, found 'no'"),
        ("rules: [{column: a, one_of: []}]", "mine.yaml:1: rules.0.one_of: expected at least 1 of them, found []"),
        ("rules: [{column: a, one_of: [null]}]", "mine.yaml:1: rules.0.one_of.0: expected text or an integer or"),
        ("rules: [{column: a, none_of: [0.5]}]", "mine.yaml:1: rules.0.none_of.0: expected text or an integer or"),
        ("rules: [{column: a, missing: yes}]", "mine.yaml:1: rules.0.missing: expected 'drop' or 'keep', found 'yes'"),
        ("rules: [{column: a, min: 1, above: 1}]", "mine.yaml:1: rules.0: give min or above, not both"),
        ("rules:\n- {column: a}\n- {column: b, min: 2, max: 1}", "mine.yaml:3: rules.1: no value passes limits from"),
        ("rules: [{column: a, min: 1, where: b}]", "mine.yaml:1: rules.0.where: expected a mapping, found 'b'"),
        (
            "rules: [{column: a, min: 1, where: {b: []}}]",
            "mine.yaml:1: rules.0: where: b: expected one value or a list",
        ),
        ("rules: [{column: a, missing: keep}]", "mine.yaml:1: rules: the rule on 'a' has no limit and drops nothing"),
        (
            "rules: [{column: a, min: 1}, {column: a, max: 2}]",
            "mine.yaml:1: rules: two rules give the reason 'mine.a.missing': tell them apart with `name:`",
        ),
        ("rules: [", "mine.yaml:1: not valid YAML: "),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(rules: str, message: str, tmp_path: Path) -> None:
    assert refused(write(tmp_path, rules=rules)).startswith(message)


def test_two_rules_on_one_column_are_told_apart_by_name(tmp_path: Path) -> None:
    write(tmp_path, rules="rules: [{column: a, min: 1}, {column: a, max: 2, name: small_a}]")
    assert [check.reason for check in rule_set("mine.yaml", tmp_path).checks()] == [
        "mine.a.missing",
        "mine.a.min",
        "mine.small_a.missing",
        "mine.small_a.max",
    ]


def test_a_rule_that_only_some_languages_limit_is_a_rule(tmp_path: Path) -> None:
    write(tmp_path, HEADER + "de,a,1,\n", "overrides: limits.csv\nrules: [{column: a, missing: keep}]")
    assert [check.reason for check in rule_set("mine.yaml", tmp_path).checks()] == ["mine.a.min"]


def test_a_rule_applies_where_a_list_says(tmp_path: Path) -> None:
    write(tmp_path, rules="rules: [{column: a, min: 1, where: {language: {not: [en, no]}}}]")
    condition = rule_set("mine.yaml", tmp_path).rules[0].conditions[0]
    assert (condition.column, condition.values, condition.negated) == ("language", ("en", "no"), True)


def test_reasons_differ_between_sets_of_one_step_too() -> None:
    document = parse("a: 1", "f.yaml")
    check_reasons([RuleSet("s", (Rule("a", min=1),)), RuleSet("s", (Rule("b", min=1),))], document, ())
    with pytest.raises(RecipeError, match=r"two rules give the reason 's\.a\.missing'"):
        check_reasons([RuleSet("s", (Rule("a", min=1),)), RuleSet("s", (Rule("a", max=1),))], document, ())


def test_limits_per_language_come_from_the_table(tmp_path: Path) -> None:
    rows = "# de,word_count,1,1\nde,word_count,20,\n\n no , word_count ,, 5e3\r\nth,word_count,,\n"
    table = f"# comment, with a comma\n\n{HEADER}{rows}"
    assert rule_set("mine.yaml", write(tmp_path, table)).overrides == (
        Override("de", "word_count", 20.0, None),
        Override("no", "word_count", None, 5000.0),
        Override("th", "word_count", None, None),
    )


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "limits.csv:1: expected the header language,column,min,max, found nothing"),
        ("# only a comment\n", "limits.csv:1: expected the header language,column,min,max, found nothing"),
        ("de,word_count,1,2\n", "limits.csv:1: expected the header language,column,min,max, found de,word_count,1,2"),
        ("#\n#\nlanguage,min,max\n", "limits.csv:3: expected the header language,column,min,max, found language,min"),
        (HEADER + "de,word_count,1", "limits.csv:2: expected 4 cells, found 3"),
        (HEADER + "de,word_count,1,2,3", "limits.csv:2: expected 4 cells, found 5"),
        (
            HEADER + "# two\n\nde,word_cuont,1,2",
            "limits.csv:4: no rule on column 'word_cuont'; did you mean 'word_count'?",
        ),
        (HEADER + "de,word_count,one,2", "limits.csv:2: expected a number or an empty cell, found 'one'"),
        (
            HEADER + "en,word_count,1,2\nde,word_count,1,nan",
            "limits.csv:3: expected a number or an empty cell, found 'nan'",
        ),
        (HEADER + "de,word_count,-inf,2", "limits.csv:2: expected a number or an empty cell, found '-inf'"),
        (HEADER + "de,kind,1,\nen,kind,1,\nde,kind,3,", "limits.csv:4: de,kind is given twice"),
        (HEADER + 'de,"word_count,1,2', "limits.csv:2: not valid CSV: unexpected end of data"),
        (HEADER + "de,word_count,1,2\n\udcff", "limits.csv: cannot be read: not UTF-8 text"),
    ],
)
def test_what_is_wrong_with_the_table_is_one_line(table: str, message: str, tmp_path: Path) -> None:
    assert refused(write(tmp_path, table)).startswith(message)


def test_a_file_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_bytes(b"\x89PNG\xff")
    assert refused(tmp_path) == "mine.yaml: cannot be read: not UTF-8 text"
