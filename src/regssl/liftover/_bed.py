"""Compiled scanning and writing of BED lines as bytes, behind `regssl.liftover.bed`.

White space is that of ASCII. Lines end with "\\n". Chromosome names and the like travel as `Words`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numba
import numpy as np

LIMIT = 10**18 - 1  # the largest coordinate we read; far beyond any chromosome, safe in an int64
TAB, NEWLINE, SPACE, HASH, PLUS, MINUS = (ord(c) for c in "\t\n #+-")
TRACK, BROWSER = tuple(b"track"), tuple(b"browser")


class Words(NamedTuple):
    """Words as the kernels read them: word i is text[first[i] : first[i + 1]], and order sorts the words by bytes."""

    text: np.ndarray
    first: np.ndarray
    order: np.ndarray


class Rows(NamedTuple):
    """The intervals of a text, one place each.

    target: int32, the chromosome's place among the names looked for, -1 if it is none of them.
    start, end: int64, 0-based half-open.
    first, tail, stop: int64, the bytes where the first and the fourth column begin and where the line's last one ends
    (tail = stop where there are three).
    """

    target: np.ndarray
    start: np.ndarray
    end: np.ndarray
    first: np.ndarray
    tail: np.ndarray
    stop: np.ndarray


def words(texts: Sequence[str]) -> Words:
    """Pack words for the kernels."""
    coded = [text.encode() for text in texts]
    first = np.concatenate([[0], np.cumsum([len(word) for word in coded])]).astype(np.int64)
    order = np.array(sorted(range(len(coded)), key=coded.__getitem__), np.int64)
    return Words(np.array(list(b"".join(coded)), np.uint8), first, order)


def empty_rows(n: int) -> Rows:
    """Room for n intervals."""
    return Rows(np.empty(n, np.int32), *(np.empty(n, np.int64) for _ in range(5)))


@numba.njit(cache=True)
def scan(text: np.ndarray, multiple: bool, names: Words, rows: Rows) -> tuple[int, int]:
    """Read all intervals of a text of whole lines.

    Args:
        text: uint8 (bytes,).
        multiple: only lines of four to six columns are good.
        names: the chromosomes to look for.
        rows: filled; room for as many intervals as there are lines.

    Returns:
        Number of intervals; the byte where the first bad line begins, -1 if all are good.
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


@numba.njit(cache=True)
def write_mapped(
    text: np.ndarray,
    rows: Rows,
    row: np.ndarray,
    chrom: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    minus: np.ndarray,
    serial: np.ndarray,
    multiple: bool,
    names: Words,
    out: np.ndarray,
) -> int:
    """Write the pieces of `regssl.liftover.lift.Lifted` as lines, with what the input lines have from column 4 on.

    The strand is turned round where `minus`; with `multiple` the serial number stands in column 5.

    Returns:
        Bytes written.
    """
    size = 0
    for k in range(row.size):
        size = _copy(names.text, names.first[chrom[k]], names.first[chrom[k] + 1], out, size)
        size = _write_number(start[k], out, _put(TAB, out, size))
        size = _write_number(end[k], out, _put(TAB, out, size))
        column, place, stop = 4, rows.tail[row[k]], rows.stop[row[k]]
        while place < stop:
            field_stop = _field_stop(text, place, stop)
            if not (multiple and column == 5):
                size = _put(TAB, out, size)
                if column == 6:
                    size = _write_strand(text, place, field_stop, minus[k], out, size)
                else:
                    size = _copy(text, place, field_stop, out, size)
            if multiple and column == 4:
                size = _write_number(serial[k], out, _put(TAB, out, size))
            place = _skip_blanks(text, field_stop, stop)
            column += 1
        size = _put(NEWLINE, out, size)
    return size


@numba.njit(cache=True)
def write_unmapped(text: np.ndarray, rows: Rows, status: np.ndarray, reasons: Words, out: np.ndarray) -> int:
    """Write the lines of status > 0, each below a comment with its reason; return bytes written."""
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


