"""Index of a chain file: the arrays of `Chains`, mapped into memory instead of parsed.

Layout: magic, version, length of the header, CRC-32 of the header and of all that follows it (little-endian uint32
each), header, arrays. The header is JSON: names and sizes of the chromosomes, type and length of each array. Arrays
follow in the order of the header, each from the next multiple of 64 bytes on.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import zlib
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from regssl.errors import ChainError
from regssl.io.atomic import atomic_path
from regssl.io.files import reading
from regssl.liftover.chains import Chains

MAGIC = b"\x93regssl chains\n"
VERSION = 4  # of the layout and of the meaning of the columns of `Chains`
PREFIX = struct.Struct(f"<{len(MAGIC)}sIIII")
ALIGN = 64
SIZE_FIELDS = ("target_sizes", "query_sizes")
COLUMNS = tuple(field.name for field in fields(Chains) if field.name not in SIZE_FIELDS)


def save_index(chains: Chains, path: str | Path) -> None:
    """Write chains, from `regssl.liftover.chain_file.read_chains`, as an index file, whole or not at all."""
    columns = {name: np.ascontiguousarray(getattr(chains, name)) for name in COLUMNS}
    header = {name: getattr(chains, name) for name in SIZE_FIELDS} | {
        "columns": {name: [column.dtype.newbyteorder("<").str, len(column)] for name, column in columns.items()},
    }
    text = json.dumps(header).encode()
    end = PREFIX.size + len(text)
    layout, _ = _layout(header["columns"], end)
    pieces: list[bytes | memoryview] = []
    for name, (dtype, n, offset) in layout.items():
        pieces += [b"\0" * (offset - end), columns[name].astype(dtype, copy=False).data.cast("B") if n else b""]
        end = offset + dtype.itemsize * n
    checksum = 0
    for piece in pieces:
        checksum = zlib.crc32(piece, checksum)
    with atomic_path(path) as aside, aside.open("wb") as file:
        file.write(PREFIX.pack(MAGIC, VERSION, len(text), zlib.crc32(text), checksum) + text)
        file.writelines(pieces)


def open_index(path: str | Path) -> Chains:
    """Open an index: the arrays are the file's own bytes, shared between processes.

    All bytes are read once, to check them (2 GB per second). The arrays are writable, as numba's kernels expect, but
    changes stay in this process.

    Raises:
        ChainError: missing, no index, of another version, or damaged.
    """
    bytes_ = _map(path)
    header, first, checksum = _header(path, bytes_)
    layout, expected = _layout(header["columns"], first)
    if len(bytes_) != expected:
        raise ChainError(f"{path}: {len(bytes_)} bytes, expected {expected}", "damaged index: make it again")
    with memoryview(bytes_) as view, view[first:] as arrays:
        if zlib.crc32(arrays) != checksum:
            raise ChainError(f"{path}: its checksum is wrong", "damaged index: make it again")
    values = {name: header[name] for name in SIZE_FIELDS}
    values |= {name: np.frombuffer(bytes_, dtype, n, offset) for name, (dtype, n, offset) in layout.items()}
    chains = Chains(**values)
    if not _is_consistent(chains):
        raise ChainError(f"{path}: its arrays contradict one another", "make it again")
    return chains


def _is_consistent(chains: Chains) -> bool:
    """Check that no array leads beyond another: compiled code stays within them, whoever made the file."""
    columns = {name: getattr(chains, name) for name in COLUMNS}
    n_chains, n_blocks = len(chains.target), len(chains.block_start)
    of_blocks = {"block_start", "block_end", "block_query", "block_chain", "block_max_end"}
    of_chains = columns.keys() - of_blocks - {"block_offsets", "bucket", "bucket_offsets"}

    def lies_within(values: np.ndarray, n: int) -> bool:
        return not len(values) or (values.min() >= 0 and values.max() < n)

    def divides(offsets: np.ndarray, n: int, least: int) -> bool:
        ends = len(offsets) == len(chains.target_sizes) + 1 and offsets[0] == 0 and offsets[-1] == n
        return bool(ends and (np.diff(offsets) >= least).all())

    return (
        all(len(columns[name]) == n_chains for name in of_chains)
        and all(len(columns[name]) == n_blocks for name in of_blocks)
        and lies_within(chains.target, len(chains.target_sizes))
        and lies_within(chains.query, len(chains.query_sizes))
        and lies_within(chains.block_chain, n_chains)
        and lies_within(chains.bucket, n_blocks + 1)
        and divides(chains.block_offsets, n_blocks, 0)
        and divides(chains.bucket_offsets, len(chains.bucket), 1)
    )


def read_sizes(path: str | Path) -> tuple[dict[str, int], dict[str, int]]:
    """Read the sizes of target and query chromosomes from the header of an index, and nothing else.

    Raises:
        ChainError: missing, no index, of another version, or its header is damaged.
    """
    header, *_ = _header(path, _map(path))
    target_sizes, query_sizes = (header[name] for name in SIZE_FIELDS)
    return target_sizes, query_sizes


def _map(path: str | Path) -> mmap.mmap | bytes:
    with reading(path, ChainError), Path(path).open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) if size else b""


def _header(path: str | Path, bytes_: mmap.mmap | bytes) -> tuple[dict[str, Any], int, int]:
    """Parse and check the header; return it, the offset of its end, and the checksum of what follows."""
    if bytes_[: len(MAGIC)] != MAGIC or len(bytes_) < PREFIX.size:
        raise ChainError(f"{path}: not an index of chains", "make one from the chain file")
    _, version, length, checksum, of_arrays = PREFIX.unpack_from(bytes_)
    if version != VERSION:
        raise ChainError(f"{path}: index of version {version}, expected {VERSION}", "make it again")
    stop = PREFIX.size + length
    text = bytes_[PREFIX.size : stop]
    if len(text) != length or not text or zlib.crc32(text) != checksum:
        raise ChainError(f"{path}: the header cannot be read", "damaged index: make it again")
    try:
        header = json.loads(text)
        sizes = [size for name in SIZE_FIELDS for size in header[name].values()]
        kinds = {np.dtype(dtype).kind for dtype, _ in header["columns"].values()}
        numbers = [*sizes, *(n for _, n in header["columns"].values())]
        whole = kinds <= set("bif") and all(type(n) is int and n >= 0 for n in numbers)
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        whole = False
    if not whole or header["columns"].keys() != set(COLUMNS):
        raise ChainError(f"{path}: its header is not that of an index of chains", "make it again")
    return header, stop, of_arrays


def _layout(columns: dict[str, list[Any]], first: int) -> tuple[dict[str, tuple[np.dtype, int, int]], int]:
    """Compute type, length and offset of each array after a header that ends at `first`, and the size of the file."""
    layout = {}
    for name, (dtype, n) in columns.items():
        first = -(-first // ALIGN) * ALIGN
        layout[name] = (np.dtype(dtype), n, first)
        first += np.dtype(dtype).itemsize * n
    return layout, first
