"""What a duplicate pass may say, what it makes of it, and what is refused at load."""

import pytest

from datapipe.passes.near_plans import NearPlan
from datapipe.passes.planning import packed_schema
from datapipe.passes.round_plans import plan_rounds
from datapipe.passes.rounds import rounds_of
from datapipe.shard_files import Upstream
from tests.recipe.small_recipe import RECIPE, changed, error, loaded


def with_pass(line: str, behind: str = "", text: str = RECIPE) -> str:
    """The small recipe with a pass of duplicates as its last one, and perhaps one behind it."""
    return changed("domains:\n", f"  - {line}\n{behind}domains:\n", text)


def test_a_pass_is_one_round_for_the_address_and_one_for_the_text() -> None:
    recipe = loaded(with_pass("{name: twice, exact: {normalize: folded}, url: {scope: source}}"))
    assert [step.name for step in recipe.passes[-1].steps] == ["url_hash", "content_hash"]
    assert [(one.name, one.scope, one.normalize) for one in rounds_of(recipe)] == [
        ("twice.url", "source", None), ("twice.exact", "global", "folded")
    ]  # fmt: skip


def test_near_duplicates_come_behind_equal_texts_whatever_the_order_of_the_keys() -> None:
    recipe = loaded(with_pass("{name: all, near: {rows: 10, bands: 25}, exact: {}}") + "columns: [near_cluster_size]\n")
    assert [step.name for step in recipe.passes[-1].steps] == ["content_hash", "minhash"]
    assert [one.name for one in rounds_of(recipe)] == ["all.exact", "all.near"]
    plan = plan_rounds(recipe)[-1]
    assert isinstance(plan, NearPlan)
    assert (plan.form.bands, plan.form.rows, plan.form.size_columns) == (25, 10, ("exact_cluster_size",))
    assert plan.banded[-1] == Upstream("annotations", "all.exact", ("drop_reason", "exact_cluster_size"))
    assert packed_schema(recipe).field("near_cluster_size").type == "int64"


def test_near_duplicates_are_compared_within_the_values_of_columns() -> None:
    within = [("global", ()), ("topic", ("topic",)), ("[source, stars]", ("source", "stars"))]
    for scope, columns in within:
        plan = plan_rounds(loaded(with_pass(f"{{name: d, near: {{scope: {scope}}}}}")))[-1]
        assert isinstance(plan, NearPlan)
        assert plan.form.scope == columns
        assert set(columns) <= {name for one in plan.banded for name in one.columns or ()}


def test_only_what_compares_shingles_reads_text_again() -> None:
    for compare, reads in (("shingles", True), ("signatures", False)):
        plan = plan_rounds(loaded(with_pass(f"{{name: d, near: {{compare: {compare}}}}}")))[-1]
        assert isinstance(plan, NearPlan)
        assert any("text" in (one.columns or ()) for one in plan.compared) is reads
        assert not any("text" in (one.columns or ()) for one in (*plan.banded, *plan.profiled, *plan.accounted))


def test_each_size_of_a_cluster_may_be_weighted() -> None:
    (one,) = rounds_of(loaded(with_pass("{name: d, near: {repeat: {1: 1, 2: 2, 1_000: 1}}}")))
    assert one.near is not None
    assert one.near.repeat == {1: 1, 2: 2, 1000: 1}


def test_each_round_reads_the_routes_of_the_one_before() -> None:
    recipe = loaded(with_pass("{name: twice, exact: {}, url: {}, keep: [{column: stars, order: descending}]}"))
    first, second = plan_rounds(recipe)
    assert first.upstream[-1].pass_name == "decide"
    assert second.upstream[-1].pass_name == "twice.url"
    assert second.schema.names == ["drop_reason", "domain", "unit", "url_cluster_size", "exact_cluster_size"]
    assert all("text" not in (one.columns or ()) for plan in (first, second) for one in plan.accounted)


def test_no_key_of_a_pass_needs_more_than_a_name_and_what_is_compared() -> None:
    (one,) = rounds_of(loaded(with_pass("{name: d, exact: {}}")))
    assert (one.normalize, one.scope, one.keep, one.against) == ("white_space", "global", (), ())


