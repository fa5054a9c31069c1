"""The file system of a path or URI: local, `s3://`, `gs://`, set up by the environment variables that their tools use.

pyarrow reads credentials and profiles itself. What it leaves out is added here: endpoints, regions, a number of
attempts and time limits that suit a long run, anonymous access, a certificate file.
"""

import errno
import functools
import os
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
from pyarrow import fs

CONNECT_SECONDS = 5
SILENT_SECONDS = 30
"""A connection on which nothing moves for so long is given up, and the request made again."""
MAX_ATTEMPTS = 12
"""Of one request, with pauses of 0, 0.05, 0.1, ... 25.6 s between them, 51 s in all: stores answer `503 Slow Down`."""
YES = ("1", "yes", "true")

S3_VARIABLES = (
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_MAX_ATTEMPTS",
    "AWS_NO_SIGN_REQUEST",
    "AWS_CA_BUNDLE",
)
GS_VARIABLES = ("STORAGE_EMULATOR_HOST", "GS_NO_SIGN_REQUEST")


def locate(path: str) -> tuple[fs.FileSystem, str]:
    """The file system of a path or URI, and the path in it.

    Keys may hold blanks, `%`, `#` and `?`: nothing in them is decoded. Raises OSError for a scheme nobody knows and for
    a bucket that is not there.
    """
    scheme, separator, rest = path.partition("://")
    if not separator:
        return fs.LocalFileSystem(), str(Path(path).absolute())
    authority, _, key = rest.partition("/")
    try:
        if scheme == "s3":
            return _s3(authority, _environment(S3_VARIABLES)), f"{authority}/{key}"
        if scheme in ("gs", "gcs"):
            return _gs(_environment(GS_VARIABLES)), f"{authority}/{key}"
        filesystem, root = _other(scheme, authority)
        return filesystem, f"{root}/{key}"
    except pa.ArrowInvalid as error:
        if "Unrecognized filesystem type" in str(error):
            known = "a path, s3://, gs://, and for inputs http:// and https://"
            raise OSError(errno.EINVAL, f"{scheme}:// is not known; possible: {known}", path) from None
        raise OSError(errno.EINVAL, str(error), path) from None
    except OSError as error:
        raise OSError(error.errno or errno.EIO, one_line(error), path) from None


def is_local(filesystem: fs.FileSystem) -> bool:
    """Whether its files are those of this machine."""
    return isinstance(filesystem, fs.LocalFileSystem)


def attempts() -> int:
    """How often one request to a store is made before it is given up."""
    return max(1, int(os.environ.get("AWS_MAX_ATTEMPTS") or MAX_ATTEMPTS))


def one_line(error: BaseException) -> str:
    """What an error says, without its line breaks."""
    return " ".join((getattr(error, "strerror", None) or str(error)).split())


def _environment(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    given = tuple((name, value) for name in names if (value := os.environ.get(name)))
    return (*given, ("process", str(os.getpid())))  # a forked process must not share the connections of the original


@functools.cache
def _s3(bucket: str, variables: tuple[tuple[str, str], ...]) -> fs.FileSystem:
    """Kept, because finding out a bucket's region asks the network; anew when the environment says something else."""
    given: Mapping[str, str] = dict(variables)
    endpoint = given.get("AWS_ENDPOINT_URL_S3") or given.get("AWS_ENDPOINT_URL")
    scheme, _, host = (endpoint or "https://").partition("://")
    region = given.get("AWS_REGION") or given.get("AWS_DEFAULT_REGION") or "us-east-1"
    return fs.S3FileSystem(
        anonymous=given.get("AWS_NO_SIGN_REQUEST", "").lower() in YES,
        scheme=scheme,
        endpoint_override=host.rstrip("/") or None,
        region=region if endpoint else fs.resolve_s3_region(bucket),
        connect_timeout=CONNECT_SECONDS,
        request_timeout=SILENT_SECONDS,
        # AWS's standard strategy has a budget of 100 repetitions, which pyarrow (26.0.1) never fills up again: from the
        # 101st fault of a process on nothing was repeated. This one counts repetitions, without the first attempt.
        retry_strategy=fs.AwsDefaultS3RetryStrategy(max_attempts=attempts() - 1),
        tls_ca_file_path=given.get("AWS_CA_BUNDLE"),
        allow_delayed_open=True,  # a small object is then one PUT
    )


@functools.cache
def _gs(variables: tuple[tuple[str, str], ...]) -> fs.FileSystem:
    from datetime import timedelta

    given: Mapping[str, str] = dict(variables)
    emulator = given.get("STORAGE_EMULATOR_HOST", "")
    scheme, separator, host = emulator.partition("://")
    return fs.GcsFileSystem(
        anonymous=bool(emulator) or given.get("GS_NO_SIGN_REQUEST", "").lower() in YES,
        scheme=scheme if separator else "http" if emulator else None,
        endpoint_override=(host if separator else emulator).rstrip("/") or None,
        retry_time_limit=timedelta(minutes=3),
    )


@functools.cache
def _other(scheme: str, authority: str) -> tuple[fs.FileSystem, str]:
    filesystem, root = fs.FileSystem.from_uri(f"{scheme}://{authority}" + ("" if authority else "/"))
    return filesystem, root.rstrip("/")
