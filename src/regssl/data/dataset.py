"""Packed window sets: byte codes in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from regssl.data.packed import _MAKE_AGAIN, load_codes
from regssl.errors import DataError
from regssl.io.parquet import load_table
from regssl.sequences.encoding import N


class WindowDataset:
    """Labelled sequences in memory.

    Attributes:
        codes: uint8 (n, width).
        labels: float32 (n,).
        sources: int64 (n,), the human bin that each comes from; None where nobody asks.
        genomes: int64 (n,), the number of the set that each was read from; None as above.
    """

    def __init__(
        self, codes: Tensor, labels: Tensor, sources: Tensor | None = None, genomes: Tensor | None = None
    ) -> None:
        if len(codes) != len(labels):
            raise DataError(f"{len(codes)} sequences but {len(labels)} labels", "make the set again")
        self.codes, self.labels, self.sources, self.genomes = codes, labels, sources, genomes

    @classmethod
    def load(cls, paths: Sequence[str | Path], origins: bool = False) -> WindowDataset:
        """Read sets `X.npy` with their tables `X.parquet` beside them, one after the other.

        Args:
            paths: one set each.
            origins: read where windows come from, too: `sources` and `genomes`.
        """
        sets = [load_codes(path) for path in paths]  # still on the disk
        widths = {codes.shape[1] for codes in sets}
        if len(widths) > 1:
            raise DataError(f"windows of {' and '.join(map(str, sorted(widths)))} bp: {', '.join(map(str, paths))}")
        codes = np.empty((sum(map(len, sets)), widths.pop()), np.uint8)
        np.concatenate(sets, out=codes)
        if codes.max(initial=0) > N:
            raise DataError(
                f"{', '.join(map(str, paths))}: holds {codes.max()}, which is no code of a base", _MAKE_AGAIN
            )
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
        """SHA-256 of sequences and labels, as hexadecimal digits: other data, another digest."""
        digest = hashlib.sha256()
        for tensor in (self.codes, self.labels):
            digest.update(tensor.contiguous().view(-1).numpy().data)
        return digest.hexdigest()

    def __add__(self, others: WindowDataset) -> WindowDataset:
        """These windows, then the others."""
        return WindowDataset(torch.cat([self.codes, others.codes]), torch.cat([self.labels, others.labels]))
