"""Python's search for garbage in reference cycles, which takes a third of the start and end of a command."""

from __future__ import annotations

import atexit
import gc


def seldom_collect() -> None:
    """Search rarely, as imports make many objects and no garbage, and not at all when the program ends."""
    gc.set_threshold(50_000, 10, 10)
    atexit.register(gc.freeze)
