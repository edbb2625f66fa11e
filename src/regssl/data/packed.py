"""A packed set on disk: `X.npy` (byte codes), `X.parquet` (the windows, row by row) and `X.fa.gz` (for people)."""

from __future__ import annotations

import tokenize
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd

from regssl.data.windows import window_names
from regssl.errors import DataError
from regssl.io.atomic import atomic_path
from regssl.io.parquet import save_table
from regssl.sequences.fasta import open_fasta, write_records
from regssl.sequences.genome import Genome


def load_codes(path: str | Path) -> np.ndarray:
    """The sequences of a packed set, uint8 (n, width), memory-mapped.

    Raises:
        DataError: no such file, or it is damaged.
    """
    try:
        codes = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read: {error.strerror or error}", "give the X.npy of a packed set"
        ) from None
    except (ValueError, EOFError, SyntaxError, TypeError, OverflowError, tokenize.TokenError):  # of its header's parser
        raise DataError(f"{path}: cannot be read: not a whole .npy file", _MAKE_AGAIN) from None
    if not isinstance(codes, np.ndarray):
        raise DataError(f"{path}: cannot be read: an archive, not an .npy file", _MAKE_AGAIN)
    if codes.dtype != np.uint8 or codes.ndim != 2:
        raise DataError(f"{path}: holds {codes.dtype} {codes.shape}, not byte codes (n, width)")
    in_order = codes.flags.c_contiguous
    if not in_order or Path(path).stat().st_size != _end(codes):
        raise DataError(f"{path}: more or fewer bytes than its header says", _MAKE_AGAIN)
    return codes


_MAKE_AGAIN = "if the workflow made it, delete it and run it again"


def _end(codes: np.ndarray) -> int:
    """Where the numbers of a memory-mapped array end in their file; of an empty one, that is where its header does."""
    return int(getattr(codes, "offset", 0)) + codes.nbytes


CHUNK = 1 << 17
"""Windows in memory at a time: a set may have ten million."""


def write_windows(windows: pd.DataFrame, genome: Genome, width: int, path: Path) -> None:
    """Extract the sequences of windows of one genome, on their strand, and write the three files.

    Args:
        windows: a table of windows; it may be empty.
        genome: where they lie.
        width: length of every window in bp.
        path: `X.npy`; the other two are written beside it.
    """

    def extract(part: pd.DataFrame) -> np.ndarray:
        return genome.windows(part["chrom"], part["start"].to_numpy(), width, (part["strand"] == "-").to_numpy())

    write_encoded(windows, extract, width, path)


def write_encoded(
    windows: pd.DataFrame, codes_of: Callable[[pd.DataFrame], np.ndarray], width: int, path: Path
) -> None:
    """Write the three files of windows, whose sequences are made as they are written.

    Args:
        windows: a table of windows; it may be empty.
        codes_of: sequences of some windows, uint8 (n, width); called on parts of the table, in order.
        width: length of every window in bp.
        path: `X.npy`; the other two are written beside it.
    """
    with (
        atomic_path(path.with_suffix(".fa.gz")) as fasta_path,
        atomic_path(path) as codes_path,
        open_fasta(fasta_path) as fasta,
        codes_path.open("wb") as file,
    ):
        _write_header(file, (len(windows), width))
        for first in range(0, len(windows), CHUNK):
            part = windows.iloc[first : first + CHUNK]
            codes = codes_of(part)
            write_records(fasta, window_names(part), codes)
            file.write(codes.data)
        save_table(windows, path.with_suffix(".parquet"))


def _write_header(file: IO[bytes], shape: tuple[int, int]) -> None:
    """The header of an .npy file of bytes, as `numpy.save` writes it."""
    header = {"descr": np.lib.format.dtype_to_descr(np.dtype(np.uint8)), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
