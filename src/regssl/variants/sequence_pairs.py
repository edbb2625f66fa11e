"""Pairs of sequences, with the reference and the alternative allele: FASTA, or a table of sequences or of flanks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd

from regssl.data.sequence_codes import EncodedText
from regssl.data.sequence_files import is_fasta, parse_sequence_table
from regssl.errors import DataError
from regssl.io.files import open_input
from regssl.io.text import shorten
from regssl.io.text_table import TextTable
from regssl.sequences.encoding import decode
from regssl.variants.pair_windows import allele_reason, find_change

MIN_BASES = 20
"""Bases of the shorter sequence of a pair, from which on it is scored: less than a binding site is no sequence but an
allele without its flanks."""
USUAL = {
    "id": ("id", "rsid", "rs", "snp", "variant", "name"),
    "ref": ("ref", "reference", "ref_sequence", "reference_sequence", "ref_seq"),
    "alt": ("alt", "alternative", "alternate", "alt_sequence", "alternative_sequence", "alt_seq"),
    "left": ("left", "left_flank", "flank_left", "upstream", "flank5", "five_prime"),
    "right": ("right", "right_flank", "flank_right", "downstream", "flank3", "three_prime"),
    "sequence": ("sequence", "seq", "flanks", "context"),
}
"""What a column may be, and the names by which it is found, in any case."""
EMPTY = "-"
"""An allele without bases, of an insertion or a deletion. An empty cell, or a dot, may also be a missing one."""
_FORMS = "columns ref and alt with sequences, or with alleles and their flanks left and right; or sequence: ACG[A/G]TTC"
_RECORD = re.compile(r"(?P<id>.*?)[\s_|:;/.-]*(?P<allele>ref(?:erence)?|alt(?:ernative|ernate)?)(?P<number>\d*)", re.I)
_SYMBOLIC = re.compile(r"<[^<>]+>|\*|[^\[\]]*[\[\]][^\[\]]+[\[\]][^\[\]]*")
_BRACKETS = re.compile(r"\s*(?P<left>[^\[\]]*)\[(?P<alleles>[^\[\]]*)\](?P<right>[^\[\]]*)\s*")


@dataclass
class SequencePairs:
    """Pairs of sequences.

    Attributes:
        table: one row per pair: chrom (empty), pos (0-based, in the reference sequence), id, ref and alt (`-` has no
            base): the alleles as the file has them, or of two whole sequences what changes.
        codes: byte codes of both sequences of each, uint8 (bases,).
        reasons: why a pair cannot be scored, where its alleles tell, a key of `pair_windows.PAIR_REASONS`; else empty.
    """

    table: pd.DataFrame
    codes: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def read_pairs(path: str | Path, alternatives: str | Path | None = None) -> SequencePairs:
    """Read pairs of sequences, in any case; U is no base, gaps (`-`) are dropped, IUPAC codes become N.

    Args:
        path: FASTA with two records of each variant, whose names end in `ref` and in `alt` (`rs7_ref`, `rs7|alt`; of
            several alternatives, `alt1`, `alt2`); or a table, TSV or CSV, with a header. Its columns, in any case:
            `ref` and `alt`, which hold sequences; or `left`, `ref`, `alt` and `right`, alleles and flanks, several
            alternatives separated by commas; or `sequence` with the alleles in brackets, the reference first
            (`ACGT[A/G]TTCA`). An absent allele is `-`; symbolic ones as in a VCF (`<DEL>`, `*`) have no score. `id`, or
            `rsid`, names the variant; else its row does.
        alternatives: FASTA with the alternative sequences, records in `path` and here have the same names.

    Raises:
        DataError: a damaged file, a record without its counterpart, a name twice, a letter that is no base, an empty
            allele, a sequence shorter than MIN_BASES; names file, line and column.
    """
    table, fasta = _read(path)
    if alternatives is None:
        return _encode(_records(table) if fasta else _rows(table))
    other, also_fasta = _read(alternatives)
    if not (fasta and also_fasta):
        wrong = other.path if fasta else table.path
        raise DataError(f"{wrong}: not FASTA", "a second file holds the alternative sequences of a FASTA file")
    return _encode(_two_files(table, other))


def _read(path: str | Path) -> tuple[TextTable, bool]:
    """Read a file of sequences, and tell whether it is FASTA."""
    with open_input(path) as file:
        if _is_vcf(file.peek()):
            raise DataError(f"{path}: a VCF file, which needs the genome that its variants are of", "give --genome")
        fasta = is_fasta(file)
        return parse_sequence_table(file), fasta


def _is_vcf(head: bytes) -> bool:
    """Tell whether a file begins like a VCF, with or without its header."""
    cells = head.partition(b"\n")[0].split(b"\t")
    return head.startswith((b"##fileformat=VCF", b"#CHROM")) or (len(cells) >= 5 and cells[1].isdigit())


@dataclass(frozen=True)
class _Row:
    """A pair as text.

    Attributes:
        where: where it is read.
        id: its name.
        ref, alt: its sequences.
        cells: of a table, those that hold them, by column.
        alleles: where they are given.
        left: the bases before them.
        reason: why it cannot be scored, or empty.
    """

    where: str
    id: str
    ref: str
    alt: str
    cells: Mapping[str, str] = field(default_factory=dict)
    alleles: tuple[str, str] | None = None
    left: str = ""
    reason: str = ""


def _two_files(ref: TextTable, alt: TextTable) -> list[_Row]:
    """Pair the records of two FASTA files by their names."""
    references, alternatives = _by_name(ref), _by_name(alt)
    for (own, table), (others, other) in permutations([(references, ref), (alternatives, alt)]):
        for name, row in own.items():
            if name not in others:
                problem = f"{table.location(row)}: '{shorten(name)}' is not in {other.path}"
                raise DataError(problem, "both files name a variant alike")
    sequences = ref["sequence"], alt["sequence"]
    return [
        _Row(ref.location(row), name, sequences[0].iloc[row], sequences[1].iloc[alternatives[name]])
        for name, row in references.items()
    ]


def _by_name(table: TextTable) -> dict[str, int]:
    names: dict[str, int] = {}
    for row, name in enumerate(table["id"]):
        if name in names:
            raise DataError(f"{table.location(row)}: '{shorten(name)}' is there twice", "each variant has its own name")
        names[name] = row
    return names


def _records(table: TextTable) -> list[_Row]:
    """Pair the records of a FASTA file: each reference with its alternatives, in the order of the references."""
    rows: dict[str, dict[str, int]] = {}  # of each variant, by the allele
    for row, name in enumerate(table["id"]):
        if not (found := _RECORD.fullmatch(name)):
            raise DataError(
                f"{table.location(row)}: '{shorten(name)}' does not say which allele it is",
                "names end in ref or alt: rs7_ref, rs7_alt; or give a second FASTA file, --alternatives",
            )
        own, allele = rows.setdefault(found["id"], {}), found["allele"][:3].lower() + found["number"]
        if allele in own or (allele.startswith("ref") and found["number"]):
            problem = (
                f"{table.location(row)}: '{shorten(name)}': a variant has one reference, and each alternative once"
            )
            raise DataError(problem, "several are called alt1, alt2 …")
        own[allele] = row
    pairs = []
    for variant, own in rows.items():
        alternatives = [row for allele, row in own.items() if allele != "ref"]
        if "ref" not in own or not alternatives:
            missing = "alternative" if "ref" in own else "reference"
            where = table.location(min(own.values()))
            hint = f"a record {shorten(variant)}_{missing[:3]}, or a second FASTA file: --alternatives"
            raise DataError(f"{where}: '{shorten(variant)}' has no {missing} sequence", hint)
        ref = table["sequence"].iloc[own["ref"]]
        pairs += [_Row(table.location(row), variant, ref, table["sequence"].iloc[row]) for row in alternatives]
    return pairs


def _rows(table: TextTable) -> list[_Row]:
    """Read the pairs of a table, whatever its form."""
    found = _find_columns(table)
    cells = {role: table[column].str.strip().tolist() for role, column in found.items()}
    names = cells.get("id") or [f"row{row + 1}" for row in range(len(table))]
    rows = []
    for row, name in enumerate(names):
        where = table.location(row)
        own = {role: column[row] for role, column in cells.items()}
        read = {column: own[role] for role, column in found.items() if role != "id"}
        if "left" in found:
            columns = found["ref"], found["alt"]
            rows += _flanked(_Row(where, name, own["ref"], "", read), own, own["alt"].split(","), columns)
        elif "ref" in found:
            rows.append(_Row(where, name, own["ref"], own["alt"], read))
        else:
            column = found["sequence"]
            if not (parts := _BRACKETS.fullmatch(own["sequence"])):
                problem = f"{where}, column {column}: '{shorten(own['sequence'])}' has no alleles in brackets"
                raise DataError(problem, "the reference first: ACGT[A/G]TTCA")
            ref, *alts = parts["alleles"].split("/")
            if not alts:
                raise DataError(f"{where}: [{shorten(ref)}] is one allele", "the reference first: [A/G]")
            rows += _flanked(_Row(where, name, ref, "", read), parts.groupdict(), alts, (column, column))
    return rows


def _flanked(row: _Row, flanks: Mapping[str, str], alts: Sequence[str], columns: tuple[str, str]) -> list[_Row]:
    """Make the pairs of a row with alleles and flanks.

    Args:
        row: with the reference allele alone.
        flanks: `left` and `right`.
        alts: alternative alleles.
        columns: of the reference and of the alternative alleles.
    """
    ref, *others = (allele.strip().upper() for allele in (row.ref, *alts))
    for column, some in zip(columns, ([ref], others), strict=True):
        if "" in some:
            cell = row.cells[column]
            problem = f"'{shorten(cell)}' holds an empty allele" if cell else "is empty"
            raise DataError(f"{row.where}, column {column}: {problem}", f"an absent allele is written as {EMPTY}")
    pairs = []
    for alt in others:
        bases = ref.replace(EMPTY, ""), ref if _SYMBOLIC.fullmatch(alt) else alt.replace(EMPTY, "")
        pairs.append(
            replace(
                row,
                ref=flanks["left"] + bases[0] + flanks["right"],
                alt=flanks["left"] + bases[1] + flanks["right"],
                alleles=(ref, alt),
                left=flanks["left"],
                reason="symbolic" if _SYMBOLIC.fullmatch(alt) else allele_reason(*bases),
            )
        )
    return pairs


def _find_columns(table: TextTable) -> dict[str, str]:
    """Find the columns of a table by what they are.

    Raises:
        DataError: those of none of the forms are there, or two may be meant.
    """
    found: dict[str, str] = {}
    for role, usual in USUAL.items():
        names = [column for column in table.columns if column.strip().lower() in usual]
        if len(names) > 1:
            raise DataError(f"{table.path}: columns {' and '.join(names)}: which of them is meant?", f"name one {role}")
        found |= {role: names[0]} if names else {}
    complete = _complete(found)
    if not complete:
        raise DataError(f"{table.path}: no pairs of sequences: it has {shorten(', '.join(table.columns), 300)}", _FORMS)
    return {role: found[role] for role in ("id", *complete) if role in found}


def _complete(found: Mapping[str, str]) -> tuple[str, ...]:
    for form in (("left", "ref", "alt", "right"), ("ref", "alt"), ("sequence",)):
        if all(role in found for role in form):
            return () if form == ("ref", "alt") and {"left", "right"} & found.keys() else form
    return ()


def _encode(rows: Sequence[_Row]) -> SequencePairs:
    encoded = [EncodedText.encode([getattr(row, name) for row in rows]) for name in ("ref", "alt")]
    codes = []
    for text in encoded:
        if text.wrong is not None:
            wrong, letter = text.wrong
            column = next((name for name, cell in rows[wrong].cells.items() if letter.upper() in cell.upper()), "")
            where = rows[wrong].where + f", column {column}" * bool(column)
            hint = "sequences hold A, C, G, T, N and IUPAC ambiguity codes, and gaps (-)"
            raise DataError(f"{where}: {letter!r} is not a base", hint)
        codes.append(np.split(text.codes, np.cumsum(text.lengths)[:-1]))
    pairs = list(zip(*codes, strict=True))
    chrom, pos, alleles = [""] * len(rows), [], []
    for row, (ref, alt) in zip(rows, pairs, strict=True):
        if min(len(ref), len(alt)) < MIN_BASES:
            raise DataError(
                f"{row.where}: a sequence of {min(len(ref), len(alt))} bp, {MIN_BASES} are the least",
                "alleles need their flanks (columns left and right), or a VCF file and its genome (--genome)",
            )
        if row.alleles:
            pos.append(len(row.left.replace(EMPTY, "")))
            alleles.append(row.alleles)
            continue
        change = find_change(ref, alt)
        pos.append(change.start)
        own = ref[change.start : change.ref_end], alt[change.start : change.alt_end]
        alleles.append((decode(own[0]) or EMPTY, decode(own[1]) or EMPTY))
    columns = {"chrom": chrom, "pos": pos, "id": [row.id for row in rows]}
    table = pd.DataFrame({**columns, "ref": [ref for ref, _ in alleles], "alt": [alt for _, alt in alleles]})
    return SequencePairs(table, pairs, [row.reason for row in rows])
