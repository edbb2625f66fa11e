"""Compiled parser and writer of BED lines as bytes, used by `regssl.liftover.bed`.

A line of two tabs or more is split at its tabs, any other at white space (of ASCII). Lines end with "\\n".
"""

from __future__ import annotations

import numpy as np

from regssl.compilation import njit
from regssl.liftover.bed_rows import NARROWPEAK, BedRows, Layout, Pieces, StringTable

MAX_COORDINATE = 10**18 - 1  # the largest coordinate read: beyond any chromosome, safe in an int64
TAB, NEWLINE, SPACE, HASH, PLUS, MINUS = (ord(c) for c in "\t\n #+-")
NUMERALS = tuple(b"0123456789.+-eEinfaINFA \t\v\f")  # of decimal numbers, infinity, NaN and NA
TRACK, BROWSER, NO_SUMMIT = tuple(b"track"), tuple(b"browser"), tuple(b"-1")


@njit()
def parse(text: np.ndarray, layout: Layout, names: StringTable, rows: BedRows) -> tuple[int, bool, int]:
    """Parse all intervals of a text of whole lines.

    Args:
        text: uint8 (bytes,).
        layout: what the columns are.
        names: the chromosomes to look for.
        rows: filled; of at least as many intervals as there are lines.

    Returns:
        Number of intervals; whether any has something within it that moves along; offset of the first invalid line, -1
        if all are valid.
    """
    n, place, code, name, name_stop, any_inner = 0, 0, -1, 0, 0, False
    fields = np.empty((NARROWPEAK, 2), np.int64)  # begin and end of the first ten
    while place < text.size:
        columns, stop, next_line = _split(text, place, layout.tab, fields)
        first, first_stop = fields[0]
        if columns != 0 and not _skipped(text, place, stop):
            if not _is_layout(abs(columns), layout):
                return n, any_inner, place
            start, end = _number(text, fields[1, 0], fields[1, 1]), _number(text, fields[2, 0], fields[2, 1])
            if start < 0 or end <= start or not _fits_strand(text, fields, abs(columns), layout):
                return n, any_inner, place
            kind = inner_kind(abs(columns), layout)
            if kind != 0:
                inner_start, inner_end, fits = _inner(text, fields, kind, start, end)
                if not fits:
                    return n, any_inner, place
                if not any_inner:
                    rows.inner_start[:n], rows.inner_end[:n], any_inner = -1, -1, True
                rows.inner_start[n], rows.inner_end[n] = inner_start, inner_end
            elif any_inner:
                rows.inner_start[n] = rows.inner_end[n] = -1
            if n == 0 or _compare(text, first, first_stop, text, name, name_stop) != 0:
                code, name, name_stop = _find(text, first, first_stop, names), first, first_stop
            rows.target[n], rows.columns[n], rows.start[n], rows.end[n] = code, columns, start, end
            rows.first[n], rows.tail[n], rows.stop[n] = place, fields[3, 0] if abs(columns) > 3 else stop, stop
            n += 1
        place = next_line
    return n, any_inner, -1


@njit()
def inner_kind(columns: int, layout: Layout) -> int:
    """Return the first column that depends on positions within a line's interval: 7 (thickStart), 10 (summit) or 0."""
    if columns == NARROWPEAK and layout.bed_plus == 0:
        return NARROWPEAK
    return 7 if columns >= 8 and (layout.bed_plus == 0 or layout.bed_plus >= 8) else 0


@njit()
def has_strand(columns: int, layout: Layout) -> bool:
    """Check whether the sixth column is a strand."""
    return columns >= 6 and (layout.bed_plus == 0 or layout.bed_plus >= 6)


@njit()
def are_numerals(text: np.ndarray, first: int, stop: int) -> bool:
    """Check whether text[first:stop] holds nothing but NUMERALS."""
    while first < stop and text[first] in NUMERALS:
        first += 1
    return first == stop


