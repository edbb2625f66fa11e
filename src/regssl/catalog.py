"""The two tables of the configuration: datasets (peaks) and genomes (sequences and chains).

A cell that names a file holds a path or a URL. A URL may carry the checksum of its file, written as pip does:
`https://host/path/file.gz#sha256=…` or `#md5=…`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from regssl.config import IDENTIFIER, Config, did_you_mean
from regssl.errors import ConfigError

RESERVED = frozenset(
    [
        *("all", "downloads", "tables", "figures"),
        *("download", "simulate", "index_genome", "bins", "find_homologs"),
        *("peaks", "label", "copy_labels", "lift_table"),
        *("train", "predict", "evaluate", "summarize", "summarize_all"),
        *("table1", "table2", "figure2", "lift_figure"),
    ]
)
"""Names of rules: each dataset's id is a target too, so it must differ from them."""
CHECKSUM = re.compile(r"md5=[0-9a-f]{32}|sha256=[0-9a-f]{64}")


def _split(value: Any) -> Any:
    return [part.strip() for part in value.split(";") if part.strip()] if isinstance(value, str) else value


def check_place(place: str) -> str:
    """Check that a cell holds a path, or a URL that can be fetched and has a place under the downloads folder.

    Raises:
        ValueError: says what is wrong.
    """
    if "://" not in place:
        return place
    url = urlsplit(place)
    if not is_url(place):
        raise ValueError(f"{url.scheme}:// is not supported, use https://")
    if not url.hostname and url.scheme != "file":
        raise ValueError("the URL names no host")
    if not url.path.strip("/") or url.path.endswith("/") or {".", ".."} & set(url.path.split("/")):
        raise ValueError("the path of the URL names no file")
    if url.fragment and not CHECKSUM.fullmatch(url.fragment):
        raise ValueError("what follows # must be md5= or sha256= with 32 or 64 lower-case hexadecimal digits")
    return place


def check_mirror(place: str) -> str:
    """Check that a cell holds a URL without a checksum: that of the first URL holds for its mirror too.

    Raises:
        ValueError: says what is wrong.
    """
    if not is_url(check_place(place)):
        raise ValueError("an archive must be a URL")
    if "#" in place:
        raise ValueError("the checksum belongs to the first URL, not to its archive")
    return place


Place = Annotated[str, AfterValidator(check_place)]
Mirror = Annotated[str, AfterValidator(check_mirror)]