def test_shards_may_carry_the_sizes_of_clusters() -> None:
    recipe = loaded(with_pass("{name: d, exact: {}}") + "columns: [exact_cluster_size]\n")
    assert packed_schema(recipe).field("exact_cluster_size").type == "int64"
    message = error(with_pass("{name: d, exact: {}}") + "columns: [url_cluster_size]\n")
    assert "no earlier step writes the column 'url_cluster_size'" in message


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{name: d}", "passes.2: expected `steps`, or what is done with"),
        ("{name: d, exact: {}, steps: [content_hash]}", "passes.2.steps: `url`, `exact` and `near` make"),
        ("{name: d, exact: {normalise: none}}", "passes.2.exact.normalise: unknown key; did you mean 'normalize'?"),
        ("{name: d, exact: {normalize: all}}", "passes.2.exact.normalize: expected 'white_space'"),
        ("{name: d, url: {scope: domain}}", "passes.2.url.scope: expected 'global', 'source' or 'language'"),
        ("{name: d, exact: {against: [out/a, s3://b/c, ./out/a/]}}", "passes.2.exact.against.2: out/a: the folder is"),
        ("{name: d, url: {against: [out/x/../small]}}", "passes.2.url.against.0: out/small: this is the run's own"),
        ("{name: d, exact: {against: out}}", "passes.2.exact.against: expected a list, found 'out'"),
        ("{name: d, exact: {}, keep: [{column: star, order: ascending}]}", "passes.2.keep.0: no earlier"),
        ("{name: d, exact: {}, keep: [{column: stars}]}", "passes.2.keep.0: key 'order' is missing"),
        ("{name: d, exact: {}, keep: [{column: stars, order: up}]}", "passes.2.keep.0.order: expected 'ascending'"),
        ("{name: d, exact: {}, keep: [{column: text, order: ascending}]}", "passes.2.keep.0: 'text' is the text"),
        (
            "{name: d, exact: {}, keep: [{column: stars, order: ascending}, {column: stars, order: descending}]}",
            "passes.2.keep.1: 'stars' is given twice",
        ),
        ("{name: d, exact: }", "passes.2.exact: expected a mapping, found null; without options write `exact: {}`"),
        ("{name: d, exact: {}, memory_bytes: 0}", "passes.2.memory_bytes: expected more than 0, found 0"),
        ("{name: d, exact: {}, keep: [{column: content_hash, order: ascending}]}", "passes.2.keep.0: 'content_hash'"),
        ("{name: d, steps: [], keep: [{column: stars, order: ascending}]}", "passes.2.keep: it chooses among"),
        ("{name: d, near: }", "passes.2.near: expected a mapping, found null; without options write `near: {}`"),
        ("{name: d, exact: {}, near: }", "passes.2.near: expected a mapping, found null; without options write"),
        ("{name: d, steps: [content_hash], near: }", "passes.2.near: expected a mapping, found null"),
        ("{name: d, near: {}, steps: [minhash]}", "passes.2.steps: `url`, `exact` and `near` make"),
        ("{name: d, near: {verfy: 0.7}}", "passes.2.near.verfy: unknown key; did you mean 'verify'?"),
        ("{name: d, near: {bands: 14}}", "passes.2.near: expected bands and rows, found one of them"),
        ("{name: d, near: {rows: 8, threshold: 0.7}}", "passes.2.near: expected bands and rows, or a threshold"),
        ("{name: d, near: {permutations: 64}}", "passes.2.near: permutations go with a threshold"),
        (
            "{name: d, near: {bands: 100, rows: 50}}",
            "passes.2.near: a signature has at most 4,096 values, found bands x rows = 100 x 50 = 5,000",
        ),
        ("{name: d, near: {verify: 80}}", "passes.2.near.verify: expected at most 1, found 80"),
        ("{name: d, near: {unit: words}}", "passes.2.near.unit: expected 'word' or 'char', found 'words'"),
        (
            "{name: d, near: {compare: signatures, containment: 0.9}}",
            "passes.2.near: signatures do not tell what is contained",
        ),
        ("{name: d, near: {scope: crawl}}", "passes.2.near.scope: no earlier step writes the column 'crawl'"),
        ("{name: d, near: {scope: [global, source]}}", "passes.2.near: scope `global` means all documents"),
        ("{name: d, near: {scope: [topic, topic]}}", "passes.2.near.scope: 'topic' is given twice"),
        ("{name: d, near: {scope: heat}}", "passes.2.near.scope: 'heat' holds double: documents are compared within"),
        ("{name: d, near: {scope: text}}", "passes.2.near.scope: 'text' is the text of the document"),
        ("{name: d, near: {scope: content_hash}}", "passes.2.near.scope: 'content_hash' is a hash"),
        ("{name: d, near: {scope: []}}", "passes.2.near.scope: expected text or at least 1 of them"),
        ("{name: d, near: {repeat: {few: 2}}}", "passes.2.near.repeat.few: expected an integer, found 'few'"),
        ("{name: d, near: {repeat: {2: 0}}}", "passes.2.near.repeat.2: expected at least 1, found 0"),
        ("{name: d, near: {against: [out/a, ./out/a/]}}", "passes.2.near.against.1: out/a: the folder is given twice"),
        ("{name: d, near: {}, keep: [{column: signature, order: ascending}]}", "passes.2.keep.0: 'signature' is a"),
        (
            "{name: d, near: {}, keep: [{column: near_cluster_size, order: ascending}]}",
            "passes.2.keep.0: no earlier step writes the column 'near_cluster_size'",
        ),
    ],
)  # fmt: skip
def test_mistakes_are_told_at_load(line: str, message: str) -> None:
    assert error(with_pass(line)).startswith(f"16: {message}")


def test_text_rewritten_later_makes_the_comparison_stale() -> None:
    behind = "  - {name: again, steps: [normalize_text]}\n"
    message = error(with_pass("{name: d, exact: {}}", behind))
    assert message.startswith("16: passes.2: pass 'again' rewrites the text that is compared here: put this one behind")


def test_the_first_pass_reads_and_compares_nothing() -> None:
    text = changed("passes:\n", "passes:\n  - {name: d, exact: {}}\n")
    assert error(text).startswith("6: passes.0: the first pass reads the sources")


def test_rules_cannot_name_what_is_known_after_them() -> None:
    text = with_pass("{name: d, exact: {}}", text=changed("column: heat", "column: exact_cluster_size"))
    assert "no earlier step writes the column 'exact_cluster_size'" in error(text)


def test_a_language_must_be_known_to_compare_within_it() -> None:
    text = changed("      - identify_language: {characters: 500}\n", "").replace(
        "{column: language_score, min: 0.5}", ""
    )
    text = text.replace("    where: {language: en}\n", "").replace("    by: language\n", "")
    message = error(with_pass("{name: d, exact: {scope: language}}", text=text))
    assert "passes.2.exact.scope: no earlier step writes the column 'language'" in message
