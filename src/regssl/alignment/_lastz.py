"""Compiled kernel of `regssl.alignment.lastz`: its lines, parsed."""

from __future__ import annotations

import numpy as np

from regssl.compilation import njit

SCORE, TARGET, TARGET_START, TARGET_END, QUERY, MINUS, QUERY_START, QUERY_END, PIECES = range(9)
COLUMNS = 9
"""Columns of an alignment: numbers as in the line, and the number of its pieces."""
TAB, NEWLINE, PLUS, DASH, ZERO = 9, 10, 43, 45, 48
MATCH, INSERTION, DELETION = 77, 73, 68


@njit(nogil=True)
def parse(raw: np.ndarray, rows: np.ndarray, pieces: np.ndarray) -> tuple[int, int, int]:
    """Parse lines of eight fields between tabs and a CIGAR, which lead from one end of an alignment to the other.

    Args:
        raw: uint8, whole lines.
        rows: int64 (lines, COLUMNS), to fill.
        pieces: int64 (3, number of M), to fill: start in target and query, size.

    Returns:
        The first line, from 1, that is none of these, or 0; number of alignments; number of pieces.
    """
    at, line, n_pieces = 0, 0, 0
    while at < len(raw):
        row = rows[line]
        for column in range(PIECES):
            value, digits = 0, 0
            if column == MINUS and at < len(raw) and (raw[at] == PLUS or raw[at] == DASH):
                value, digits, at = int(raw[at] == DASH), 1, at + 1
            else:
                while at < len(raw) and digits < 18 and ZERO <= raw[at] <= ZERO + 9:
                    value, digits, at = 10 * value + raw[at] - ZERO, digits + 1, at + 1
            if not digits or at >= len(raw) or raw[at] != TAB:
                return line + 1, line, n_pieces
            row[column] = value
            at += 1
        target, query, first = row[TARGET_START], row[QUERY_START], n_pieces
        while at < len(raw) and raw[at] != NEWLINE:
            size = 0
            while at < len(raw) and size < 1 << 40 and ZERO <= raw[at] <= ZERO + 9:
                size, at = 10 * size + raw[at] - ZERO, at + 1
            kind = raw[at] if at < len(raw) else 0
            size = max(size, 1)
            if kind == MATCH:
                pieces[0, n_pieces], pieces[1, n_pieces], pieces[2, n_pieces] = target, query, size
                n_pieces += 1
            elif kind != INSERTION and kind != DELETION:
                return line + 1, line, n_pieces
            target += size if kind != INSERTION else 0
            query += size if kind != DELETION else 0
            at += 1
        row[PIECES] = n_pieces - first
        if at >= len(raw) or target != row[TARGET_END] or query != row[QUERY_END] or n_pieces == first:
            return line + 1, line, n_pieces
        at += 1
        line += 1
    return 0, line, n_pieces
