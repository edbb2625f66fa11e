"""A small genome in every format that is read: FASTA of several layouts, gzip, bgzip, 2bit."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from regssl.sequences.genome import to_twobit

SEQUENCES = {"chr1": "ACGTNNNNacgtRYkmACGTACGTAC", "chr2": "GGGnnnTT", "scaffold_3": "A"}
AS_READ = {name: "".join(b if b in "ACGTacgt" else "Nn"[b.islower()] for b in seq) for name, seq in SEQUENCES.items()}
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def fasta_text(sequences: dict[str, str], width: int = 10, newline: str = "\n") -> bytes:
    lines = []
    for name, sequence in sequences.items():
        lines += [f">{name} a description", *(sequence[i : i + width] for i in range(0, len(sequence), width))]
    return "".join(line + newline for line in lines).encode()


def bgzf(data: bytes, block: int = 20) -> bytes:
    """Compress as bgzip does (SAM specification, section 4.1): gzip members that record their size, an end marker."""
    out = b""
    for start in range(0, len(data), block):
        piece = data[start : start + block]
        deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = deflate.compress(piece) + deflate.flush()
        header = struct.pack("<4BI2BH2B2H", 31, 139, 8, 4, 0, 0, 255, 6, 66, 67, 2, len(packed) + 25)
        out += header + packed + struct.pack("<2I", zlib.crc32(piece), len(piece))
    return out + BGZF_END


def two_bit(data: bytes, folder: Path) -> bytes:
    (folder / "source").write_bytes(data)
    to_twobit(folder / "source", folder / "source.2bit")
    return (folder / "source.2bit").read_bytes()


class WithoutSequence:
    """Stands for a genome of which only the sizes matter: all bases are known."""

    def __init__(self, sizes: dict[str, int], path: str = "genome.2bit") -> None:
        self.sizes, self.path = sizes, path

    def n_bases(self, chrom: Sequence[str], start: np.ndarray, end: np.ndarray) -> np.ndarray:
        return np.zeros(len(start), np.int64)


KINDS = ["plain", "crlf", "one_line", "uneven", "no_last_newline", "gzip", "bgzip", "2bit"]


def write_as(kind: str, path: Path, sequences: dict[str, str]) -> Path:
    plain = fasta_text(sequences)
    ways = {
        "plain": lambda: plain,
        "crlf": lambda: fasta_text(sequences, newline="\r\n"),
        "one_line": lambda: fasta_text(sequences, width=10**6),
        "uneven": lambda: plain.replace(b"\n", b"\n\n").replace(b"NN", b"N\nN"),
        "no_last_newline": lambda: plain.rstrip(),
        "gzip": lambda: gzip.compress(plain),
        "bgzip": lambda: bgzf(plain),
        "2bit": lambda: two_bit(plain, path.parent),
    }
    path.write_bytes(ways[kind]())
    return path
