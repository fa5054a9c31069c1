"""A corpus counted: what the plain cuts give, however it is divided, interrupted and gone on with."""

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datapipe.exchange import Sizes
from datapipe.observing.status import read_status
from datapipe.output import RunError
from tests.same_bytes import digests
from tests.tokenizer.counted_texts import CountedTexts, rows_of
from tokenizer.counting import fragment_counts, passes
from tokenizer.counting.passes import Scale
from tokenizer.counts import open_counts
from tokenizer.recipe import Symbols
from tokenizer.shards import TextShard

WORDS = [
    "mill",
    "wheat",
    " grinds",
    "é",
    "水车",
    "日本の",
    "กังหัน",
    "x=12;",
    "\n",
    "\t",
    "  ",
    "Ωμέγα",
    "ा",
    "a_long_name",
]
SMALL = Scale(group_bytes=4_000, sizes=Sizes(20_000, 2_000, 1_000))
"""Several groups, two levels."""


def texts(count: int, seed: int) -> list[str]:
    """Texts of many scripts, one of them empty."""
    chance = random.Random(seed)
    made = ["".join(chance.choice(WORDS) + chance.choice(["", " ", str(k)]) for k in range(60)) for _ in range(count)]
    return [*made, ""]


def corpus(folder: Path) -> CountedTexts:
    """Two domains, a unit of two shards, an empty shard."""
    found = CountedTexts(folder)
    found.write("web", texts(20, 1))
    found.write("web", texts(20, 2))
    found.write("books", texts(30, 3))
    found.write("nothing", [])
    found.write("a/b", texts(9, 4), domain="code")
    return found


@pytest.fixture
def corpus_here(tmp_path: Path) -> CountedTexts:
    return corpus(tmp_path)


def test_all_fragments_are_counted_as_in_plain_python(corpus_here: CountedTexts) -> None:
    counts = corpus_here.count()
    assert rows_of(counts) == corpus_here.plain()
    assert [(one.domain, one.unit, one.documents) for one in counts.units] == [
        ("code", "a/b", 10), ("prose", "books", 31), ("prose", "nothing", 0), ("prose", "web", 42)
    ]  # fmt: skip
    for one in counts.units:
        own = {row: n for row, n in corpus_here.plain().items() if row[1:3] == (one.domain, one.unit)}
        assert (one.rows, one.fragments) == (len(own), sum(own.values()))
        assert one.bytes == sum(len(row[0].encode()) * n for row, n in own.items())


def test_rows_are_in_order_and_a_fragment_in_one_file(
    corpus_here: CountedTexts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "SCALE", SMALL)
    counts = corpus_here.count()
    seen: set[str] = set()
    assert len(counts.files) > SMALL.sizes.fan_out
    for file in counts.files:
        rows = pq.read_table(corpus_here.output / file.path).to_pylist()
        keys = [(one["fragment"].encode(), one["domain"], one["unit"], one["sample_rate"]) for one in rows]
        assert keys == sorted(keys)
        own = {one["fragment"] for one in rows}
        assert not own & seen
        seen |= own


@pytest.mark.parametrize(
    "scale",
    [
        Scale(group_bytes=1),
        SMALL,
        Scale(sizes=Sizes(20_000, 8_000, 1_000)),
        Scale(group_bytes=9_000, max_partitions=2, sizes=Sizes(20_000, 2_000, 1_000)),
    ],
)
def test_counts_do_not_depend_on_groups_partitions_or_levels(
    corpus_here: CountedTexts, monkeypatch: pytest.MonkeyPatch, scale: Scale
) -> None:
    monkeypatch.setattr(passes, "SCALE", scale)
    assert rows_of(corpus_here.count()) == corpus_here.plain()


def test_a_full_table_is_written_and_begun_anew(corpus_here: CountedTexts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "SCALE", Scale(table_bytes=6_000))
    monkeypatch.setattr(fragment_counts, "FIRST_ENTRIES", 16)
    monkeypatch.setattr(fragment_counts, "FIRST_ARENA_BYTES", 64)
    counts = corpus_here.count()
    assert len(list((corpus_here.output / "exchange" / "count").glob("*.records"))) > 3
    assert rows_of(counts) == corpus_here.plain()


@pytest.mark.usefixtures("ray_cluster")
def test_on_ray_the_same_bytes_come_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "SCALE", SMALL)
    inline = corpus(tmp_path / "inline")
    ray = CountedTexts(tmp_path / "ray", inline.shards)
    inline.count()
    ray.count(executor="ray")
    assert digests(inline.output / "counts") == digests(ray.output / "counts")
    assert (inline.output / "counts.json").read_bytes() == (ray.output / "counts.json").read_bytes()


def test_whatever_is_deleted_is_made_again(corpus_here: CountedTexts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "SCALE", Scale(group_bytes=10_000, sizes=Sizes(20_000, 5_000, 5_000)))
    corpus_here.count()
    of_runs = ("events.jsonl", "run.lock")
    kept = [path for path in sorted(corpus_here.output.rglob("*")) if path.is_file() and path.name not in of_runs]
    before = {path: path.read_bytes() for path in kept if path.suffix != ".json" or path.name == "counts.json"}
    assert len(before) > 12
    for path in kept:
        path.unlink()
        corpus_here.count()
        assert {one: one.read_bytes() for one in before} == before, path


