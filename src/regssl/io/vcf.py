"""Variants from a VCF file, plain or gzipped, one at a time: rows with several alternative alleles are split."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from regssl.errors import DataError
from regssl.io.files import read_lines
from regssl.io.text import shorten

_ALLELE = re.compile(r"[A-Za-z]+")
_CONTIG = re.compile(r"##contig=<(?:.*,)?ID=([^,>]+)", re.ASCII)
_LENGTH = re.compile(r"[<,]length=([0-9]{1,10})[,>]", re.ASCII)
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")


class Variant(NamedTuple):
    """One alternative allele of one row.

    Attributes:
        line: line of the file, from 1.
        chrom, id, ref, alt, info: as in the file, bases in upper case; `info` is empty where the row ends before it.
        pos: 0-based.
        allele_index: which alternative allele of its row this is, from 0.
        n_alleles: number of alternative alleles of the row.
    """

    line: int
    chrom: str
    pos: int
    id: str
    ref: str
    alt: str
    info: str
    allele_index: int
    n_alleles: int


def read_vcf(path: str | Path, lengths: dict[str, int] | None = None) -> Iterator[Variant]:
    """Read the variants of a VCF file in file order; lines that start with `#` are skipped.

    Only the first five columns are required, and INFO (the eighth) is read where it exists. Deletions and symbolic
    alleles are read like the rest.

    Args:
        path: the file.
        lengths: filled, before the first variant, with the lengths of contigs that the header gives.

    Raises:
        DataError: no such file, neither `#CHROM` nor a row in it, a truncated file, a line that is not VCF, or that has
            not as many cells as the header (without one: as the first row); names file, line, column and value.
    """
    columns = 0
    for number, line in read_lines(path):
        if line[:1] not in ("", "#"):
            columns = columns or line.count("\t") + 1
            yield from _variants(path, number, line, columns)
        elif line.startswith("#CHROM"):
            columns = line.count("\t") + 1
        elif lengths is not None and (contig := _CONTIG.match(line)) and (length := _LENGTH.search(line)):
            lengths[contig[1]] = int(length[1])
    if not columns:
        raise DataError(f"{path}: neither the header line (#CHROM …) nor a row is in it", "is the file whole?")


def _variants(path: str | Path, number: int, line: str, columns: int) -> Iterator[Variant]:
    cells = line.split("\t", 8)
    if len(cells) < 5:
        raise DataError(
            f"{path}: line {number}: {len(cells)} columns instead of CHROM, POS, ID, REF, ALT",
            "this is FASTA, of which pairs of sequences are scored without a genome"
            if line.startswith(">")
            else "a VCF is separated by tabs",
        )
    if (found := line.count("\t") + 1) != columns:
        raise DataError(f"{path}: line {number}: {found} cells, {columns} are expected", "is the file whole?")
    chrom, pos, name, ref, alts = cells[:5]
    if not chrom:
        raise DataError(f"{path}: line {number}, column 1 (CHROM): is empty")
    if not (pos.isascii() and pos.isdigit() and len(pos) <= 10):
        raise DataError(
            f"{path}: line {number}, column 2 (POS): '{shorten(pos)}' is not a position", "whole numbers from 1"
        )
    if not _ALLELE.fullmatch(ref):
        raise DataError(f"{path}: line {number}, column 4 (REF): '{shorten(ref)}' is not a sequence of bases")
    info = cells[7] if len(cells) > 7 else ""
    alleles = alts.split(",")
    if not all(alleles):
        raise DataError(
            f"{path}: line {number}, column 5 (ALT): '{shorten(alts)}' holds an empty allele",
            "an absent allele is written as a dot",
        )
    for index, alt in enumerate(alleles):
        alt = alt.upper() if _ALLELE.fullmatch(alt) else alt  # a breakend holds the name of a chromosome
        yield Variant(number, chrom, int(pos) - 1, name, ref.upper(), alt, info, index, len(alleles))


def info_float(variant: Variant, key: str, path: str | Path) -> float | None:
    """Return the number under `key` in INFO; None if there is none, or a dot or `nan`.

    Of a key with one value for each alternative allele (`Number=A`), return the value of this allele.

    Raises:
        DataError: not a finite number, not one value for each alternative allele, or the key is there twice.
    """
    beginning = f"{key}="
    found = [entry[len(beginning) :] for entry in variant.info.split(";") if entry.startswith(beginning)]
    if not found:
        return None
    values = found[0].split(",")
    problem, hint = f"is there {len(found)} times", "a key is there once in a row"
    if len(found) == 1:
        problem = f"{len(values)} values for {variant.n_alleles} alleles"
        hint = "one value for each alternative allele"
        if len(values) == variant.n_alleles:
            value = values[variant.allele_index]
            if _NUMBER.fullmatch(value) and math.isfinite(number := float(value)):
                return number
            if value.lower() in ("", ".", "nan", "na"):
                return None
            problem, hint = f"'{shorten(value)}' is not a number", ""
    raise DataError(f"{path}: line {variant.line}, INFO {shorten(key)}: {problem}", hint)
