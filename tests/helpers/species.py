"""Two small genomes, the chains between them, and the same base by base."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from helpers.packed import packed
from regssl.data.bins import label_bins, make_bins
from regssl.data.homologs import find_homologs
from regssl.data.settings import HomologSettings, Splits
from regssl.data.windows import COLUMNS, window_table
from regssl.liftover.chain_file import read_chains
from regssl.measured.copies import AlignedGenomes
from regssl.sequences.genome import Genome
from regssl.sequences.twobit import write_twobit

WIDTH = 80
SPLITS = Splits(train=["h1"], validation=["h2"], test=["h3"])
COMPLEMENT = str.maketrans("ACGT", "TGCA")
Aligned = dict[tuple[str, int], tuple[str, int, str]]
"""Of each aligned human base that of the other genome: chromosome, position, letter on the aligned strand."""


class TwoSpecies:
    """Three human chromosomes of 1,000 bp and their counterparts: on the plus, the minus and the plus strand.

    A fifth of the bases differ; every hundred bases some are lost and some inserted.
    """

    def __init__(self, folder: Path, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.human: dict[str, str] = {}
        self.other: dict[str, str] = {}
        self.aligned: Aligned = {}
        chains = []
        for number in (1, 2, 3):
            human = "".join(rng.choice(list("ACGT"), 1000))
            letters, blocks, pairs = "", list[str](), list[tuple[int, int]]()
            for first in range(0, 1000, 100):
                lost, inserted = int(rng.integers(0, 40)), int(rng.integers(0, 10))
                size = 100 - lost
                pairs += [(first + i, len(letters) + i) for i in range(size)]
                part = [c if rng.random() > 0.2 else rng.choice(list("ACGT")) for c in human[first : first + size]]
                letters += "".join(part)
                if first == 900:
                    blocks.append(str(size))
                else:
                    letters += "".join(rng.choice(list("ACGT"), inserted))
                    blocks.append(f"{size} {lost} {inserted}")
            minus = number == 2
            name, size = f"o{number}", len(letters)
            end = pairs[-1][0] + 1
            sign = "-" if minus else "+"
            chains.append(f"chain 1000 h{number} 1000 + 0 {end} {name} {size} {sign} 0 {size} {number}\n")
            chains[-1] += "\n".join(blocks) + "\n\n"
            self.human[f"h{number}"] = human
            self.other[name] = letters.translate(COMPLEMENT)[::-1] if minus else letters
            for there, here in pairs:
                self.aligned[f"h{number}", there] = (name, size - 1 - here if minus else here, letters[here])
        write_twobit(folder / "human.2bit", [packed(name, text) for name, text in self.human.items()])
        write_twobit(folder / "other.2bit", [packed(name, text) for name, text in self.other.items()])
        (folder / "over.chain").write_text("".join(chains))
        self.genomes = AlignedGenomes(
            Genome(folder / "human.2bit"), Genome(folder / "other.2bit"), "other", read_chains(folder / "over.chain")
        )
        self.bins = make_bins(self.genomes.human, SPLITS, WIDTH)
        self.homologs = find_homologs(self.bins, self.genomes.chains, self.genomes.other, HomologSettings())

    def windows(self, peaks: pd.DataFrame, min_overlap: int = 40) -> pd.DataFrame:
        """All human bins as windows, labelled by peaks."""
        labels = label_bins(self.bins, peaks, min_overlap)
        table = self.bins.assign(genome="human", strand="+", label=labels, source=np.arange(len(self.bins)))
        return window_table(table[COLUMNS])


def intervals(*rows: tuple[str, int, int]) -> pd.DataFrame:
    """A table of intervals."""
    return pd.DataFrame(rows, columns=["chrom", "start", "end"])
