"""Slow and obvious readers of text formats: what is in a file that our own readers accept."""

from __future__ import annotations

import re


def chains_by_hand(data: bytes) -> list[tuple]:
    """(tName, tSize, qName, qSize, strand, tStart, qStart, length) of every block, sorted."""
    blocks, target, query, head = [], 0, 0, []
    for line in data.split(b"\n"):
        fields = re.findall(rb"[^ \t\r]+", line)
        if not fields or line.startswith(b"#"):
            continue
        if fields[0] == b"chain":
            head, target, query = fields, int(fields[5]), int(fields[10])
            continue
        size, *gaps = map(int, fields)
        name, other = (head[i].decode("utf-8", "replace") for i in (2, 7))
        blocks.append((name, int(head[3]), other, int(head[8]), head[9].decode(), target, query, size))
        if gaps:
            target, query = target + size + gaps[0], query + size + gaps[1]
    return sorted(blocks)


def bed_by_hand(data: bytes) -> list[tuple[str, int, int]]:
    """(chrom, start, end) of every line that is neither empty nor a header."""
    rows = []
    for line in data.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line.strip() and not line.startswith(("#", "track", "browser")):
            chrom, start, end = (line.split("\t") if "\t" in line else line.split())[:3]
            rows.append((chrom, int(start), int(end)))
    return rows


def fasta_by_hand(data: bytes) -> dict[str, str]:
    """The sequences by name, letters that are no base as N."""
    sequences: dict[str, str] = {}
    name = ""
    for line in data.split(b"\n"):
        if line.startswith(b">"):
            name = line[1:].decode("utf-8", "replace").split()[0]
            sequences[name] = ""
        else:
            letters = b"".join(line.split()).decode()
            sequences[name] = sequences.get(name, "") + "".join(
                letter if letter in "ACGTNacgtn" else "Nn"[letter.islower()] for letter in letters
            )
    return {name: sequence for name, sequence in sequences.items() if name or sequence}


def vcf_by_hand(data: bytes) -> list[tuple]:
    """(line, CHROM, 0-based POS, REF, ALT, INFO) of every allele."""
    rows = []
    for number, line in enumerate(data.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        if line and not line.startswith("#"):
            cells = line.split("\t")
            info = cells[7] if len(cells) > 7 else ""
            rows += [
                (number, cells[0], int(cells[1]) - 1, cells[3].upper(), alt, info)
                for alt in cells[4].upper().split(",")
            ]
    return rows
