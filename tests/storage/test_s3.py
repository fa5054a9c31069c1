"""Files on a real S3 server: whole or not at all, in large reads, over faults of the server and of the way to it."""

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from datapipe import storage
from datapipe.receipts import Receipt, finished, write_receipt
from datapipe.shard_files import opened
from datapipe.storage import Output
from tests.storage.conftest import Store
from tests.storage.faulty_proxy import Fault

MB = 1 << 20
SCHEMA = pa.schema([pa.field("id", pa.string()), pa.field("text", pa.large_string())])


def every(count: int, fault: Fault, methods: str = "GET PUT POST") -> Callable[[str, str], Fault]:
    """Fail every so manieth request of these methods."""
    turns = itertools.count(1)
    return lambda method, path: fault if method in methods.split() and next(turns) % count == 0 else None


@pytest.mark.parametrize("name", ["plain", "a b", "a%2Fb", "a%20b", "a#b", "a?b=c&d", "straße 世", "+=@!$'()"])
def test_a_key_may_hold_any_character(store: Store, name: str) -> None:
    storage.write_bytes(store.uri(f"deep/{name}.gz"), b"here")

    assert store.objects() == {f"deep/{name}.gz": 4}
    assert storage.read_bytes(store.uri(f"deep/{name}.gz")) == b"here"
    assert storage.size_of(store.uri(f"deep/{name}.gz")) == 4
    assert storage.files_below(store.uri("deep")) == [store.uri(f"deep/{name}.gz")]
    storage.remove(store.uri(f"deep/{name}.gz"))
    assert store.objects() == {}


def test_a_key_with_an_empty_part_is_refused_in_one_line(store: Store) -> None:
    """pyarrow knows no such keys; of listings it leaves them out or says so."""
    for attempt in (storage.read_bytes, storage.size_of, lambda path: storage.write_bytes(path, b"")):
        with pytest.raises(OSError, match="Empty path component") as error:
            attempt(store.uri("a//b"))
        assert error.value.filename == store.uri("a//b")


def test_what_is_not_there_is_not_there(store: Store) -> None:
    with pytest.raises(FileNotFoundError) as error:
        storage.read_bytes(store.uri("none"))

    assert error.value.filename == store.uri("none")
    assert storage.size_of(store.uri("none")) is None
    assert storage.files_below(store.uri("none")) == []
    storage.remove(store.uri("none"))


def test_an_object_is_replaced_whole_and_gone_when_it_is_removed(store: Store) -> None:
    path = store.uri("a/b.json")
    storage.write_bytes(path, b"older and longer")
    storage.write_bytes(path, b"newer")
    assert storage.read_bytes(path) == b"newer"
    storage.remove(path)
    assert not storage.exists(path)
    storage.write_bytes(path, b"again")
    assert storage.read_bytes(path) == b"again"


def test_a_small_object_is_one_request_and_a_receipt_check_two(store: Store) -> None:
    storage.write_bytes(store.uri("a/small.json"), b"x" * 100_000)
    assert [one.method for one in store.proxy.log] == ["PUT"]
    store.proxy.clear()
    storage.read_bytes(store.uri("a/small.json"))
    assert [(one.method, one.sent) for one in store.proxy.log] == [("HEAD", 0), ("GET", 100_000)]


@pytest.mark.slow
def test_a_listing_goes_over_its_pages(store: Store) -> None:
    for number in range(1_001):
        store.put(f"in/{number:05}", b"")

    assert len(storage.files_below(store.uri("in"))) == 1_001
    assert len(store.proxy.requests("GET")) == 2


def test_reading_in_order_takes_growing_requests_of_at_least_a_megabyte(store: Store) -> None:
    data = os.urandom(24 * MB + 5)
    store.put("big", data)
    with storage.open_raw(store.uri("big")) as stream:
        assert b"".join(iter(lambda: stream.read(100_000), b"")) == data

    gets = store.proxy.requests("GET")
    assert [one.sent for one in gets] == [MB, 2 * MB, 4 * MB, 8 * MB, 8 * MB, MB + 5]
    assert len(store.proxy.requests("HEAD")) == 1


