"""Compiled parser of chain files, used by `chain_file.read_chains`; importing numba takes half a second."""

from __future__ import annotations

import numpy as np

from regssl.compilation import njit

MAX_COORDINATE = np.iinfo(np.int32).max  # the largest coordinate stored

# Problems of a line (the first value that `parse` returns; 0: none).
NO_HEADER, HEADER_FIELDS, NOT_A_NUMBER, BAD_STRAND, BLOCK_FIELDS, UNFINISHED, WRONG_TARGET_END, WRONG_QUERY_END = range(
    1, 9
)

# Columns of the header table: the 13 fields of a chain line (names and score as the byte where they begin), then the
# bytes where score, target name and query name end, then the line number (1-based).
SCORE, T_NAME, T_SIZE, T_STRAND, T_START, T_END, Q_NAME, Q_SIZE, Q_STRAND, Q_START, Q_END, ID = range(1, 13)
SCORE_STOP, T_NAME_STOP, Q_NAME_STOP, LINE = range(13, 17)
HEADER_COLUMNS = 17

TAB, NEWLINE, RETURN, SPACE, HASH, PLUS, MINUS = (ord(c) for c in "\t\n\r #+-")
CHAIN = tuple(b"chain")


@njit()
def _skip_blanks(text: np.ndarray, place: int, stop: int) -> int:
    while place < stop and (text[place] == SPACE or text[place] == TAB or text[place] == RETURN):
        place += 1
    return place


@njit()
def _field_end(text: np.ndarray, place: int, stop: int) -> int:
    while place < stop and text[place] != SPACE and text[place] != TAB and text[place] != RETURN:
        place += 1
    return place


@njit()
def _number(text: np.ndarray, place: int, stop: int) -> int:
    """Parse the whole number text[place:stop]; -1 where it is none or beyond MAX_COORDINATE."""
    value = 0
    for i in range(place, stop):
        digit = text[i] - 48
        if digit < 0 or digit > 9:
            return -1
        value = 10 * value + digit
        if value > MAX_COORDINATE:
            return -1
    return value


@njit()
def _is_chain(text: np.ndarray, place: int, stop: int) -> bool:
    i = 0
    while i < 5 and place + i < stop and text[place + i] == CHAIN[i]:
        i += 1
    return i == 5 == stop - place


@njit()
def _parse_header(text: np.ndarray, place: int, stop: int, row: np.ndarray) -> tuple[int, int]:
    """Fill one row of the header table from the line text[place:stop]; return (problem, 1-based column)."""
    field = 0
    while place < stop and field < 13:
        end = _field_end(text, place, stop)
        if field == 0:
            if not _is_chain(text, place, end):
                return NO_HEADER, 1
        elif field in (SCORE, T_NAME, Q_NAME):
            row[field] = place
            row[SCORE_STOP if field == SCORE else T_NAME_STOP if field == T_NAME else Q_NAME_STOP] = end
        elif field in (T_STRAND, Q_STRAND):
            row[field] = text[place]
            if end - place != 1 or not (text[place] == PLUS or (text[place] == MINUS and field == Q_STRAND)):
                return BAD_STRAND, field + 1
        else:
            row[field] = _number(text, place, end)
            if row[field] < 0:
                return NOT_A_NUMBER, field + 1
        field += 1
        place = _skip_blanks(text, end, stop)
    if field < 12 or place < stop:
        return HEADER_FIELDS, 0
    return 0, 0


@njit()
def _parse_block(text: np.ndarray, place: int, stop: int, numbers: np.ndarray) -> tuple[int, int]:
    """Read size, target gap, query gap (0 if absent); return (problem, 1-based column), or (0, 1 or 3 fields found)."""
    numbers[:] = 0
    field = 0
    while place < stop:
        if field == 3:
            return BLOCK_FIELDS, 0
        end = _field_end(text, place, stop)
        numbers[field] = _number(text, place, end)
        if numbers[field] < 0:
            return (UNFINISHED if text[place] == CHAIN[0] else NOT_A_NUMBER), field + 1
        field += 1
        place = _skip_blanks(text, end, stop)
    return (BLOCK_FIELDS, 0) if field == 2 else (0, field)


@njit()
def parse(text: np.ndarray, header: np.ndarray, blocks: np.ndarray) -> tuple[int, int, int, int, int]:
    """Parse a whole chain file.

    Args:
        text: uint8 (bytes,), the file.
        header: int64 (chains or more, HEADER_COLUMNS), filled: one row per chain; a missing id is left unchanged.
        blocks: int32 (4, blocks or more), filled: target start, query start (on the chain's query strand), size, chain.

    Returns:
        (problem, line, column, chains, blocks): problem 0 where there is none, else its kind and where it is (1-based;
        column 0 is the whole line; of WRONG_TARGET_END and WRONG_QUERY_END it is the end found).
    """
    n_chains, n_blocks, line, place = 0, 0, 0, 0
    target, query = 0, 0
    inside = False  # within a chain: its last block, which is alone on its line, has not been read yet
    numbers = np.zeros(3, np.int64)
    while place < text.size:
        line += 1
        stop = place
        while stop < text.size and text[stop] != NEWLINE:
            stop += 1
        place = _skip_blanks(text, place, stop)
        if place == stop or text[place] == HASH:
            place = stop + 1
            continue
        if not inside:
            problem, column = _parse_header(text, place, stop, header[n_chains])
            if problem != 0:
                return problem, line, column, n_chains, n_blocks
            header[n_chains, LINE] = line
            target, query = header[n_chains, T_START], header[n_chains, Q_START]
            n_chains += 1
            inside = True
        else:
            problem, column = _parse_block(text, place, stop, numbers)
            if problem != 0:
                return problem, line, column, n_chains, n_blocks
            blocks[0, n_blocks], blocks[1, n_blocks] = target, query
            blocks[2, n_blocks], blocks[3, n_blocks] = numbers[0], n_chains - 1
            n_blocks += 1
            target += numbers[0] + numbers[1]
            query += numbers[0] + numbers[2]
            if column == 1:
                inside = False
                if target != header[n_chains - 1, T_END]:
                    return WRONG_TARGET_END, line, target, n_chains, n_blocks
                if query != header[n_chains - 1, Q_END]:
                    return WRONG_QUERY_END, line, query, n_chains, n_blocks
        place = stop + 1
    return (UNFINISHED if inside else 0), line, 0, n_chains, n_blocks
