"""Slow and obvious readers of text formats: what is in a file that our own readers accept."""

from __future__ import annotations

import re
import struct
import zlib


def chains_by_hand(data: bytes) -> list[tuple]:
    """(tName, tSize, qName, qSize, strand, tStart, qStart, length) of every block, sorted."""
    blocks, target, query, head = [], 0, 0, []
    for line in data.split(b"\n"):
        fields = re.findall(rb"[^ \t\r]+", line)
        if not fields or fields[0].startswith(b"#"):
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
        if (words := line.split()) and not words[0].startswith("#") and words[0] not in ("track", "browser"):
            chrom, start, end = (line.split("\t") if line.count("\t") > 1 else line.split())[:3]
            rows.append((chrom.strip(" "), int(start), int(end)))
    return rows


def fasta_by_hand(data: bytes) -> dict[str, str]:
    """The sequences by name, letters that are no base as N."""
    sequences: dict[str, str] = {}
    name = ""
    for line in data.replace(b"\r", b"\n").split(b"\n"):
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
                (number, cells[0], int(cells[1]) - 1, cells[3].upper(), alt.upper() if alt.isalpha() else alt, info)
                for alt in cells[4].split(",")
            ]
    return rows


def narrowpeak_by_hand(data: bytes) -> list[tuple[str, int, int, int]]:
    """(chrom, start, end, summit) of every line of narrowPeak."""
    rows = []
    for line in data.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if (words := line.split()) and not words[0].startswith("#") and words[0] not in ("track", "browser"):
            cells = line.split("\t") if line.count("\t") > 1 else line.split()
            rows.append((cells[0].strip(" "), int(cells[1]), int(cells[2]), int(cells[1]) + int(cells[9])))
    return rows


def twobit_by_hand(data: bytes) -> dict[str, str]:
    """The sequences of a 2bit file, little-endian or big-endian, of version 0 or 1; soft-masked bases in lower case."""
    order = "<" if data[:4] == b"\x43\x27\x41\x1a" else ">"

    def numbers(at: int, n: int, kind: str = "I") -> list[int]:
        return list(struct.unpack_from(f"{order}{n}{kind}", data, at))

    _, version, count, _ = numbers(0, 4)
    at, genome = 16, {}
    for _ in range(count):
        length = data[at]
        name = data[at + 1 : at + 1 + length].decode("utf-8", "replace")
        (offset,) = numbers(at + 1 + length, 1, "IQ"[version])
        at += 1 + length + (4, 8)[version]
        size, n_blocks = numbers(offset, 2)
        starts, sizes = numbers(offset + 8, n_blocks), numbers(offset + 8 + 4 * n_blocks, n_blocks)
        offset += 8 + 8 * n_blocks
        (n_masks,) = numbers(offset, 1)
        mask_starts, mask_sizes = numbers(offset + 4, n_masks), numbers(offset + 4 + 4 * n_masks, n_masks)
        offset += 8 + 8 * n_masks
        letters = ["TCAG"[data[offset + i // 4] >> (6 - 2 * (i % 4)) & 3] for i in range(size)]
        for start, length in zip(starts, sizes, strict=True):
            letters[start : start + length] = "N" * length
        for start, length in zip(mask_starts, mask_sizes, strict=True):
            letters[start : start + length] = "".join(letters[start : start + length]).lower()
        assert len(letters) == size and name not in genome
        genome[name] = "".join(letters)
    return genome


def meme_by_hand(data: bytes) -> dict[str, list[list[float]]]:
    """The frequencies of each motif, by id and name, in lines that hold nothing but four numbers."""
    motifs: dict[str, list[list[float]]] = {}
    key = ""
    for line in data.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        words = line.split()
        if words[:1] == ["MOTIF"]:
            key = " ".join([words[1], *words[1:3][-1:]])  # a motif without a name has its id
            motifs[key] = []
        elif key and words and (words[0][0].isdigit() or words[0][0] in ".-+"):
            motifs[key].append([abs(float(word)) for word in words])
    return motifs


def bigbed_by_hand(data: bytes, sizes: int, key_bytes: int, blocks: list[tuple[int, int]], zipped: bool) -> list[tuple]:
    """(chrom, start, end, further columns) of a little-endian bigBed file of `helpers.bigbed`, whatever its index says.

    Args:
        data: the file.
        sizes: number of chromosomes.
        key_bytes: length of their names.
        blocks: offset and length of each block.
        zipped: whether they are compressed.
    """
    names = {}
    for at in range(100, 100 + sizes * (key_bytes + 8), key_bytes + 8):
        (number,) = struct.unpack_from("<I", data, at + key_bytes)
        names[number] = data[at : at + key_bytes].rstrip(b"\0").decode()
    intervals: list[tuple] = []
    for offset, length in blocks:
        block = data[offset : offset + length]
        block = zlib.decompress(block) if zipped else block
        while block:
            number, start, end = struct.unpack_from("<III", block)
            stop = block.index(b"\0", 12)
            rest = block[12:stop].decode()
            intervals.append((names[number], start, end, tuple(rest.split("\t")) if rest else ()))
            block = block[stop + 1 :]
    return intervals


def cells_by_hand(data: bytes) -> list[list[str]]:
    """The cells of a tab-separated table without quotation marks, header first, lines of blanks left out."""
    text = data.decode().removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return [line.split("\t") for line in text.split("\n") if line.strip()]


def snps_by_hand(data: bytes) -> list[tuple[str, int, str, str, float]]:
    """(chrom, 0-based position, REF, ALT, effect) of each row of a table with these columns, repeated ones averaged."""
    header, *rows = cells_by_hand(data)
    header[0] = header[0].lstrip("#")
    effects: dict[tuple[str, int, str, str], list[float]] = {}
    for row in rows:
        cells = dict(zip(header, row, strict=False))
        effect = float("nan") if cells["effect"].strip().lower() in ("", "nan", "na", "none", ".") else cells["effect"]
        key = (cells["chrom"], int(float(cells["start0"])), cells["ref"].upper(), cells["alt"].upper())
        if effect == effect:  # no NaN
            effects.setdefault(key, []).append(float(effect) + 0.0)  # -0 is 0
    return [(*key, values[0] if len(values) == 1 else sum(values) / len(values)) for key, values in effects.items()]
