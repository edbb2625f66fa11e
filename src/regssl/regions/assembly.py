"""The genomes of the regions: sequences of files put together under their names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from regssl.errors import DataError
from regssl.io.files import read_lines
from regssl.regions.places import Place
from regssl.regions.sequences import read_sequences, reverse_complement

CHROMOSOME = "2"
"""Coordinate system of chromosomes in Ensembl's test database."""


def name_pieces(paths: Sequence[str | Path], regions: Sequence[str]) -> dict[str, str]:
    """Name the sequences of one FASTA file per region `REGION.1`, `REGION.2` … in file order.

    Args:
        paths: FASTA files.
        regions: the region of each.

    Returns:
        Sequences by name.

    Raises:
        DataError: as `read_sequences`.
    """
    return {
        f"{region}.{number}": bases
        for path, region in zip(paths, regions, strict=True)
        for number, (_, bases) in enumerate(read_sequences(path), start=1)
    }


def assemble_regions(
    places: Sequence[Place], paths: Sequence[str | Path], names: Sequence[str], contigs: Sequence[str | Path] = ()
) -> dict[str, str]:
    """Put the regions of the human genome together.

    Args:
        places: the regions that there must be, with their lengths.
        paths: FASTA files of one sequence each.
        names: the region of each.
        contigs: the three tables from which chromosomes are joined (`join_contigs`); empty: none.

    Returns:
        Sequences by name: those of the files, then those that were joined.

    Raises:
        DataError: a file has several sequences; a region is missing, is in no row of the places, or has another length.
    """
    lengths = {place.region: place.length for place in places}
    found = dict[str, str]()
    for path, name in zip(paths, names, strict=True):
        sequences = read_sequences(path)
        if len(sequences) > 1:
            raise DataError(f"{path}: {len(sequences)} sequences, expected one, that of {name}")
        found[name] = sequences[0][1]
    if contigs:
        starts = {(place.chrom, place.start): place.region for place in places if not place.lifted_chrom}
        for chrom, start, bases in join_contigs(*contigs):
            if (region := starts.get((f"chr{chrom}", start))) is None:
                raise DataError(f"{contigs[2]}: a piece begins at chr{chrom}:{start}, where no region begins")
            found[region] = bases
    for name in {**found, **lengths}:
        if len(found.get(name, "")) != lengths.get(name, 0):
            have, want = len(found.get(name, "")), lengths.get(name, 0)
            raise DataError(f"region {name}: {have:,} bp in the files, {want:,} bp in the table of regions")
    return found


def join_contigs(dna: str | Path, seq_region: str | Path, assembly: str | Path) -> list[tuple[str, int, str]]:
    """Join contigs where they abut on a chromosome; those on the minus strand are reversed.

    Args:
        dna, seq_region, assembly: these tables of an Ensembl database, text without a header.

    Returns:
        Chromosome (without `chr`), 0-based start and sequence of each piece, in order.

    Raises:
        DataError: a table has too few columns, a number that is none, or a contig that is too short.
    """
    bases = dict(_rows(dna, 2))
    regions = {row[0]: (row[1], row[2]) for row in _rows(seq_region, 3)}
    placed: list[tuple[str, int, str]] = []
    for whole, part, *numbers in _rows(assembly, 7):
        name, system = regions.get(whole, ("", ""))
        if system != CHROMOSOME or part not in bases:
            continue
        start, end, first, last, strand = map(int, numbers)
        piece = bases[part][first - 1 : last]
        if not (0 < first <= last <= len(bases[part]) and last - first == end - start):
            raise DataError(f"{assembly}: contig {part} has no bases {first}-{last} for {name}:{start}-{end}")
        placed.append((name, start - 1, piece if strand > 0 else reverse_complement(piece)))
    joined: list[tuple[str, int, str]] = []
    for name, start, piece in sorted(placed):
        if joined and joined[-1][0] == name and joined[-1][1] + len(joined[-1][2]) == start:
            joined[-1] = (name, joined[-1][1], joined[-1][2] + piece)
        else:
            joined.append((name, start, piece))
    return joined


def _rows(path: str | Path, columns: int) -> list[list[str]]:
    """Read the first columns of a table without a header; those from the third on of `assembly` are numbers."""
    rows = []
    for number, line in read_lines(path):
        cells = line.split("\t")
        if line and len(cells) < columns:
            raise DataError(f"{path}: line {number}: {len(cells)} columns, expected {columns}")
        if line and columns > 3 and not all(cell.removeprefix("-").isdecimal() for cell in cells[2:columns]):
            raise DataError(f"{path}: line {number}: columns 3 to {columns} are whole numbers")
        if line:
            rows.append(cells[:columns])
    return rows
