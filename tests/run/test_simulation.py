"""The simulation of a large run counts tasks and slices as the program does."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_histories import DUPLICATES
from workshop import Workshop, many

from datapipe.exchange import Sizes, group_shards
from datapipe.fingerprints import digest
from datapipe.passes import duplicate_phases
from datapipe.passes.round_plans import plan_rounds
from datapipe.relays import MapFile, RelayTask, partition_slices, plan_relays
from tests.benchmarks.simulated_job import Job, Measured, even, exchanged, packed_shards, simulate

SMALL = Sizes(16_000, 2_500, 1_000)
KNOWN = Measured(
    page_bytes=5.0,
    cpu=dict.fromkeys(
        ("extract", "measure", "duplicates", "decide", "gather", "pack", "resolve", "map", "reduce"), 1e-8
    ),
    document_bytes=0.1,
    survivor_bytes=1.0,
    text_bytes=2.5,
    annotation_bytes={"measure": 200.0, "duplicates": 20.0, "decide": 15.0},
    record_words=10,
)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """A run with duplicates, in partitions of a few records each."""
    made = Workshop.at(tmp_path_factory.mktemp("simulation"))
    recipe = made.folder / "recipe.yaml"
    recipe.write_text(recipe.read_text().replace("\ndomains:", f"{DUPLICATES}domains:"))
    made.write("left/a.tsv", many(600, 1))
    made.write("left/b.tsv", many(300, 2))
    made.write("right/c.tsv", many(300, 3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicate_phases, "SIZES", SMALL)
        made.run()
    return made


def shards_of(folder: Path, pass_name: str) -> list[str]:
    """Names of its receipts, in order."""
    return sorted(path.stem for path in (folder / "receipts" / pass_name).glob("*.json"))


def test_a_round_has_as_many_tasks_as_in_a_real_run(workshop: Workshop) -> None:
    records = [workshop.receipt("decide", shard).rows_out for shard in shards_of(workshop.out, "decide")]
    words = plan_rounds(workshop.recipe())[0].form.words
    expected = exchanged(records, words, 0, SMALL)

    found = {part: len(shards_of(workshop.out, f"duplicates.exact{part}")) for part in (".map", ".relay", ".reduce")}
    assert found == {".map": expected.groups, ".relay": expected.relays, ".reduce": expected.layout.partitions}
    assert expected.relays > 0
    assert len(expected.back.fan_out) == 1


def test_units_have_as_many_shards_as_in_a_real_run(workshop: Workshop) -> None:
    sizes: Counter[tuple[str, str, str]] = Counter()
    for shard in shards_of(workshop.out, "gather"):
        receipt = workshop.receipt("gather", shard)
        for split, units in (("shards", receipt.units), ("validation", receipt.held_out)):
            for unit in units:
                sizes[split, unit.domain, unit.unit] += unit.bytes

    real = len(list((workshop.out / "receipts/pack").rglob("*.json")))
    assert packed_shards(list(sizes.values()), 65_536) == real


@given(
    st.lists(st.integers(0, 3_000), min_size=1, max_size=30),
    st.sampled_from((Sizes(), SMALL, Sizes(16_000, 5_000, 1_000), Sizes(64_000, 64_000, 4_000))),
)
def test_slices_are_those_that_the_planner_hands_out(records: list[int], sizes: Sizes) -> None:
    words = 4
    expected = exchanged(records, words, 0, sizes)
    each = sum(records) * words * 8 // expected.groups
    files = [MapFile(f"{number}", each, digest(number)) for number in range(len(group_shards(records, words, sizes)))]
    template = RelayTask("", "", "", "", "", (), expected.layout.map_split, words)
    relays = plan_relays(expected.layout, files, template, sizes)
    partitions = list(partition_slices(expected.layout, files, relays))

    assert len(relays) == expected.relays
    assert sum(map(len, partitions)) + sum(len(one.slices) for one in relays) == expected.slices[0]


def test_things_are_divided_evenly() -> None:
    assert even(10, 4) == [3, 3, 2, 2]
    assert even(0, 2) == [0, 0]


def test_a_large_job_adds_up() -> None:
    """A file of 1 GB holds 5 GB of pages: 19 cuts of 256 MiB. 3e9 records of 80 bytes are 894 times 256 MiB."""
    rows = {row.name: row for row in simulate(Job(), KNOWN)}

    assert rows["extract"].tasks == 100_000
    assert rows["decide"].tasks == 100_000 * 19
    assert rows["extract"].written_bytes == 10e12
    assert rows["exact: map"].tasks == pytest.approx(3e9 * 80 / (256 << 20), rel=0.01)
    assert rows["exact: reduce"].tasks == 1024
    assert rows["exact: reduce"].slice_bytes > 1 << 20
    assert rows["pack"].read_bytes >= rows["pack"].written_bytes
