"""What determines an output changes its fingerprint and those of what reads it; words, weights and resources do not."""

from pathlib import Path

import pytest

from datapipe.fingerprints import digest, pass_fingerprints, source_fingerprint
from datapipe.loading.load import loads
from datapipe.loading.located_yaml import RecipeError
from datapipe.loading.rule_files import rule_set
from datapipe.recipe import Recipe

TEXT = """\
name: small
output: out
budget_tokens: 1000
sources:
  - {name: web, reader: jsonl, paths: [web.jsonl], fields: {text: body}, extra_columns: {stars: int, topic: string}}
passes:
  - name: extract
    steps:
      - normalize_text
      - identify_language: {characters: 500}
      - select: {early: true, rules: [{column: language_score, min: 0.5, source: a paper}]}
  - name: hash
    steps: [content_hash]
  - name: rewrite
    steps:
      - c4_lines
  - name: urls
    steps:
      - url_statistics: {where: {language: en}}
      - select: {where: {topic: news}, rules: [{column: url_path_segment_count, max: 9, source: ours}]}
  - name: shares
    steps: [character_shares]
domains:
  - {name: english, where: {language: en}, weight: 0.7, rules: [{column: stars, max: 40, source: ours}, MINE]}
  - {name: others, weight: 0.3, by: topic}
"""
SET = "about: words about it\nrules: [{column: stars, min: 1, name: few, source: a paper}]\noverrides: mine.csv"
LIMITS = "language,column,min,max\nde,stars,2,\n"
ALL = {"extract", "hash", "urls", "rewrite", "shares", "decide", "gather", "pack"}
BUILT_IN = {"decide", "gather", "pack"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recipe")
    (folder / "mine.yaml").write_text(SET)
    (folder / "mine.csv").write_text(LIMITS)
    return folder


def recipe(folder: Path, text: str = TEXT, *settings: str) -> Recipe:
    return loads(text.replace("MINE", "mine.yaml"), str(folder / "recipe.yaml"), settings)


def differing(left: Recipe, right: Recipe, sample: float | None = None) -> set[str]:
    """Names of the passes that have to run again."""
    before, after = pass_fingerprints(left), pass_fingerprints(right, sample)
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        # thresholds: the decisions and the shards, nothing before
        ("domains.english.rules.0.max=41", BUILT_IN),
        ("domains.english.rules.0.min=5", BUILT_IN),
        ("domains.english.rules.0.missing=keep", BUILT_IN),
        ("domains.english.rules.0.name=popular", BUILT_IN),
        ("domains.english.rules.0.where.topic=news", BUILT_IN),
        ("passes.urls.steps.select.rules.0.max=8", BUILT_IN),
        ("passes.urls.steps.select.where.topic=sport", BUILT_IN),
        # but an early one acts where it stands
        ("passes.extract.steps.select.rules.0.min=0.6", ALL),
        # routing, holding out, drawing
        ("domains.english.name=anglais", BUILT_IN),
        ("domains.english.where.language=de", BUILT_IN),
        ("domains.others.by=source", BUILT_IN),
        ("holdout.fraction=0.01", BUILT_IN),
        ("seed=18", BUILT_IN),
        # shards
        ("shard_bytes=1000000", {"pack"}),
        ("columns=[stars]", {"gather", "pack"}),
        # a step: its pass, and those that read what it wrote
        ("passes.extract.steps.identify_language.characters=501", ALL),
        ("passes.extract.steps.normalize_text.max_blank_lines=1", ALL),
        ("passes.hash.steps.content_hash.where.topic=news", {"hash", *BUILT_IN}),
        ("passes.urls.steps.url_statistics.private_suffixes=true", {"urls", *BUILT_IN}),
        ("passes.urls.steps.url_statistics.where.language=de", {"urls", *BUILT_IN}),
        ("passes.rewrite.steps.c4_lines.where.topic=news", {"rewrite", "urls", "shares", *BUILT_IN}),
        ("passes.shares.steps.0=code_statistics", {"shares", *BUILT_IN}),
        # the columns and sizes of the first pass
        ("cut_bytes=1000000", ALL),
        ("sources.web.extra_columns.kind=string", ALL),
        # what changes no output, or is part of the inputs' own fingerprints
        ("name=large", set()),
        ("output=elsewhere", set()),
        ("budget_tokens=2000", set()),
        ("max_error_fraction=0.5", set()),
        ("domains.english.max_epochs=4", set()),
        ("domains.english.bytes_per_token=3", set()),
        ("domains.others.sampling.alpha=2", set()),
        ("domains.english.rules.0.source=another paper", set()),
        ("passes.extract.steps.select.rules.0.source=another paper", set()),
        ("passes.extract.num_cpus=2", set()),
        ("passes.extract.memory_bytes=1", set()),
        ("sources.web.paths=[other.jsonl]", set()),
        ("sources.web.fields.text=content", set()),
        ("sources.web.max_record_bytes=1000", set()),
    ],
)
def test_a_change_runs_again_what_depends_on_it(setting: str, expected: set[str], folder: Path) -> None:
    assert differing(recipe(folder), recipe(folder, TEXT, setting)) == expected


def test_weights_change_nothing_but_the_mixture(folder: Path) -> None:
    other = recipe(folder, TEXT, "domains.english.weight=0.6", "domains.others.weight=0.4")
    assert differing(recipe(folder), other) == set()


