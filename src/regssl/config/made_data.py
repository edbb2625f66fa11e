"""Data files that the workflow makes from published ones: which, and from what."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PositiveInt

from regssl.config.cells import check_path_or_url, split_list
from regssl.config.schema import Config
from regssl.config.table_files import TableRow, read_table
from regssl.config.validators import check_path
from regssl.download.sources import Sources, is_url
from regssl.errors import ConfigError

FOLDER = "encode_regions"
"""Folder of the files that are made, below that of downloads: several configurations share them."""
GENOME, PLACES, PEAKS = "genomes/{}.fa.gz", "genomes/{}.regions.tsv", "peaks/{}.narrowPeak"
VARIANTS, MEASURED, MEASURED_IN = "snps/{}_asb.tsv", "measured/{}.narrowPeak", "measured/{}.regions.bed"
"""Places of what is made, as the tables name them."""
FORMS = (GENOME, PLACES, PEAKS, VARIANTS, MEASURED, MEASURED_IN)
CONTIGS = ("dna", "seq_region", "assembly")
"""The tables of contigs, in the order that their step takes them in."""
VARIANT_FORMATS = ("alleledb", "shi2016")
Role = Literal["sequence", "contigs", "chain", "peaks", "variants", "windows", "measured"]


def _check_source(place: str) -> str:
    if not is_url(check_path_or_url(place)):
        raise ValueError("must be a URL")
    if "#" in place:
        raise ValueError("the checksum belongs in the column sha256")
    return place


def _check_made(places: list[str]) -> list[str]:
    for place in places:
        check_path(place)
        if not any(re.fullmatch(form.replace(".", r"\.").format(r"[\w.*-]+"), place) for form in FORMS):
            raise ValueError(f"'{place}' is none of the files that are made: {', '.join(FORMS)}")
    return places


class SourceRow(TableRow):
    """One published file, and what is made from it: `config/encode_regions/sources.tsv`."""

    identity = ("url",)
    url: Annotated[str, AfterValidator(_check_source)] = Field(min_length=1, description="Where it is: a URL.")
    bytes: PositiveInt = Field(description="Its bytes, for people.")
    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="Its SHA-256, which the download must have.")
    role: Role = Field(
        description="What it is: sequence, contigs, chain, peaks, variants, windows or measured (peaks)."
    )
    name: str = Field(min_length=1, description="What of it: a region, a table, the two assemblies of a chain …")
    makes: Annotated[list[str], BeforeValidator(split_list), AfterValidator(_check_made)] = Field(
        min_length=1,
        description="Paths of the tables that are made from it, separated by `;`; those with `*` stand for all alike "
        "that other rows make.",
    )
    licence: str = Field("", description="Its licence as its publisher states it, for people.")


class MadeData:
    """What a configuration makes from published files; nothing where it names none, or a folder with the data."""

    def __init__(self, config: Config) -> None:
        """Read the table of sources.

        Raises:
            ConfigError: as `read_table`; there is no table of regions.
        """
        self._table, self.folder = config.sources, f"{config.downloads_dir}/{FOLDER}"
        self._downloads = Sources(config.downloads_dir)
        made = config.sources is not None and config.data_dir is None and config.simulation is None
        self._rows = read_table(str(config.sources), SourceRow) if made else []
        if made and not self._rows:
            raise ConfigError(
                f"{self._table}: no rows: nothing is made", "or name a folder with the data in `data_dir`"
            )
        if made and config.regions is None:
            raise ConfigError("key `sources`: needs the key `regions`, the table of where the regions lie")

    def __bool__(self) -> bool:
        """Whether relative paths of the tables are files that are made."""
        return bool(self._rows)

    def path(self, place: str) -> str:
        """Return the local path of a file that is made."""
        return f"{self.folder}/{place}"

    def makes(self, place: str) -> bool:
        """Whether any row makes a file."""
        return any(place in row.makes for row in self._rows)

    def check(self, place: str) -> None:
        """Check that a file which is made has all the published files that it is made from.

        Raises:
            ConfigError: one is missing, or there is one too many.
        """

        def number(role: Role, name: str = "") -> int:
            return len(self.sources(place, role, name))

        form = next(form for form in FORMS if self.names(form, [place]))
        if form in (GENOME, PLACES):
            checks = {"rows of role sequence": number("sequence") > 0}
            if number("contigs"):
                checks |= {f"one row of role contigs, name {name}": number("contigs", name) == 1 for name in CONTIGS}
        elif form == VARIANTS:
            intervals, known = number("windows", "intervals"), " or ".join(VARIANT_FORMATS)
            checks = {
                f"one row of role variants, name {known}": number("variants") == 1
                and self.sources(place, "variants")[0].name in VARIANT_FORMATS,
                "one row of role chain, name hg19_to_hg16": number("chain", "hg19_to_hg16") == 1,
                "one row of role chain, name hg38_to_hg19": number("variants", "alleledb") == 1
                or number("chain", "hg38_to_hg19") == 1,
                "as many rows of role windows, name intervals, as of name sequences": intervals
                == number("windows", "sequences"),
            }
        else:
            role: Role = "peaks" if form == PEAKS else "measured"
            checks = {f"rows of role {role}": number(role) > 0, "at most one row of role chain": number("chain") < 2}
        for needed, found in checks.items():
            if not found:
                raise ConfigError(
                    f"{self._table}: '{place}' is made from {needed}", "see the columns role, name, makes"
                )

    def paths(self, place: str, role: Role, name: str = "") -> list[str]:
        """List the local paths of `sources`."""
        return [self._downloads.path(row.url) for row in self.sources(place, role, name)]

    def sources(self, place: str, role: Role | None = None, name: str = "") -> list[SourceRow]:
        """List the published files that a file is made from.

        Args:
            place: its path in the tables.
            role: only those of this role.
            name: only those of this name.
        """
        return [
            row
            for row in self._rows
            if any(fnmatchcase(place, pattern) for pattern in row.makes)
            and role in (None, row.role)
            and name in ("", row.name)
        ]

    def sums(self, place: str) -> list[str]:
        """List the SHA-256 of every published file that a file is made from."""
        return [row.sha256 for row in self.sources(place)]

    @staticmethod
    def names(form: str, places: Iterable[str]) -> list[str]:
        """List the names of the places of one of FORMS."""
        before, after = form.split("{}")
        return [p[len(before) : -len(after)] for p in places if p.startswith(before) and p.endswith(after)]

    def origin(self, row: SourceRow) -> str:
        """Return the cell with the checksum of a row, for messages."""
        return f"{self._table}, row '…/{row.url.rpartition('/')[2]}', column sha256"
