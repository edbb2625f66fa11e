"""Logits of windows by a trained network."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from regssl.models.inputs import SequenceInputs, encode_inputs
from regssl.progress import Progress

EVALUATION_BATCH = 1024
"""Windows per forward pass."""
CHUNK_WINDOWS = 64 * EVALUATION_BATCH
"""Windows moved to the device at a time."""


def forward_batch(network: nn.Module, windows: SequenceInputs, indices: Tensor, both_strands: bool) -> Tensor:
    """Return logits (..., batch) of some windows, averaged over both strands if asked; indices are on the CPU.

    A network with an attribute `strand_invariant` that is true has the same logits on both, and is asked once.
    """
    both_strands = both_strands and not getattr(network, "strand_invariant", False)
    length, on_device = windows.padded_length(indices), indices.to(windows.device)
    logits: Tensor = network(windows.select(on_device, None, length))
    if both_strands:
        reverse = torch.ones((), dtype=torch.bool, device=windows.device)
        logits = (logits + network(windows.select(on_device, reverse, length))) / 2
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
        both_strands: average over both strands.
        threads: CPU threads.
        precision: with `bf16-mixed`, networks whose last layers are exact in it (`exact_head`) compute in bfloat16
            where the hardware supports it; all others in full precision, because logits of 8 bits tie.

    Examples:
        >>> codes = np.stack([encode("ACGTN" * 40), encode("GATTACA" * 28 + "ACGT")])
        >>> regssl.predict(regssl.load("model.safetensors"), codes).shape
        (2,)
    """
    torch.set_num_threads(threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = network.to(device).eval()
    logits = torch.empty(len(codes))
    with (
        Progress("predicting", len(codes), unit="window") as progress,
        torch.inference_mode(),
        exact_logits(network, device, supported_precision(precision, network)),
    ):
        for first in range(0, len(codes), CHUNK_WINDOWS):
            chunk = torch.from_numpy(np.require(codes[first : first + CHUNK_WINDOWS], np.uint8, ("C", "W")))
            windows = encode_inputs(network, chunk, both_strands).to(device)
            for indices in windows.batches(EVALUATION_BATCH):
                logits[first + indices] = forward_batch(network, windows, indices, both_strands).float().cpu()
                progress.advance(len(indices))
    return logits.numpy()


def exact_logits(network: nn.Module, device: torch.device, precision: str) -> torch.autocast:
    """Return the context in which a network computes logits to rank by: in 32 bits unless its head is exact."""
    mixed = precision != "32-true" and getattr(network, "exact_head", False)
    return torch.autocast(device.type, torch.bfloat16, enabled=mixed)


def supported_precision(precision: str, network: nn.Module) -> str:
    """Return the requested precision, in Lightning's terms, where the hardware gains by it; else `32-true`.

    GPUs of the Ampere generation and later do, for every network; processors with bfloat16 products (AVX512-BF16, AMX)
    for those that are little else than products, which have an `exact_head`.
    """
    if torch.cuda.is_available():
        supported = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        supported = processor_has_bf16() and getattr(network, "exact_head", False)
    return precision if supported or precision == "32-true" else "32-true"


def processor_has_bf16() -> bool:
    """Whether the processor multiplies numbers of 16 bits: at least twice as many at a time as of 32."""
    known = [getattr(torch.cpu, f"_is_{name}_supported", None) for name in ("avx512_bf16", "amx_tile")]
    return any(has() for has in known if has)  # torch has no public name for it, and before 2.5 none
