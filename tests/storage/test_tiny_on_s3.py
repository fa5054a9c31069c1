"""The tiny recipe from one bucket to another: the same bytes as on local disks, over faults and kills too."""

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from datapipe import load, run
from tests.same_bytes import digests
from tests.storage.conftest import Store
from tests.storage.faulty_proxy import Fault

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "recipes" / "tiny" / "recipe.yaml"
SOURCES = [str(path) for source in load(RECIPE).sources for path in source.paths]


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Digests of a run that never left this machine."""
    return digests(Path(run(load(RECIPE), root=str(tmp_path_factory.mktemp("tiny")))))


@pytest.fixture
def settings(store: Store) -> list[str]:
    """The recipe's paths, moved into the store with what they name."""
    inputs = f"{store.bucket}-in"
    store.s3.create_bucket(Bucket=inputs)
    for path in sorted((RECIPE.parent / "data").rglob("*")):
        if path.is_file():
            store.s3.upload_file(str(path), inputs, str(path.relative_to(RECIPE.parent)))
    return [
        f"sources.{number}.paths={[f's3://{inputs}/{path}' for path in source.paths]!r}"
        for number, source in enumerate(load(RECIPE).sources)
    ]


def fetched(store: Store, folder: Path) -> dict[str, str]:
    """Digests of the output in the bucket."""
    for key in store.objects("out/tiny/"):
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(store.get(key))
    return digests(folder / "out" / "tiny")


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """A datapipe command as users give it."""
    line = [sys.executable, "-m", "datapipe.cli", *words]
    return subprocess.run(line, capture_output=True, text=True, timeout=300, cwd=ROOT, check=False)


def driver(*words: str) -> subprocess.Popen[str]:
    """A command that runs on beside the test."""
    return subprocess.Popen([sys.executable, "-m", "datapipe.cli", *words], cwd=ROOT, stderr=subprocess.PIPE, text=True)


def some(share: float, *faults: Fault) -> Callable[[str, str], Fault]:
    """Fail a share of all requests, each time in another way."""
    chance = random.Random(7)
    return lambda method, path: chance.choice(faults) if chance.random() < share else None


@pytest.mark.slow
def test_tiny_from_and_to_a_store_has_the_same_bytes_and_its_commands_work(
    store: Store, settings: list[str], local: dict[str, str], tmp_path: Path
) -> None:
    folder = run(load(RECIPE, settings), root=store.uri())
    assert folder == store.uri("out/tiny")
    assert fetched(store, tmp_path) == local
    gets = [one for one in store.proxy.requests("GET", "out/tiny/documents") if one.status == 206]
    assert min(one.sent for one in gets) == min(store.objects("out/tiny/documents").values())  # small files: at once

    done = command("report", folder)
    assert (done.returncode, "gopher" in done.stdout) == (0, True), done.stderr
    assert "out/tiny/report.html" in store.objects()
    done = command("diff", folder, folder)
    assert done.returncode == 0, done.stderr
    options = [word for setting in settings for word in ("--set", setting)]
    done = command("plan", str(RECIPE), "--root", store.uri(), *options)
    assert (done.returncode, "4 of 4 done" in done.stdout) == (0, True), done.stdout + done.stderr
    for name in ("status", "runs"):
        done = command(name, folder if name == "status" else store.uri("out"))
        assert (done.returncode, "tiny" in done.stdout) == (0, True), done.stderr


@pytest.mark.slow
def test_explain_reads_a_document_of_a_run_on_a_store(store: Store, tmp_path: Path) -> None:
    from tests.run.workshop import Workshop, many, rows

    workshop = Workshop.at(tmp_path)
    workshop.write("left/a.tsv", many(300, 1))
    workshop.write("right/a.tsv", many(50, 2))
    workshop.run()
    run(workshop.recipe(), root=store.uri())
    identifier = rows(workshop.out, "decisions/decide/left-*.parquet")[0]["id"]

    done = command("explain", store.uri("out"), identifier)
    assert (done.returncode, identifier in done.stdout) == (0, True), done.stderr


