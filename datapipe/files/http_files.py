"""Files behind `http://` and `https://`, for reading only: by ranges where the server knows them, else as one stream.

A connection that is cut in the middle is taken up where it ended. A file that is another one by then (ETag, length) is
an error: bytes of two versions are never joined.
"""

import errno
import functools
import io
import os
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from datapipe.files.spans import SpanStream

if TYPE_CHECKING:
    import requests

SCHEMES = ("http://", "https://")
TIMEOUT_SECONDS = (10.0, 60.0)
"""To connect, and between two arrivals of bytes."""
MAX_ATTEMPTS = 6
"""Of one request: after pauses of 1, 2, 4, 8, 16 s, or what the server's Retry-After says."""
PAUSE_SECONDS = 1.0
RETRIED = (429, 500, 502, 503, 504)
UNKNOWN_HEAD = (403, 404, 405, 501)
"""Answers to HEAD of servers that would answer GET."""
CONNECTIONS = 32


def is_http(path: str) -> bool:
    """Whether a path is a URL of this kind."""
    return path.startswith(SCHEMES)


@dataclass(frozen=True)
class HttpInfo:
    """What a server says of a file."""

    size: int | None
    """None where it does not say."""
    stamp: str
    """Its ETag, else its Last-Modified, else nothing."""
    has_ranges: bool
    """Whether it answers a request for a range with one."""


def http_info(url: str) -> HttpInfo | None:
    """What the server says of a file, None when there is none. Raises OSError."""
    with _answer("HEAD", url) as answer:
        ranges = answer.headers.get("Accept-Ranges", "").strip().lower()
        length = answer.headers.get("Content-Length")
        if answer.ok and (ranges in ("bytes", "none") or length in (None, "0")):
            size = int(length) if length else None
            return HttpInfo(size, _stamp(answer), ranges == "bytes" and bool(size))
        if not answer.ok and answer.status_code not in UNKNOWN_HEAD:
            raise _failure(url, f"HTTP status {answer.status_code}")
    return _info_by_get(url)


def _info_by_get(url: str) -> HttpInfo | None:
    """The same, of a server that says too little when it is asked for the head alone."""
    with _answer("GET", url, {"Range": "bytes=0-0"}) as answer:
        if answer.status_code in (404, 410):
            return None
        if answer.status_code == 416:  # an empty file has no first byte
            return HttpInfo(0, _stamp(answer), False)
        if not answer.ok:
            raise _failure(url, f"HTTP status {answer.status_code}")
        is_part = answer.status_code == 206
        length = _total(answer) if is_part else answer.headers.get("Content-Length")
        return HttpInfo(int(length) if length else None, _stamp(answer), is_part and length is not None)


def open_http(url: str, expected: HttpInfo | None = None) -> BinaryIO:
    """The bytes of a file, seekable where the server knows ranges. Raises OSError, also for one that is not `expected`.

    Without an expectation the server is asked first.
    """
    info = expected or http_info(url)
    if info is None:
        raise FileNotFoundError(errno.ENOENT, "no such file", url)
    if info.size is not None and info.has_ranges:
        return cast(BinaryIO, SpanStream(info.size, functools.partial(_fetch, url, info)))
    return cast(BinaryIO, io.BufferedReader(_Stream(url, info), 1 << 20))


def _fetch(url: str, info: HttpInfo, offset: int, count: int) -> bytes:
    """Exactly `count` bytes from `offset` on, over as many connections as it takes."""
    data = bytearray()
    attempt = 0
    while len(data) < count:
        begin = offset + len(data)
        with _answer("GET", url, {"Range": f"bytes={begin}-{offset + count - 1}"}) as answer:
            _check(url, info, answer, begin)
            arrived, problem = _arriving(answer, count - len(data))
        data += arrived
        attempt = 1 if arrived else attempt + 1
        if problem and attempt >= MAX_ATTEMPTS:
            raise _failure(url, f"{problem}, {attempt} times at byte {offset + len(data):,}")
        if problem:
            time.sleep(PAUSE_SECONDS * 2 ** (attempt - 1))
    return bytes(data)


def _arriving(answer: "requests.Response", count: int) -> tuple[bytes, str]:
    """What comes of a body, up to `count` bytes, and what broke it off."""
    from urllib3.exceptions import HTTPError

    data = bytearray()
    try:
        while len(data) < count and (block := answer.raw.read(min(1 << 20, count - len(data)), decode_content=False)):
            data += block
    except (HTTPError, OSError) as error:
        return bytes(data), f"connection cut ({type(error).__name__})"
    return bytes(data), "" if len(data) == count else "connection cut"


