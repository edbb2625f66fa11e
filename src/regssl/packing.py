"""A packed set on disk: `X.npy` (byte codes), `X.parquet` (the windows, row by row) and `X.fa.gz` (for people)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from regssl.fasta import write_fasta
from regssl.files import atomic_path
from regssl.genome import Genome
from regssl.windows import save_table, window_names


def pack(windows: pd.DataFrame, genome: Genome, width: int, path: Path) -> None:
    """Extract the sequences of windows of one genome, on their strand, and write the three files.

    Args:
        windows: a table of windows; it may be empty.
        genome: where they lie.
        width: length of every window in bp.
        path: `X.npy`; the other two are written beside it.
    """
    minus = (windows["strand"] == "-").to_numpy()
    codes = genome.windows(windows["chrom"], windows["start"].to_numpy(), width, minus)
    write_fasta(path.with_suffix(".fa.gz"), window_names(windows), codes)
    save_table(windows, path.with_suffix(".parquet"))
    with atomic_path(path) as aside:
        np.save(aside, codes)
