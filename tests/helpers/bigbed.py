"""A bigBed writer that follows the format's description (Kent et al. 2010, supplement)."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

SIZES = {"chr1": 1_000_000, "chr2": 500_000, "chrX": 80_000}
Interval = tuple[str, int, int]
PEAKS: list[Interval] = [("chr1", 100, 300), ("chr1", 250, 400), ("chr1", 999_990, 1_000_000), ("chrX", 0, 80_000)]


def write_bigbed(
    path: Path,
    intervals: list[Interval],
    sizes: dict[str, int] = SIZES,
    rest: bytes = b"name\t0\t.",
    zipped: bool = False,
    order: str = "<",
) -> Path:
    """A bigBed file, one block per chromosome, compressed or not, of either byte order, without zoom levels."""
    ids, names = {chrom: number for number, chrom in enumerate(sizes)}, max(len(chrom) for chrom in sizes)
    tree = struct.pack(f"{order}IIIIQQ", 0x78CA8C91, len(sizes), names, 8, len(sizes), 0) + struct.pack(
        f"{order}BBH", 1, 0, len(sizes)
    )
    for chrom, size in sizes.items():
        tree += struct.pack(f"{order}{names}sII", chrom.encode(), ids[chrom], size)
    data_at = 64 + len(tree)
    data, leaves = struct.pack(f"{order}Q", len(intervals)), []
    for chrom in sizes:
        here = sorted((start, end) for name, start, end in intervals if name == chrom)
        if here:
            block = b"".join(struct.pack(f"{order}III", ids[chrom], start, end) + rest + b"\0" for start, end in here)
            block = zlib.compress(block) if zipped else block
            last = max(end for _, end in here)
            leaves.append(
                struct.pack(f"{order}IIIIQQ", ids[chrom], here[0][0], ids[chrom], last, data_at + len(data), len(block))
            )
            data += block
    index_at = data_at + len(data)
    bounds = (0, 0, len(sizes) - 1, max(sizes.values()))
    index = struct.pack(f"{order}IIQIIIIQII", 0x2468ACE0, 256, len(leaves), *bounds, index_at, 512, 0)
    index += struct.pack(f"{order}BBH", 1, 0, len(leaves)) + b"".join(leaves)
    columns = 3 + (rest.count(b"\t") + 1 if rest else 0)
    header = struct.pack(
        f"{order}IHHQQQHHQQIQ", 0x8789F2EB, 4, 0, 64, data_at, index_at, columns, 3, 0, 0, 1 << 15 if zipped else 0, 0
    )
    path.write_bytes(header + tree + data + index)
    return path
