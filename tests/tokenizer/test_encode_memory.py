"""Encoding takes the memory of a row group, however many a shard has."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.run.workshop import many
from tests.tokenizer.encoded_run import small_model

PROGRAM = """
import hashlib, sys
from pathlib import Path
import pyarrow as pa
from datapipe.observing.peak_memory import peak_bytes
from datapipe.storage import writing_parquet
from tokenizer.encoding.encode_shard import Coding, EncodeTask, encode_shard
from tokenizer.shards import TextShard

folder, groups = Path(sys.argv[1]), int(sys.argv[2])
text = (folder / "text").read_text()
batch = pa.RecordBatch.from_pydict({"id": [str(n) for n in range(4)], "source": ["a"] * 4, "text": [text] * 4})
with writing_parquet(str(folder / "a.parquet"), batch.schema, align=True) as (file, _):
    for _ in range(groups):
        file.write(batch)
model = str(folder / "model")
coding = Coding(model, hashlib.sha256(Path(model).read_bytes()).hexdigest(), 384, False, None, 3)
shard = TextShard(str(folder / "a.parquet"), "shards", "d", "u", 0, 4 * groups, 4 * groups * len(text), "")
receipt = encode_shard(EncodeTask(str(folder), "a", "f", str(groups), shard, coding))
print(peak_bytes(), receipt.bytes_in)
"""


@pytest.mark.slow
def test_ten_times_the_text_takes_no_more_memory(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(small_model())
    text = " ".join(text for *_, text in many(5000, 1))
    (tmp_path / "text").write_text(text)
    peaks = {}
    for groups in (2, 20):
        line = [sys.executable, "-c", PROGRAM, str(tmp_path), str(groups)]
        done = subprocess.run(line, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
        peaks[groups], text_bytes = map(int, done.stdout.split())
        assert text_bytes == 4 * groups * len(text)

    assert 18 * 4 * len(text) > 80_000_000  # so much more text
    assert peaks[20] < peaks[2] + 40_000_000
