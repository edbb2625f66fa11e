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
from regssl.models.serialization import load, read_metadata


def predict_files(models: Sequence[str | Path], codes: str | Path, threads: int = 1) -> Iterator[pd.DataFrame]:
    """Predict a window set `X.npy` (with `X.parquet`) with saved models, one after the other.

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
        metadata = read_metadata(model)
        if metadata["width"] != width:
            raise DataError(f"{model}: made for {metadata['width']} bp, but {codes} holds windows of {width} bp")
        if reason := metadata.get("failure"):
            unscored = table.assign(logit=np.full(len(table), np.nan, np.float32))
            unscored.attrs["failure"] = reason
            yield unscored
            continue
        precision = metadata.get("precision", "32-true")
        yield table.assign(logit=predict(load(model), windows, metadata["reverse_complement"], threads, precision))
