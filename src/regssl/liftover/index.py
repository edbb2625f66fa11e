"""Index of a chain file: the arrays of `Chains`, mapped into memory instead of parsed.

Layout: magic, version, length and CRC-32 of the header (little-endian uint32 each), header, arrays. The header is JSON:
names and sizes of the chromosomes; type and length of each array; size and SHA-256 of the chain file. Arrays follow in
the order of the header, each from the next multiple of 64 bytes on.
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
from regssl.io.files import reading, sha256
from regssl.liftover.chains import Chains

MAGIC = b"\x93regssl chains\n"
VERSION = 3  # of the layout and of the meaning of the columns of `Chains`
PREFIX = struct.Struct(f"<{len(MAGIC)}sIII")
ALIGN = 64
SIZE_FIELDS = ("target_sizes", "query_sizes")
COLUMNS = tuple(field.name for field in fields(Chains) if field.name not in SIZE_FIELDS)


def save_index(chains: Chains, path: str | Path, source: str | Path | None = None) -> None:
    """Write chains as an index file, whole or not at all.

    Args:
        chains: from `regssl.liftover.chain_file.read_chains`.
        path: the file to write.
        source: the chain file they come from; its size and SHA-256 are kept in the index.
    """
    columns = {name: np.ascontiguousarray(getattr(chains, name)) for name in COLUMNS}
    header = {name: getattr(chains, name) for name in SIZE_FIELDS} | {
        "columns": {name: [column.dtype.newbyteorder("<").str, len(column)] for name, column in columns.items()},
        "source": _fingerprint(source) if source else None,
    }
    text = json.dumps(header).encode()
    layout, _ = _layout(header["columns"], PREFIX.size + len(text))
    with atomic_path(path) as aside, aside.open("wb") as file:
        file.write(PREFIX.pack(MAGIC, VERSION, len(text), zlib.crc32(text)) + text)
        for name, (dtype, _, offset) in layout.items():
            file.write(b"\0" * (offset - file.tell()))
            file.write(columns[name].astype(dtype, copy=False).data)


def open_index(path: str | Path, source: str | Path | None = None) -> Chains:
    """Open an index: the arrays are the file's own bytes, read when needed and shared between processes.

    The arrays are writable, as numba's kernels expect, but changes stay in this process.

    Args:
        path: a file of `save_index`.
        source: the chain file it must have been made from; None: not checked.

    Raises:
        ChainError: missing, no index, of another version, truncated, or made from another chain file.
    """
    with reading(path, ChainError), Path(path).open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        bytes_ = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) if size else b""
    header, first = _header(path, bytes_)
    layout, expected = _layout(header["columns"], first)
    if size != expected:
        raise ChainError(f"{path}: {size} bytes, expected {expected}", "damaged index: make it again")
    if source and header["source"] != _fingerprint(source):
        raise ChainError(f"{path}: the index of another chain file than {source}", "make it again")
    values = {name: header[name] for name in SIZE_FIELDS}
    values |= {name: np.frombuffer(bytes_, dtype, n, offset) for name, (dtype, n, offset) in layout.items()}
    return Chains(**values)


def is_index(path: str | Path) -> bool:
    """Check by content (not by name) whether a file is an index; False where it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def _header(path: str | Path, bytes_: mmap.mmap | bytes) -> tuple[dict[str, Any], int]:
    """Parse and check the header; return it and the offset of its end."""
    if bytes_[: len(MAGIC)] != MAGIC or len(bytes_) < PREFIX.size:
        raise ChainError(f"{path}: not an index of chains", "make one from the chain file")
    _, version, length, checksum = PREFIX.unpack_from(bytes_)
    if version != VERSION:
        raise ChainError(f"{path}: index of version {version}, expected {VERSION}", "make it again")
    stop = PREFIX.size + length
    text = bytes_[PREFIX.size : stop]
    if len(text) != length or not text or zlib.crc32(text) != checksum:
        raise ChainError(f"{path}: the header cannot be read", "damaged index: make it again")
    return json.loads(text), stop


def _layout(columns: dict[str, list[Any]], first: int) -> tuple[dict[str, tuple[np.dtype, int, int]], int]:
    """Compute type, length and offset of each array after a header that ends at `first`, and the size of the file."""
    layout = {}
    for name, (dtype, n) in columns.items():
        first = -(-first // ALIGN) * ALIGN
        layout[name] = (np.dtype(dtype), n, first)
        first += np.dtype(dtype).itemsize * n
    return layout, first


def _fingerprint(path: str | Path) -> dict[str, Any]:
    """Size and SHA-256 of a file, as in the header."""
    with reading(path, ChainError):
        return {"bytes": Path(path).stat().st_size, "sha256": sha256(path)}
