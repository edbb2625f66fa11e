"""A real web server on this machine that breaks off, lies, refuses, and changes its mind, as each test asks for."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """How the server answers one request."""

    body: bytes
    status: int = 200
    ranges: bool = True  # honours Range
    if_range: bool = True  # honours If-Range
    etag: str = '"v1"'
    modified: str = ""
    length: int | None = None  # the Content-Length it claims; None: the true one
    encoding: str = "length"  # or chunked, or none: the end of the connection is the end of the file
    stop_after: int | None = None  # bytes of the body after which it hangs up
    wait: threading.Event | None = None  # instead of hanging up, wait for this
    headers: dict[str, str] = field(default_factory=dict)
    head: int = 200  # the status of HEAD requests where a GET would be answered


@dataclass
class Server:
    """Answers by path, in turn, the last one for ever; `requests` are (path, Range header)."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    logins: list[str | None] = field(default_factory=list)

    def serve(self, path: str, *answers: Answer | bytes) -> str:
        self.answers[path] = [answer if isinstance(answer, Answer) else Answer(answer) for answer in answers]
        return self.url + path

    @property
    def ranges(self) -> list[str | None]:
        return [wanted for _, wanted in self.requests]

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.requests]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ThreadingHTTPServer
    state: Server

    def do_GET(self) -> None:
        wanted = self.headers["Range"]
        self.state.requests.append((self.path, wanted))
        self.state.methods.append(self.command)
        self.state.logins.append(self.headers["Authorization"])
        answers = self.state.answers.get(self.path, [Answer(b"no such file", 404)])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        start, stop = 0, len(answer.body)
        validator = self.headers["If-Range"]  # a weak tag never matches: RFC 9110, section 13.1.5
        fresh = validator in (None, answer.etag, answer.modified) and not (validator or "").startswith("W/")
        fresh = fresh or not answer.if_range
        if wanted and answer.ranges and answer.status == 200 and fresh:
            span = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted)
            assert span
            start, stop = int(span[1]), min(stop, int(span[2]) + 1) if span[2] else stop
        if start >= len(answer.body) > 0:
            self.send_response(416)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send(answer, start, stop)

    do_HEAD = do_GET

    def send(self, answer: Answer, start: int, stop: int) -> None:
        body, total = answer.body[start:stop], len(answer.body)
        partial = len(body) < total
        head = self.command == "HEAD" and answer.status == 200
        self.send_response(answer.head if head else 206 if partial else answer.status)
        if partial:
            self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{total}")
        for name, value in (("ETag", answer.etag), ("Last-Modified", answer.modified), *answer.headers.items()):
            if value:
                self.send_header(name, value)
        if answer.encoding == "length":
            self.send_header("Content-Length", str(len(body) if answer.length is None else answer.length))
        if answer.encoding == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        if self.command == "HEAD" and answer.wait:
            answer.wait.wait(20)
        with contextlib.suppress(ConnectionError):  # the client was killed, or has read enough
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body[: answer.stop_after])
        if answer.wait and self.command != "HEAD":
            answer.wait.wait(20)
        self.close_connection = True

    def log_message(self, *arguments: object) -> None:
        pass


@contextlib.contextmanager
def listening() -> Iterator[Server]:
    state = Server()
    handler = type("StatefulHandler", (Handler,), {"state": state})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        state.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield state
        server.shutdown()


@contextlib.contextmanager
def answering(send: Callable[[Callable[[bytes], None], threading.Event], None]) -> Iterator[str]:
    """The address of a server that answers every request as `send` does, with a function that sends bytes, and an event
    that is set at the end of the test."""
    over = threading.Event()

    def answer(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.recv(2**16)
            send(connection.sendall, over)

    def serve(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=answer, args=[connection], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=[listener], daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
