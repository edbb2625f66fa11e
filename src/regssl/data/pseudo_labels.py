"""Pseudo-labels: homologs inherit the labels of their human windows."""

from __future__ import annotations

import pandas as pd

from regssl.data.windows import constant_column, window_table


def pseudo_label(train: pd.DataFrame, homologs: pd.DataFrame, genome: str, width: int) -> pd.DataFrame:
    """Pseudo-label the homologs of human training windows: each inherits the label and source of its human window.

    Args:
        train: human training windows.
        homologs: as `homologs.find_homologs` returns, one row per bin.
        genome: id of the other genome.
        width: length of a window in bp.

    Returns:
        Windows of the other genome (`windows.COLUMNS`), in the order of their human windows.

    Raises:
        ValueError: a window of `train` is of another split.
    """
    if not (train["split"] == "train").all():
        raise ValueError("only training windows give pseudo-labels")
    return copy_labels(train, homologs, genome, width)


def copy_labels(windows: pd.DataFrame, homologs: pd.DataFrame, genome: str, width: int) -> pd.DataFrame:
    """Copy the labels of human windows, of any split, to their homologs; only training ones may be trained on.

    Arguments and result as of `pseudo_label`; each homolog has the split of its human window.
    """
    kept = (homologs["lift_status"] == "kept").to_numpy()[windows["source"]]
    source = windows["source"].to_numpy()[kept]
    of_sources = homologs.iloc[source]
    copies = of_sources.assign(
        genome=constant_column(genome, len(of_sources)),
        end=of_sources["start"] + width,
        label=windows["label"].to_numpy()[kept],
        split=windows["split"].to_numpy()[kept],
        source=source,
    )
    return window_table(copies)
