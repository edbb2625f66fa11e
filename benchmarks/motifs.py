"""Best match of a motif in windows of 200 bp, on both strands: `Motif.max_score`, NumPy, and a convolution of PyTorch.

    python benchmarks/motifs.py [--windows 100000]

All agree first; then they are timed in turns, each on one core.
"""

from __future__ import annotations

import argparse

import numpy as np
import torch
from table import Table, machine, time_in_turns

from regssl.models.baselines import MotifScan
from regssl.sequences.motifs import Motif, load_jaspar

WIDTH = 200
CHUNK = 4096


def numpy_scan(motif: Motif, codes: np.ndarray) -> np.ndarray:
    chunks = [motif.scan(codes[first : first + CHUNK]).max(axis=(1, 2)) for first in range(0, len(codes), CHUNK)]
    return np.concatenate(chunks)


def convolution(motif: Motif, codes: np.ndarray) -> np.ndarray:
    network = MotifScan(WIDTH, motif.width)
    strands = np.stack([motif.log_odds.T, motif.reverse_log_odds.T])
    network.log_odds.copy_(torch.from_numpy(np.ascontiguousarray(strands)))
    with torch.inference_mode():
        parts = [network(torch.from_numpy(codes[first : first + CHUNK])) for first in range(0, len(codes), CHUNK)]
    return torch.cat(parts).numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=int, default=100_000)
    n = parser.parse_args().windows
    torch.set_num_threads(1)
    codes = np.random.default_rng(0).integers(0, 5, (n, WIDTH)).astype(np.uint8)
    print(f"{n:,} windows of {WIDTH} bp; {machine()}\n")
    table = Table("motif", "regssl, s", "NumPy, s", "PyTorch, s", "NumPy, ×", "PyTorch, ×")
    for name in ("CTCF", "MAX", "REST"):
        motif = load_jaspar()[name]
        found = motif.max_score(codes)
        assert (found == numpy_scan(motif, codes)).all(), "to the last bit"
        assert np.allclose(found, convolution(motif, codes), atol=1e-4)
        jobs = [
            lambda motif=motif, tool=tool: tool(motif, codes) for tool in (Motif.max_score, numpy_scan, convolution)
        ]
        times = time_in_turns(jobs)
        table.row(f"{name}, {motif.width} bp", *times, *(one / times[0] for one in times[1:]))


if __name__ == "__main__":
    main()
