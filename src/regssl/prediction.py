"""Scores of windows by a trained network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from regssl.datasets import EVALUATION_BATCH, PackedWindows
from regssl.errors import DataError
from regssl.models.saved import load, read_card
from regssl.windows import load_table


def opposite_strand(codes: Tensor) -> Tensor:
    """Reverse complement of byte codes, uint8 (..., width); N stays N."""
    return torch.where(codes < 4, 3 - codes, codes).flip(-1)


def score(network: nn.Module, codes: Tensor, both_strands: bool) -> Tensor:
    """Logits (..., batch) of byte codes, uint8 (batch, width): the mean of both strands if `both_strands`."""
    logits = network(codes)
    if both_strands:
        logits = (logits + network(opposite_strand(codes))) / 2
    return logits


def predict(network: nn.Module, windows: PackedWindows, both_strands: bool = True, threads: int = 1) -> np.ndarray:
    """Logits of windows, float32 (n,), computed on a GPU where there is one."""
    torch.set_num_threads(threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = network.to(device).eval()
    with torch.inference_mode():
        parts = [score(network, codes.to(device), both_strands) for codes in windows.codes.split(EVALUATION_BATCH)]
    return torch.cat(parts).float().cpu().numpy()


def predict_sets(models: Sequence[str | Path], codes: str | Path, threads: int = 1) -> Iterator[pd.DataFrame]:
    """Score a packed set `X.npy` (with `X.parquet` beside it) with saved models, one after the other.

    Yields:
        Per model, one row per window: chrom, start, end, label, logit.

    Raises:
        DataError: a file is damaged, or a model is for windows of another width.
    """
    windows = PackedWindows.load([codes])
    width = windows.codes.shape[1]
    table = load_table(Path(codes).with_suffix(".parquet"), ["chrom", "start", "end", "label"])
    for model in models:
        card = read_card(model)
        if card["width"] != width:
            raise DataError(f"{model}: made for {card['width']} bp, but {codes} holds windows of {width} bp")
        yield table.assign(logit=predict(load(model), windows, card["reverse_complement"], threads))
