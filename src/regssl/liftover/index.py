"""Chains kept as a file of arrays, which a lift job maps into memory instead of parsing a chain file.

Layout: magic, version, length and CRC-32 of the header (little-endian uint32 each), header, arrays. The header is JSON:
names and sizes of the chromosomes; type and length of each array; size and SHA-256 of the chain file. Arrays follow in
the order of the header, each from the next multiple of 64 bytes on.
"""

from __future__ import annotations

import hashlib
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
from regssl.liftover.chains import Chains

MAGIC = b"\x93regssl chains\n"
VERSION = 2  # of the layout and of the meaning of the columns of `Chains`
PREFIX = struct.Struct(f"<{len(MAGIC)}sIII")
ALIGN = 64
SIZES = ("target_sizes", "query_sizes")
COLUMNS = tuple(field.name for field in fields(Chains) if field.name not in SIZES)


def save_index(chains: Chains, path: str | Path, source: str | Path | None = None) -> None:
    """Write chains as an index file, whole or not at all.

    Args:
        chains: from `regssl.liftover.chain_file.read_chains`.
        path: the file to write.
        source: the chain file they come from, which the index then remembers.
    """
    columns = {name: np.ascontiguousarray(getattr(chains, name)) for name in COLUMNS}
    header = {name: getattr(chains, name) for name in SIZES} | {
        "columns": {name: [column.dtype.newbyteorder("<").str, len(column)] for name, column in columns.items()},
        "source": _fingerprint(source) if source else None,
    }
    text = json.dumps(header).encode()
    places, _ = _layout(header["columns"], PREFIX.size + len(text))
    with atomic_path(path) as aside, aside.open("wb") as file:
        file.write(PREFIX.pack(MAGIC, VERSION, len(text), zlib.crc32(text)) + text)
        for name, (dtype, _, offset) in places.items():
            file.write(b"\0" * (offset - file.tell()))
            file.write(columns[name].astype(dtype, copy=False).data)


def open_index(path: str | Path, source: str | Path | None = None) -> Chains:
    """Chains whose arrays are the file's own bytes: nothing is read before it is needed, processes share the memory.

    The arrays may be written to, as numba's kernels expect, but changes stay in this process.

    Args:
        path: a file of `save_index`.
        source: the chain file it must have been made from; None: not asked.

    Raises:
        ChainError: missing, no index, of another version, truncated, or made from another chain file.
    """
    try:
        with Path(path).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            bytes_ = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) if size else b""
    except OSError as error:
        raise ChainError(f"{path}: {os.strerror(error.errno or 0)}", "check the path") from error
    header, first = _header(path, bytes_)
    places, expected = _layout(header["columns"], first)
    if size != expected:
        raise ChainError(f"{path}: {size} bytes, expected {expected}", "damaged index: make it again")
    if source and header["source"] != _fingerprint(source):
        raise ChainError(f"{path}: the index of another chain file than {source}", "make it again")
    values = {name: header[name] for name in SIZES}
    values |= {name: np.frombuffer(bytes_, dtype, n, offset) for name, (dtype, n, offset) in places.items()}
    return Chains(**values)


def is_index(path: str | Path) -> bool:
    """Whether the content (not the name) says index; False for a file that cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def _header(path: str | Path, bytes_: mmap.mmap | bytes) -> tuple[dict[str, Any], int]:
    """The header, and where it ends."""
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
    """Type, length and offset of each array after a header that ends at `first`; the size of the file."""
    places = {}
    for name, (dtype, n) in columns.items():
        first = -(-first // ALIGN) * ALIGN
        places[name] = (np.dtype(dtype), n, first)
        first += np.dtype(dtype).itemsize * n
    return places, first


def _fingerprint(path: str | Path) -> dict[str, Any]:
    """Size and SHA-256 of a file, as in the header."""
    try:
        with Path(path).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return {"bytes": file.tell(), "sha256": digest}
    except OSError as error:
        raise ChainError(f"{path}: {os.strerror(error.errno or 0)}", "check the path") from error
