"""Files of sequences as tables of text: CSV and TSV with a header, and FASTA, plain or gzipped; told by content."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from regssl.data.sequence_settings import USUAL_COLUMNS
from regssl.errors import DataError
from regssl.io.files import Input, open_input, read_lines
from regssl.io.text_table import TextTable
from regssl.io.tsv import read_rows

DELIMITERS = "\t,;"
"""What separates the cells of a table; semicolons where a spreadsheet writes numbers with a comma."""
PLACE_COLUMNS = ("chrom", "start", "end")
"""A place in three columns."""


def read_sequence_file(path: str | Path) -> TextTable:
    """Read a file of sequences.

    Args:
        path: a table whose first line names the columns, separated by the first of DELIMITERS that it holds; or FASTA,
            whose columns are `id` (the first word of a header), `sequence`, and one for each `key=value` of headers.

    Raises:
        DataError: no such file, damaged, neither of both, or without a sequence; names the line.
    """
    with open_input(path) as file:
        return parse_sequence_table(file)


def parse_sequence_table(file: Input) -> TextTable:
    """Read a file of sequences that is open, as `read_sequence_file`."""
    table = _read_fasta(file) if is_fasta(file) else _read_table(file, file.peek().lstrip())
    if not len(table):
        raise DataError(f"{file.path}: no sequence in it", "is it the right file?")
    return table


def is_fasta(file: Input) -> bool:
    """Tell whether an open file, of which nothing was read, is FASTA."""
    return file.peek().lstrip().startswith(b">")


def find_columns(table: TextTable, named: Mapping[str, str]) -> dict[str, str]:
    """Find the columns of a table by what they are, in the order of USUAL_COLUMNS.

    A place is either in one column or in three; those of three are taken where all are there and `place` is not named.

    Args:
        table: as `read_sequence_file` returns.
        named: names of columns by what they are; others are found by their usual names.

    Raises:
        DataError: a column that is named is not there, or two have the usual name, but for case.
    """
    found = dict[str, str]()
    by_lower = dict[str, list[str]]()
    for column in table.columns:
        by_lower.setdefault(column.lower(), []).append(column)
    for role, usual in USUAL_COLUMNS.items():
        if role in named:
            found[role] = str(table[named[role]].name)
        elif names := next((by_lower[name] for name in usual if name in by_lower), []):
            if len(names) > 1:
                hint = f"name one in `sequence_columns`: {role}={names[0]}"
                raise DataError(f"{table.path}: columns {' and '.join(names)}: which of them is meant?", hint)
            found[role] = names[0]
    in_three = "place" not in named and all(role in found for role in PLACE_COLUMNS)
    return {role: name for role, name in found.items() if role not in (("place",) if in_three else PLACE_COLUMNS)}


def _read_table(file: Input, head: bytes) -> TextTable:
    first = head.splitlines()[0] if head else b""
    delimiter = next((mark for mark in DELIMITERS if mark.encode() in first), ",")
    header, rows = read_rows(file, delimiter=delimiter)
    columns = [name.strip().lstrip("#") for name in header]
    cells = {column: [row[place] for _, row in rows] for place, column in enumerate(columns)}
    return TextTable(file.path, pd.DataFrame(cells, dtype="str"), [number for number, _ in rows], columns)


def _read_fasta(file: Input) -> TextTable:
    headers, sequences, lines = list[dict[str, str]](), list[list[str]](), list[int]()
    for number, line in read_lines(file):
        if not line.startswith(">"):
            if line.strip():
                sequences[-1].append("".join(line.split()))
            continue
        name, *words = line[1:].split() or [""]
        headers.append({**dict(word.split("=", 1) for word in words if "=" in word), "id": name})
        sequences.append([])
        lines.append(number)
    columns = list(dict.fromkeys(["id", "sequence", *(key for header in headers for key in header)]))
    table = pd.DataFrame(headers, columns=columns, dtype="str").fillna("")
    return TextTable(file.path, table.assign(sequence=["".join(parts) for parts in sequences]), lines, columns)
