"""Who writes an output folder on an object store is known, and no more than known."""

import json
import os
import re
import time
from datetime import UTC, datetime

import pytest

from datapipe.files.lease import RENEWED_SECONDS, STALE_SECONDS, holder, leased
from datapipe.output import locked, owner, reading
from tests.storage.conftest import Store


def test_a_folder_has_an_owner_while_the_lease_is_held(store: Store) -> None:
    warnings: list[str] = []
    assert holder(store.uri("out")) is None
    with leased(store.uri("out"), warnings.append):
        assert (owner(store.uri("out")) or "").startswith(f"process {os.getpid()} on {os.uname().nodename} since 20")
    assert holder(store.uri("out")) is None
    assert warnings == []
    assert store.objects() == {}


def test_a_second_driver_is_told_of_the_first_and_goes_on(store: Store) -> None:
    warnings: list[str] = []
    with leased(store.uri("out"), warnings.append), leased(store.uri("out"), warnings.append):
        pass

    (line,) = warnings
    assert line.startswith(f"another run is writing {store.uri('out')}: process {os.getpid()} on ")
    assert "\n" not in line


def test_readers_and_drivers_are_told_of_each_other_and_go_on(store: Store) -> None:
    told: dict[str, list[str]] = {name: [] for name in ("reader", "second reader", "driver", "late reader")}
    folder = store.uri("out")
    with reading(folder, told["reader"].append), reading(folder, told["second reader"].append):
        assert owner(folder) is None, "nobody writes"
        with locked(folder, told["driver"].append), reading(folder, told["late reader"].append):
            pass

    who = rf"process {os.getpid()} on \S+ since .*"
    assert (told["reader"], told["second reader"]) == ([], [])
    assert re.fullmatch(rf"{folder} is being read: {who}; that fails if its shards change", *told["driver"])
    assert re.fullmatch(rf"another run is writing {folder}: {who}; what it reads may change", *told["late reader"])
    assert store.objects() == {}


def test_the_lease_of_a_driver_that_was_killed_goes_stale(store: Store) -> None:
    lease = {"token": "x", "owner": "process 7 on there", "since": str(datetime.now(UTC))}
    for age, expected in ((2 * RENEWED_SECONDS, True), (STALE_SECONDS + 1, False), (-STALE_SECONDS - 1, False)):
        store.put("out/run.lock", json.dumps({**lease, "renewed": time.time() - age}).encode())
        assert (holder(store.uri("out")) is not None) == expected


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"owner": 1}'])
def test_a_damaged_lease_is_none(store: Store, content: bytes) -> None:
    store.put("out/run.lock", content)
    assert holder(store.uri("out")) is None


def test_the_lease_is_renewed(store: Store) -> None:
    with leased(store.uri("out"), print, renewed_seconds=0.05):
        time.sleep(0.5)
    assert len(store.proxy.requests("PUT", "run.lock")) >= 3


def test_a_store_that_fails_at_the_end_does_not_hide_how_the_run_went(store: Store) -> None:
    with pytest.raises(KeyError), leased(store.uri("out"), print):
        store.proxy.fault = lambda method, path: 403
        raise KeyError
