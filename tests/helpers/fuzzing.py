"""What the fuzz tests share: how long they run, damage to files, and the only answer that may be given to it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from regssl.errors import RegsslError

LONG = bool(os.environ.get("REGSSL_FUZZ"))
"""`make fuzz`: other examples every time. Otherwise few, and the same ones."""
fuzz = settings(
    deadline=None,
    derandomize=not LONG,
    max_examples=400 if LONG else 60,
    suppress_health_check=list(HealthCheck),
    database=None,
)
REFUSED = "refused"
Parsed = TypeVar("Parsed")


def parsed_or_refused(parse: Callable[[], Parsed]) -> Parsed | str:
    """What a parser gives, or REFUSED after an error that a user can read; any other exception fails the test."""
    try:
        return parse()
    except RegsslError as error:
        check_message(str(error))
        return REFUSED


def check_message(text: str) -> None:
    """One line for each problem, of a length that people read, and no traceback."""
    assert text.strip() and "Traceback" not in text
    for line in text.splitlines():
        assert line.strip() and len(line) < 1500, line


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """A file that was cut short, or of which some bytes are changed, lost, doubled or made up."""
    data = whole
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        length = draw(st.integers(1, 40))
        match draw(st.sampled_from(["cut", "flip", "set", "lose", "double", "insert", "number"])):
            case "cut":
                data = data[:at]
            case "flip" if data:
                data = data[:at] + bytes([data[at] ^ (1 << draw(st.integers(0, 7)))]) + data[at + 1 :]
            case "set":
                data = data[:at] + bytes([draw(st.sampled_from(b"\0\t\n\r -+.019aN>#\xff"))]) + data[at + 1 :]
            case "lose":
                data = data[:at] + data[at + length :]
            case "double":
                data = data[: at + length] + data[at:]
            case "insert":
                data = data[:at] + draw(st.binary(max_size=12)) + data[at:]
            case "number":
                data = data[:at] + str(draw(st.integers(-(2**70), 2**70))).encode() + data[at:]
    return data