@njit()
def write_mapped(
    text: np.ndarray, rows: BedRows, pieces: Pieces, layout: Layout, names: StringTable, out: np.ndarray
) -> int:
    """Write lifted pieces as lines, with columns 4 and later of the input lines; return bytes written.

    The strand is exchanged where `minus`; with `multiple` column 5 is the rank of the piece. A thick part that cannot
    be lifted has no bases, at the start of the piece (as UCSC's program); a summit that cannot is -1.
    """
    size = 0
    for k in range(pieces.row.size):
        row, chrom, start = pieces.row[k], pieces.chrom[k], pieces.start[k]
        size = _copy(names.text, names.first[chrom], names.first[chrom + 1], out, size)
        size = _write_number(start, out, _put(TAB, out, size))
        size = _write_number(pieces.end[k], out, _put(TAB, out, size))
        place, stop, by_tabs, columns = rows.tail[row], rows.stop[row], rows.columns[row] > 0, abs(rows.columns[row])
        kind = inner_kind(columns, layout) if pieces.inner.shape[1] > 0 else 0
        for column in range(4, columns + 1):
            field_stop = _field_stop(text, place, stop, by_tabs)
            if layout.multiple and column == 5:
                pass
            elif column == 6 and has_strand(columns, layout):
                size = _write_strand(text, place, field_stop, pieces.minus[k], out, _put(TAB, out, size))
            elif kind == 7 and (column == 7 or column == 8):
                inner = pieces.inner[column - 7, k]
                size = _write_number(inner if inner >= 0 else start, out, _put(TAB, out, size))
            elif kind == column == NARROWPEAK:
                inner = pieces.inner[0, k]
                size = _write_number(inner - start if inner >= 0 else -1, out, _put(TAB, out, size))
            else:
                size = _copy(text, place, field_stop, out, _put(TAB, out, size))
            if layout.multiple and column == 4:
                size = _write_number(pieces.multiple_rank[k], out, _put(TAB, out, size))
            place = _next_field(text, field_stop, stop, by_tabs)
        size = _put(NEWLINE, out, size)
    return size


@njit()
def write_unmapped(
    text: np.ndarray, rows: BedRows, status: np.ndarray, layout: Layout, reasons: StringTable, out: np.ndarray
) -> int:
    """Write the lines of unmapped intervals, each below a comment with its reason; return bytes written."""
    size = 0
    for k in range(status.size):
        if status[k] == 0:
            continue
        size = _copy(reasons.text, reasons.first[status[k]], reasons.first[status[k] + 1], out, _put(HASH, out, size))
        size = _put(NEWLINE, out, size)
        place, stop, by_tabs, columns = rows.first[k], rows.stop[k], rows.columns[k] > 0, abs(rows.columns[k])
        place = place if by_tabs else _skip_blanks(text, place, stop)
        for column in range(1, columns + 1):
            field_stop = _field_stop(text, place, stop, by_tabs)
            if column == 1 or (column == 6 and has_strand(columns, layout)):
                size = _copy(text, *_trimmed(text, place, field_stop), out, size)
            elif column <= 3:
                size = _write_number(rows.start[k] if column == 2 else rows.end[k], out, size)
            else:
                size = _copy(text, place, field_stop, out, size)
            place = _next_field(text, field_stop, stop, by_tabs)
            size = _put(TAB if column < columns else NEWLINE, out, size)
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
def _trimmed(text: np.ndarray, first: int, stop: int) -> tuple[int, int]:
    """Leave out the white space at both ends of a field."""
    first = _skip_blanks(text, first, stop)
    while stop > first and _is_blank(text[stop - 1]):
        stop -= 1
    return first, stop


@njit()
def _field_stop(text: np.ndarray, place: int, stop: int, by_tabs: bool) -> int:
    if by_tabs:
        while place < stop and text[place] != TAB:
            place += 1
    else:
        while place < stop and not _is_blank(text[place]) and text[place] != NEWLINE:
            place += 1
    return place


@njit()
def _next_field(text: np.ndarray, place: int, stop: int, by_tabs: bool) -> int:
    return place + 1 if by_tabs else _skip_blanks(text, place, stop)