class _Stream(io.RawIOBase):
    """The body of one GET. When it is cut it is asked for again, and what was read is passed over."""

    def __init__(self, url: str, info: HttpInfo) -> None:
        self._url = url
        self._info = info
        self._at = 0
        self._attempt = 0
        self._body = self._opened()

    def _opened(self) -> "requests.Response":
        answer = _answer("GET", self._url)
        if not answer.ok:
            answer.close()
            raise _failure(self._url, f"HTTP status {answer.status_code}")
        _check(self._url, self._info, answer, 0)
        return answer

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Some more bytes; none at the end."""
        from urllib3.exceptions import HTTPError

        while True:
            try:
                data: bytes = self._body.raw.read(len(buffer), decode_content=False)
                break
            except (HTTPError, OSError) as error:
                self._take_up(f"connection cut ({type(error).__name__})")
        self._at += len(data)
        self._attempt = 0 if data else self._attempt
        buffer[: len(data)] = data
        return len(data)

    def _take_up(self, problem: str) -> None:
        """Ask again, up to where reading stood."""
        self._body.close()
        self._attempt += 1
        if self._attempt >= MAX_ATTEMPTS or not self._info.stamp:
            why = "" if self._info.stamp else "; the server names neither ETag nor Last-Modified, so it is not taken up"
            raise _failure(self._url, f"{problem} at byte {self._at:,}{why}")
        time.sleep(PAUSE_SECONDS * 2 ** (self._attempt - 1))
        self._body = self._opened()
        _, problem = _arriving(self._body, self._at)
        if problem:
            self._take_up(problem)

    def close(self) -> None:
        """Close the connection."""
        if not self.closed:
            self._body.close()
        super().close()


def _check(url: str, info: HttpInfo, answer: "requests.Response", begin: int) -> None:
    """Raise OSError for an answer that is not of the file that was expected."""
    if answer.status_code in (404, 410):
        raise FileNotFoundError(errno.ENOENT, "no such file any more", url)
    total = _total(answer) if answer.status_code in (206, 416) else answer.headers.get("Content-Length")
    if info.size is not None and total is not None and int(total) != info.size:
        raise changed(url, f"{info.size:,} bytes then, {int(total):,} now")
    if info.stamp and (stamp := _stamp(answer)) and stamp != info.stamp:
        raise changed(url, f"ETag or time {info.stamp} then, {stamp} now")
    if not answer.ok:
        raise _failure(url, f"HTTP status {answer.status_code} at byte {begin:,}")
    if begin and answer.status_code != 206:
        raise _failure(url, "the server has stopped to answer ranges")


def changed(path: str, how: str) -> OSError:
    """The error of a file that is not the one that was planned."""
    return OSError(errno.ESTALE, f"changed since the plan was made ({how}); run again", path)


def _failure(url: str, problem: str) -> OSError:
    return OSError(errno.EIO, problem, url)


def _stamp(answer: "requests.Response") -> str:
    return str(answer.headers.get("ETag") or answer.headers.get("Last-Modified") or "")


def _total(answer: "requests.Response") -> str | None:
    """The length of the whole file, of an answer with a part of it."""
    found = re.search(r"/(\d+)\s*$", answer.headers.get("Content-Range", ""))
    return found[1] if found else None


def _answer(method: str, url: str, headers: dict[str, str] | None = None) -> "requests.Response":
    """The head of an answer, its body still to be read. Raises OSError where none comes."""
    import requests

    given = {"Accept-Encoding": "identity", **(headers or {})}
    try:
        return _session(os.getpid()).request(
            method, url, headers=given, stream=True, timeout=TIMEOUT_SECONDS, allow_redirects=True
        )
    except requests.RequestException as error:
        raise _failure(url, _reason(error)) from None
    except ValueError as error:
        raise OSError(errno.EINVAL, f"not a URL: {error}", url) from None


def _reason(error: BaseException) -> str:
    """The innermost cause, which says more than the ten lines around it."""
    while (inner := getattr(error, "reason", None) or (error.args[0] if error.args else None)) is not None:
        if not isinstance(inner, BaseException):
            break
        error = inner
    return " ".join(str(error).split()).split(">: ")[-1] or type(error).__name__


@functools.cache
def _session(process: int) -> "requests.Session":
    """Connections that are kept open. One per process: a forked child must not share them."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    session = requests.Session()
    retries = Retry(
        total=MAX_ATTEMPTS - 1,
        backoff_factor=PAUSE_SECONDS,
        status_forcelist=RETRIED,
        allowed_methods=("GET", "HEAD"),
        raise_on_status=False,
    )
    adapter = HTTPAdapter(max_retries=retries, pool_maxsize=CONNECTIONS, pool_connections=CONNECTIONS)
    for scheme in SCHEMES:
        session.mount(scheme, adapter)
    return session
