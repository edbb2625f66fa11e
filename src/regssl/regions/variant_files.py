"""Published tables of allele-specific binding, and the tables that the formats `shi2016` and `alleledb` read."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from regssl.errors import ConfigError, DataError
from regssl.io.files import open_input, open_stream, read_lines
from regssl.io.text import shorten
from regssl.liftover.chains import Chains
from regssl.regions.contexts import Context, Variants
from regssl.regions.places import lift_positions

BASES = "ACGT"
SIGNED = "signed_log10p_negative_is_ref_preferred"
FORMATS = {
    "alleledb": ("chr", "pos0_hg19", "ref", "alt", "TF", "ref_reads", "alt_reads", "p_betabinom"),
    "shi2016": ("chr", "pos0_hg19", "ref", "alt", "TF", SIGNED, "ref_reads"),
}
"""Columns of each table, by the name of its format."""
CONTEXT = ("source", "snp_index", "sequence")


def read_variant_file(path: str | Path, table: str, chains: Chains | None = None) -> Variants:
    """Read a published table.

    Args:
        path: the file.
        table: a key of FORMATS.
        chains: for a table of another assembly, from it to the published one of the regions.

    Raises:
        DataError: as `read_alleledb` and `read_shi2016`.
        ConfigError: a table of another assembly without chains.
    """
    if table == "alleledb":
        return read_alleledb(path)
    if chains is None:
        raise ConfigError(f"{path}: its variants are on hg38", "give the chain file to hg19")
    return read_shi2016(path, chains)


def read_alleledb(path: str | Path) -> Variants:
    """Read AlleleDB's table of allele-specific binding from its tar archive: single-base variants, hg19, 0-based.

    Raises:
        DataError: no such archive, no table in it, or a line that cannot be read.
    """
    rows: list[tuple[str, int, dict[str, str]]] = []
    for number, fields in _archived(path):
        if fields[0] == "chr" or not any(fields):
            continue
        if len(fields) < 12:
            raise DataError(f"{path}: line {number}: {len(fields)} columns, expected 12")
        reference, alternative = fields[4], fields[5]
        if reference in BASES and alternative in BASES and len(reference) == len(alternative) == 1:
            reads = dict(zip(BASES, fields[6:10], strict=True))
            cells = {"ref": reference, "alt": alternative, "TF": fields[3].split("_")[0], "p_betabinom": fields[11]}
            cells |= {"ref_reads": reads[reference], "alt_reads": reads[alternative]}
            rows.append((fields[0], _position(path, number, fields[1]), cells))
    return _variants(rows)


def read_shi2016(path: str | Path, chains: Chains) -> Variants:
    """Read the CTCF sites of Shi et al. 2016 as the ADASTRA pipeline has them, lifted from hg38 to hg19.

    Args:
        path: table with the columns chrom, pos (hg38, 1-based), ref, alt, signed log10 p, reads of the factor.
        chains: from hg38 to hg19.

    Raises:
        DataError: no such file, or a line that cannot be read.
    """
    rows: list[tuple[str, int, dict[str, str]]] = []
    for number, line in read_lines(path):
        fields = line.split("\t")
        if not line or line.startswith("#"):
            continue
        if len(fields) < 6:
            raise DataError(f"{path}: line {number}: {len(fields)} columns, expected 6")
        cells = {"ref": fields[2], "alt": fields[3], "TF": "CTCF", SIGNED: fields[4], "ref_reads": fields[5].strip()}
        rows.append((fields[0], _position(path, number, fields[1]) - 1, cells))
    found = _variants(rows)
    lifted = lift_positions(chains, found.chrom, found.position)
    kept = np.flatnonzero(lifted.position >= 0)
    chrom = np.array([f"chr{name}" for name in lifted.chrom[kept]], object)
    return Variants(chrom, lifted.position[kept], [found.cells[row] for row in kept.tolist()])


def variant_lines(variants: Variants, contexts: Sequence[Context | None], columns: Sequence[str]) -> list[str]:
    """Write the table of variants whose reference allele is the base of their context: a header, and a line each."""
    lines = ["\t".join((*columns, *CONTEXT)) + "\n"]
    for row, context in enumerate(contexts):
        cells = variants.cells[row]
        if context is not None and context.bases[context.at] == cells["ref"]:
            values: dict[str, Any] = {"chr": variants.chrom[row], "pos0_hg19": variants.position[row], **cells}
            values |= {"source": context.source, "snp_index": context.at, "sequence": context.bases}
            lines.append("\t".join(str(values[column]) for column in (*columns, *CONTEXT)) + "\n")
    return lines


def _variants(rows: list[tuple[str, int, dict[str, str]]]) -> Variants:
    chrom = np.array([row[0] for row in rows], object)
    return Variants(chrom, np.array([row[1] for row in rows], np.int64), [row[2] for row in rows])


def _position(path: str | Path, number: int, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 11):
        raise DataError(f"{path}: line {number}, column 2: '{shorten(text)}' is not a whole number >= 0")
    return int(text)


def _archived(path: str | Path) -> list[tuple[int, list[str]]]:
    """Read the lines of the first `.txt` of a tar archive, numbered, split at tabs."""
    read: Callable[..., Any] = tarfile.open
    with open_input(path, accept=["tar"]) as stream:
        try:
            with read(fileobj=stream, mode="r|") as archive:
                for member in archive:
                    if member.isfile() and member.name.endswith(".txt"):
                        content = archive.extractfile(member)
                        table = open_stream(content, f"{path}, {member.name}")
                        return [(number, line.split("\t")) for number, line in read_lines(table)]
        except tarfile.TarError as error:
            raise DataError(f"{path}: a tar archive that cannot be read: {shorten(str(error), 100)}") from None
    raise DataError(f"{path}: holds no .txt")