def test_a_parquet_file_is_read_in_few_large_requests(store: Store) -> None:
    """Forty row groups of two columns: by the columns alone it would be a request for each of the eighty."""
    with storage.writing_parquet(store.uri("a.parquet"), SCHEMA, align=True) as (file, _):
        for group in range(40):
            texts = [os.urandom(60_000).hex() for _ in range(8)]
            file.write(pa.RecordBatch.from_pydict({"id": [f"{group}-{i}" for i in range(8)], "text": texts}, SCHEMA))
    size = store.objects()["a.parquet"]
    store.proxy.clear()

    with opened([store.uri("a.parquet")]) as (parquet,):
        rows = sum(parquet.read_row_group(group).num_rows for group in range(parquet.num_row_groups))

    gets = store.proxy.requests("GET")
    assert rows == 320
    assert size > 18 * MB
    assert len(gets) <= 8
    assert min(one.sent for one in gets[:-1]) >= MB
    assert sum(one.sent for one in gets) < 1.2 * size


@pytest.mark.parametrize("fault", [500, 503, "reset", "cut"])
def test_a_request_that_fails_is_made_again(store: Store, fault: Fault) -> None:
    data = os.urandom(12 * MB)
    store.proxy.fault = every(3, fault)
    storage.write_bytes(store.uri("a"), data)

    assert storage.read_bytes(store.uri("a")) == data
    assert any(one.fault for one in store.proxy.log)


def test_faults_may_be_many_in_the_life_of_a_process(store: Store) -> None:
    """The budget of a process was 100 repetitions, for ever, with AWS's standard way to repeat in pyarrow."""
    store.put("a", b"here")
    store.proxy.fault = every(2, 503, "HEAD")
    for _ in range(130):
        assert storage.size_of(store.uri("a")) == 4


@pytest.mark.parametrize("fault", [500, 503, "reset", "cut"])
def test_an_answer_may_fail_with_more_words_than_the_object_has(store: Store, fault: Fault) -> None:
    store.put("a", b"here")
    store.proxy.fault = on("GET", "a", fault)
    assert storage.read_bytes(store.uri("a")) == b"here"
    store.proxy.fault = lambda method, path: 403 if store.proxy.requests("GET") else None
    with pytest.raises(OSError, match="ACCESS_DENIED"):
        storage.read_bytes(store.uri("a"))


def on(method: str, part: str, *faults: Fault) -> Callable[[str, str], Fault]:
    """Fail the first requests of this method whose path or query holds `part`, one after the other."""
    turns = iter(faults)
    return lambda got, path: next(turns, None) if got == method and part in path else None


MORE = (500, 503, "reset", "cut")
BEGIN, PART, COMPLETE = ("POST", "?uploads"), ("PUT", "partNumber="), ("POST", "uploadId=")


@pytest.mark.parametrize("request_kind", [BEGIN, PART, COMPLETE], ids=["begin", "part", "complete"])
@pytest.mark.parametrize("fault", ["lost", *(pytest.param(one, marks=pytest.mark.slow) for one in MORE)])
def test_every_request_of_a_large_upload_may_fail(store: Store, request_kind: tuple[str, str], fault: Fault) -> None:
    data = os.urandom(11 * MB)
    store.proxy.fault = on(*request_kind, fault)
    storage.write_bytes(store.uri("a"), data)

    assert [one.fault for one in store.proxy.log if one.fault] == [fault]
    assert store.get("a") == data


def test_an_upload_that_was_completed_unheard_is_not_an_error(store: Store) -> None:
    """Asked again, many stores say that they know no such upload (moto, as Amazon, is content)."""
    store.put("a", bytes(11 * MB))
    data = os.urandom(11 * MB)
    store.proxy.fault = on(*COMPLETE, "lost", 404)
    output = storage.write_bytes(store.uri("a"), data)

    assert [one.fault for one in store.proxy.log if one.fault] == ["lost", 404]
    assert (store.get("a"), output.bytes) == (data, 11 * MB)


def test_an_upload_that_the_store_has_forgotten_is_an_error(store: Store) -> None:
    """Even over an older object of the same size."""
    store.put("a", bytes(11 * MB))
    store.proxy.fault = on(*COMPLETE, 404)
    with pytest.raises(OSError, match="NO_SUCH_UPLOAD") as error:
        storage.write_bytes(store.uri("a"), os.urandom(11 * MB))

    assert error.value.filename == store.uri("a")
    assert store.get("a") == bytes(11 * MB)


