"""HTTP with limits: requests that are answered in time, redirects that stay on the web, a least speed, retries."""

from __future__ import annotations

import logging
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from http.client import HTTPException, IncompleteRead
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError, MaxRetryError
from urllib3.util import Retry

from regssl._version import __version__
from regssl.errors import hide_login

CHUNK_BYTES = 2**16
"""Bytes written at once, and lost at most if the process is killed."""
TIMEOUT = 60.0
"""Seconds without a byte, or until the head of a response is there."""
MIN_SPEED, SPEED_SECONDS = 1000, 60.0
"""Bytes per second over so many seconds; slower places are given up."""
MIN_WAIT, MAX_WAIT = 1.0, 60.0
"""Seconds between two tries."""
RETRY_STATUS = (408, 425, 429, 500, 502, 503, 504)
"""HTTP statuses of failures that may pass."""

logger = logging.getLogger(__name__)
T = TypeVar("T")


class HTTPRefused(Exception):
    """This place cannot serve the file; another may."""


class HTTPInterrupted(Exception):
    """The transfer is incomplete; the same place may succeed next time, after `wait` seconds if it asks for that."""

    wait: float = 0


class HTTPChanged(HTTPInterrupted):
    """The file is not the one that was begun."""


class _Session(requests.Session):
    """Requests that never leave the web: redirects to other schemes are refused, with no login of `.netrc`."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        if resp.is_redirect:
            resp.close()  # a body without end would be read
        target = super().get_redirect_target(resp)
        if target is not None:
            old, new = urlsplit(resp.url).scheme, urlsplit(urljoin(resp.url, target)).scheme
            if new not in ("http", "https") or (old, new) == ("https", "http"):
                raise HTTPRefused(f"a redirect from {old}:// to {new}://, which is not followed")
        return target

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        old, new = str(response.request.url), str(prepared_request.url)
        if self.should_strip_auth(old, new):  # type: ignore[no-untyped-call]
            prepared_request.headers.pop("Authorization", None)


def open_url(
    url: str, headers: Mapping[str, str] = {}, method: str = "GET", timeout: float | None = None
) -> requests.Response:
    """Send a request and return the response, its body unread.

    The request runs in a thread of its own, which is abandoned after the timeout: no name server, and no server that
    sends its headers letter by letter, can hold it up.

    Raises:
        HTTPRefused: permanently (404 and the like, a wrong certificate).
        HTTPInterrupted: temporarily (busy, unreachable).
    """
    timeout = timeout or TIMEOUT
    headers = {"User-Agent": f"regssl/{__version__}", "Accept-Encoding": "identity", **headers}
    future: Future[requests.Response] = Future()

    def send() -> None:
        try:
            with _Session() as session:
                future.set_result(session.request(method, url, headers=headers, stream=True, timeout=timeout))
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=send, daemon=True).start()
    try:
        response = future.result(timeout)
    except TimeoutError:
        future.add_done_callback(_close)
        raise HTTPInterrupted(f"no answer in {timeout:g} s") from None
    except (requests.ConnectionError, requests.Timeout) as error:
        certificate = isinstance(root_of(error), ssl.SSLCertVerificationError)
        raise (HTTPRefused if certificate else HTTPInterrupted)(reason_of(error)) from None
    except (OSError, ValueError, HTTPError) as error:  # too many redirects, no valid URL, two lengths …
        raise HTTPRefused(reason_of(error)) from None
    if (status := response.status_code) in (200, 206):
        return response
    response.close()
    if status == 416:
        raise HTTPChanged("the file has changed since it was begun")
    problem = printable(f"{status} {response.reason}")
    if status not in RETRY_STATUS:
        raise HTTPRefused(problem)
    interrupted = HTTPInterrupted(problem)
    with suppress(HTTPError):  # neither number nor date
        interrupted.wait = Retry().get_retry_after(response.raw) or 0
    raise interrupted


def _close(late: Future[requests.Response]) -> None:
    if late.exception() is None:
        late.result().close()


def read_chunks(response: requests.Response) -> Iterator[bytes]:
    """Yield the body of a response as it comes, not decoded.

    Raises:
        HTTPInterrupted: the connection breaks off.
        HTTPRefused: it is too slow.
    """
    began, received = time.monotonic(), 0
    while True:
        try:
            chunk = response.raw.read1(CHUNK_BYTES, decode_content=False)
        except (OSError, HTTPError, HTTPException) as error:
            reason = "" if isinstance(root_of(error), IncompleteRead) else f" ({reason_of(error)})"
            raise HTTPInterrupted(f"the connection broke off{reason}") from None
        if not chunk:
            return
        yield chunk
        received += len(chunk)
        if (passed := time.monotonic() - began) >= SPEED_SECONDS:
            if received < MIN_SPEED * passed:
                raise HTTPRefused(f"too slow, {received:,} bytes in {passed:.0f} s")
            began, received = time.monotonic(), 0


def retrying(action: Callable[[], T], label: str, retries: int, progress: Callable[[], bool] = bool) -> T:
    """Call what may be interrupted, again after growing pauses.

    Args:
        action: what to do.
        label: for the log.
        retries: calls after the first one.
        progress: whether the last call got further: then it is not counted.

    Raises:
        HTTPRefused: by `action`, or it was interrupted too often.
    """
    retry = fresh = Retry(retries, backoff_factor=MIN_WAIT, backoff_max=MAX_WAIT)
    while True:
        try:
            return action()
        except HTTPInterrupted as interrupted:
            try:
                retry = (fresh if progress() else retry).increment(error=interrupted)
            except MaxRetryError:
                raise HTTPRefused(f"{interrupted} (after {retries} retries)") from None
            wait = max(MIN_WAIT, retry.get_backoff_time(), min(interrupted.wait, MAX_WAIT))
            log_progress(f"{label}: {interrupted}; next try in {wait:.0f} s")
            time.sleep(wait)


def log_progress(line: str) -> None:
    """Log a line for people."""
    logger.info("%s", hide_login(line))


def is_page(response: requests.Response) -> bool:
    """Whether a response calls itself a web page."""
    return response.headers.get("Content-Type", "").lower().startswith(("text/html", "application/xhtml"))


def body_size(response: requests.Response) -> int | None:
    """Return the bytes of the whole file, as far as a response reports them."""
    span = re.fullmatch(r"bytes \d+-\d+/(\d{1,18})", response.headers.get("Content-Range", ""), re.ASCII)
    length = span[1] if span else "" if is_chunked(response) else response.headers.get("Content-Length", "")
    return int(length) if re.fullmatch(r"\d{1,18}", length, re.ASCII) else None


def is_chunked(response: requests.Response) -> bool:
    """Whether the end of a body of unknown length can be told from a break."""
    return response.headers.get("Transfer-Encoding", "").lower() == "chunked"


def root_of(error: BaseException) -> BaseException:
    """Return the error at the root of those that libraries raise from one another."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    return error


def reason_of(error: BaseException) -> str:
    """Return the words of the error at the root."""
    root = root_of(error)
    return printable(getattr(root, "strerror", None) or str(root) or type(root).__name__)


def printable(words: str) -> str:
    """Return what a server says as the part of a line."""
    return "".join(letter if letter.isprintable() else " " for letter in words).strip()[:200]
