"""Who one is and where the store is: by the environment variables that other tools use."""

import time
from pathlib import Path

import pytest

from datapipe import storage
from datapipe.files import file_systems
from tests.storage.conftest import Store


def key_used(store: Store) -> str | None:
    """The access key of the latest request."""
    authorization = store.proxy.log[-1].authorization
    return authorization.partition("Credential=")[2].partition("/")[0] if authorization else None


def test_an_access_key_comes_from_the_environment(store: Store) -> None:
    storage.write_bytes(store.uri("a"), b"")
    assert key_used(store) == "key"


def test_a_profile_comes_from_the_files_of_the_aws_tools(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "credentials").write_text("[work]\naws_access_key_id = ofwork\naws_secret_access_key = secret\n")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_PROFILE", "work")
    file_systems._s3.cache_clear()
    storage.write_bytes(store.uri("a"), b"")
    assert key_used(store) == "ofwork"
    file_systems._s3.cache_clear()


def test_requests_may_go_unsigned(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put("a", b"public")
    store.s3.put_object_acl(Bucket=store.bucket, Key="a", ACL="public-read")
    monkeypatch.setenv("AWS_NO_SIGN_REQUEST", "YES")

    assert storage.read_bytes(store.uri("a")) == b"public"
    assert key_used(store) is None


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
def test_an_endpoint_may_be_given_for_all_services_or_for_s3(
    store: Store, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3")
    monkeypatch.setenv(name, f"{store.proxy.url}/")
    storage.write_bytes(store.uri("a"), b"here")
    assert store.objects() == {"a": 4}


def test_wrong_credentials_are_one_line_at_once(store: Store) -> None:
    store.proxy.fault = lambda method, path: 403
    started = time.monotonic()
    with pytest.raises(OSError, match="ACCESS_DENIED") as error:
        storage.read_bytes(store.uri("a"))
    assert (error.value.filename, "\n" in str(error.value)) == (store.uri("a"), False)
    assert time.monotonic() - started < 5
    assert len(store.proxy.log) == 1


def test_a_bucket_that_is_not_there_is_one_line(store: Store) -> None:
    with pytest.raises(FileNotFoundError, match="nobody-has-this"):
        storage.read_bytes("s3://nobody-has-this/a")
    with pytest.raises(OSError, match="NO_SUCH_BUCKET"):
        storage.write_bytes("s3://nobody-has-this/a", b"")


def test_a_store_that_nobody_listens_for_is_one_line(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    with pytest.raises(OSError, match=r"Connection|connect") as error:
        storage.read_bytes(store.uri("a"))
    assert "\n" not in str(error.value)


def test_a_store_that_falls_silent_is_given_up(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put("a", b"x")
    monkeypatch.setattr(file_systems, "SILENT_SECONDS", 1)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    file_systems._s3.cache_clear()
    store.proxy.fault = lambda method, path: "stall"
    started = time.monotonic()
    with pytest.raises(OSError, match=r"Timeout|timed out|too slow") as error:
        storage.read_bytes(store.uri("a"))
    assert time.monotonic() - started < 20
    assert error.value.filename == store.uri("a")
    file_systems._s3.cache_clear()
