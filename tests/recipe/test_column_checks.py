"""Nothing loads that reads a column it cannot have, or compares it with what it cannot hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa
import pytest

from datapipe.loading.columns import FIRST_COLUMNS, OWN_COLUMNS, TEXT_BYTES
from datapipe.passes.deciding import ROUTE_SCHEMA
from datapipe.reader import READERS, reader
from datapipe.shard_files import QUARANTINED
from datapipe.stage import STAGES, stage
from tests.recipe.own_stages import own_stages, recipe
from tests.recipe.small_recipe import changed, error, loaded


@pytest.fixture(autouse=True, scope="module")
def _own_stages() -> Iterator[None]:
    with own_stages():
        yield


def rule(column: str) -> str:
    return "{select: {rules: [{column: " + column + ", min: 1}]}}"


def early(column: str) -> str:
    return "{select: {early: true, rules: [{column: " + column + ", min: 1}]}}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            recipe("own_derive"),
            "5: passes.0.steps.0.own_derive: no earlier step writes the column 'length'; own_measure or own_wo",
        ),
        (
            recipe("own_derive, own_measure"),
            "5: passes.0.steps.0.own_derive: no earlier step writes the column 'length'",
        ),
        (
            recipe("own_measure", rule("lenght")),
            "6: passes.1.steps.0.select.rules.0: no earlier step writes the column 'lenght'; did you",
        ),
        (
            recipe(rule("length"), "own_measure"),
            "5: passes.0.steps.0.select.rules.0: no earlier step writes the column 'length'; own_",
        ),
        (
            recipe("{own_measure: {where: {lang: en}}}"),
            "5: passes.0.steps.0.own_measure.where.lang: no earlier step writes the column 'lang'",
        ),
        (
            recipe("own_measure, own_rewrite, " + rule("length")),
            "5: passes.0.steps.2.select.rules.0: p0.length: the column was measured before",
        ),
        (
            recipe("own_measure", "own_rewrite, " + early("length")),
            "6: passes.1.steps.1.select.rules.0: p1.length: the column was measured before",
        ),
        (
            recipe("url_statistics", "own_measure", "own_rewrite, " + rule("length")),
            "7: passes.2.steps.1.select.rules.0: 'length' stayed behind",
        ),
        (
            recipe("url_statistics", "own_measure, " + rule("length"), "own_rewrite"),
            "6: passes.1.steps.1.select: 'length' stayed behind when the",
        ),
        (
            recipe("own_measure, " + rule("length") + ", own_rewrite, own_measure"),
            "5: passes.0.steps.1.select: it acts when all passes are done, and 'own_measure' writes 'length' once more",
        ),
        (
            recipe(
                "own_rewrite",
                "{url_statistics: {where: {topic: a}}}, {select: {where: {url_host: x}, rules: []}}",
                "url_statistics",
            ),
            "6: passes.1.steps.1.select: it acts when all passes are done, and 'url_statistics' writes 'url_host' once",
        ),
        (
            recipe("own_measure, own_words"),
            "5: passes.0.steps.1.own_words: it writes 'length' as string, which is int64 already",
        ),
        (
            recipe(rule("topic")),
            "5: passes.0.steps.0.select.rules.0: p0.topic: limits need numbers, the column holds string",
        ),
        (
            recipe(rule("spam")),
            "5: passes.0.steps.0.select.rules.0: p0.spam: limits need numbers, the column holds bool",
        ),
        (
            recipe(rule("text")),
            "5: passes.0.steps.0.select.rules.0: p0.text: limits need numbers, the column holds large_string",
        ),
        (
            recipe("content_hash, " + rule("content_hash")),
            "5: passes.0.steps.1.select.rules.0: p0.content_hash: limits need numbers",
        ),
    ],
)
def test_a_step_that_cannot_have_its_columns_is_refused(text: str, message: str) -> None:
    assert error(text).startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        recipe("own_measure, own_derive", rule("half_length")),
        recipe("own_measure, own_rewrite, own_measure, " + rule("length")),
        recipe("own_measure, " + early("length") + ", own_rewrite"),
        recipe("own_measure, " + early("length") + ", own_rewrite, own_measure, " + rule("length")),
        recipe("own_measure", early("length") + ", own_rewrite"),
        recipe("own_measure, " + rule("length"), "own_rewrite"),
        recipe("url_statistics", "own_rewrite, " + rule("url_path_segment_count")),
        recipe("own_rewrite, " + rule("stars") + ", " + "{own_measure: {where: {stars: [1, 2], spam: false}}}"),
        recipe("own_measure", domain="{name: all, weight: 1, rules: [{column: text_bytes, min: 9}]}"),
    ],
)
def test_a_step_that_has_its_columns_is_not(text: str) -> None:
    assert loaded(text).name == "small"


@pytest.mark.parametrize(
    ("domain", "message"),
    [
        (
            "by: topics",
            "7: domains.0.by: no earlier step writes the column 'topics'; did you mean 'topic'? there are: ",
        ),
        ("by: length", "7: domains.0.by: units are named by a column of strings, 'length' holds int64"),
        ("by: spam", "7: domains.0.by: units are named by a column of strings, 'spam' holds bool"),
        ("by: text", "7: domains.0.by: units are named by a column of strings, 'text' holds large_string"),
        ("where: {topics: a}", "7: domains.0.where.topics: no earlier step writes the column 'topics'"),
        ("where: {stars: one}", '7: domains.0.where.stars: the column holds int64, found ["one"]'),
        ("where: {stars: 1.5}", "7: domains.0.where.stars: the column holds int64, found [1.5]"),
        ("where: {stars: true}", "7: domains.0.where.stars: the column holds int64, found [true]"),
        (
            "where: {stars: 99999999999999999999}",
            "7: domains.0.where.stars: the column holds int64, found [99999999999999999999]",
        ),
        (
            "where: {heat: 99999999999999999999}",
            "7: domains.0.where.heat: the column holds double, found [99999999999999999999]",
        ),
        ("where: {spam: 1}", "7: domains.0.where.spam: the column holds bool, found [1]"),
        ("where: {spam: 'true'}", '7: domains.0.where.spam: the column holds bool, found ["true"]'),
        ("where: {topic: 2024}", "7: domains.0.where.topic: the column holds string, found [2024]"),
        (
            "where: {content_hash: abc}",
            "7: domains.0.where.content_hash: the column holds fixed_size_binary[16], found",
        ),
        (
            "rules: [{column: lenght, min: 1}]",
            "7: domains.0.rules.0: no earlier step writes the column 'lenght'; did you mean 'length'",
        ),
        ("rules: [{column: failed, min: 1}]", "7: domains.0.rules.0: no earlier step writes the column 'failed'"),
        (
            "rules: [{column: topic, min: 1}]",
            "7: domains.0.rules.0: all.topic: limits need numbers, the column holds string",
        ),
        (
            "rules: [{column: stars, min: 1}, {column: stars, name: a, one_of: [b]}]",
            "7: domains.0.rules.1: all.a: the column holds int64,",
        ),
        (
            "rules: [{column: topic, one_of: [1]}]",
            "7: domains.0.rules.0: all.topic: the column holds string, found [1]",
        ),
        (
            "rules: [{column: topic, none_of: [true]}]",
            "7: domains.0.rules.0: all.topic: the column holds string, found [true]",
        ),
        ("rules: [{column: spam, one_of: [1]}]", "7: domains.0.rules.0: all.spam: the column holds bool, found [1]"),
        (
            "rules: [{column: stars, min: 1, where: {topics: a}}]",
            "7: domains.0.rules.0: no earlier step writes the column 'topics'",
        ),
        (
            "rules: [{column: stars, min: 1, where: {topic: 5}}]",
            "7: domains.0.rules.0.where.topic: the column holds string, found [5]",
        ),
    ],
)
def test_a_domain_that_cannot_have_its_columns_is_refused(domain: str, message: str) -> None:
    text = recipe("own_measure", "content_hash", domain="{name: all, weight: 1, " + domain + "}")
    assert error(text).startswith(message.replace("7:", "8:", 1))


def test_a_set_with_limits_per_language_needs_the_language(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("sets")
    (folder / "mine.yaml").write_text("overrides: mine.csv\nrules: [{column: topic, none_of: [x]}]")
    (folder / "mine.csv").write_text("language,column,min,max\nde,topic,1,\n")
    text = recipe("own_measure", domain=f"{{name: all, weight: 1, rules: [{folder / 'mine.yaml'}]}}")
    assert error(text).startswith(
        "7: domains.0.rules.0: no earlier step writes the column 'language'; identify_language"
    )
    text = text.replace("[own_measure]", "[identify_language]")
    assert error(text) == "7: domains.0.rules.0: mine.topic: limits need numbers, the column holds string"


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("[lenght]", "8: columns.0: no earlier step writes the column 'lenght'; did you mean 'length'?"),
        ("[length, stars, length]", "8: columns.2: 'length' is given twice"),
        ("[drop_reason]", "8: columns.0: no earlier step writes the column 'drop_reason'"),
    ],
)
def test_shards_carry_columns_that_there_are(columns: str, message: str) -> None:
    assert error(recipe("own_measure", more=f"columns: {columns}")).startswith(message)
    assert loaded(recipe("own_measure", more="columns: [length]")).columns == ("length",)


@pytest.mark.parametrize("name", ["text", "url", *OWN_COLUMNS])
def test_an_extra_column_cannot_hide_one_that_every_document_has(name: str) -> None:
    text = changed("stars: int", f"{name}: string").replace("column: stars", "column: heat")
    message = "documents have this column already, or the run itself; another name is needed"
    assert error(text) == f"4: sources.0.extra_columns.{name}: {message}"


@pytest.mark.parametrize("name", OWN_COLUMNS)
def test_a_measurement_cannot_hide_a_column_of_the_run(name: str) -> None:
    @dataclass(frozen=True)
    class Own:
        version: ClassVar = 1
        reads: ClassVar = ()
        writes: ClassVar = pa.schema([pa.field(name, pa.string())])

    stage("own_column")(Own)
    try:
        message = f"5: passes.0.steps.0.own_column: it writes {name!r}, a column of the run itself"
        assert error(recipe("own_column")) == message
    finally:
        del STAGES["own_column"]


def test_the_columns_of_the_run_are_those_its_files_have() -> None:
    names = {*ROUTE_SCHEMA.names, QUARANTINED.name, TEXT_BYTES.name, *(field.name for field in FIRST_COLUMNS)}
    assert names <= set(OWN_COLUMNS)


def test_an_extra_column_cannot_hide_one_of_its_reader() -> None:
    source = "  - {name: b, reader: own_reader, paths: [b], extra_columns: {kind: string}}\npasses:"

    @dataclass(frozen=True)
    class Own:
        version: ClassVar = 1
        suffixes: ClassVar = ()
        columns: ClassVar = pa.schema([pa.field("kind", pa.string()), pa.field("topic", pa.int64())])
        has_fields: ClassVar = True

    reader("own_reader")(Own)
    try:
        assert error(changed("passes:", source)).startswith(
            "5: sources.1.extra_columns.kind: documents have this column"
        )
        source = source.replace(", extra_columns: {kind: string}", "")
        assert error(changed("passes:", source)).startswith(
            "5: sources.1.extra_columns.topic: it is int64 here and string"
        )
    finally:
        del READERS["own_reader"]


def test_sources_agree_on_types() -> None:
    second = "  - {name: b, reader: jsonl, paths: [b], extra_columns: {stars: float}}\npasses:"
    assert (
        error(changed("passes:", second))
        == "5: sources.1.extra_columns.stars: it is double here and int64 in source 'web'"
    )


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            "{txt: body}",
            "4: sources.0.fields.txt: unknown column; did you mean 'text'? possible: date, encoding, heat, ",
        ),
        ("{record: n}", "4: sources.0.fields.record: unknown column; possible: "),
        ("{id: n}", "4: sources.0.fields.id: unknown column; possible: "),
    ],
)
def test_fields_map_columns_that_there_are(fields: str, message: str) -> None:
    assert error(changed("paths: [web.jsonl]", f"paths: [web.jsonl], fields: {fields}")).startswith(message)


def test_extra_columns_can_be_mapped() -> None:
    text = changed("paths: [web.jsonl]", "paths: [web.jsonl], fields: {text: body, source_id: uid, stars: rating}")
    assert loaded(text).sources[0].read_options.field_name("stars") == "rating"
