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
from regssl.io.parquet import load_table
from regssl.models.saved import load, read_card
from regssl.readings import Readings, readings_of
from regssl.readings import opposite_strand as opposite_strand

PIECE = 64 * EVALUATION_BATCH
"""Windows brought to the device at once."""


def score(network: nn.Module, windows: Readings, rows: Tensor, both_strands: bool) -> Tensor:
    """Logits (..., batch) of some windows: the mean of both strands if `both_strands`; `rows` lie on the CPU."""
    length, where = windows.padded_length(rows), rows.to(windows.device)
    logits = network(windows.batch(where, None, length))
    if both_strands:
        every = torch.ones((), dtype=torch.bool, device=windows.device)
        logits = (logits + network(windows.batch(where, every, length))) / 2
    return logits


def predict(
    network: nn.Module,
    windows: PackedWindows,
    both_strands: bool = True,
    threads: int = 1,
    precision: str = "32-true",
) -> np.ndarray:
    """Logits of windows, float32 (n,), computed on a GPU where there is one.

    Args:
        network: byte codes, uint8 (batch, width), to logits (batch,).
        windows: what to score.
        both_strands: score both strands, and take the mean.
        threads: CPU threads.
        precision: with `bf16-mixed`, networks whose last layers are exact in it (`exact_head`) compute so on GPUs that
            can; all others in full precision, because logits of 8 bits tie.
    """
    torch.set_num_threads(threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = network.to(device).eval()
    mixed = supported(precision) != "32-true" and getattr(network, "exact_head", False)
    logits = torch.empty(len(windows))
    with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=mixed):
        for first in range(0, len(windows), PIECE):
            piece = readings_of(network, windows.codes[first : first + PIECE], both_strands).to(device)
            for rows in piece.parts(EVALUATION_BATCH):
                logits[first + rows] = score(network, piece, rows, both_strands).float().cpu()
    return logits.numpy()


def supported(precision: str) -> str:
    """The precision asked for, as Lightning calls it, where the hardware has it; else `32-true`."""
    able = torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
    return precision if able or precision == "32-true" else "32-true"


def predict_sets(models: Sequence[str | Path], codes: str | Path, threads: int = 1) -> Iterator[pd.DataFrame]:
    """Score a packed set `X.npy` (with `X.parquet` beside it) with saved models, one after the other.

    Yields:
        Per model, one row per window: chrom, start, end, label, logit. For a model without weights all logits are NaN,
        and `attrs["untrained"]`, which stays in the Parquet file, says why.

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
        if reason := card.get("untrained"):
            unscored = table.assign(logit=np.full(len(table), np.nan, np.float32))
            unscored.attrs["untrained"] = reason
            yield unscored
            continue
        precision = card.get("precision", "32-true")
        yield table.assign(logit=predict(load(model), windows, card["reverse_complement"], threads, precision))