def test_nothing_is_done_twice_and_status_tells_of_it(corpus_here: CountedTexts) -> None:
    corpus_here.count()
    first = {path: path.stat().st_mtime_ns for path in corpus_here.output.rglob("*.parquet")}
    corpus_here.count()
    assert {path: path.stat().st_mtime_ns for path in corpus_here.output.rglob("*.parquet")} == first
    status = read_status(str(corpus_here.output))
    assert [(one.name, one.tasks, one.reused_shards) for one in status.passes] == [("count", 1, 1), ("merge", 1, 1)]


def test_other_settings_and_texts_come_to_what_they_would_alone(
    corpus_here: CountedTexts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "SCALE", SMALL)
    many = corpus_here.count()
    corpus_here.shards = [one for one in corpus_here.shards if one.unit == "books"]
    for settings in (("symbols.split_digits=none",), ("count.max_fragment_bytes=64",), ()):
        again = corpus_here.count(*settings)
        assert len(again.files) < len(many.files)
        alone = CountedTexts(tmp_path / f"alone {settings}", corpus_here.shards)
        assert rows_of(alone.count(*settings)) == rows_of(again)
        assert alone.count(*settings).fingerprint == again.fingerprint
        names = {str(path.relative_to(corpus_here.output)) for path in corpus_here.output.glob("counts/*")}
        assert names == {file.path for file in again.files}
    assert not list((corpus_here.output / "exchange" / "count").glob("000009*"))
    assert rows_of(corpus_here.count()) == corpus_here.plain()


def test_a_corpus_without_texts_has_counts_without_rows(tmp_path: Path) -> None:
    counts = CountedTexts(tmp_path).count()
    assert (counts.units, rows_of(counts)) == ((), {})


def test_long_words_are_counted_and_longer_ones_told(tmp_path: Path) -> None:
    found = CountedTexts(tmp_path)
    found.write("web", ["x" * 300_000 + " y", "z" * 200 + "\n" + "z" * 201, "z" * 200 + " " + "w" * 200], None)
    assert rows_of(found.count("count.max_fragment_bytes=300000"))["x" * 300_000, "prose", "web", 1.0] == 1
    counts = found.count("count.max_fragment_bytes=200")
    (one,) = counts.units
    assert (one.lost_documents, one.lost_fragments, one.lost_bytes) == (3, 3, 300_000 + 201 + 201)
    assert rows_of(counts) == {
        (fragment, "prose", "web", 1.0): n for fragment, n in [(" y", 1), ("z" * 200, 2), ("\n", 1)]
    }


def test_a_text_that_is_not_utf8_ends_in_one_line(tmp_path: Path) -> None:
    found = CountedTexts(tmp_path)
    shard = found.write("web", ["good", "b\x01d"])
    data = Path(shard.path).read_bytes()
    table = pq.read_table(shard.path)
    bad = pa.array([b"good", b"b\xffd"], pa.large_binary()).view(pa.large_string())
    pq.write_table(table.set_column(2, "text", bad), shard.path)
    assert data != Path(shard.path).read_bytes()
    with pytest.raises(RunError, match=r"prose-web-0.parquet: document 'web/0/1': expected text, found bytes that"):
        found.count()


def test_a_shard_that_has_changed_is_told(corpus_here: CountedTexts) -> None:
    one = corpus_here.shards[0]
    corpus_here.shards[0] = TextShard(one.path, "shards", one.domain, one.unit, 0, one.documents + 1, one.bytes, "0")
    with pytest.raises(RunError, match=r"10 documents of [\d,]+ bytes; its receipt has 11 of"):
        corpus_here.count()


def test_counts_that_cannot_be_used_are_refused_in_one_line(corpus_here: CountedTexts) -> None:
    with pytest.raises(RunError, match=r"no counts.json: `tokenizer count` of the recipe comes first$"):
        open_counts(str(corpus_here.output))
    corpus_here.count()
    with pytest.raises(RunError, match=r"counts.json: cut at other symbols than the recipe's; run `tokenizer count`"):
        open_counts(str(corpus_here.output), Symbols(split_digits="ascii"))
    file = corpus_here.output / "counts" / "000000.parquet"
    data = file.read_bytes()
    file.write_bytes(data[:-1])
    with pytest.raises(RunError, match=r"000000.parquet: gone, or not of [\d,]+ bytes; run `tokenizer count`"):
        open_counts(str(corpus_here.output))
    file.write_bytes(data[:60] + bytes(len(data) - 60))
    with pytest.raises(RunError, match=r"000000.parquet: damaged; `tokenizer count --verify` makes it anew$"):
        list(open_counts(str(corpus_here.output)).batches())
    (corpus_here.output / "counts.json").write_text("{}")
    with pytest.raises(RunError, match=r"counts.json is damaged: run `tokenizer count` once more"):
        open_counts(str(corpus_here.output))