@pytest.mark.slow
def test_ray_workers_write_the_same_bytes_to_a_store(
    store: Store, settings: list[str], local: dict[str, str], tmp_path: Path
) -> None:
    """In a process of its own: the session's cluster was started without the environment of this test."""
    options = [word for setting in settings for word in ("--set", setting)]
    done = command("run", str(RECIPE), "--root", store.uri(), "--num-cpus", "2", *options)

    assert done.returncode == 0, done.stderr
    assert fetched(store, tmp_path) == local


@pytest.mark.slow
def test_a_store_that_fails_every_tenth_request_gets_the_same_bytes(
    store: Store, settings: list[str], local: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "8")
    store.proxy.fault = some(0.1, 500, 503, "reset", "cut")
    run(load(RECIPE, settings), root=store.uri())

    faults = Counter(str(one.fault) for one in store.proxy.log if one.fault)
    assert set(faults) == {"500", "503", "reset", "cut"}
    store.proxy.clear()
    assert fetched(store, tmp_path) == local


@pytest.mark.slow
def test_a_store_that_fails_for_good_ends_the_run_with_one_line_and_the_rerun_completes_it(
    store: Store, settings: list[str], local: dict[str, str], tmp_path: Path
) -> None:
    store.proxy.fault = lambda method, path: 503 if method == "PUT" and "/annotations/" in path else None
    options = [word for setting in settings for word in ("--set", setting)]
    line = ("run", str(RECIPE), "--root", store.uri(), "--executor", "inline", *options)
    done = command(*line)
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1
    assert last.startswith(f"error: {store.uri('out/tiny/annotations/')}"), done.stderr
    assert "503" in last or "SLOW_DOWN" in last
    assert not store.objects("out/tiny/annotations")
    assert not store.objects("out/tiny/receipts/measure")

    store.proxy.clear()
    assert command(*line).returncode == 0
    assert fetched(store, tmp_path) == local


@pytest.mark.slow
def test_runs_killed_at_any_moment_are_completed_with_the_same_bytes(
    store: Store, settings: list[str], local: dict[str, str], tmp_path: Path
) -> None:
    """Each run is killed a little later after its first upload; what receipts name is whole at any time."""
    options = [word for setting in settings for word in ("--set", setting)]
    words = ["run", str(RECIPE), "--root", store.uri(), "--executor", "inline", *options]
    for uploads in (3, 6, 9, 30, 80):
        store.proxy.clear()
        started = subprocess.Popen(
            [sys.executable, "-m", "datapipe.cli", *words],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while len(store.proxy.requests("PUT")) < uploads and started.poll() is None:
            time.sleep(0.01)
        started.send_signal(signal.SIGKILL)
        assert started.wait() == -signal.SIGKILL
        sizes = store.objects("out/tiny/")
        for key in [key for key in sizes if "/receipts/" in key]:
            for output in json.loads(store.get(key))["outputs"]:
                assert sizes[f"out/tiny/{output['path']}"] == output["bytes"]
    store.proxy.clear()
    run(load(RECIPE, settings), root=store.uri())
    assert fetched(store, tmp_path) == local


@pytest.mark.slow
def test_two_drivers_at_once_write_the_same_bytes_and_one_is_told(
    store: Store, settings: list[str], local: dict[str, str], tmp_path: Path
) -> None:
    options = [word for setting in settings for word in ("--set", setting)]
    words = ["run", str(RECIPE), "--root", store.uri(), "--executor", "inline", *options]
    drivers: list[subprocess.Popen[str]] = []
    for _ in range(2):
        drivers.append(driver(*words))
        while "out/tiny/run.lock" not in store.objects() and drivers[0].poll() is None:
            time.sleep(0.05)
    said = [one.communicate(timeout=300)[1] for one in drivers]

    assert [one.returncode for one in drivers] == [0, 0], said
    assert [line.count("another run is writing s3://") for line in said] == [0, 1]
    assert fetched(store, tmp_path) == local
