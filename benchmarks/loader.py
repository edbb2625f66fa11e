"""How fast training windows reach the network on a CPU: one item at a time, as most code does, against whole batches.

    python benchmarks/loader.py [--windows 20000] [--batch 64] [--seconds 2]

The per-item loaders are the ones people write: a Dataset whose `__getitem__` one-hot encodes one sequence, a DataLoader
that stacks them. Ours samples the epoch at once and fetches each batch as bytes; the one-hot code is made by the first
layer, or not at all, so another row has it made in the loader. All deliver the same windows, which is checked.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from table import Table, machine
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from regssl.sequences.encoding import decode, one_hot
from regssl.training.sampling import EpochShape, SamplingUnits, sample_epoch

WIDTH = 200
BASES = {"A": (1, 0, 0, 0), "C": (0, 1, 0, 0), "G": (0, 0, 1, 0), "T": (0, 0, 0, 1), "N": (0, 0, 0, 0)}


class ByDictionary(Dataset):
    """One base at a time from a dictionary."""

    def __init__(self, codes: np.ndarray, labels: np.ndarray) -> None:
        self.texts, self.labels = [decode(row) for row in codes], labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, row: int) -> tuple[Tensor, Tensor]:
        rows = np.array([BASES[base] for base in self.texts[row]], np.float32)
        return torch.from_numpy(rows.T.copy()), torch.tensor(self.labels[row])


class ByTable(ByDictionary):
    """One sequence at a time from a table of rows."""

    def __init__(self, codes: np.ndarray, labels: np.ndarray) -> None:
        self.codes, self.labels = codes, labels
        self.table = np.array([BASES[base] for base in "ACGTN"], np.float32)

    def __getitem__(self, row: int) -> tuple[Tensor, Tensor]:
        return torch.from_numpy(self.table[self.codes[row]].T.copy()), torch.tensor(self.labels[row])


def ours(codes: Tensor, labels: Tensor, batch: int, encoded: bool) -> Iterator[tuple[Tensor, Tensor]]:
    shape = EpochShape(batch, len(labels) // batch, seeded_layers=1)
    batches = sample_epoch([0], "train", 0, [SamplingUnits(torch.arange(len(labels)))], shape)
    for rows in batches.indices.squeeze(1):
        sequences = codes[rows]
        yield (one_hot(sequences) if encoded else sequences), labels[rows]


def rate(make: Callable[[], Iterator | DataLoader], seconds: float) -> float:
    """Windows per second, over as many epochs as the time allows."""
    windows, start = 0, time.perf_counter()
    while True:
        for _, labels in make():
            windows += len(labels)
            if (spent := time.perf_counter() - start) > seconds:
                return windows / spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=2.0, help="time for each row")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 5, (options.windows, WIDTH)).astype(np.uint8)
    labels = np.arange(options.windows, dtype=np.float32)  # each window is known by its label
    tensors = torch.from_numpy(codes), torch.from_numpy(labels)

    print(f"{machine()}; batches of {options.batch}, one process, one thread")
    loaders: dict[str, Callable[[], Iterator | DataLoader]] = {
        "per item, dictionary": lambda: DataLoader(ByDictionary(codes, labels), options.batch, shuffle=True),
        "per item, table": lambda: DataLoader(ByTable(codes, labels), options.batch, shuffle=True),
        "regssl, one-hot": lambda: ours(*tensors, options.batch, encoded=True),
        "regssl, bytes": lambda: ours(*tensors, options.batch, encoded=False),
    }
    expected = one_hot(tensors[0])
    for name, make in loaders.items():
        if name != "regssl, bytes":
            sequences, rows = next(iter(make()))
            assert torch.equal(sequences, expected[rows.long()]), f"{name}: other sequences"
    table = Table("", "windows/s", "ratio", first=24)
    slowest = 0.0
    for name, make in loaders.items():
        speed = rate(make, options.seconds)
        slowest = slowest or speed
        table.row(name, speed, f"{speed / slowest:.0f}")


if __name__ == "__main__":
    main()
