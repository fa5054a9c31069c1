"""A web server on loopback whose files and manners a test decides."""

import hashlib
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar


@dataclass
class WebServer:
    """Files by path. The switches say how well it serves them."""

    files: dict[str, bytes] = field(default_factory=dict)
    has_ranges: bool = True
    says_ranges: bool = True
    has_length: bool = True
    has_etag: bool = True
    has_head: bool = True
    cut_after: int | None = None
    """Close the connection after so many bytes of a body."""
    cuts: int = 10**9
    """How often."""
    statuses: list[int] = field(default_factory=list)
    """Answers to the next requests, instead of the file."""
    redirects: dict[str, str] = field(default_factory=dict)
    log: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Method, path, range."""
    port: int = 0

    def start(self) -> ThreadingHTTPServer:
        """Listen, until the returned server is shut down."""
        handler = type("Handler", (_Handler,), {"web": self})
        server = _Server(("127.0.0.1", 0), handler)
        self.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return server

    def url(self, path: str) -> str:
        """Of a file."""
        return f"http://127.0.0.1:{self.port}/{path}"

    def gets(self) -> list[str | None]:
        """Ranges of the GET requests."""
        return [asked for method, _, asked in self.log if method == "GET"]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Quiet."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    web: ClassVar[WebServer]

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_HEAD(self) -> None:
        self.serve(with_body=False)

    def do_GET(self) -> None:
        self.serve(with_body=True)

    def serve(self, with_body: bool) -> None:
        web, path = self.web, self.path.lstrip("/")
        asked = self.headers.get("Range")
        web.log.append((self.command, path, asked))
        if path in web.redirects:
            return self.plain(302, [("Location", web.redirects[path])])
        if web.statuses:
            return self.plain(web.statuses.pop(0), [])
        if not with_body and not web.has_head:
            return self.plain(405, [])
        data = web.files.get(path)
        if data is None:
            return self.plain(404, [])
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", asked or "") if web.has_ranges else None
        body = data[int(found[1]) : int(found[2]) + 1] if found else data
        if found and not body:
            return self.plain(416, [("Content-Range", f"bytes */{len(data)}")])
        self.send_response(206 if found else 200)
        if found:
            self.send_header("Content-Range", f"bytes {found[1]}-{int(found[1]) + len(body) - 1}/{len(data)}")
        if web.has_ranges and web.says_ranges:
            self.send_header("Accept-Ranges", "bytes")
        if web.has_etag:
            self.send_header("ETag", f'"{hashlib.md5(data).hexdigest()}"')
        if web.has_length:
            self.send_header("Content-Length", str(len(body)))
        else:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if with_body:
            self.body(body)
        return None

    def body(self, body: bytes) -> None:
        web = self.web
        is_cut = web.cut_after is not None and web.cuts > 0 and len(body) > web.cut_after
        sent = body[: web.cut_after] if is_cut else body
        if web.has_length:
            self.wfile.write(sent)
        else:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(sent), sent) if sent else b"")
            self.wfile.write(b"" if is_cut else b"0\r\n\r\n")
        if is_cut:
            web.cuts -= 1
            self.wfile.flush()
            self.close_connection = True
            self.connection.close()

    def plain(self, status: int, headers: list[tuple[str, str]]) -> None:
        self.send_response(status)
        for name, value in [*headers, ("Content-Length", "0")]:
            self.send_header(name, value)
        self.end_headers()
