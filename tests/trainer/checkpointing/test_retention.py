"""Which checkpoints stay: edges, the end, the first at or after each multiple, and the last of the others."""

import dataclasses
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.trainer import tiny_training as tiny
from trainer.checkpoint import save, state_of
from trainer.checkpointing.folders import all_checkpoints_in
from trainer.checkpointing.record import Record
from trainer.checkpointing.retention import reasons, remove_others
from trainer.plan import Checkpoints


def of(keep_last: int = 2, keep_every_tokens: int | None = None, changed_at: int | None = None) -> Record:
    """Phases end at samples 16 and 48; sequences have 32 tokens."""
    rule = Checkpoints(keep_last=keep_last, keep_every_tokens=keep_every_tokens)
    return dataclasses.replace(tiny.record(), retention=rule, changed_at=changed_at)


def test_edges_stay_with_the_last_of_the_others() -> None:
    assert reasons([4, 8, 12, 16, 24, 32, 40], of(keep_last=2)) == {
        4: "",
        8: "",
        12: "",
        16: "edge of first",
        24: "",
        32: "one of the last",
        40: "one of the last",
    }


def test_the_end_stays_and_does_not_count_among_the_last() -> None:
    found = reasons([32, 40, 48], of(keep_last=1))
    assert found == {32: "", 40: "one of the last", 48: "end"}


def test_where_the_plan_was_changed_one_stays() -> None:
    assert reasons([4, 8, 12], of(keep_last=1, changed_at=4)) == {
        4: "the plan changed here",
        8: "",
        12: "one of the last",
    }


def test_the_first_at_or_after_each_multiple_stays() -> None:
    """640 tokens are 20 samples: 20 is at one, 44 the first after 40; 28 and 36 are neither."""
    found = reasons([12, 20, 28, 36, 44, 46], of(keep_last=1, keep_every_tokens=640))
    assert found == {
        12: "",
        20: "first at or after 640 tokens",
        28: "",
        36: "",
        44: "first at or after 1,280 tokens",
        46: "one of the last",
    }


@given(
    st.lists(st.integers(1, 48), unique=True).map(sorted),
    st.integers(1, 3),
    st.none() | st.integers(1, 700),
)
def test_removing_on_the_way_is_removing_at_the_end(saves: list[int], keep_last: int, every: int | None) -> None:
    """What stays does not hang on how often it was looked at, and the newest always stays."""
    record = of(keep_last, every)
    there: list[int] = []
    for samples_seen in saves:
        why = reasons([*there, samples_seen], record)
        assert why[samples_seen]
        there = [one for one in why if why[one]]

    assert there == [one for one, why in reasons(saves, record).items() if why]


def test_others_are_removed_and_what_is_damaged_or_diverged_is_left_alone(tmp_path: Path) -> None:
    model = tiny.model()
    for samples_seen in (4, 8, 12, 16, 20, 24):
        save(tmp_path, state_of(tiny.record(samples_seen), model, tiny.adamw(model)))
    save(tmp_path, state_of(tiny.record(6), model, tiny.adamw(model)), is_diverged=True)
    (tmp_path / "checkpoints/000000000008/state.json").write_text("{")

    removed = remove_others(tmp_path, of(keep_last=1))

    assert [one.name for one in removed] == ["000000000004", "000000000012", "000000000020"]
    left = [one.name for one in all_checkpoints_in(tmp_path)]
    assert left == ["000000000006-diverged", "000000000008", "000000000016", "000000000024"]
    assert sorted(left) == sorted(one.name for one in (tmp_path / "checkpoints").iterdir())
