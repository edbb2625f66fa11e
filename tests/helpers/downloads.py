"""Files to download, answers that carry them, and what a download leaves."""

from __future__ import annotations

import gzip
import random
from pathlib import Path
from typing import Any

from helpers import localserver

MIB = 2**20
BODY = random.Random(1).randbytes(3 * MIB + 12_345)
OTHER = BODY[::-1]
PEAKS = gzip.compress(b"chr1\t100\t300\n" * 1000, mtime=0)
PAGE = b"\n<!DOCTYPE html>\n<html><title>Down for maintenance</title></html>\n"


class Answer(localserver.Answer):
    """An answer whose body is BODY if no other is given."""

    def __init__(self, body: bytes = BODY, *arguments: Any, **named: Any) -> None:
        super().__init__(body, *arguments, **named)


def left(out: Path) -> list[str]:
    """What lies in the folder of a download."""
    return sorted(path.name for path in out.parent.iterdir()) if out.parent.exists() else []
