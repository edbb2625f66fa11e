"""How tables of the configuration are read: rows whose cells pydantic checks."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from regssl.config.validators import did_you_mean
from regssl.errors import ConfigError
from regssl.io.text import check_text, shorten
from regssl.io.tsv import read_rows


class TableRow(BaseModel):
    """A row of a table; an unknown column is an error, an empty optional cell takes its default."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    identity: ClassVar[tuple[str, ...]]
    """Columns that together are the row's id, and must not repeat."""


AnyRow = TypeVar("AnyRow", bound=TableRow)


def read_table(path: str | Path, row_type: type[AnyRow]) -> list[AnyRow]:
    """Read a table as `io.tsv` describes them; the ids of its rows must not repeat.

    Raises:
        ConfigError: names file, row (line number), column, value, with a hint.
    """
    columns, lines = read_rows(path, ConfigError)
    known = list(row_type.model_fields)
    for column in columns:
        if column not in known:
            hint = f"columns: {', '.join(known)}"
            if len(columns) == 1 and {",", ";", " "} & set(column):
                hint = "cells are separated by tabs"
            raise ConfigError(f"{path}, row 1: no such column '{shorten(column)}'{did_you_mean(column, known)}", hint)
    rows: list[AnyRow] = []
    first_row: dict[tuple[str, ...], int] = {}
    for number, cells in lines:
        row = _row(path, number, dict(zip(columns, cells, strict=True)), row_type)
        identity = tuple(getattr(row, column) for column in row_type.identity)
        if identity in first_row:
            where = f"column{'s' * (len(identity) > 1)} {' and '.join(row_type.identity)}"
            raise ConfigError(
                f"{path}, row {number}, {where}: '{' '.join(identity)}' is a duplicate of row {first_row[identity]}",
                "ids must be unique" if len(identity) == 1 else "give all files in one row, separated by `;`",
            )
        first_row[identity] = number
        rows.append(row)
    return rows


def _row(path: str | Path, number: int, cells: dict[str, str], row_type: type[AnyRow]) -> AnyRow:
    filled = {column: cell.strip() for column, cell in cells.items() if cell.strip()}
    for column, cell in filled.items():
        try:
            check_text(cell)
        except ValueError as error:
            raise ConfigError(f"{path}, row {number}, column {column}: '{shorten(cell)}' {error}") from None
    try:
        return row_type.model_validate(filled)
    except ValidationError as error:
        problem = error.errors()[0]
        if not problem["loc"]:
            raise ConfigError(f"{path}, row {number}: {problem['msg'].removeprefix('Value error, ')}") from None
        column = str(problem["loc"][0])
        field = row_type.model_fields[column]
        value = cells.get(column, "").strip()
        message = problem["msg"].removeprefix("Value error, ")
        reason = "is empty" if not value else f"'{shorten(value)}': {message[0].lower()}{message[1:]}"
        raise ConfigError(f"{path}, row {number}, column {column}: {reason}", field.description or "") from None
