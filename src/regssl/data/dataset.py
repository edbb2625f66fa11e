"""Window sets in memory as tensors, for training and evaluation."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from regssl.data.packed import check_codes, load_codes
from regssl.errors import DataError
from regssl.io.parquet import load_table


class WindowDataset:
    """Labelled sequences in memory.

    Attributes:
        codes: uint8 (n, width), byte codes.
        labels: float32 (n,), 0 or 1.
        sources: int64 (n,), the human bin that each window comes from; None if not loaded.
        genomes: int64 (n,), index of the set (one genome each) that each window comes from; None if not loaded.

    Raises:
        DataError: the numbers of sequences and labels differ.
    """

    def __init__(
        self, codes: Tensor, labels: Tensor, sources: Tensor | None = None, genomes: Tensor | None = None
    ) -> None:
        if len(codes) != len(labels):
            raise DataError(f"{len(codes)} sequences but {len(labels)} labels", "make the set again")
        self.codes, self.labels, self.sources, self.genomes = codes, labels, sources, genomes

    @classmethod
    def load(cls, paths: Sequence[str | Path], origins: bool = False) -> WindowDataset:
        """Load and concatenate window sets.

        Args:
            paths: `X.npy` of each set; its table `X.parquet` is read too.
            origins: also load `sources` and `genomes`.

        Raises:
            DataError: a file is missing or damaged, or the sets have windows of different widths.
        """
        sets = [load_codes(path) for path in paths]  # memory-mapped
        widths = {codes.shape[1] for codes in sets}
        if len(widths) > 1:
            raise DataError(f"windows of {' and '.join(map(str, sorted(widths)))} bp: {', '.join(map(str, paths))}")
        codes = np.empty((sum(map(len, sets)), widths.pop()), np.uint8)
        np.concatenate(sets, out=codes)
        check_codes(codes, ", ".join(map(str, paths)))
        columns = ["label", "source"] if origins else ["label"]
        tables = [load_table(Path(path).with_suffix(".parquet"), columns) for path in paths]
        labels = torch.from_numpy(np.concatenate([table["label"].to_numpy(np.float32) for table in tables]))
        if not origins:
            return cls(torch.from_numpy(codes), labels)
        sources = np.concatenate([table["source"].to_numpy(np.int64) for table in tables])
        genomes = np.repeat(np.arange(len(tables)), [len(table) for table in tables])
        return cls(torch.from_numpy(codes), labels, torch.from_numpy(sources), torch.from_numpy(genomes))

    def __len__(self) -> int:
        return len(self.labels)

    def sha256(self) -> str:
        """Return the SHA-256 of sequences and labels as hexadecimal digits."""
        digest = hashlib.sha256()
        for tensor in (self.codes, self.labels):
            digest.update(tensor.contiguous().view(-1).numpy().data)
        return digest.hexdigest()

    def __add__(self, others: WindowDataset) -> WindowDataset:
        """Concatenate two sets, without their origins."""
        return WindowDataset(torch.cat([self.codes, others.codes]), torch.cat([self.labels, others.labels]))
