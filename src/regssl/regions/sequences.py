"""Sequences of regions as text, whose letters and case stay as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from regssl.errors import DataError
from regssl.io.atomic import atomic_path
from regssl.io.files import open_input, read_blocks
from regssl.io.outputs import open_output
from regssl.io.text import shorten

WIDTH = 60
"""Bases in a line."""
_NO_BASE = re.compile(rb"[^ACGTNacgtn\n]")


def read_sequences(path: str | Path) -> list[tuple[str, str]]:
    """Read the headers and the sequences of a FASTA file, in its order.

    Raises:
        DataError: no FASTA, a sequence without bases, or a letter that is no base; names file and line.
    """
    with open_input(path) as file:
        text = b"".join(read_blocks(file))
    before, *records = re.split(rb"^>", text, flags=re.MULTILINE)
    if before.strip() or not records:
        raise DataError(f"{path}: line 1: starts with '{shorten(text[:20].decode())}', not with '>'", "is it FASTA?")
    sequences, line = [], 1 + before.count(b"\n")
    for record in records:
        header, _, bases = record.partition(b"\n")
        if wrong := _NO_BASE.search(bases):
            at = line + 1 + bases.count(b"\n", 0, wrong.start())
            raise DataError(f"{path}: line {at}: {wrong[0].decode('latin-1')!r} is not a base", "A, C, G, T and N")
        sequence = bases.replace(b"\n", b"").decode()
        if not sequence:
            raise DataError(f"{path}: line {line}: no bases follow '>{shorten(header.decode())}'", "is the file whole?")
        sequences.append((header.decode().strip(), sequence))
        line += record.count(b"\n")
    return sequences


def write_sequences(path: str | Path, sequences: Mapping[str, str]) -> None:
    """Write sequences by name as FASTA, whole or not at all."""
    lines = []
    for name, bases in sequences.items():
        lines.append(f">{name}\n")
        lines += [f"{bases[at : at + WIDTH]}\n" for at in range(0, len(bases), WIDTH)]
    with atomic_path(path) as aside, open_output(aside, level=9) as file:
        file.write("".join(lines).encode())


def reverse_complement(bases: str) -> str:
    """Return the other strand of a sequence; case stays."""
    return bases[::-1].translate(str.maketrans("ACGTacgt", "TGCAtgca"))
