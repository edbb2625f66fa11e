"""BED lines and what is written of them as arrays, as `regssl.liftover.bed` passes them to its kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

NARROWPEAK = 10
"""Number of columns of narrowPeak, and the column of its summit."""


class StringTable(NamedTuple):
    """Strings as arrays: string i is text[first[i] : first[i + 1]], and `order` sorts them by bytes."""

    text: np.ndarray
    first: np.ndarray
    order: np.ndarray


class Layout(NamedTuple):
    """What the columns are, as `regssl.liftover.bed.lift_bed` takes it.

    Attributes:
        multiple: only lines of four to six columns are valid.
        tab: lines are split at tabs, whatever they hold.
        bed_plus: number of columns that are those of BED; 0: all, or ten, which are narrowPeak.
    """

    multiple: bool
    tab: bool
    bed_plus: int


class BedRows(NamedTuple):
    """The intervals of a text, arrays of one length.

    Attributes:
        target: int32, position of the chromosome in the names looked for, -1 if it is none of them.
        columns: int32, number of columns; negative where the line is split at white space.
        start, end: int64, bp, 0-based half-open.
        inner_start, inner_end: int64, what lies within the interval and moves along: thickStart and thickEnd, or the
            base of a summit; -1 where there is neither. Not filled if there is none at all.
        first, tail, stop: int32, offsets of the line, of the fourth column and of the end of the line's last one
            (tail = stop where there are three).
    """

    target: np.ndarray
    columns: np.ndarray
    start: np.ndarray
    end: np.ndarray
    inner_start: np.ndarray
    inner_end: np.ndarray
    first: np.ndarray
    tail: np.ndarray
    stop: np.ndarray


class Pieces(NamedTuple):
    """The columns of `regssl.liftover.lift.LiftedIntervals` that are written.

    `inner`, int64 (2, pieces), is what lies within them, -1 where it cannot be lifted; (2, 0) if no interval has any.
    """

    row: np.ndarray
    chrom: np.ndarray
    start: np.ndarray
    end: np.ndarray
    minus: np.ndarray
    multiple_rank: np.ndarray
    inner: np.ndarray


def intern(texts: Sequence[str]) -> StringTable:
    """Pack strings for the kernels."""
    coded = [text.encode() for text in texts]
    first = np.concatenate([[0], np.cumsum([len(word) for word in coded])]).astype(np.int64)
    order = np.array(sorted(range(len(coded)), key=coded.__getitem__), np.int64)
    return StringTable(np.array(list(b"".join(coded)), np.uint8), first, order)


def allocate_rows(n: int) -> BedRows:
    """Allocate the arrays of n intervals."""
    wide = ("start", "end", "inner_start", "inner_end")
    return BedRows(*(np.empty(n, np.int64 if name in wide else np.int32) for name in BedRows._fields))
