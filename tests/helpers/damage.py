"""Single-bit flips and cuts of a file of every kind, and what became of each: refused, unharmed, or a fault."""

from __future__ import annotations

import json
import os
import random
import signal
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.fuzzing import LONG, check_message
from regssl.errors import RegsslError

FLIPS, CUTS = (850, 200) if LONG else (24, 8)
"""Trials of a kind in one round: in `make fuzz`, and otherwise."""
SECONDS = 60
"""Longer than any reader takes for a small file."""
OUTCOMES = ("refused", "unharmed", "as by hand", "another", "SILENT", "TRACEBACK", "HANG")


@dataclass(frozen=True)
class Kind:
    """A kind of file, and how it is read.

    Attributes:
        write: writes a whole file of this kind into an empty folder, with all that belongs to it; returns its path.
        read: reads it; what it returns is compared by `==` after `repr`.
        by_hand: what a slow, obvious reader finds in the bytes of a file, in the form of `read`; it may raise anything
            for what is not of this format. None: the format carries a checksum, so only the first answer is right.
        share: of the usual number of trials, for slow readers.
        any_answer: the file carries no checksum and is not read by hand: only tracebacks and hangs are faults.
    """

    write: Callable[[Path], Path]
    read: Callable[[Path], Any]
    by_hand: Callable[[bytes], Any] | None = None
    share: float = 1.0
    any_answer: bool = False


class Hang(BaseException):
    """A reader took too long."""


def try_kind(name: str, kind: Kind, folder: Path) -> tuple[Counter[str], list[str]]:
    """Damage a file again and again; return how often each outcome was seen, and a line for each fault."""
    path = kind.write(folder)
    whole = path.read_bytes()
    expected = _answer(kind, path)
    if kind.by_hand is not None:
        assert repr(kind.by_hand(whole)) == expected, f"{name}: the whole file is not read as by hand"
    counts: Counter[str] = Counter()
    faults: list[str] = []
    for what, data in damages(whole, kind.share):
        path.write_bytes(data)
        outcome, detail = _outcome(kind, path, data, expected)
        counts[outcome] += 1
        if outcome in ("SILENT", "TRACEBACK", "HANG"):
            faults.append(f"{name}, {what}: {outcome}: {detail}")
    path.write_bytes(whole)
    assert _answer(kind, path) == expected, f"{name}: the whole file is no longer read as before"
    record_figures(name, counts)
    return counts, faults


def damages(whole: bytes, share: float = 1.0) -> Iterator[tuple[str, bytes]]:
    """Flip single bits and cut, each at random; `make fuzz` draws others every time."""
    stream = random.Random(None if LONG else 14)
    n_flips, n_cuts = max(int(share * FLIPS), 4), max(int(share * CUTS), 2)
    for _ in range(n_flips if whole else 0):
        at, bit = stream.randrange(len(whole)), stream.randrange(8)
        yield f"bit {bit} of byte {at} of {len(whole)}", whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]
    for _ in range(n_cuts):
        at = stream.randrange(max(len(whole), 1))
        yield f"cut to {at} of {len(whole)} bytes", whole[:at]


def _answer(kind: Kind, path: Path) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return repr(kind.read(path))


def _outcome(kind: Kind, path: Path, data: bytes, expected: str) -> tuple[str, str]:
    signal.signal(signal.SIGALRM, _hang)
    signal.alarm(SECONDS)
    try:
        found = _answer(kind, path)
    except RegsslError as error:
        try:
            check_message(str(error))
        except AssertionError:
            return "TRACEBACK", f"no message of one line: {str(error)!r}"
        return "refused", ""
    except Hang:
        return "HANG", ""
    except Exception:  # the fault that is looked for
        return "TRACEBACK", " | ".join(traceback.format_exc().splitlines()[-6:])
    finally:
        signal.alarm(0)
    if found == expected:
        return "unharmed", ""
    if kind.any_answer:
        return "another", ""
    if kind.by_hand is not None:
        try:
            by_hand = repr(kind.by_hand(data))
        except Exception as error:  # by hand it cannot be read at all
            by_hand = f"nothing: {error!r}"
        if found == by_hand:
            return "as by hand", ""
        return "SILENT", f"{found[:300]} but by hand {by_hand[:300]}"
    return "SILENT", f"{found[:300]} instead of {expected[:300]}"


def _hang(*_: object) -> None:
    raise Hang


def record_figures(name: str, counts: Counter[str]) -> None:
    """Add to the figures that `make fuzz` prints."""
    if figures := os.environ.get("REGSSL_FUZZ_FIGURES"):
        with Path(figures).open("a", encoding="utf-8") as file:
            file.write(json.dumps([name, counts]) + "\n")


def figures_table(path: Path) -> str:
    """Return the figures of all rounds, one line for each kind."""
    sums: dict[str, Counter[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, counts = json.loads(line)
        sums.setdefault(name, Counter()).update(counts)
    sums["all"] = sum(sums.values(), Counter())
    lines = [f"{'kind':32}{'tried':>9}" + "".join(f"{outcome:>12}" for outcome in OUTCOMES)]
    for name, counts in sums.items():
        lines.append(f"{name:32}{counts.total():9,}" + "".join(f"{counts[outcome]:12,}" for outcome in OUTCOMES))
    return "\n".join(lines)


if __name__ == "__main__":
    import sys

    print(figures_table(Path(sys.argv[1])))
