"""A million documents in one part are paired within bounded memory."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from datapipe.dedup.near.pairing import PairingTask, pair_documents
from datapipe.dedup.near.records import NearForm
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.dedup.warm_up import near_kernels
from datapipe.exchange import Split
from datapipe.exchange_files import Slice, write_records
from datapipe.kernels.shingling import Shingling
from datapipe.observing.peak_memory import peak_bytes

DOCUMENTS = 1 << 20
FORM = NearForm(Shingling(), 14, 8, (), 16, 0.8, None, "shingles", (), ())


def write_profiles(path: str) -> None:
    """Clusters of a few documents that share six bands of fourteen, and a fifth of all share one with any other."""
    draw = np.random.default_rng(17)
    clusters = np.repeat(np.arange(DOCUMENTS), np.minimum(draw.zipf(2.0, DOCUMENTS), 50))[:DOCUMENTS]
    keys = draw.integers(0, 1 << 63, (DOCUMENTS, FORM.bands), dtype=np.uint64)
    shared = draw.integers(0, 1 << 63, (int(clusters[-1]) + 1, FORM.bands), dtype=np.uint64)
    keys = np.where(draw.random(keys.shape) < 6 / 14, shared[clusters], keys)
    one, other = draw.integers(0, DOCUMENTS, (2, DOCUMENTS // 5))
    band = draw.integers(0, FORM.bands, len(one))
    keys[one, band] = keys[other, band]
    rows = np.zeros((DOCUMENTS, FORM.profile_words), np.uint64)
    rows[:, FORM.key_words - 1] = rows[:, FORM.key_words] = draw.permutation(DOCUMENTS)
    rows[:, FORM.key_words + 2] = 5000
    rows[:, FORM.key_words + 3 :] = keys
    write_records(path, rows, np.zeros(DOCUMENTS, np.uint32), 1)


def paired(folder: str) -> tuple[dict[str, int], int]:
    """What the receipt counts, and the most memory that the process has had."""
    near_kernels()
    key = TaskKey(folder, "near.pairing", "000000", "print", "input")
    receipt = pair_documents(PairingTask(key, 0, (Slice(f"{folder}/profiles", 0),), FORM, Split(1, 0, 1, (0,))))
    return receipt.figures["pairs"], peak_bytes()


@pytest.mark.slow
def test_a_part_of_a_million_documents_takes_less_than_a_gigabyte(tmp_path: Path) -> None:
    write_profiles(str(tmp_path / "profiles"))
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        counts, peak = pool.submit(paired, str(tmp_path)).result()

    assert counts["pairs"] > DOCUMENTS
    assert counts["members"] < 2 * counts["documents"]  # in the order of positions five times
    assert peak < 1e9
