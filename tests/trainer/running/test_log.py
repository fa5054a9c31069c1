import json
import math
from pathlib import Path

import pytest

from datapipe.output import RunError
from trainer.running.log import FILE, JsonLines, Log, Record, cut_log, read_log


class Kept:
    """A sink that others would write: it keeps what it is given."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.is_closed = False

    def write(self, record: Record) -> None:
        self.records.append(record)

    def flush(self) -> None: ...

    def close(self) -> None:
        self.is_closed = True


def written(folder: Path, *samples: int) -> None:
    log = Log([JsonLines(str(folder))])
    for step, samples_seen in enumerate(samples):
        log.add("step", samples_seen, step, {"loss": 1.5})
    log.close()


def test_every_sink_gets_every_record_and_says_the_same(tmp_path: Path) -> None:
    kept = Kept()
    log = Log([JsonLines(str(tmp_path)), kept])
    log.add("step", 8, 2, {"loss": 2.5, "shares": {"code": [0.25, 0.15]}})
    log.add("end", 8, 2, {})
    log.close()

    assert read_log(str(tmp_path)) == kept.records
    assert kept.records[0] | {"time": 0} == {
        "kind": "step", "samples_seen": 8, "step": 2, "time": 0, "loss": 2.5, "shares": {"code": [0.25, 0.15]},
    }  # fmt: skip
    assert kept.is_closed


def test_what_is_not_finite_is_null_since_json_has_no_word_for_it(tmp_path: Path) -> None:
    log = Log([JsonLines(str(tmp_path))])
    log.add("skipped", 4, 1, {"loss": math.nan, "grad_norm": math.inf, "nested": {"values": [1.0, -math.inf]}})

    (record,) = read_log(str(tmp_path))
    assert (record["loss"], record["grad_norm"], record["nested"]) == (None, None, {"values": [1.0, None]})


def test_what_came_after_a_checkpoint_is_cut_off(tmp_path: Path) -> None:
    written(tmp_path, 0, 4, 8, 12)
    cut_log(str(tmp_path), 8)
    assert [one["samples_seen"] for one in read_log(str(tmp_path))] == [0, 4, 8]


def test_without_a_checkpoint_nothing_of_the_log_is_true_any_more(tmp_path: Path) -> None:
    written(tmp_path, 0, 4)
    cut_log(str(tmp_path), None)
    assert read_log(str(tmp_path)) == []


def test_a_line_that_a_crash_cut_short_is_forgotten_and_the_next_one_is_whole(tmp_path: Path) -> None:
    written(tmp_path, 4, 8)
    with (tmp_path / FILE).open("a") as file:
        file.write('{"kind": "step", "samples_')
    cut_log(str(tmp_path), 8)
    written(tmp_path, 12)
    assert [one["samples_seen"] for one in read_log(str(tmp_path))] == [4, 8, 12]


def test_a_log_that_needs_no_cut_is_left_alone(tmp_path: Path) -> None:
    written(tmp_path, 4, 8)
    before = (tmp_path / FILE).stat().st_ino
    cut_log(str(tmp_path), 8)
    assert (tmp_path / FILE).stat().st_ino == before


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps({"samples_seen": 1}) + "\nnonsense\n")
    with pytest.raises(RunError, match=r"log.jsonl:2: no record"):
        read_log(str(tmp_path))


def test_no_log_has_no_records(tmp_path: Path) -> None:
    assert read_log(str(tmp_path)) == []
    cut_log(str(tmp_path), 8)
    assert not (tmp_path / FILE).exists()


def test_a_log_that_lacks_the_line_of_its_checkpoint_is_told_from_a_whole_one(tmp_path: Path) -> None:
    log = Log([JsonLines(str(tmp_path))])
    log.add("step", 4, 1, {"loss": 2.5})
    log.add("checkpoint", 8, 2, {})
    log.close()

    assert cut_log(str(tmp_path), 8)
    assert not cut_log(str(tmp_path), 12)
    (tmp_path / FILE).unlink()
    assert not cut_log(str(tmp_path), 8)
    assert cut_log(str(tmp_path), None)


def test_a_last_line_that_was_cut_inside_a_character_is_no_record(tmp_path: Path) -> None:
    written(tmp_path, 0, 4)
    with (tmp_path / FILE).open("ab") as file:
        file.write('{"kind": "stop", "why": "wähl'.encode()[:-3])

    cut_log(str(tmp_path), 4)

    assert [one["samples_seen"] for one in read_log(str(tmp_path))] == [0, 4]
    assert (tmp_path / FILE).read_bytes().endswith(b"}\n")


def test_a_log_that_cannot_be_written_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / FILE).symlink_to("/dev/full")
    log = Log([JsonLines(str(tmp_path))])

    with pytest.raises(RunError, match=f"{tmp_path / FILE}: No space left on device; run the same command again"):
        log.add("end", 8, 2, {})
    with pytest.raises(RunError):
        log.close()
