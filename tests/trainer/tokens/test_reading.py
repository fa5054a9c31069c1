"""Samples read from files: the right tokens, whoever reads them, and a plain word where files have changed."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from datapipe.output import RunError
from tests.trainer.small_corpus import SEQ_LEN, TOKENS, Small, small
from tests.trainer.token_files import write_shard
from trainer.corpus import Corpus, CorpusSizes, ShardFile, UnitSize
from trainer.order import Order
from trainer.tokens.open_files import OpenFiles, check_files
from trainer.tokens.reading import Reader
from trainer.tokens.row_buffer import RowBuffer


@pytest.fixture
def made(tmp_path: Path) -> Small:
    """The small corpus in a folder of its own."""
    return small(tmp_path)


def opened(made: Small, threads: int = 1) -> Reader:
    """A reader of it."""
    return Reader(made.corpus, Order(made.course), threads)


def open_files() -> int:
    """How many this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_batch_that_no_memory_holds_is_one_plain_line() -> None:
    with pytest.raises(RunError, match=r"no memory for a batch of 9,000,000,000,000 rows of 512 \+ 1 tokens"):
        RowBuffer(9_000_000_000_000, 512, np.dtype("int32"))


def first_shards() -> Iterator[tuple[tuple[str, str], int]]:
    """The number of every unit's first shard."""
    number = 0
    for domain, units in TOKENS.items():
        for unit, shards in units.items():
            yield (domain, unit), number
            number += len(shards)


def expected(made: Small, sample: int) -> list[int]:
    """The tokens of a sample, counted off by hand: row r is the r-th window of the unit's shards."""
    order = Order(made.course)
    places = order.places(sample, 1)
    domain, unit = order.units[places.unit[0]]
    row, number = int(places.row[0]), dict(first_shards())[domain, unit]
    for tokens in TOKENS[domain][unit]:
        windows = max(0, (tokens - 1) // SEQ_LEN)
        if row < windows:
            return [1000 * number + row * SEQ_LEN + place for place in range(SEQ_LEN + 1)]
        row, number = row - windows, number + 1
    raise AssertionError("beyond the unit")


@pytest.mark.parametrize("threads", [1, 3])
def test_a_sample_is_the_window_that_the_order_names(made: Small, threads: int) -> None:
    reader = opened(made, threads)
    rows = reader.read(0, 240, reader.buffer(240))
    assert rows.tolist() == [expected(made, sample) for sample in range(240)]
    reader.close()


def test_an_epoch_has_every_window_of_a_unit_once(made: Small) -> None:
    reader = opened(made)
    order = Order(made.course)
    rows, places = reader.read(0, 240, reader.buffer(240)), order.places(0, 240)
    is_first_of_news = (places.unit == order.units.index(("english", "news"))) & (places.epoch == 0)
    assert sorted(rows[is_first_of_news, 0].tolist()) == [*range(0, 48, 4), *range(2000, 2080, 4)]


def test_part_of_a_buffer_is_read_and_the_rest_left(made: Small) -> None:
    reader = opened(made)
    buffer = reader.buffer(4)
    buffer.rows[:] = -1
    assert reader.read(7, 2, buffer).tolist() == [expected(made, 7), expected(made, 8)]
    assert (buffer.rows[2:] == -1).all()


def test_another_corpus_than_the_orders_is_refused(made: Small) -> None:
    other = Corpus(CorpusSizes({}, SEQ_LEN, 10_000), made.corpus.dtype, made.corpus.units, {}, has_sidecars=False)
    with pytest.raises(RunError, match="english/news: 0 windows, the course has 32: other tokens"):
        Reader(other, Order(made.course))


def test_files_of_another_size_are_found_before_anything_is_read(made: Small) -> None:
    check_files(made.corpus)
    cut, gone = (made.corpus.units["english"]["news"][place].prefix + ".bin" for place in (0, 2))
    os.truncate(cut, 196)
    with pytest.raises(RunError) as error:
        check_files(made.corpus)
    assert str(error.value).startswith(f"{cut}: 196 bytes, expected 200 of 50 tokens")
    Path(gone).unlink()
    with pytest.raises(RunError, match=r"000000\.bin: 196 bytes.*; so are 1 more files"):
        check_files(made.corpus)
    os.truncate(cut, 200)
    with pytest.raises(RunError, match=r"000002\.bin: gone; 81 tokens"):
        check_files(made.corpus)


@pytest.mark.parametrize("threads", [1, 3])
def test_a_file_that_is_cut_off_or_gone_while_it_is_read_is_named(made: Small, threads: int) -> None:
    path = Path(made.corpus.units["english"]["news"][2].prefix + ".bin")
    os.truncate(path, 20)
    reader = opened(made, threads)
    with pytest.raises(RunError, match=r"000002\.bin: 20 bytes, expected 324 of 81 tokens"):
        reader.read(0, 100, reader.buffer(100))
    reader.close()
    path.unlink()
    with pytest.raises(RunError, match=r"000002\.bin: gone; 81 tokens"):
        opened(made, threads).read(0, 100, reader.buffer(100))


@pytest.mark.parametrize(("dtype", "bad"), [("<i4", 10_000), ("<i4", -1), ("<u2", 10_000), ("<u2", 65_535)])
def test_an_id_that_the_vocabulary_does_not_have_stops_the_run_with_its_place(
    tmp_path: Path, dtype: str, bad: int
) -> None:
    made = small(tmp_path, dtype)
    path = made.corpus.units["english"]["news"][2].prefix + ".bin"
    ids = np.fromfile(path, dtype)
    ids[37] = bad
    ids.tofile(path)
    reader = opened(made)
    with pytest.raises(RunError) as error:
        reader.read(0, 240, reader.buffer(240))
    assert f"{path}: token 37 is {bad:,}; ids of the vocabulary are 0 to 9,999" in str(error.value)


def test_no_more_files_are_open_than_the_limit(tmp_path: Path) -> None:
    shards = [ShardFile(write_shard(tmp_path / str(number), [[number, 7]]), 2) for number in range(9)]
    files = OpenFiles(shards, 4, limit=3)
    before = open_files()
    generator = random.Random(5)
    into = np.zeros(2, np.int32)
    for shard in generator.choices(range(9), k=200):
        files.read(shard, 0, memoryview(into).cast("B"))
        assert into.tolist() == [shard, 7]
        assert open_files() <= before + 3
    files.close()
    assert open_files() == before


def test_files_used_last_stay_open(tmp_path: Path) -> None:
    shards = [ShardFile(write_shard(tmp_path / str(number), [[number]]), 1) for number in range(3)]
    files = OpenFiles(shards, 4, limit=2)
    into = memoryview(np.zeros(1, np.int32)).cast("B")
    for shard in (0, 1, 0, 2):
        files.read(shard, 0, into)
    for shard in shards:
        Path(f"{shard.prefix}.bin").unlink()
    files.read(0, 0, into)
    with pytest.raises(RunError, match="gone"):
        files.read(1, 0, into)


def test_the_last_id_below_two_bytes_is_read_as_it_is(tmp_path: Path) -> None:
    shard = ShardFile(write_shard(tmp_path / "high", [[65_498, 65_499, 0]], "<u2"), 3)
    sizes = CorpusSizes({"a": {"b": UnitSize(3, 1, 1)}}, 2, 65_500)
    files = OpenFiles([shard], 2)
    into = np.zeros(3, np.uint16)
    files.read(0, 0, memoryview(into).cast("B"))
    assert (into.tolist(), sizes.vocab_size) == ([65_498, 65_499, 0], 65_500)
