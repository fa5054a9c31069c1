"""The simulation of a large round of near-duplicates counts tasks and slices as the program does."""

import math
import random
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapipe.dedup.near.records import NearForm
from datapipe.exchange import Sizes, layout_at, layout_for
from datapipe.fingerprints import digest
from datapipe.kernels.shingling import Shingling
from datapipe.loading.load import loads
from datapipe.passes import near_phases
from datapipe.passes.near_plans import NearPlan
from datapipe.passes.round_plans import plan_rounds
from datapipe.relays import MapFile, RelayTask, partition_slices, plan_relays
from tests.benchmarks import simulated_near
from tests.benchmarks.duplicate_support import rounds_over, write_shards
from tests.benchmarks.near_duplicates import RECIPE, ROUND
from tests.benchmarks.near_simulation import limits, of_receipts
from tests.benchmarks.simulated_near import Near, NearJob, NearMeasured, at_places, hop

SMALL = Sizes(16_000, 4_000, 1_000)
TINY = Sizes(8_000, 2_000, 2_000)
"""Two levels of four partitions each."""
FORM = NearForm(
    Shingling("word", 5, "folded", False, 500_000), 14, 8, (), 16, 0.8, None, "shingles", (), (("date", False, 4),)
)
PHASES = (
    "signatures", "bands", "buckets", "labels", "profiles", "pairing", "shingles", "verifying", "choosing", "resolving"
)  # fmt: skip
KNOWN = NearMeasured(
    form=FORM,
    text_bytes=3_000,
    document_bytes=1_000,
    members=0.2,
    compared_bytes=600,
    labelled=0.25,
    cpu=dict.fromkeys(PHASES, 1e-6),
    written={"bands": 224.0, "buckets": 16.0, "labels": 6.0, "profiles": 46.0, "pairing.pairs": 24.0, "shingles": 360.0,
             "pairing.members": 10.0, "pairing.requests": 4.0, "verifying.evidence": 72.0, "choosing": 8.0},
)  # fmt: skip


@given(
    st.integers(0, 400), st.integers(1, 40), st.integers(0, 200_000),
    st.sampled_from((SMALL, Sizes(16_000, 4_000, 2_000), Sizes(64_000, 64_000, 4_000))), st.booleans(),
)  # fmt: skip
def test_slices_are_those_that_the_planner_hands_out(
    partitions: int, files: int, total: int, sizes: Sizes, is_hashed: bool
) -> None:
    if is_hashed:
        layout = layout_for(partitions % 60 * 100, 4, sizes)
    else:
        partitions = min(max(partitions, 1), sizes.fan_out**2)
        layout = layout_at(range(0, 3 * partitions, 3), 4, sizes)
        assert at_places(partitions, 4, sizes).partitions == layout.partitions
    found = hop(layout, files, total // files * files, sizes)
    maps = [MapFile(f"{number}", total // files, digest(number)) for number in range(files)]
    relays = plan_relays(layout, maps, RelayTask("", "", "", "", "", (), layout.map_split, 4), sizes)
    slices = list(partition_slices(layout, maps, relays))

    assert found.relays == len(relays)
    assert found.slices == (sum(len(one.slices) for one in relays), sum(map(len, slices)))


def test_ten_billion_documents_are_planned_as_the_program_would() -> None:
    """30 TB in cuts of 256 MiB: 111,759 shards of 89,479 documents; bands of 299,593 fit into a group: three shards.

    2.24 TB of bands are 8,345 times 256 MiB: 16,384 partitions. Parts of 2.5 billion profiles of 23 words: 2,048.
    """
    near = Near(NearJob(), KNOWN)

    assert near.shards == 111_759
    assert near.groups == 37_253
    assert near.band_layout.fan_out == (128, 128)
    assert near.known.form.profile_words == 1 + 4 + 2 + 3 + 14
    assert near.profile_layout.partitions == 2_048
    assert near.label_rounds > 0
    rows = {row.name: row for row in near.rows()}
    assert rows["bands"].tasks == 37_253
    assert rows["bands"].written_bytes == pytest.approx(2.24e12)
    assert rows["buckets"].tasks == 16_384
    assert rows["resolving"].tasks == 37_253
    assert rows["signatures"].cpu_seconds == pytest.approx(10_000)


def test_what_breaks_first_comes_first() -> None:
    """2 billion texts of 3,000 bytes in pairs take 6,004 + 640 bytes where compared, in blocks of 256 MiB."""
    near = Near(NearJob(), KNOWN)
    found = limits(near, near.rows())

    assert near.blocks == math.ceil(2e9 * (4 * 1501 + 4 * 112 + 192) / (256 << 20))
    assert found["blocks in an exchange"] == pytest.approx(near.blocks / 65_536)
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_one_machine_labels_what_fits_into_its_memory() -> None:
    near = Near(NearJob(documents=1e8), KNOWN)

    assert near.label_rounds == 0
    assert next(row for row in near.rows() if row.name == "labels").tasks == 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A round over texts of which every other one is nearly the one before, in partitions of a few records each."""
    made = tmp_path_factory.mktemp("simulation")
    chance = random.Random(5)
    texts = []
    for _ in range(60):
        words = ["".join(chance.choices("abcdefgh", k=7)) for _ in range(80)]
        texts += [" ".join(words), " ".join([*words, "more"])]
    recipe = loads(RECIPE)
    found = write_shards(str(made), recipe, pa.array(texts, pa.large_string()), range(120), 5_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(near_phases, "SIZES", TINY)
        patch.setattr(near_phases, "GROUP_BYTES", 3_000)
        list(rounds_over(str(made), recipe, found, 1))
    return made


def test_a_round_has_as_many_tasks_as_in_a_real_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulated_near, "GROUP_BYTES", 3_000)
    (plan,) = plan_rounds(loads(RECIPE))
    assert isinstance(plan, NearPlan)
    known = of_receipts(folder, plan)
    shards = len(list((folder / "receipts/extract").iterdir()))
    job = NearJob(120, round(120 * known.text_bytes / shards), TINY)
    near = Near(job, known)

    tasks = {row.name: row.tasks for row in near.rows()}
    done = {path.name.removeprefix(f"{ROUND}."): len(list(path.iterdir())) for path in (folder / "receipts").iterdir()}
    assert near.shards == shards
    assert done["bands_relay"] == tasks["buckets: relay"] > 0
    for phase in ("bands", "buckets", "labels", "profiles", "pairing", "shingles", "choosing"):
        assert done[phase] == tasks[phase], phase
    assert 0 < done["verifying"] <= tasks["verifying"], "a partition without a pair has no block"


def test_the_constants_of_a_round_are_those_of_its_files(folder: Path) -> None:
    """Of 120 documents each has 14 bands, of 16 bytes; half of them have a copy, which is all that is compared."""
    (plan,) = plan_rounds(loads(RECIPE))
    assert isinstance(plan, NearPlan)
    known = of_receipts(folder, plan)

    assert known.written["bands"] == pytest.approx(14 * 16, rel=0.5)
    assert known.labelled == known.members == 1.0
    assert known.compared_bytes == pytest.approx(known.text_bytes)
