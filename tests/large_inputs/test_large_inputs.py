"""Memory stays bounded over large and hostile inputs, here a part of the size; `python -m tests.large_inputs`: all."""

from pathlib import Path

import pytest

from tests.large_inputs.files import CASES, GOOD_RECORDS
from tests.large_inputs.measure import measured

PEAK_MB = 700
"""What a run over 100 MB takes with room: a case whose memory grows with its input breaks it."""
PEAK_AMONG_GOOD_MB = 400
"""What a run over few documents takes (200 to 240) with room, but none for the 250 MB of the hostile record."""
AMONG_GOOD = {name for name in CASES if name.startswith(("line_", "gzip_bomb", "parquet_cell", "warc_record"))}
"""Cases where ordinary records stand before and behind the hostile one."""
SCALES = dict.fromkeys(CASES, 0.02) | dict.fromkeys(AMONG_GOOD, 0.25) | {"parquet_cell": 0.5}
"""A page of Parquet is taken up to 384 MiB, with what that costs: the cell must be larger."""


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_memory_is_bounded_and_the_good_records_arrive(name: str, tmp_path: Path) -> None:
    cost = measured(name, tmp_path, SCALES[name])

    assert cost["exit"] == 0
    assert cost["peak_mb"] < (PEAK_AMONG_GOOD_MB if name in AMONG_GOOD else PEAK_MB)
    assert cost["documents"] > 0
    if name in AMONG_GOOD:
        assert cost["documents"] == 2 * GOOD_RECORDS
        assert cost["quarantined"] == (2 if name == "warc_record" else 1)
