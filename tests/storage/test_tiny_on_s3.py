"""The tiny recipe from one bucket to another: the same bytes as on local disks, with Ray too."""

import uuid
from pathlib import Path

import pytest

from datapipe import load, run
from tests.same_bytes import digests
from tests.storage.conftest import Store
from tests.storage.datapipe_command import command
from tests.storage.s3_server import client

RECIPE = Path(__file__).parents[2] / "recipes" / "tiny" / "recipe.yaml"


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Digests of a run that never left this machine."""
    return digests(Path(run(load(RECIPE), root=str(tmp_path_factory.mktemp("tiny")))))


@pytest.fixture(scope="module")
def settings(server: str) -> list[str]:
    """The recipe's paths, moved into a bucket with what they name."""
    inputs, s3 = f"inputs-{uuid.uuid4().hex[:12]}", client(server)
    s3.create_bucket(Bucket=inputs)
    for path in sorted((RECIPE.parent / "data").rglob("*")):
        if path.is_file():
            s3.put_object(Bucket=inputs, Key=str(path.relative_to(RECIPE.parent)), Body=path.read_bytes())
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
def test_ray_workers_write_the_same_bytes_to_a_store(
    store: Store, settings: list[str], local: dict[str, str], tmp_path: Path
) -> None:
    """In a process of its own: the session's cluster was started without the environment of this test."""
    options = [word for setting in settings for word in ("--set", setting)]
    done = command("run", str(RECIPE), "--root", store.uri(), "--num-cpus", "2", *options)

    assert done.returncode == 0, done.stderr
    assert fetched(store, tmp_path) == local
