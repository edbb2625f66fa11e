"""Window sets on disk: `X.npy` (byte codes), `X.parquet` (the windows, row by row) and `X.fa.gz` (as FASTA).

`X.npy` ends with the SHA-256 of what precedes it, after the array, where no reader of the format looks.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from regssl.data.windows import window_names
from regssl.errors import DataError
from regssl.io.atomic import atomic_path
from regssl.io.outputs import open_output
from regssl.io.parquet import save_table
from regssl.sequences.encoding import N
from regssl.sequences.fasta import FASTA_LEVEL, write_records
from regssl.sequences.genome import Genome

CHUNK_ROWS = 1 << 17
"""Windows in memory at a time; a set may have ten million."""

_DIGEST = b"\nregssl sha256 "
"""What precedes the digest at the end of a file, in hexadecimal digits."""
_DIGEST_SIZE = len(_DIGEST) + 64
_REMAKE = "if the workflow made it, delete it and run it again"


def load_codes(path: str | Path) -> np.ndarray:
    """Open the sequences of a window set.

    Args:
        path: `X.npy`.

    Returns:
        uint8 codes (n, width), memory-mapped. That they are codes of bases is not checked (see `check_codes`); their
        digest is, if the file has one, when a process first opens it (1.4 GB per second).

    Raises:
        DataError: no such file, or it is damaged.
    """
    try:
        codes = np.load(path, mmap_mode="r", allow_pickle=False)
        status = Path(path).stat()
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read: {error.strerror or error}", "give the X.npy of a window set"
        ) from None
    except Exception:  # its header is parsed as Python is, which fails in many ways
        raise DataError(f"{path}: cannot be read: not a whole .npy file", _REMAKE) from None
    if not isinstance(codes, np.ndarray):
        raise DataError(f"{path}: cannot be read: an archive, not an .npy file", _REMAKE)
    if codes.dtype != np.uint8 or codes.ndim != 2:
        raise DataError(f"{path}: holds {codes.dtype} {codes.shape}, not byte codes (n, width)")
    end = int(getattr(codes, "offset", 0)) + codes.nbytes
    if not codes.flags.c_contiguous or status.st_size not in (end, end + _DIGEST_SIZE):
        raise DataError(f"{path}: its size differs from that in its header", _REMAKE)
    if status.st_size > end and not _is_as_written(path, end, status.st_mtime_ns, status.st_ino):
        raise DataError(f"{path}: not as it was written: its digest is wrong", _REMAKE)
    return codes


@lru_cache(maxsize=4096)
def _is_as_written(path: str | Path, end: int, _mtime: int, _inode: int) -> bool:
    """Check the digest that follows byte `end` of a file."""
    content = np.memmap(path, np.uint8, "r")
    return content[end:].tobytes() == _DIGEST + hashlib.sha256(content[:end].data).hexdigest().encode()


def check_codes(codes: np.ndarray, what: str) -> None:
    """Check that an array holds codes of bases only: A, C, G, T, N are 0 to 4.

    Raises:
        DataError: `what` holds another value.
    """
    if codes.max(initial=0) > N:
        raise DataError(f"{what}: holds {codes.max()}, which is no code of a base", _REMAKE)


def save_codes(parts: Iterable[np.ndarray], shape: tuple[int, int], path: str | Path) -> None:
    """Write `X.npy`, whole or not at all.

    Args:
        parts: uint8 codes (rows, width), which follow one another.
        shape: of all.
        path: the file.
    """
    header = io.BytesIO()
    fields = {"descr": np.lib.format.dtype_to_descr(np.dtype(np.uint8)), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, fields)
    digest = hashlib.sha256(header.getvalue())
    with atomic_path(path) as aside, aside.open("wb") as file:
        file.write(header.getvalue())
        for part in parts:
            data = np.ascontiguousarray(part).data
            digest.update(data)
            file.write(data)
        file.write(_DIGEST + digest.hexdigest().encode())


def write_windows(windows: pd.DataFrame, genome: Genome, width: int, path: Path) -> None:
    """Extract the sequences of windows of one genome, on their strands, and write the three files of a set.

    Args:
        windows: a table of windows; it may be empty.
        genome: the genome they are on.
        width: length of every window in bp.
        path: `X.npy`; the other two files are written beside it.

    Raises:
        DataError: a window is not within the genome, or a file cannot be written.
    """

    def extract(part: pd.DataFrame) -> np.ndarray:
        return genome.windows(part["chrom"], part["start"].to_numpy(), width, (part["strand"] == "-").to_numpy())

    write_encoded(windows, extract, width, path)


def write_encoded(windows: pd.DataFrame, encode: Callable[[pd.DataFrame], np.ndarray], width: int, path: Path) -> None:
    """Write the three files of a set of windows whose sequences a function makes.

    Args:
        windows: a table of windows; it may be empty.
        encode: gives uint8 codes (n, width) for n windows; called on consecutive parts of the table.
        width: length of every window in bp.
        path: `X.npy`; the other two files are written beside it.
    """
    with atomic_path(path.with_suffix(".fa.gz")) as fasta_path, open_output(fasta_path, FASTA_LEVEL) as fasta:

        def parts() -> Iterator[np.ndarray]:
            for first in range(0, len(windows), CHUNK_ROWS):
                part = windows.iloc[first : first + CHUNK_ROWS]
                codes = encode(part)
                write_records(fasta, window_names(part), codes)
                yield codes

        save_codes(parts(), (len(windows), width), path)
        save_table(windows, path.with_suffix(".parquet"))
