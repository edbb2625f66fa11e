"""Pseudo-labels: homologs inherit the label of their human window."""

from __future__ import annotations

import pandas as pd

from regssl.data.windows import constant_column, window_table


def pseudo_label(train: pd.DataFrame, homologs: pd.DataFrame, genome: str, width: int) -> pd.DataFrame:
    """Pseudo-label the homologs of human training windows: each inherits the label and the source of its human bin.

    Args:
        train: human training windows.
        homologs: as `find_homologs` returns, one row per bin.
        genome: id of the other genome.
        width: length of a window in bp.

    Returns:
        Windows of the other genome, in the order of their human windows.
    """
    if not (train["split"] == "train").all():
        raise ValueError("labels are copied from training windows only")
    kept = (homologs["lift_status"] == "kept").to_numpy()[train["source"]]
    source = train["source"].to_numpy()[kept]
    found = homologs.iloc[source]
    windows = found.assign(
        genome=constant_column(genome, len(found)),
        end=found["start"] + width,
        label=train["label"].to_numpy()[kept],
        split=constant_column("train", len(found)),
        source=source,
    )
    return window_table(windows)
