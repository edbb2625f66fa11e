"""A packed set on disk: `X.npy` (byte codes), `X.parquet` (the windows, row by row) and `X.fa.gz` (for people)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd

from regssl.io.atomic import atomic_path
from regssl.io.parquet import save_table
from regssl.sequences.fasta import open_fasta, write_records
from regssl.sequences.genome import Genome
from regssl.windows import window_names

CHUNK = 1 << 17
"""Windows in memory at a time: a set may have ten million."""


def pack(windows: pd.DataFrame, genome: Genome, width: int, path: Path) -> None:
    """Extract the sequences of windows of one genome, on their strand, and write the three files.

    Args:
        windows: a table of windows; it may be empty.
        genome: where they lie.
        width: length of every window in bp.
        path: `X.npy`; the other two are written beside it.
    """

    def extract(part: pd.DataFrame) -> np.ndarray:
        return genome.windows(part["chrom"], part["start"].to_numpy(), width, (part["strand"] == "-").to_numpy())

    pack_codes(windows, extract, width, path)


def pack_codes(windows: pd.DataFrame, codes_of: Callable[[pd.DataFrame], np.ndarray], width: int, path: Path) -> None:
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