@pytest.mark.parametrize(
    ("fault", "said"), [(503, "503|SLOW_DOWN|UNAVAILABLE"), (500, "500|INTERNAL"), (403, "DENIED")]
)
def test_a_request_that_goes_on_failing_is_one_line_with_the_key(
    store: Store, fault: Fault, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    store.put("in/a", b"x" * 10)
    store.proxy.fault = lambda method, path: fault
    for attempt in (
        lambda: storage.read_bytes(store.uri("in/a")),
        lambda: storage.write_bytes(store.uri("in/a"), b"y"),
        lambda: storage.files_below(store.uri("in")),
        lambda: storage.size_of(store.uri("in/a")),
    ):
        with pytest.raises(OSError, match=said) as error:
            attempt()
        assert error.value.filename.startswith(store.uri("in"))
        assert "\n" not in str(error.value)

    store.proxy.clear()
    assert store.get("in/a") == b"x" * 10


def test_an_error_in_the_middle_of_reading_names_the_object(store: Store) -> None:
    store.put("in/a", bytes(6 * MB))
    with storage.open_raw(store.uri("in/a")) as stream:
        stream.read(10)
        store.proxy.fault = lambda method, path: 503
        with pytest.raises(OSError, match=r"SERVICE_UNAVAILABLE|SLOW_DOWN|503") as error:
            stream.read()
    assert error.value.filename == store.uri("in/a")


@pytest.mark.parametrize("size", [100, 11 * MB, pytest.param(25 * MB, marks=pytest.mark.slow)])
def test_an_exception_in_an_open_stream_leaves_no_object_and_the_older_one_as_it_was(store: Store, size: int) -> None:
    storage.write_bytes(store.uri("older"), b"older")
    for key in ("older", "new"):
        with pytest.raises(KeyError), storage.open_writing(store.uri(key)) as sink:
            sink.write(bytes(size))
            raise KeyError

    assert store.objects() == {"older": 5}
    assert store.get("older") == b"older"


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


@pytest.mark.parametrize("size", [100, 11 * MB])
def test_a_process_that_failed_to_write_ends_without_completing_the_upload(store: Store, size: int) -> None:
    command = [sys.executable, "-c", FAILING, store.uri("a"), str(size)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, cwd=Path(__file__).parents[2])

    assert (done.returncode, done.stdout, done.stderr) == (0, "failed as it should\n", "")
    assert store.objects() == {}


KILLED = """
import os, signal, sys
from datapipe import storage
with storage.open_writing(sys.argv[1]) as sink:
    for _ in range(23):
        sink.write(bytes(1 << 20))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_killed_in_the_middle_of_an_upload_leaves_no_object(store: Store) -> None:
    """What it has sent is not visible; stores delete it by a lifecycle rule."""
    command = [sys.executable, "-c", KILLED, store.uri("a")]
    done = subprocess.run(command, timeout=180, cwd=Path(__file__).parents[2], check=False)

    assert done.returncode == -signal.SIGKILL
    assert store.objects() == {}
    assert store.uploads() == ["a"]
    storage.write_bytes(store.uri("a"), b"whole")
    assert store.objects() == {"a": 5}


def test_a_parquet_file_that_was_given_up_does_not_appear(store: Store) -> None:
    with pytest.raises(KeyError), storage.writing_parquet(store.uri("a.parquet"), SCHEMA) as (file, outputs):
        file.write(pa.RecordBatch.from_pydict({"id": ["1"], "text": ["one"]}, SCHEMA))
        raise KeyError
    del file

    assert outputs == []
    assert store.objects() == {}


def test_an_object_of_another_size_than_its_receipt_says_is_made_again(store: Store) -> None:
    output = storage.write_bytes(store.uri("run/documents/p/s.parquet"), b"whole")
    named = Output("documents/p/s.parquet", output.bytes, output.sha256)
    write_receipt(store.uri("run"), Receipt("p", "s", "f", "i", outputs=(named,)))
    assert finished(store.uri("run"), "p", "s", "f", "i") is not None
    assert finished(store.uri("run"), "p", "s", "f", "i", verify=True) is not None

    store.put("run/documents/p/s.parquet", b"WHOLE")
    assert finished(store.uri("run"), "p", "s", "f", "i") is not None
    assert finished(store.uri("run"), "p", "s", "f", "i", verify=True) is None
    write_receipt(store.uri("run"), Receipt("p", "s", "f", "i", outputs=(named,)))
    store.put("run/documents/p/s.parquet", b"half")
    assert finished(store.uri("run"), "p", "s", "f", "i") is None
    assert "run/receipts/p/s.json" not in store.objects()
