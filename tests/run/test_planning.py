"""What each pass reads and writes follows from the recipe alone."""

import pyarrow as pa
from workshop import Workshop

from datapipe.passes.planning import decide_upstream, gather_upstream, packed_schema, plan_passes, read_schema
from datapipe.shard_files import Upstream

DOCUMENT = ["id", "source", "source_id", "url", "date", "media_type", "encoding", "text", "kind", "language"]


def test_documents_come_with_the_columns_of_all_sources(workshop: Workshop) -> None:
    schema = read_schema(workshop.recipe())

    assert schema.names == DOCUMENT
    assert schema.field("text").type == pa.large_string()


def test_the_first_pass_writes_documents_and_later_ones_annotations(workshop: Workshop) -> None:
    extract, measure, look = plan_passes(workshop.recipe())

    assert (extract.writes_text, measure.writes_text, look.writes_text) == (True, False, False)
    assert extract.schema.names == [*DOCUMENT, "text_bytes"]
    assert measure.schema.names == ["letter_count", "quarantined"]
    assert look.schema.names == ["vowel_fraction", "quarantined"]


def test_a_pass_reads_the_columns_of_its_steps_and_of_its_account(workshop: Workshop) -> None:
    """`measure` applies by language; `look` reads text alone."""
    extract, measure, look = plan_passes(workshop.recipe())

    assert extract.upstream == ()
    assert measure.upstream == (Upstream("documents", "extract", ("id", "text", "language", "text_bytes")),)
    assert look.upstream == (Upstream("documents", "extract", ("id", "text", "text_bytes")),)


def test_a_pass_that_rewrites_text_carries_all_columns_of_the_documents(workshop: Workshop) -> None:
    plan = plan_passes(workshop.recipe("passes.look.steps=[trim, letters, vowels]"))[2]

    assert plan.writes_text
    assert plan.upstream == (Upstream("documents", "extract", (*DOCUMENT, "text_bytes")),)
    assert plan.schema.names == [*DOCUMENT, "text_bytes", "letter_count", "vowel_fraction"]


def test_the_deciding_pass_reads_what_rules_and_routes_need_but_never_text(workshop: Workshop) -> None:
    assert decide_upstream(workshop.recipe()) == (
        Upstream("documents", "extract", ("id", "source", "kind", "language", "text_bytes")),
        Upstream("annotations", "measure", ("letter_count", "quarantined")),
        Upstream("annotations", "look", ("vowel_fraction", "quarantined")),
    )


def test_a_pass_that_no_rule_reads_can_still_put_documents_into_quarantine(workshop: Workshop) -> None:
    found = decide_upstream(workshop.recipe("domains.english.rules=[]"))

    assert found[1:] == (
        Upstream("annotations", "measure", ("quarantined",)), Upstream("annotations", "look", ("quarantined",))
    )  # fmt: skip


def test_shards_carry_the_documents_columns_and_those_asked_for(workshop: Workshop) -> None:
    recipe = workshop.recipe()

    assert packed_schema(recipe).names == [
        "id", "source", "source_id", "url", "date", "text", "kind", "language", "letter_count"
    ]  # fmt: skip
    assert [one.pass_name for one in gather_upstream(recipe)] == ["extract", "measure", "decide"]


def test_fingerprints_chain_from_pass_to_pass(workshop: Workshop) -> None:
    def changed(*settings: str, sample: float | None = None) -> list[str]:
        before, after = plan_passes(workshop.recipe()), plan_passes(workshop.recipe(*settings), sample)
        return [a.name for a, b in zip(before, after, strict=True) if a.fingerprint != b.fingerprint]

    assert changed() == []
    assert changed("passes.measure.steps.letters.bonus=1") == ["measure"]
    assert changed("passes.extract.steps.select.rules.0.none_of=[th]") == ["extract", "measure", "look"]
    assert changed("cut_bytes=100_000") == ["extract", "measure", "look"]
    assert changed(sample=0.5) == ["extract", "measure", "look"]
    assert changed("domains.english.rules.0.max=5", "shard_bytes=100_000", "seed=1", "passes.look.num_cpus=2.0") == []
