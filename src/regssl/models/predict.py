"""Scores of windows by a trained network."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from regssl.models.inputs import Readings, readings_of

EVALUATION_BATCH = 1024
"""Windows scored at once."""
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
    codes: np.ndarray,
    both_strands: bool = True,
    threads: int = 1,
    precision: str = "32-true",
) -> np.ndarray:
    """Predict the logits of windows, float32 (windows,), on a GPU where there is one.

    Args:
        network: byte codes, uint8 (batch, width), to logits (batch,).
        codes: byte codes of the windows, uint8 (windows, width).
        both_strands: score both strands, and take the mean.
        threads: CPU threads.
        precision: with `bf16-mixed`, networks whose last layers are exact in it (`exact_head`) compute so on GPUs that
            can; all others in full precision, because logits of 8 bits tie.
    """
    torch.set_num_threads(threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = network.to(device).eval()
    mixed = supported(precision) != "32-true" and getattr(network, "exact_head", False)
    logits = torch.empty(len(codes))
    with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=mixed):
        for first in range(0, len(codes), PIECE):
            part = np.require(codes[first : first + PIECE], np.uint8, ("C", "W"))
            piece = readings_of(network, torch.from_numpy(part), both_strands).to(device)
            for rows in piece.parts(EVALUATION_BATCH):
                logits[first + rows] = score(network, piece, rows, both_strands).float().cpu()
    return logits.numpy()


def supported(precision: str) -> str:
    """The precision asked for, as Lightning calls it, where the hardware has it; else `32-true`."""
    able = torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
    return precision if able or precision == "32-true" else "32-true"
