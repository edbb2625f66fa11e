"""The nested design: datasets, and replicates that vary their training region or their negatives."""

from __future__ import annotations

from typing import NamedTuple


class DesignRow(NamedTuple):
    """A dataset or a replicate: its id, that of the dataset (its own, if it is one), and the id of its splits."""

    replicate: str
    dataset: str
    splits: str