@njit()
def _split(text: np.ndarray, place: int, tab: bool, fields: np.ndarray) -> tuple[int, int, int]:
    """Split the line at `place`, at its tabs if there are two or `tab` is set, else at white space.

    Returns:
        Number of columns (0 for a blank line; negative where split at white space), offset of the end of the last
        column, and of the next line. `fields` is filled, of the first three without the white space around them.
    """
    n, first, stop = 0, place, place
    while stop < text.size and text[stop] != NEWLINE:
        if text[stop] == TAB:
            if n < len(fields):
                fields[n, 0], fields[n, 1] = first, stop
            n, first = n + 1, stop + 1
        stop += 1
    next_line = stop + 1
    if n < len(fields):
        fields[n, 0], fields[n, 1] = first, stop
    place = _skip_blanks(text, place, stop)
    if place == stop:
        return 0, stop, next_line
    if tab or n >= 2:
        for i in range(min(n + 1, 3)):
            fields[i, 0], fields[i, 1] = _trimmed(text, fields[i, 0], fields[i, 1])
        return n + 1, stop, next_line
    n, end = 0, stop
    while place < end:
        stop = _field_stop(text, place, end, False)
        if n < len(fields):
            fields[n, 0], fields[n, 1] = place, stop
        n += 1
        place = _skip_blanks(text, stop, end)
    return -n, stop, next_line


@njit()
def _is_layout(columns: int, layout: Layout) -> bool:
    """Check whether lines of so many columns can be lifted."""
    if layout.multiple:
        return 4 <= columns <= 6
    return columns >= 3 and (layout.bed_plus > 0 or columns <= NARROWPEAK)


@njit()
def _fits_strand(text: np.ndarray, fields: np.ndarray, columns: int, layout: Layout) -> bool:
    """Check that the strand, where there is one, is not longer than one character."""
    if not has_strand(columns, layout):
        return True
    first, stop = _trimmed(text, fields[5, 0], fields[5, 1])
    return stop - first <= 1


@njit()
def _inner(text: np.ndarray, fields: np.ndarray, kind: int, start: int, end: int) -> tuple[int, int, bool]:
    """Parse what lies within an interval, and check that it does; -1 where there is nothing.

    Columns 7 and 8 of narrowPeak are no positions within the interval: those would be BED9's, with a column more.
    """
    first, stop = _number(text, fields[6, 0], fields[6, 1]), _number(text, fields[7, 0], fields[7, 1])
    within = start <= first <= stop <= end
    if kind != NARROWPEAK:
        return first, stop, within or first == stop == 0
    if (within and stop > 0) or not are_numerals(text, fields[6, 0], fields[8, 1]):
        return -1, -1, False
    if _is_word(text, fields[9, 0], fields[9, 1], NO_SUMMIT):
        return -1, -1, True
    summit = _number(text, fields[9, 0], fields[9, 1])
    return start + summit, start + summit + 1, 0 <= summit < end - start


@njit()
def _is_word(text: np.ndarray, first: int, stop: int, word: tuple[int, ...]) -> bool:
    """Check whether text[first:stop] is the word."""
    i, length = 0, len(word)
    while i < length and first + i < stop and text[first + i] == word[i]:
        i += 1
    return i == length == stop - first


@njit()
def _skipped(text: np.ndarray, first: int, stop: int) -> bool:
    """Check whether a line is a header or comment, by its first word."""
    first = _skip_blanks(text, first, stop)
    if text[first] == HASH:
        return True
    if text[first] != TRACK[0] and text[first] != BROWSER[0]:
        return False
    stop = _field_stop(text, first, stop, False)
    return _is_word(text, first, stop, TRACK) or _is_word(text, first, stop, BROWSER)


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
    if value < 0:
        value, size = -value, _put(MINUS, out, size)
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
    """Write a strand; + and - can be exchanged."""
    place, stop = _trimmed(text, place, stop)
    if exchange and place < stop and (text[place] == PLUS or text[place] == MINUS):
        return _put(PLUS + MINUS - text[place], out, size)
    return _copy(text, place, stop, out, size)
