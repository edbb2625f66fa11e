"""Write FASTA, chains and tables atomically; equal content gives equal bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from regssl.io.atomic import atomic_path
from regssl.io.outputs import open_output
from regssl.simulate.genomes import SimulatedGenome

FASTA_COLUMNS = 80


def write(path: Path, content: bytes) -> None:
    """Write bytes."""
    with atomic_path(path) as aside, open_output(aside, level=4) as file:
        file.write(content)


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write text lines."""
    write(path, "".join(f"{line}\n" for line in lines).encode())


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write JSON, indented."""
    write(path, (json.dumps(content, indent=2) + "\n").encode())


def write_table(path: Path, table: pd.DataFrame, header: bool = True) -> None:
    """Write tab-separated columns."""
    rows = (map(str, row) for row in zip(*(table[column].tolist() for column in table), strict=True))
    lines = map("\t".join, rows)
    write_lines(path, ["\t".join(table.columns), *lines] if header else lines)


def write_fasta(path: Path, genome: SimulatedGenome) -> None:
    """Write the contigs of a genome, repeats in lower case."""
    letters = np.frombuffer(b"ACGTNacgtn", np.uint8)[genome.bases["code"] + 5 * genome.bases["masked"]]
    parts = []
    for contig, sequence in zip(genome.contigs, np.split(letters, genome.starts[1:-1]), strict=True):
        parts.append(f">{contig}\n".encode())
        whole = len(sequence) // FASTA_COLUMNS * FASTA_COLUMNS
        rows = sequence[:whole].reshape(-1, FASTA_COLUMNS)
        parts.append(np.column_stack([rows, np.full(len(rows), ord("\n"), np.uint8)]).tobytes())
        if whole < len(sequence):
            parts.append(sequence[whole:].tobytes() + b"\n")
    write(path, b"".join(parts))


def homology_rows(blocks: pd.DataFrame, human: SimulatedGenome, relative: SimulatedGenome) -> pd.DataFrame:
    """Return homologous blocks with the names of contigs and strands, both intervals on the forward strand.

    Returns:
        chrom, start, end, relative_chrom, relative_start, relative_end, strand.
    """
    return pd.DataFrame(
        {
            "chrom": np.array(human.contigs)[blocks.contig],
            "start": blocks.start,
            "end": blocks.start + blocks["size"],
            "relative_chrom": np.array(relative.contigs)[blocks.relative_contig],
            "relative_start": blocks.relative_start,
            "relative_end": blocks.relative_start + blocks["size"],
            "strand": np.where(blocks.minus, "-", "+"),
        }
    )