@numba.njit(cache=True)
def _is_blank(byte: int) -> bool:
    return byte == SPACE or (TAB <= byte <= 13 and byte != NEWLINE)


@numba.njit(cache=True)
def _skip_blanks(text: np.ndarray, place: int, stop: int) -> int:
    while place < stop and _is_blank(text[place]):
        place += 1
    return place


@numba.njit(cache=True)
def _field_stop(text: np.ndarray, place: int, stop: int) -> int:
    while place < stop and not _is_blank(text[place]) and text[place] != NEWLINE:
        place += 1
    return place


@numba.njit(cache=True)
def _split(text: np.ndarray, place: int, fields: np.ndarray) -> tuple[int, int, int, int]:
    """Split the line at `place`: columns, where the fourth begins, where the last ends, where the next line begins."""
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


@numba.njit(cache=True)
def _is_word(text: np.ndarray, first: int, stop: int, word: tuple[int, ...]) -> bool:
    """Whether text[first:stop] is the word."""
    i, length = 0, len(word)
    while i < length and first + i < stop and text[first + i] == word[i]:
        i += 1
    return i == length == stop - first


@numba.njit(cache=True)
def _skipped(text: np.ndarray, first: int, stop: int) -> bool:
    """Whether a line with this first column is none of the data."""
    return text[first] == HASH or _is_word(text, first, stop, TRACK) or _is_word(text, first, stop, BROWSER)


@numba.njit(cache=True)
def _number(text: np.ndarray, first: int, stop: int) -> int:
    """The whole number text[first:stop], or -1 where it is none or beyond LIMIT."""
    value = 0 if stop > first else -1
    for i in range(first, stop):
        digit = text[i] - 48
        if digit < 0 or digit > 9:
            return -1
        value = 10 * value + digit
        if value > LIMIT:
            return -1
    return value


@numba.njit(cache=True)
def _compare(a: np.ndarray, first: int, stop: int, b: np.ndarray, b_first: int, b_stop: int) -> int:
    """Order of two byte strings: below 0, 0 or above 0."""
    for i in range(min(stop - first, b_stop - b_first)):
        if a[first + i] != b[b_first + i]:
            return -1 if a[first + i] < b[b_first + i] else 1
    return (stop - first) - (b_stop - b_first)


@numba.njit(cache=True)
def _find(text: np.ndarray, first: int, stop: int, names: Words) -> int:
    """Which of the names text[first:stop] is, -1 if none, by binary search."""
    left, right = 0, names.order.size
    while left < right:
        middle = (left + right) // 2
        code = names.order[middle]
        order = _compare(text, first, stop, names.text, names.first[code], names.first[code + 1])
        if order == 0:
            return code
        if order < 0:
            right = middle
        else:
            left = middle + 1
    return -1


@numba.njit(cache=True)
def _put(byte: int, out: np.ndarray, size: int) -> int:
    out[size] = byte
    return size + 1


@numba.njit(cache=True)
def _copy(text: np.ndarray, first: int, stop: int, out: np.ndarray, size: int) -> int:
    for i in range(first, stop):
        out[size + i - first] = text[i]
    return size + stop - first


@numba.njit(cache=True)
def _write_number(value: int, out: np.ndarray, size: int) -> int:
    digits, rest = 1, value
    while rest >= 10:
        rest //= 10
        digits += 1
    for i in range(size + digits - 1, size - 1, -1):
        out[i] = 48 + value % 10
        value //= 10
    return size + digits


@numba.njit(cache=True)
def _write_strand(text: np.ndarray, place: int, stop: int, turned: bool, out: np.ndarray, size: int) -> int:
    """The first character of a strand (as many bytes as UTF-8 gives it), + and - exchanged if turned."""
    if turned and (text[place] == PLUS or text[place] == MINUS):
        return _put(PLUS + MINUS - text[place], out, size)
    end = place + 1
    while end < stop and text[end] & 0xC0 == 0x80:
        end += 1
    return _copy(text, place, end, out, size)
