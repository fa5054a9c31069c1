"""One S3 server for all tests of storage, and a proxy in front of it for each."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.storage.faulty_proxy import FaultyProxy
from tests.storage.s3_server import ENVIRONMENT, client, objects, s3_server


@dataclass(frozen=True)
class Store:
    """A bucket of its own for one test, reached through a proxy that logs and fails."""

    bucket: str
    proxy: FaultyProxy
    s3: Any
    server: str
    """URL of the server behind the proxy."""

    def uri(self, key: str = "") -> str:
        """URI of a key."""
        return f"s3://{self.bucket}/{key}".rstrip("/")

    def objects(self, prefix: str = "") -> dict[str, int]:
        """Key -> size of what there is, without pyarrow's markers of folders."""
        return {key: size for key, size in objects(self.s3, self.bucket, prefix).items() if not key.endswith("/")}

    def put(self, key: str, data: bytes) -> None:
        """Store an object."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=data)

    def get(self, key: str) -> bytes:
        """The bytes of an object."""
        return bytes(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())

    def uploads(self) -> list[str]:
        """Keys of multipart uploads that were begun and neither completed nor aborted."""
        return [one["Key"] for one in self.s3.list_multipart_uploads(Bucket=self.bucket).get("Uploads", [])]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of the S3 server."""
    with s3_server() as url:
        yield url


@pytest.fixture
def store(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A new bucket; the environment points to it."""
    proxy = FaultyProxy.before(server)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "3")
    bucket = f"bucket-{uuid.uuid4().hex[:12]}"
    s3 = client(server)
    s3.create_bucket(Bucket=bucket)
    yield Store(bucket, proxy, s3, server)
    proxy.close()
