"""Which texts are counted and encoded: those of one finished run, or none."""

import shutil
from pathlib import Path

import pytest

from datapipe.output import RunError
from tests.run.workshop import Workshop, many
from tokenizer.shards import text_shards


def test_shards_of_two_runs_are_refused(tmp_path: Path) -> None:
    first, second = (Workshop.at(tmp_path / name) for name in ("first", "second"))
    first.write("left/a.tsv", many(200, 1))
    second.write("left/a.tsv", many(100, 1))
    for one in (first, second):
        one.write("right/d.tsv", many(50, 2))
        one.run()
    shards = text_shards(str(first.out))
    assert sum(one.documents for one in shards) > sum(one.documents for one in text_shards(str(second.out)))
    place = f"shards/{shards[0].place}"
    for name in (f"{place}.parquet", f"receipts/pack/{place}.json"):  # as a second run leaves them that is killed then
        shutil.copy(second.out / name, first.out / name)

    with pytest.raises(RunError, match=r"run\.json tells of \d+ of [\d,]+: a later run broke off"):
        text_shards(str(first.out))
