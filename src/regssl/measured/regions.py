"""Where another genome was measured, if not everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from regssl.data.intervals import overlaps_any
from regssl.errors import DataError
from regssl.io.bed import read_bed
from regssl.sequences.belonging import check_names


def read_measured_regions(path: str | Path, sizes: Mapping[str, int] | None, genome: str) -> pd.DataFrame:
    """Read the regions of a genome in which it was measured.

    Args:
        path: BED file.
        sizes: chromosome sizes of the genome; None: not known yet.
        genome: what the genome is called in messages.

    Returns:
        chrom, start, end.

    Raises:
        DataError: as `read_bed`; there is no region; one lies on a chromosome that the genome does not have.
    """
    regions = read_bed(path, sizes, genome=genome)
    if regions.empty:
        raise DataError(
            f"{path}: no region in it", "it says where peaks were measured; for everywhere, leave `regions` empty"
        )
    if sizes is not None and (missing := check_names(path, regions["chrom"], sizes, genome)):
        raise DataError(f"{path}: {missing[0]!r} is no chromosome of {genome}", "is the file of another assembly?")
    return regions


def check_measured_peaks(
    paths: Sequence[str | Path], peaks: pd.DataFrame, regions: pd.DataFrame | None, name: str
) -> None:
    """Check that there are measured peaks: without any, every copied positive would count as false.

    Args:
        paths: their files, for messages.
        peaks: of all files, on the genome: chrom, start, end.
        regions: where the genome was measured: chrom, start, end; None: everywhere.
        name: of the genome, for messages.

    Raises:
        DataError: there is none, or none in the regions.
    """
    where = f"on {name}" if regions is None else f"in the measured regions of {name}"
    if regions is not None and len(peaks):
        peaks = peaks[overlaps_any(regions, peaks["chrom"], peaks["start"].to_numpy(), peaks["end"].to_numpy())]
    if peaks.empty:
        raise DataError(
            f"{', '.join(map(str, paths))}: no peak {where}", "copied labels cannot be judged by it: is the file whole?"
        )
