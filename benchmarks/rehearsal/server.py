"""A web server of a folder: ranges, entity tags, and connections that break off now and then, the same at every run."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

SHARE, SMALLEST = 0.3, 1 << 17  # of the answers with at least so many bytes, those that break off


class Handler(BaseHTTPRequestHandler):
    """Answers with the files of a folder; that of a folder is its `index.json`."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: object, folder: Path, seed: int) -> None:
        self.folder, self.seed = folder, seed
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        path = self.folder / unquote(urlsplit(self.path).path).lstrip("/")
        path = path / "index.json" if path.is_dir() else path
        if not path.resolve().is_relative_to(self.folder.resolve()) or not path.is_file():
            self.send_error(404)
            return
        size, tag = path.stat().st_size, f'"{path.stat().st_size:x}-{path.stat().st_mtime_ns:x}"'
        span = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers["Range"] or "")
        if self.headers["If-Range"] not in (None, tag):
            span = None
        first = int(span[1]) if span else 0
        last = min(int(span[2]), size - 1) if span and span[2] else size - 1
        if first >= size:
            self.send_error(416)
            return
        self.send_response(206 if span else 200)
        if span:
            self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.send_header("Content-Length", str(last + 1 - first))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", tag)
        self.end_headers()
        if self.command == "GET":
            whole = last + 1 - first
            sent = self.length_of_answer(first, whole)
            with path.open("rb") as file, contextlib.suppress(ConnectionError):
                self.wfile.flush()
                self.connection.sendfile(file, first, sent)
            self.close_connection = sent < whole

    do_HEAD = do_GET

    def length_of_answer(self, first: int, whole: int) -> int:
        """Return after how many bytes the answer breaks off: by path, where it begins, and seed."""
        drawn = int.from_bytes(sha256(f"{self.seed} {self.path} {first}".encode()).digest()[:4]) / 2**32
        return whole if whole < SMALLEST or drawn >= SHARE else 1 + int(whole * drawn / SHARE * 0.9)

    def log_message(self, *arguments: object) -> None:
        pass


@contextlib.contextmanager
def serving(folder: Path, seed: int) -> Iterator[str]:
    """Serve a folder on this machine; yield the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, folder=folder, seed=seed)) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
