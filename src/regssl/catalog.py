"""The two tables of the configuration: datasets (peaks) and genomes (sequences and chains)."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from regssl.config import IDENTIFIER, Config, did_you_mean
from regssl.errors import ConfigError

RESERVED = ("all", "clean", "downloads", "report", "rules", "tables", "figures")


def _split(value: Any) -> Any:
    return [part.strip() for part in value.split(";") if part.strip()] if isinstance(value, str) else value


class Row(BaseModel):
    """A row of a table; an unknown column is an error, an empty optional cell takes its default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Dataset(Row):
    """One ChIP-seq (or similar) dataset: `config/datasets.tsv`."""

    dataset: str = Field(pattern=IDENTIFIER, description="Id used in paths and as a target: lower snake case.")
    name: str = Field(min_length=1, description="Display name.")
    peaks: Annotated[list[str], BeforeValidator(_split)] = Field(
        min_length=1,
        description="BED or narrowPeak (plain or gz) files or URLs; several, pooled, are separated by `;`.",
    )
    cells: str = Field("", description="Cell types, for people.")
    source: str = Field("", description="Accession or citation, for people.")


class Genome(Row):
    """One genome and its chain from the human genome: `config/genomes.tsv`."""

    genome: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", description="Id used in paths, UCSC's where there is one.")
    name: str = Field(min_length=1, description="Display name.")
    clade: str = Field("", description="For people and for selections.")
    sequence: str = Field(min_length=1, description="2bit or FASTA (plain, gz, bgzip): path or URL.")
    chain: str = Field("", description="Chain from the human genome: path or URL; empty for the human genome itself.")
    substitutions_per_site: float | None = Field(None, ge=0, description="Divergence from human, neutral sites.")
    source: str = Field("", description="Where the files come from, for people.")


AnyRow = TypeVar("AnyRow", bound=Row)


def read_rows(path: str | Path, row_type: type[AnyRow]) -> list[AnyRow]:
    """Read a tab-separated table with a header; the first column is the id and must not repeat.

    Raises:
        ConfigError: names file, row (line number), column, value, with a hint.
    """
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            lines = list(csv.reader(file, delimiter="\t"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}", "check the path of the table in the config") from None
    if not lines:
        raise ConfigError(f"{path}: the table is empty", "its first line must name the columns")
    columns, known = lines[0], list(row_type.model_fields)
    for column in columns:
        if column not in known:
            raise ConfigError(f"{path}, row 1: no such column '{column}'", f"columns: {', '.join(known)}")
    rows: list[AnyRow] = []
    seen: dict[str, int] = {}
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            raise ConfigError(
                f"{path}, row {number}: {len(cells)} cells where the header has {len(columns)}",
                "cells are tab-separated",
            )
        row = _row(path, number, dict(zip(columns, cells, strict=True)), row_type)
        identity = getattr(row, known[0])
        if identity in seen:
            raise ConfigError(
                f"{path}, row {number}, column {known[0]}: '{identity}' is a duplicate of row {seen[identity]}",
                "ids must be unique",
            )
        seen[identity] = number
        rows.append(row)
    return rows


def _row(path: str | Path, number: int, cells: dict[str, str], row_type: type[AnyRow]) -> AnyRow:
    filled = {column: cell.strip() for column, cell in cells.items() if cell.strip()}
    try:
        return row_type.model_validate(filled)
    except ValidationError as error:
        problem = error.errors()[0]
        column = str(problem["loc"][0])
        field = row_type.model_fields[column]
        shown = cells.get(column, "").strip()
        said = "is empty" if not shown else f"'{shown}': {problem['msg'][0].lower()}{problem['msg'][1:]}"
        raise ConfigError(f"{path}, row {number}, column {column}: {said}", field.description or "") from None


class Catalog:
    """The datasets and genomes of one configuration, and where their files are.

    Attributes:
        datasets: by id, in table order.
        human: the genome that carries the peaks.
        genomes: the others by id, in table order.
    """

    def __init__(self, config: Config) -> None:
        self._data_dir, self._downloads_dir = config.data_dir, config.downloads_dir
        datasets = {row.dataset: row for row in read_rows(config.datasets, Dataset)}
        genomes = {row.genome: row for row in read_rows(config.genomes, Genome)}
        if config.human not in genomes:
            raise ConfigError(
                f"key `human`: '{config.human}' is not in {config.genomes}{did_you_mean(config.human, genomes)}"
            )
        self.human = genomes.pop(config.human)
        if self.human.chain:
            raise ConfigError(f"{config.genomes}: '{config.human}' is the human genome and must have no chain")
        for dataset in datasets:
            if dataset in RESERVED:
                raise ConfigError(f"{config.datasets}: '{dataset}' is the name of a target", "choose another id")
        self.datasets = _select(datasets, config.select_datasets, "select_datasets", config.datasets)
        self.genomes = _select(genomes, config.select_genomes, "select_genomes", config.genomes)
        for row in self.genomes.values():
            if not row.chain:
                raise ConfigError(f"{config.genomes}: genome '{row.genome}' has no chain", "fill the column `chain`")

    def path(self, place: str) -> str:
        """Where a file of the tables lies here: a URL's place under downloads, a relative path's under data_dir."""
        if is_url(place):
            url = urlsplit(place)
            return f"{self._downloads_dir}/{url.netloc}{url.path}"
        return place if self._data_dir is None or Path(place).is_absolute() else f"{self._data_dir}/{place}"


def is_url(place: str) -> bool:
    """Whether a cell holds a URL to fetch, not a path."""
    return place.startswith(("http://", "https://", "ftp://"))


def _select(rows: dict[str, AnyRow], wanted: Sequence[str] | None, key: str, table: str) -> dict[str, AnyRow]:
    if wanted is None:
        return rows
    for name in wanted:
        if name not in rows:
            raise ConfigError(f"key `{key}`: '{name}' is not in {table}{did_you_mean(name, rows)}")
    return {name: row for name, row in rows.items() if name in wanted}
