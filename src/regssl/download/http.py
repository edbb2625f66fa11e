"""HTTP with limits: answered in time, never led off the web, of a least speed, asked again after growing pauses."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from http.client import HTTPException
from typing import TypeVar
from urllib.parse import urljoin

import requests
from requests.exceptions import SSLError
from urllib3.exceptions import HTTPError, MaxRetryError
from urllib3.util import Retry

from regssl._version import __version__
from regssl.errors import hide_login

TIMEOUT = 60.0
"""Seconds without a byte, or until the head of a response is there."""
MIN_SPEED, SPEED_SECONDS = 1000, 60.0
"""Bytes per second over so many seconds; slower places are given up."""
MIN_WAIT, MAX_WAIT = 1.0, 60.0
"""Seconds between two tries."""
MIN_PROGRESS_BYTES = 2**20
"""A try that gets so many bytes further does not count as a failure."""
RETRY_STATUS = (408, 425, 429, 500, 502, 503, 504)
"""HTTP statuses of failures that may pass."""

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Refused(Exception):
    """This place cannot serve the file; another may."""


class Interrupted(Exception):
    """This place may serve the file next time, after `wait` seconds; `reached` bytes of it are there."""

    def __init__(self, problem: str, wait: float = 0, reached: int = 0) -> None:
        super().__init__(problem)
        self.wait, self.reached = wait, reached


class Changed(Interrupted):
    """The file is not the one that was begun."""


class _Session(requests.Session):
    """Requests whose redirects stay on the web: for other schemes requests has no adapter."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        if resp.is_redirect:
            resp.close()  # requests would read its body, which may have no end
        target = super().get_redirect_target(resp)
        if target and resp.url.startswith("https:") and urljoin(resp.url, target).startswith("http:"):
            raise Refused("a redirect from https:// to http://, which is not followed")
        return target


def open_url(
    url: str, headers: Mapping[str, str] = {}, method: str = "GET", timeout: float | None = None
) -> requests.Response:
    """Send a request and return the response, its body unread.

    The thread that waits is abandoned after the timeout: no name server, and no headers that come letter by letter,
    can hold it up.

    Raises:
        Refused: permanently (404 and the like, a wrong certificate).
        Interrupted: temporarily (busy, unreachable).
    """
    timeout, answer = timeout or TIMEOUT, Future[requests.Response]()
    headers = {"User-Agent": f"regssl/{__version__}", "Accept-Encoding": "identity", **headers}

    def send() -> None:
        try:
            with _Session() as session:
                answer.set_result(session.request(method, url, headers=headers, stream=True, timeout=timeout))
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=send, daemon=True).start()
    try:
        response = answer.result(timeout)
    except TimeoutError:
        answer.add_done_callback(lambda late: None if late.exception() else late.result().close())
        raise Interrupted(f"no answer in {timeout:g} s") from None
    except (OSError, ValueError, HTTPError) as error:  # unreachable, too many redirects, two lengths …
        passes = isinstance(error, requests.ConnectionError | requests.Timeout) and not isinstance(error, SSLError)
        raise (Interrupted if passes else Refused)(reason_of(error)) from None
    if (status := response.status_code) in (200, 206):
        return response
    response.close()
    if status == 416:
        raise Changed("the file has changed since it was begun")
    problem, wait = printable(f"{status} {response.reason}"), 0.0
    if status not in RETRY_STATUS:
        raise Refused(problem)
    with suppress(HTTPError):  # neither number nor date
        wait = Retry().get_retry_after(response.raw) or 0
    raise Interrupted(problem, wait)


def read_chunks(response: requests.Response) -> Iterator[bytes]:
    """Yield the body of a response as it comes, not decoded.

    Raises:
        Interrupted: the connection breaks off.
        Refused: it is too slow.
    """
    began, received = time.monotonic(), 0
    try:
        while chunk := response.raw.read1(2**16, decode_content=False):
            yield chunk
            received += len(chunk)
            if (passed := time.monotonic() - began) >= SPEED_SECONDS:
                if received < MIN_SPEED * passed:
                    raise Refused(f"too slow, {received:,} bytes in {passed:.0f} s")
                began, received = time.monotonic(), 0
    except (HTTPError, HTTPException, OSError):
        raise Interrupted("the connection broke off") from None


def retrying(action: Callable[[], T], label: str, retries: int) -> T:
    """Call what may be interrupted, again after growing pauses: `retries` times without progress.

    Raises:
        Refused: by `action`, or it was interrupted too often.
    """
    retry = fresh = Retry(retries, backoff_factor=MIN_WAIT, backoff_max=MAX_WAIT)
    furthest = 0
    while True:
        try:
            return action()
        except Interrupted as interrupted:
            retry = fresh if interrupted.reached >= furthest + MIN_PROGRESS_BYTES else retry
            furthest = max(furthest, interrupted.reached)
            try:
                retry = retry.increment(error=interrupted)
            except MaxRetryError:
                raise Refused(f"{interrupted} (after {retries} retries)") from None
            wait = max(MIN_WAIT, retry.get_backoff_time(), min(interrupted.wait, MAX_WAIT))
            log_progress(f"{label}: {interrupted}; next try in {wait:.0f} s")
            time.sleep(wait)


def log_progress(line: str) -> None:
    """Log a line for people."""
    logger.info("%s", hide_login(line))


def is_page(response: requests.Response) -> bool:
    """Whether a response calls itself a web page."""
    return response.headers.get("Content-Type", "").lower().startswith(("text/html", "application/xhtml"))


def is_chunked(response: requests.Response) -> bool:
    """Whether the end of a body of unknown length can be told from a break."""
    return response.headers.get("Transfer-Encoding", "").lower() == "chunked"


def body_size(response: requests.Response) -> int | None:
    """Return the bytes of the whole file, as far as a response reports them."""
    length = "" if is_chunked(response) else response.headers.get("Content-Length", "")
    total = response.headers.get("Content-Range", f"/{length}").rpartition("/")[2]
    return int(total) if re.fullmatch(r"\d{1,18}", total, re.ASCII) else None


def reason_of(error: BaseException) -> str:
    """Return the words of the error at the root of those that libraries raise from one another."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    return printable(getattr(error, "strerror", None) or str(error) or type(error).__name__)


def printable(words: str) -> str:
    """Return what a server says as the part of a line."""
    return "".join(letter if letter.isprintable() else " " for letter in words).strip()[:200]
