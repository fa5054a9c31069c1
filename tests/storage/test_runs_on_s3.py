"""Runs on a store that fails for good, that are killed, or two at once: the bytes of an undisturbed local run."""

import json
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from datapipe import run
from tests.run.workshop import Workshop, many, rows, tree
from tests.same_bytes import digests
from tests.storage.conftest import Store
from tests.storage.datapipe_command import command, driver
from tests.storage.faulty_proxy import Fault


@pytest.fixture
def remote(store: Store, tmp_path: Path) -> Workshop:
    """The letters recipe, run here, with its input in the store as well."""
    workshop = Workshop.at(tmp_path / "here")
    for name, lines in (("left/a.tsv", many(2_000, 1)), ("right/a.tsv", many(50, 2))):
        store.put(f"in/{name}", workshop.write(name, lines).read_bytes())
    workshop.run()
    return workshop


def line(store: Store, workshop: Workshop) -> list[str]:
    """The words of the command that runs it from and to the store."""
    words = ["run", str(workshop.folder / "recipe.yaml"), "--root", store.uri(), "--executor", "inline"]
    paths = [f"sources.{i}.paths=[{store.uri(f'in/{name}/a.tsv')}]" for i, name in enumerate(("left", "right"))]
    return words + [word for path in paths for word in ("--set", path)]


def fetched(store: Store, folder: Path) -> dict[str, str]:
    """Digests of the output in the bucket."""
    for key in store.objects("out/"):
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(store.get(key))
    return digests(folder / "out")


@pytest.mark.slow
def test_explain_reads_a_document_of_a_run_on_a_store(store: Store, remote: Workshop) -> None:
    run(remote.recipe(), root=store.uri())
    identifier = rows(remote.out, "decisions/decide/left-*.parquet")[0]["id"]

    done = command("explain", store.uri("out"), identifier)
    assert (done.returncode, identifier in done.stdout) == (0, True), done.stderr


def some(share: float, *faults: Fault) -> Callable[[str, str], Fault]:
    """Fail a share of all requests, each time in another way."""
    chance = random.Random(7)
    return lambda method, path: chance.choice(faults) if chance.random() < share else None


@pytest.mark.slow
def test_a_store_that_fails_every_tenth_request_gets_the_same_bytes(
    store: Store, remote: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_MAX_ATTEMPTS")
    store.proxy.fault = some(0.1, 500, 503, "reset", "lost", "cut")
    run(remote.recipe(*line(store, remote)[7::2]), root=store.uri())

    faults = Counter(str(one.fault) for one in store.proxy.log if one.fault)
    assert set(faults) == {"500", "503", "reset", "lost", "cut"}
    store.proxy.clear()
    assert fetched(store, tmp_path) == tree(remote.out)


@pytest.mark.slow
def test_a_store_that_fails_for_good_ends_the_run_with_one_line_and_the_rerun_completes_it(
    store: Store, remote: Workshop, tmp_path: Path
) -> None:
    store.proxy.fault = lambda method, path: 503 if method == "PUT" and "/annotations/" in path else None
    done = command(*line(store, remote))
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1
    assert last.startswith(f"error: {store.uri('out/annotations/')}"), done.stderr
    assert "503" in last or "SLOW_DOWN" in last
    assert not store.objects("out/annotations")
    assert not store.objects("out/receipts/measure")

    store.proxy.clear()
    assert command(*line(store, remote)).returncode == 0
    assert fetched(store, tmp_path) == tree(remote.out)


@pytest.mark.slow
def test_runs_killed_at_any_moment_are_completed_with_the_same_bytes(
    store: Store, remote: Workshop, tmp_path: Path
) -> None:
    """Each run is killed a little later after its first upload; what receipts name is whole at any time."""
    for uploads in (3, 6, 9, 30, 80):
        store.proxy.clear()
        started = driver(*line(store, remote))
        while len(store.proxy.requests("PUT")) < uploads and started.poll() is None:
            time.sleep(0.01)
        started.send_signal(signal.SIGKILL)
        assert started.wait() == -signal.SIGKILL
        sizes = store.objects("out/")
        for key in [key for key in sizes if "/receipts/" in key]:
            for output in json.loads(store.get(key))["outputs"]:
                assert sizes[f"out/{output['path']}"] == output["bytes"]
    store.proxy.clear()
    assert command(*line(store, remote)).returncode == 0
    assert fetched(store, tmp_path) == tree(remote.out)


@pytest.mark.slow
def test_two_drivers_at_once_write_the_same_bytes_and_one_is_told(
    store: Store, remote: Workshop, tmp_path: Path
) -> None:
    first = driver(*line(store, remote))
    while not store.proxy.requests("PUT", "out/run.lock"):
        assert first.poll() is None
        time.sleep(0.01)
    first.send_signal(signal.SIGSTOP)  # or it may be done before the second has loaded its libraries
    looked = len(store.proxy.requests("GET", "out/run.lock"))
    second = driver(*line(store, remote))
    while len(store.proxy.requests("GET", "out/run.lock")) == looked:
        assert second.poll() is None
        time.sleep(0.01)
    first.send_signal(signal.SIGCONT)
    drivers = (first, second)
    said = [one.communicate(timeout=300)[1] for one in drivers]

    assert [one.returncode for one in drivers] == [0, 0], "\n==\n".join(said)
    assert [line.count("another run is writing s3://") for line in said] == [0, 1]
    assert fetched(store, tmp_path) == tree(remote.out)
