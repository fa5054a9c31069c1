"""Files on Google's store, on an emulator of it: what holds for S3 holds here."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from datapipe import run, storage
from datapipe.files.versions import Version, open_version
from tests.run.workshop import Workshop, many, tree
from tests.same_bytes import digests

MB = 1 << 20
SERVER = """
import sys
from http import server
server.HTTPServer = server.ThreadingHTTPServer  # pyarrow asks for parts while it holds a request for the whole
from gcp_storage_emulator.server import create_server
emulator = create_server("127.0.0.1", int(sys.argv[1]), in_memory=True, default_bucket="bucket")
emulator.run()
"""


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """A bucket on a running emulator; the environment points to it."""
    import socket

    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = chosen.getsockname()[1]
    quiet = subprocess.DEVNULL
    emulator = subprocess.Popen([sys.executable, "-c", SERVER, str(port)], stdout=quiet, stderr=quiet)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
        for _ in range(200):
            try:
                urlopen(f"http://127.0.0.1:{port}/storage/v1/b", timeout=1).close()
                break
            except (URLError, OSError):
                time.sleep(0.1)
        yield "gs://bucket"
    emulator.kill()
    emulator.wait()


@pytest.mark.parametrize("name", ["plain", "a b", "a%2Fb", "a#b", "a?b=c&d", "straße 世"])
def test_a_key_may_hold_any_character(bucket: str, name: str) -> None:
    path = f"{bucket}/deep/{name}.gz"
    storage.write_bytes(path, b"here")

    assert storage.read_bytes(path) == b"here"
    assert storage.size_of(path) == 4
    assert storage.files_below(f"{bucket}/deep") == [path]
    storage.remove(path)
    assert storage.size_of(path) is None
    with pytest.raises(FileNotFoundError):
        storage.read_bytes(path)


def test_a_large_object_is_read_in_parts(bucket: str) -> None:
    data = os.urandom(20 * MB + 3)
    storage.write_bytes(f"{bucket}/big", data)
    with storage.open_raw(f"{bucket}/big") as stream:
        assert b"".join(iter(lambda: stream.read(300_000), b"")) == data
        stream.seek(5 * MB)
        assert stream.read(10) == data[5 * MB : 5 * MB + 10]


FAILING = """
import sys
from datapipe import storage
try:
    with storage.open_writing(sys.argv[1]) as sink:
        sink.write(bytes(int(sys.argv[2])))
        raise KeyError
except KeyError:
    print("failed as it should")
"""


@pytest.mark.parametrize("size", [100, pytest.param(20 * MB, marks=pytest.mark.slow)])
def test_a_process_that_failed_to_write_leaves_no_object(bucket: str, size: int) -> None:
    command = [sys.executable, "-c", FAILING, f"{bucket}/half", str(size)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, cwd=Path(__file__).parents[2])

    assert (done.returncode, done.stdout) == (0, "failed as it should\n"), done.stderr
    assert storage.size_of(f"{bucket}/half") is None


def test_another_version_of_an_object_is_refused(bucket: str) -> None:
    storage.write_bytes(f"{bucket}/version", b"abc")
    planned = Version(3, str(storage.info_of(f"{bucket}/version").mtime_ns))
    with open_version(f"{bucket}/version", planned) as stream:
        assert stream.read() == b"abc"
    storage.write_bytes(f"{bucket}/version", b"abcd")
    with pytest.raises(OSError, match="3 bytes then, 4 now"):
        open_version(f"{bucket}/version", planned)


def test_a_run_from_and_to_a_bucket_has_the_same_bytes(bucket: str, tmp_path: Path) -> None:
    workshop = Workshop.at(tmp_path)
    paths = [workshop.write("left/a.tsv", many(400, 1)), workshop.write("right/a.tsv", many(100, 2))]
    workshop.run()
    for path in paths:
        storage.write_bytes(f"{bucket}/in/{path.parent.name}/a.tsv", path.read_bytes())
    settings = [f"sources.{i}.paths=[{bucket}/in/{name}]" for i, name in enumerate(("left", "right"))]
    folder = run(workshop.recipe(*settings), root=bucket)
    for path in storage.files_below(folder):
        storage.write_bytes(str(tmp_path / "fetched" / path.removeprefix(f"{folder}/")), storage.read_bytes(path))

    assert digests(tmp_path / "fetched") == tree(workshop.out)
