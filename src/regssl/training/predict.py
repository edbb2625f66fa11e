"""Predictions of trained models for a window set on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from regssl.data.dataset import WindowDataset
from regssl.errors import DataError
from regssl.io.parquet import load_table
from regssl.models.predict import predict
from regssl.models.serialization import load, read_card


def predict_files(
    models: Sequence[str | Path], codes: str | Path, threads: int = 1, architecture: str | None = None
) -> Iterator[pd.DataFrame]:
    """Predict a window set `X.npy` (with `X.parquet`) with saved models, one after the other.

    Args:
        models: model files.
        codes: the windows.
        threads: CPU threads.
        architecture: import path of a network of your own, as for `load`.

    Yields:
        Per model, one row per window: chrom, start, end, label, logit. For a model without weights all logits are NaN,
        and `attrs["failure"]`, which is kept in the Parquet file, has the reason.

    Raises:
        DataError: a file is damaged, or a model is for windows of another width.
    """
    windows = WindowDataset.load([codes]).codes.numpy()
    width = windows.shape[1]
    table = load_table(Path(codes).with_suffix(".parquet"), ["chrom", "start", "end", "label"])
    for model in models:
        card = read_card(model)
        if card.width != width:
            raise DataError(f"{model}: made for {card.width} bp, but {codes} holds windows of {width} bp")
        if card.failure:
            unscored = table.assign(logit=np.full(len(table), np.nan, np.float32))
            unscored.attrs["failure"] = card.failure
            yield unscored
            continue
        network = load(model, architecture)
        yield table.assign(logit=predict(network, windows, card.reverse_complement, threads, card.precision))