class Row(BaseModel):
    """A row of a table; an unknown column is an error, an empty optional cell takes its default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Dataset(Row):
    """One ChIP-seq (or similar) dataset: `config/datasets.tsv`."""

    dataset: str = Field(pattern=IDENTIFIER, description="Id used in paths and as a target: lower snake case.")
    name: str = Field(min_length=1, description="Display name.")
    peaks: Annotated[list[Place], BeforeValidator(_split)] = Field(
        min_length=1,
        description="BED, narrowPeak (plain or gz) or bigBed files or URLs; several, pooled, are separated by `;`.",
    )
    archive: Annotated[list[Mirror], BeforeValidator(_split)] = Field(
        [],
        description="Where to fetch the same peaks (in any format) if `peaks` does not answer: one URL each, or empty.",
    )
    cells: str = Field("", description="Cell types, for people.")
    source: str = Field("", description="Accession or citation, for people.")

    @field_validator("archive")
    @classmethod
    def _one_each(cls, value: list[str], info: ValidationInfo) -> list[str]:
        peaks = info.data.get("peaks", [])
        if value and len(value) != len(peaks):
            raise ValueError(f"{len(value)} places, but `peaks` has {len(peaks)}")
        return value


class Genome(Row):
    """One genome and its chain from the human genome: `config/genomes.tsv`."""

    genome: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", description="Id used in paths, UCSC's where there is one.")
    name: str = Field(min_length=1, description="Display name.")
    clade: str = Field("", description="For people and for selections.")
    sequence: Place = Field(min_length=1, description="2bit or FASTA (plain, gz, bgzip): path or URL.")
    sequence_archive: Mirror = Field("", description="Where to fetch the same file if `sequence` does not answer.")
    chain: Place = Field("", description="Chain from the human genome: path or URL; empty for the human genome itself.")
    chain_archive: Mirror = Field("", description="Where to fetch the same file if `chain` does not answer.")
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
        message = problem["msg"].removeprefix("Value error, ")
        said = "is empty" if not shown else f"'{shown}': {message[0].lower()}{message[1:]}"
        raise ConfigError(f"{path}, row {number}, column {column}: {said}", field.description or "") from None


@dataclass(frozen=True)
class Source:
    """Where a file comes from, and its checksum where one is known (else an empty string)."""

    url: str
    mirrors: tuple[str, ...] = ()
    md5: str = ""
    sha256: str = ""

    @classmethod
    def parse(cls, place: str, mirror: str = "") -> Source:
        """Take a URL and its checksum apart."""
        url, _, checksum = place.partition("#")
        algorithm, _, value = checksum.partition("=")
        return cls(url, (mirror,) if mirror else (), **({algorithm: value} if checksum else {}))

    def options(self) -> list[str]:
        """The options of `regssl download`."""
        options = [part for mirror in self.mirrors for part in ("--mirror", mirror)]
        for algorithm in ("md5", "sha256"):
            if checksum := getattr(self, algorithm):
                options += [f"--{algorithm}", checksum]
        return options


class Catalog:
    """The datasets and genomes of one configuration, and where their files are.

    Attributes:
        datasets: by id, in table order.
        human: the genome that carries the peaks.
        genomes: the others by id, in table order.
        downloads: what comes from the internet: its path here (as `path` gives it) and its source.
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
        self.downloads = self._downloads(config)

    def path(self, place: str) -> str:
        """Where a file of the tables lies here: a URL's place under downloads, a relative path's under data_dir.

        `https://host/folder/file?query#sha256=…` is kept as `<downloads_dir>/host/folder/file`.
        """
        if is_url(place):
            url = urlsplit(place)
            return f"{self._downloads_dir}/{url.hostname or 'localhost'}{url.path}"
        return place if self._data_dir is None or Path(place).is_absolute() else f"{self._data_dir}/{place}"

    def _downloads(self, config: Config) -> dict[str, Source]:
        places = [(row.sequence, row.sequence_archive) for row in (self.human, *self.genomes.values())]
        places += [(row.chain, row.chain_archive) for row in self.genomes.values()]
        for dataset in self.datasets.values():
            places += zip(dataset.peaks, dataset.archive or [""] * len(dataset.peaks), strict=True)
        if config.blacklist:
            try:
                places.append((check_place(config.blacklist), ""))
            except ValueError as error:
                raise ConfigError(f"key `blacklist`: {error} (value: '{config.blacklist}')") from None
        found: dict[str, Source] = {}
        for place, mirror in places:
            if is_url(place):
                path, source = self.path(place), Source.parse(place, mirror)
                if found.setdefault(path, source) != source:
                    raise ConfigError(
                        f"{source.url} and {found[path].url} are both kept as {path}, but are described differently",
                        "give both the same URL, archive and checksum, or fetch one by hand and name its path",
                    )
        return found


def is_url(place: str) -> bool:
    """Whether a cell holds a URL to fetch, not a path."""
    return place.startswith(("http://", "https://", "file://"))


def _select(rows: dict[str, AnyRow], wanted: Sequence[str] | None, key: str, table: str) -> dict[str, AnyRow]:
    if wanted is None:
        return rows
    for name in wanted:
        if name not in rows:
            raise ConfigError(f"key `{key}`: '{name}' is not in {table}{did_you_mean(name, rows)}")
    return {name: row for name, row in rows.items() if name in wanted}
