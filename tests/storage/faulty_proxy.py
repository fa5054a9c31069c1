"""A proxy on loopback that keeps a log of every request, and fails those that a test wants to fail."""

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

CODES = {500: "InternalError", 503: "SlowDown", 403: "AccessDenied", 404: "NoSuchUpload"}
Fault = int | str | None
"""A status to answer with, `reset` (close unanswered, nothing done), `lost` (do it, close unanswered), `cut` (do it,
close in the middle of the body), `stall`, or nothing."""


@dataclass(frozen=True)
class Request:
    """One request, as it was answered."""

    method: str
    path: str
    query: str
    range: str | None
    status: int
    sent: int
    """Bytes of the body of the answer."""
    fault: Fault = None
    authorization: str | None = None

    @property
    def key(self) -> str:
        """The path, decoded, without its first slash."""
        return unquote(self.path).lstrip("/")


@dataclass
class FaultyProxy:
    """Hands requests on to a server. `fault` decides what becomes of the next one, by method and path with query."""

    port: int
    upstream: str
    server: ThreadingHTTPServer
    log: list[Request] = field(default_factory=list)
    fault: Callable[[str, str], Fault] = lambda method, path: None
    delay_seconds: float = 0
    """Before each request is looked at."""
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @classmethod
    def before(cls, upstream: str) -> "FaultyProxy":
        """A new one in front of `http://HOST:PORT`, running."""
        handler = type("Handler", (_Handler,), {})
        server = _Server(("127.0.0.1", 0), handler)
        proxy = cls(server.server_address[1], urlsplit(upstream).netloc, server)
        handler.proxy = proxy  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return proxy

    def close(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()

    def clear(self) -> None:
        """Forget the log and fail nothing more."""
        self.log.clear()
        self.fault = lambda method, path: None

    def requests(self, method: str = "", part: str = "") -> list[Request]:
        """Those of a method, on a path that holds `part`."""
        return [one for one in self.log if method in ("", one.method) and part in one.key]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Quiet: clients that hang up are what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: ClassVar[FaultyProxy]

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def handle_any(self) -> None:
        with self.proxy.lock:
            self.proxy.at_once += 1
            self.proxy.most_at_once = max(self.proxy.most_at_once, self.proxy.at_once)
        time.sleep(self.proxy.delay_seconds)
        self._handle()
        with self.proxy.lock:
            self.proxy.at_once -= 1

    def _handle(self) -> None:
        body = self._body()
        with self.proxy.lock:
            fault = self.proxy.fault(self.command, self.path)
        if fault == "stall":
            time.sleep(60)
        if fault in ("reset", "stall"):
            self._hang_up(fault)
            return
        if isinstance(fault, int):
            said = f"<Error><Code>{CODES.get(fault, 'Unknown')}</Code></Error>"
            body = b"" if self.command == "HEAD" else said.encode()
            self._answer(fault, {"Content-Type": "application/xml"}, body, fault)
            return
        upstream = http.client.HTTPConnection(self.proxy.upstream, timeout=60)
        hop = ("connection", "expect", "transfer-encoding", "content-length")
        headers = {name: value for name, value in self.headers.items() if name.lower() not in hop}
        upstream.request(self.command, self.path, body, headers)
        answer = upstream.getresponse()
        data = answer.read()
        if fault == "lost":
            self._hang_up(fault)
            return
        self._answer(answer.status, dict(answer.getheaders()), data, fault)
        upstream.close()

    def _hang_up(self, fault: Fault) -> None:
        self._note(0, 0, fault)
        self.close_connection = True
        self.connection.close()

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def _answer(self, status: int, headers: dict[str, str], data: bytes, fault: Fault) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        known = headers.get("Content-Length", headers.get("content-length"))
        self.send_header("Content-Length", str(known if self.command == "HEAD" and known else len(data)))
        sent = data[: len(data) // 2] if fault == "cut" else data
        self._note(status, len(sent), fault)  # before the client can go on
        self.end_headers()
        self.wfile.write(sent)
        if fault == "cut":
            self.wfile.flush()
            self.close_connection = True
            self.connection.close()

    def _note(self, status: int, sent: int, fault: Fault) -> None:
        path, _, query = self.path.partition("?")
        asked, authorization = self.headers.get("Range"), self.headers.get("Authorization")
        with self.proxy.lock:
            self.proxy.log.append(Request(self.command, path, query, asked, status, sent, fault, authorization))

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_any
