"""Tab-separated tables: text is text, numbers are in columns that are declared numeric, nothing is guessed.

A table is UTF-8 text. Its first line names the columns, each further line is a row. A cell that holds a quotation mark
is quoted and the mark doubled, as spreadsheets and RFC 4180 (for commas) do; no cell holds a tab or a line break.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from regssl.errors import DataError, RegsslError
from regssl.io.digests import check_digest, digested_path
from regssl.io.files import Input, read_lines
from regssl.io.outputs import open_output
from regssl.io.text import find_breaking, shorten

Columns = Mapping[str, str]
"""Type of each column by name: `str`, `int64`, `Int64` (numbers may be missing), `float64` (the same) or `bool`."""
MISSING = ("", "NA", "nan", "NaN")
"""A missing number. In a column of text these are text, and what is missing is an empty cell."""


def read_rows(
    source: str | Path | Input, error: type[RegsslError] = DataError, delimiter: str = "\t"
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Read the names of the columns, and the line number and the cells of each row that is not blank.

    Args:
        source: a path, or what `open_input` gave for it, which is closed at the end.
        error: class of the errors of a path.
        delimiter: what separates cells.

    Raises:
        RegsslError: of class `error`: no such file, no header, two columns of one name, a row with fewer or more cells
            than columns, or a quotation mark without its counterpart; names the file and the row.
    """
    rows: list[tuple[int, list[str]]] = []
    path = source.path if isinstance(source, Input) else source
    try:
        lines = csv.reader((line for _, line in read_lines(source, error)), delimiter=delimiter, strict=True)
        for cells in lines:
            rows.append((len(rows) + 1, cells))
            if lines.line_num != len(rows):
                raise csv.Error("a line break in a cell")
    except csv.Error as problem:
        hint = 'a cell that begins with `"` ends with one and holds others doubled: `"5"" long"`'
        raise error(f"{path}, row {len(rows) + 1}: {problem}", hint) from None
    if not rows or not any(rows[0][1]):
        raise error(f"{path}: the table is empty", "its first line must name the columns")
    columns = rows[0][1]
    if len(set(columns)) < len(columns):
        repeated = next(column for column in columns if columns.count(column) > 1)
        called = f"are called '{shorten(repeated)}'" if repeated else "have no name"
        raise error(f"{path}, row 1: two columns {called}", "" if repeated else "the first line must name the columns")
    filled = [(number, cells) for number, cells in rows[1:] if any(map(str.strip, cells))]
    for number, cells in filled:
        if len(cells) != len(columns):
            raise error(
                f"{path}, row {number}: {len(cells)} cell{'s' * (len(cells) != 1)} where the header has {len(columns)}",
                "cells are tab-separated" if delimiter == "\t" else f"cells are separated by {delimiter}",
            )
    return columns, filled


def read_tsv(paths: Sequence[str | Path], columns: Columns, optional: Columns | None = None) -> pd.DataFrame:
    """Read columns of some tables into one table; the files are plain or gzipped.

    Args:
        paths: the files; their rows follow one another. Of none the table is empty.
        columns: types of the columns that each file must have; others are left out.
        optional: types of columns that are read where any file has them; the cells of others are empty.

    Raises:
        DataError: no such file, not as it was written (`digests`), not a table, a missing column, or a cell that is
            not of its column's type; names the file, and row, column and value.
    """
    types = {**columns, **(optional or {})}
    tables, found = [], set[str]()
    for path in paths:
        check_digest(path)
        header, rows = read_rows(path)
        require_columns(pd.DataFrame(columns=header), list(columns), str(path))
        places = {column: place for place, column in enumerate(header)}
        tables.append({column: _parse(path, rows, column, places.get(column), types[column]) for column in types})
        found |= set(header)
    there = [column for column in types if column in found or column in columns]
    values = {column: [value for table in tables for value in table[column]] for column in there}
    return pd.DataFrame({column: pd.Series(values[column], dtype=types[column]) for column in values})


def _parse(
    path: str | Path, rows: list[tuple[int, list[str]]], column: str, place: int | None, dtype: str
) -> list[Any]:
    """One column of a table.

    Raises:
        DataError: names file, row, column and the first value that is not of the type.
    """
    texts = [""] * len(rows) if place is None else [cells[place] for _, cells in rows]
    if dtype == "str":
        return texts
    parse, kind = PARSERS[dtype]
    values: list[Any] = []
    try:
        values.extend(map(parse, texts))
    except (ValueError, OverflowError):
        number, wrong = rows[len(values)][0], shorten(texts[len(values)])
        raise DataError(f"{path}, row {number}, column {column}: '{wrong}' is not {kind}") from None
    return values


def _parse_number(text: str) -> float:
    if "_" in text or not text.isascii():  # Python would read 1_000
        raise ValueError
    return float("nan") if text in MISSING else float(text)


def _parse_integer(text: str) -> int:
    value = int(text) if text.isascii() and text.removeprefix("-").isdecimal() else _parse_number(text)
    if value != int(value) or abs(value) >= 2**63:
        raise ValueError
    return int(value)


def _parse_integer_or_missing(text: str) -> int | None:
    return None if text in MISSING else _parse_integer(text)


def _parse_flag(text: str) -> bool:
    if text not in ("True", "False", *MISSING):
        raise ValueError
    return text == "True"


PARSERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "int64": (_parse_integer, "a whole number"),
    "Int64": (_parse_integer_or_missing, "a whole number"),
    "float64": (_parse_number, "a number"),
    "bool": (_parse_flag, "True or False"),
}
"""How a cell of each type is parsed, and what it is called; a missing flag is False."""


def write_tsv(table: pd.DataFrame, path: str | Path, digits: int | None = None) -> None:
    """Write a table, completely or not at all, and its digest; missing numbers are NA, missing text is an empty cell.

    Args:
        table: text, numbers and flags.
        path: the file.
        digits: significant digits of numbers that are not whole; None: all.

    Raises:
        DataError: a text holds a tab, a line break or another control character; names column and row.
    """
    text = {str(name): column.astype(object).fillna("") for name, column in table.items()
            if not pd.api.types.is_numeric_dtype(column)}  # fmt: skip
    for name, column in text.items():
        for row, cell in enumerate(column):
            if isinstance(cell, str) and find_breaking(cell):
                raise DataError(
                    f"{path}: cannot be written: row {row + 2}, column {name}: '{shorten(cell)}' holds a tab, a line "
                    "break or another control character",
                    "rename it",
                )

    def round_number(value: Any) -> str:
        return f"{value:.0f}" if float(value).is_integer() else f"{value:.{digits}g}"

    with digested_path(path) as aside, open_output(aside) as file:
        table.assign(**text).to_csv(
            file,
            mode="wb",
            sep="\t",
            index=False,
            na_rep="NA",
            float_format=round_number if digits else None,
            encoding="utf-8",
        )


def require_columns(frame: pd.DataFrame, columns: Sequence[str], what: str) -> None:
    """Raise a DataError that names the first missing column of `what`."""
    if missing := [column for column in columns if column not in frame]:
        raise DataError(
            f"{what} has no column {missing[0]!r}", f"columns: {shorten(', '.join(map(str, frame.columns)), 500)}"
        )


def require_unique(frame: pd.DataFrame, key: list[str], what: str) -> None:
    """Raise a DataError that names the first key of `what` that occurs twice."""
    if (again := frame.duplicated(key)).any():
        values = ", ".join(f"{column} {value}" for column, value in frame.loc[again, key].iloc[0].items())
        raise DataError(f"{what} has two rows of {values}", "one row each")
