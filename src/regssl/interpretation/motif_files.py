"""Motifs as MEME files, which `regssl.sequences.motifs` and the MEME suite read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from regssl.io.digests import check_digest, digested_path
from regssl.io.files import read_lines
from regssl.sequences.motifs import Motif, read_meme

_HEADER = """\
MEME version 4

ALPHABET= ACGT

strands: + -

Background letter frequencies
A 0.25 C 0.25 G 0.25 T 0.25
"""


def write_meme(motifs: Sequence[Motif], sites: Sequence[int], path: str | Path) -> None:
    """Write motifs, completely or not at all.

    Args:
        motifs: there may be none; `read_learned` reads such a file, `read_meme` does not.
        sites: number of sites of each.
        path: the file.
    """
    blocks = [
        f"MOTIF {motif.id}\nletter-probability matrix: alength= 4 w= {motif.width} nsites= {count}\n"
        + "".join(" ".join(f"{frequency:.6f}" for frequency in row) + "\n" for row in motif.frequencies)
        for motif, count in zip(motifs, sites, strict=True)
    ]
    with digested_path(path) as aside:
        aside.write_text("\n".join([_HEADER, *blocks]), encoding="utf-8")


def read_learned(path: str | Path) -> dict[str, Motif]:
    """Read the motifs that `write_meme` wrote, by id; a network may have none.

    Raises:
        DataError: not as it was written, or as `read_meme`.
    """
    check_digest(path)
    has_any = any(line.startswith("MOTIF") for _, line in read_lines(path))
    return read_meme(path) if has_any else {}