def test_the_way_a_number_or_a_value_is_written_changes_nothing(folder: Path) -> None:
    other = (
        TEXT.replace("min: 0.5", "min: 5e-1")
        .replace("max: 40", "max: 40.0")
        .replace("{language: en}", "{language: [en]}")
    )
    other = other.replace("- normalize_text", "- normalize_text: {}").replace("\n  - name", "\n\n  # comment\n  - name")
    assert other != TEXT
    assert differing(recipe(folder), recipe(folder, other)) == set()


def test_an_option_given_its_default_changes_nothing(folder: Path) -> None:
    assert differing(recipe(folder), recipe(folder, TEXT, "seed=17", "domains.others.where={}")) == set()


def test_the_name_of_a_pass_is_part_of_what_it_writes(folder: Path) -> None:
    other = recipe(folder, TEXT.replace("name: hash", "name: digest"))
    assert differing(recipe(folder), other) == {"hash", "digest", *BUILT_IN}


def test_the_order_of_domains_matters(folder: Path) -> None:
    lines = TEXT.splitlines(keepends=True)
    other = recipe(folder, "".join([*lines[:-2], lines[-1], lines[-2]]))
    assert differing(recipe(folder), other) == BUILT_IN


def test_the_order_of_steps_matters(folder: Path) -> None:
    other = TEXT.replace("[content_hash]", "[content_hash, character_shares]")
    swapped = TEXT.replace("[content_hash]", "[character_shares, content_hash]")
    assert differing(recipe(folder, other), recipe(folder, swapped)) == {"hash", *BUILT_IN}


def test_a_sample_is_another_run(folder: Path) -> None:
    assert differing(recipe(folder), recipe(folder), sample=0.01) == ALL
    assert differing(recipe(folder), recipe(folder), sample=None) == set()


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("mine.yaml", "words about it", "other words", set()),
        ("mine.yaml", "a paper", "another", set()),
        ("mine.yaml", "min: 1", "min: 2", BUILT_IN),
        ("mine.csv", "de,stars,2", "de,stars,3", BUILT_IN),
        ("mine.csv", "de,stars,2", "# why\nde,stars,2", set()),
    ],
)
def test_a_rule_file_counts_by_what_it_decides(name: str, old: str, new: str, expected: set[str], folder: Path) -> None:
    before = recipe(folder)
    original = (folder / name).read_text()
    assert old in original
    (folder / name).write_text(original.replace(old, new))
    try:
        assert differing(before, recipe(folder)) == expected
    finally:
        (folder / name).write_text(original)


def test_a_rule_written_out_and_the_same_rule_in_a_file_decide_alike() -> None:
    assert digest([rule_set("gopher", Path())]) == digest([rule_set("gopher", Path("elsewhere"))])


class TestFiles:
    """A file that an option names counts by what it holds, wherever it lies."""

    def fingerprints(self, folder: Path, entries: str) -> dict[str, str]:
        folder.mkdir()
        (folder / "list.txt").write_text(entries)
        (folder / "mine.yaml").write_text(SET)
        (folder / "mine.csv").write_text(LIMITS)
        return pass_fingerprints(recipe(folder, TEXT, "passes.urls.steps.url_statistics.blocked_domains=list.txt"))

    def test_the_same_file_in_another_folder_is_the_same(self, tmp_path: Path) -> None:
        assert self.fingerprints(tmp_path / "a", "x.org") == self.fingerprints(tmp_path / "b", "x.org")

    def test_a_file_that_changes_runs_its_pass_again(self, tmp_path: Path) -> None:
        left, right = self.fingerprints(tmp_path / "a", "x.org"), self.fingerprints(tmp_path / "b", "y.org")
        assert {name for name in left if left[name] != right[name]} == {"urls", *BUILT_IN}

    def test_one_option_is_not_another(self, folder: Path) -> None:
        (folder / "list.txt").write_text("x.org")
        left, right = (
            recipe(folder, TEXT, f"passes.urls.steps.url_statistics.{option}=list.txt")
            for option in ("blocked_words", "soft_words")
        )
        assert differing(left, right) == {"urls", *BUILT_IN}

    def test_a_file_that_is_not_there_is_one_line(self, folder: Path) -> None:
        one = recipe(folder, TEXT, "passes.urls.steps.url_statistics.soft_words=no.txt")
        with pytest.raises(RecipeError, match=r"^step 'url_statistics': no such file: .*/no\.txt$"):
            pass_fingerprints(one)


@pytest.mark.parametrize(
    ("setting", "changes"),
    [
        ("sources.web.fields.text=content", True),
        ("sources.web.max_record_bytes=1000", True),
        ("sources.web.extra_columns.stars=float", True),
        ("sources.web.reader=parquet", True),
        ("sources.web.name=other", True),
        ("sources.web.paths=[other.jsonl]", False),
        ("sources.web.root=..", False),
        ("seed=18", False),
    ],
)
def test_a_source_is_told_by_how_it_is_read(setting: str, changes: bool, folder: Path) -> None:
    left, right = recipe(folder).sources[0], recipe(folder, TEXT, setting).sources[0]
    assert (source_fingerprint(left) != source_fingerprint(right)) == changes


def test_a_digest_is_the_same_on_every_machine() -> None:
    assert digest({"b": [1, 0.5, None, True], "a": "ä"}) == digest({"a": "ä", "b": (1, 0.5, None, True)})
    assert digest([1, "a", None]) == "40d23554ec04006f75d6e6ab272e4679"
    assert digest([1]) != digest(["1"]) != digest([1.0])
