"""Variants from a VCF file, plain or gzipped, one at a time: rows with several alternative alleles are split."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from regssl.errors import DataError
from regssl.io.atomic import open_text

_ALLELE = re.compile(r"[A-Za-z]+")


class Variant(NamedTuple):
    """One alternative allele of one row.

    Attributes:
        line: line of the file, from 1.
        chrom, id, ref, alt, info: as written, alleles in upper case; `info` is empty where the row ends before it.
        pos: 0-based.
        number: which alternative allele of its row this is, from 0, of `alleles`.
    """

    line: int
    chrom: str
    pos: int
    id: str
    ref: str
    alt: str
    info: str
    number: int
    alleles: int


def read_vcf(path: str | Path) -> Iterator[Variant]:
    """Read the variants of a VCF file in file order; lines that start with `#` are passed over.

    Only the first five columns are needed, and INFO (the eighth) where there is one. What cannot be scored (deletions,
    symbolic alleles) is read like the rest: whoever scores says why not.

    Raises:
        DataError: no such file, cut short, or a line that is no VCF; names file, line, column and value.
    """
    with open_text(path) as file:
        number = 0
        try:
            for number, line in enumerate(file, start=1):
                if line[0] not in "#\n\r":
                    yield from _variants(path, number, line)
        except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
            raise DataError(f"{path}: after line {number}: cannot be read on: {error}", "is the file whole?") from None


def _variants(path: str | Path, number: int, line: str) -> Iterator[Variant]:
    cells = line.rstrip("\r\n").split("\t", 8)
    if len(cells) < 5:
        raise DataError(
            f"{path}: line {number}: {len(cells)} columns instead of CHROM, POS, ID, REF, ALT",
            "a VCF is separated by tabs",
        )
    chrom, pos, name, ref, alts = cells[:5]
    if not chrom:
        raise DataError(f"{path}: line {number}, column 1 (CHROM): is empty")
    if not (pos.isascii() and pos.isdigit() and len(pos) <= 10):
        raise DataError(f"{path}: line {number}, column 2 (POS): '{pos}' is not a position", "whole numbers from 1")
    if not _ALLELE.fullmatch(ref):
        raise DataError(f"{path}: line {number}, column 4 (REF): '{ref}' is not a sequence of bases")
    if not alts:
        raise DataError(f"{path}: line {number}, column 5 (ALT): is empty", "an absent allele is written as a dot")
    info = cells[7] if len(cells) > 7 else ""
    alleles = alts.upper().split(",")
    for place, alt in enumerate(alleles):
        yield Variant(number, chrom, int(pos) - 1, name, ref.upper(), alt, info, place, len(alleles))


def info_number(variant: Variant, key: str, path: str | Path) -> float | None:
    """The number that INFO holds for a variant under `key`; None where there is none, or a dot.

    A key with one value for each alternative allele (`Number=A`) gives that of the variant's own.

    Raises:
        DataError: no number, or neither one value nor one for each allele.
    """
    for entry in variant.info.split(";"):
        name, _, text = entry.partition("=")
        if name != key:
            continue
        values = text.split(",")
        if len(values) != variant.alleles:
            raise DataError(
                f"{path}: line {variant.line}, INFO {key}: {len(values)} values for {variant.alleles} alleles",
                "one value for each alternative allele",
            )
        value = values[variant.number]
        if value in ("", "."):
            return None
        try:
            return float(value)
        except ValueError:
            raise DataError(f"{path}: line {variant.line}, INFO {key}: '{value}' is not a number") from None
    return None
