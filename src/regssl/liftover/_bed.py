"""Compiled parser and writer of BED lines as bytes, used by `regssl.liftover.bed`.

White space is that of ASCII. Lines end with "\\n". Strings are passed as a `StringTable`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from regssl.compilation import njit

MAX_COORDINATE = 10**18 - 1  # the largest coordinate read: beyond any chromosome, safe in an int64
TAB, NEWLINE, SPACE, HASH, PLUS, MINUS = (ord(c) for c in "\t\n #+-")
TRACK, BROWSER = tuple(b"track"), tuple(b"browser")


class StringTable(NamedTuple):
    """Strings as arrays: string i is text[first[i] : first[i + 1]], and `order` sorts them by bytes."""

    text: np.ndarray
    first: np.ndarray
    order: np.ndarray


class BedRows(NamedTuple):
    """The intervals of a text, arrays of one length.

    Attributes:
        target: int32, position of the chromosome in the names looked for, -1 if it is none of them.
        start, end: int64, bp, 0-based half-open.
        first, tail, stop: int64, offsets of the first and the fourth column and of the end of the line's last one
            (tail = stop where there are three).
    """

    target: np.ndarray
    start: np.ndarray
    end: np.ndarray
    first: np.ndarray
    tail: np.ndarray
    stop: np.ndarray


class Pieces(NamedTuple):
    """The columns of `regssl.liftover.lift.LiftedIntervals` that are written."""

    row: np.ndarray
    chrom: np.ndarray
    start: np.ndarray
    end: np.ndarray
    minus: np.ndarray
    multiple_rank: np.ndarray


def intern(texts: Sequence[str]) -> StringTable:
    """Pack strings for the kernels."""
    coded = [text.encode() for text in texts]
    first = np.concatenate([[0], np.cumsum([len(word) for word in coded])]).astype(np.int64)
    order = np.array(sorted(range(len(coded)), key=coded.__getitem__), np.int64)
    return StringTable(np.array(list(b"".join(coded)), np.uint8), first, order)


def allocate_rows(n: int) -> BedRows:
    """Allocate the arrays of n intervals."""
    return BedRows(np.empty(n, np.int32), *(np.empty(n, np.int64) for _ in range(5)))


@njit()
def parse(text: np.ndarray, multiple: bool, names: StringTable, rows: BedRows) -> tuple[int, int]:
    """Parse all intervals of a text of whole lines.

    Args:
        text: uint8 (bytes,).
        multiple: only lines of four to six columns are valid.
        names: the chromosomes to look for.
        rows: filled; of at least as many intervals as there are lines.

    Returns:
        Number of intervals; offset of the first invalid line, -1 if all are valid.
    """
    n, place, code, name, name_stop = 0, 0, -1, 0, 0
    fields = np.empty((3, 2), np.int64)  # begin and end of the first three
    while place < text.size:
        columns, tail, stop, next_line = _split(text, place, fields)
        first, first_stop = fields[0]
        if columns > 0 and not _skipped(text, first, first_stop):
            start, end = _number(text, fields[1, 0], fields[1, 1]), _number(text, fields[2, 0], fields[2, 1])
            right_columns = 4 <= columns <= 6 if multiple else columns >= 3 and columns != 12
            if not right_columns or start < 0 or end <= start:
                return n, place
            if n == 0 or _compare(text, first, first_stop, text, name, name_stop) != 0:
                code, name, name_stop = _find(text, first, first_stop, names), first, first_stop
            rows.target[n], rows.start[n], rows.end[n] = code, start, end
            rows.first[n], rows.tail[n], rows.stop[n] = first, tail, stop
            n += 1
        place = next_line
    return n, -1


@njit()
def write_mapped(
    text: np.ndarray,
    rows: BedRows,
    pieces: Pieces,
    multiple: bool,
    names: StringTable,
    out: np.ndarray,
) -> int:
    """Write lifted pieces as lines, with columns 4 and later of the input lines.

    The strand is exchanged where `minus`; with `multiple` column 5 is the rank of the piece.

    Returns:
        Bytes written.
    """
    size = 0
    for k in range(pieces.row.size):
        row, chrom = pieces.row[k], pieces.chrom[k]
        size = _copy(names.text, names.first[chrom], names.first[chrom + 1], out, size)
        size = _write_number(pieces.start[k], out, _put(TAB, out, size))
        size = _write_number(pieces.end[k], out, _put(TAB, out, size))
        column, place, stop = 4, rows.tail[row], rows.stop[row]
        while place < stop:
            field_stop = _field_stop(text, place, stop)
            if not (multiple and column == 5):
                size = _put(TAB, out, size)
                if column == 6:
                    size = _write_strand(text, place, field_stop, pieces.minus[k], out, size)
                else:
                    size = _copy(text, place, field_stop, out, size)
            if multiple and column == 4:
                size = _write_number(pieces.multiple_rank[k], out, _put(TAB, out, size))
            place = _skip_blanks(text, field_stop, stop)
            column += 1
        size = _put(NEWLINE, out, size)
    return size


@njit()
def write_unmapped(text: np.ndarray, rows: BedRows, status: np.ndarray, reasons: StringTable, out: np.ndarray) -> int:
    """Write the lines of unmapped intervals, each below a comment with its reason; return bytes written."""
    size = 0
    for k in range(status.size):
        if status[k] == 0:
            continue
        size = _copy(reasons.text, reasons.first[status[k]], reasons.first[status[k] + 1], out, _put(HASH, out, size))
        size = _put(NEWLINE, out, size)
        column, place, stop = 1, rows.first[k], rows.stop[k]
        while place < stop:
            field_stop = _field_stop(text, place, stop)
            if column == 6:
                size = _write_strand(text, place, field_stop, False, out, size)
            else:
                size = _copy(text, place, field_stop, out, size)
            place = _skip_blanks(text, field_stop, stop)
            size = _put(TAB if place < stop else NEWLINE, out, size)
            column += 1
    return size


@njit()
def _is_blank(byte: int) -> bool:
    return byte == SPACE or (TAB <= byte <= 13 and byte != NEWLINE)


@njit()
def _skip_blanks(text: np.ndarray, place: int, stop: int) -> int:
    while place < stop and _is_blank(text[place]):
        place += 1
    return place


@njit()
def _field_stop(text: np.ndarray, place: int, stop: int) -> int:
    while place < stop and not _is_blank(text[place]) and text[place] != NEWLINE:
        place += 1
    return place


@njit()
def _split(text: np.ndarray, place: int, fields: np.ndarray) -> tuple[int, int, int, int]:
    """Split the line at `place`: number of columns, offsets of the fourth, of the end of the last, of the next line."""
    fields[:] = 0
    columns, stop = 0, place
    tail = -1
    place = _skip_blanks(text, place, text.size)
    while place < text.size and text[place] != NEWLINE:
        stop = _field_stop(text, place, text.size)
        if columns < 3:
            fields[columns, 0], fields[columns, 1] = place, stop
        elif columns == 3:
            tail = place
        columns += 1
        place = _skip_blanks(text, stop, text.size)
    return columns, (tail if tail >= 0 else stop), stop, place + 1


@njit()
def _is_word(text: np.ndarray, first: int, stop: int, word: tuple[int, ...]) -> bool:
    """Check whether text[first:stop] is the word."""
    i, length = 0, len(word)
    while i < length and first + i < stop and text[first + i] == word[i]:
        i += 1
    return i == length == stop - first


@njit()
def _skipped(text: np.ndarray, first: int, stop: int) -> bool:
    """Check whether a line with this first column is a header or comment."""
    return text[first] == HASH or _is_word(text, first, stop, TRACK) or _is_word(text, first, stop, BROWSER)


@njit()
def _number(text: np.ndarray, first: int, stop: int) -> int:
    """Parse the whole number text[first:stop]; -1 where it is none or beyond MAX_COORDINATE."""
    value = 0 if stop > first else -1
    for i in range(first, stop):
        digit = text[i] - 48
        if digit < 0 or digit > 9:
            return -1
        value = 10 * value + digit
        if value > MAX_COORDINATE:
            return -1
    return value


@njit()
def _compare(a: np.ndarray, first: int, stop: int, b: np.ndarray, b_first: int, b_stop: int) -> int:
    """Compare two byte strings: below 0, 0 or above 0."""
    for i in range(min(stop - first, b_stop - b_first)):
        if a[first + i] != b[b_first + i]:
            return -1 if a[first + i] < b[b_first + i] else 1
    return (stop - first) - (b_stop - b_first)


@njit()
def _find(text: np.ndarray, first: int, stop: int, names: StringTable) -> int:
    """Find text[first:stop] among the names, by binary search; -1 if it is none of them."""
    left, right = 0, names.order.size
    while left < right:
        middle = (left + right) // 2
        code: int = names.order[middle]
        order = _compare(text, first, stop, names.text, names.first[code], names.first[code + 1])
        if order == 0:
            return code
        if order < 0:
            right = middle
        else:
            left = middle + 1
    return -1


@njit()
def _put(byte: int, out: np.ndarray, size: int) -> int:
    out[size] = byte
    return size + 1


@njit()
def _copy(text: np.ndarray, first: int, stop: int, out: np.ndarray, size: int) -> int:
    for i in range(first, stop):
        out[size + i - first] = text[i]
    return size + stop - first


@njit()
def _write_number(value: int, out: np.ndarray, size: int) -> int:
    digits, rest = 1, value
    while rest >= 10:
        rest //= 10
        digits += 1
    for i in range(size + digits - 1, size - 1, -1):
        out[i] = 48 + value % 10
        value //= 10
    return size + digits


@njit()
def _write_strand(text: np.ndarray, place: int, stop: int, exchange: bool, out: np.ndarray, size: int) -> int:
    """Write the first character of a strand (as many bytes as it has in UTF-8); + and - can be exchanged."""
    if exchange and (text[place] == PLUS or text[place] == MINUS):
        return _put(PLUS + MINUS - text[place], out, size)
    end = place + 1
    while end < stop and text[end] & 0xC0 == 0x80:
        end += 1
    return _copy(text, place, end, out, size)
