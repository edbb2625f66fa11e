"""What a rehearsal makes: how much of a genome, which genomes and datasets, and how many sites, SNPs and regions."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from zlib import crc32

import numpy as np

from regssl.sequences.motifs import Motif, find_motif, read_motifs

ROOT = Path(__file__).parents[2]
WHOLE = 3_100  # Mb: 1,306 and 40,000 positive bins, 100,000 SNPs, 600 blacklisted regions are of a genome of this size
HG38 = {
    "chr1": 248_956_422, "chr2": 242_193_529, "chr3": 198_295_559, "chr4": 190_214_555, "chr5": 181_538_259,
    "chr6": 170_805_979, "chr7": 159_345_973, "chr8": 145_138_636, "chr9": 138_394_717, "chr10": 133_797_422,
    "chr11": 135_086_622, "chr12": 133_275_309, "chr13": 114_364_328, "chr14": 107_043_718, "chr15": 101_991_189,
    "chr16": 90_338_345, "chr17": 83_257_441, "chr18": 80_373_285, "chr19": 58_617_616, "chr20": 64_444_167,
    "chr21": 46_709_983, "chr22": 50_818_468, "chrX": 156_040_895, "chrY": 57_227_415,
}  # fmt: skip
HUMAN = "hg38"
GENOMES = ["panTro6", "mm10", "canFam3", "rheMac10", "otoGar3", "monDom5"]  # near and far; then the table's others
POSITIVES = {"atf3": 1_306, "ctcf": 40_000}  # bins at the size of a genome; ATF3's number is the paper's
LEAST_POSITIVES = 300  # at any size: each split needs some
SNPS, BLACKLISTED = 100_000, 600
SNP_DATASET, MEASURED = "ctcf", ("ctcf", "mm10")
BINS_PER_PEAK = 1.3  # a peak of 200 to 340 bp covers half of so many bins of 200 bp
MISSED, SPURIOUS = 0.1, 0.1  # of the sites, those without a peak; of the peaks, those without a site


@dataclass(frozen=True)
class World:
    """A world, which follows from these numbers alone.

    Attributes:
        n_genomes: beside the human one.
        megabases: of the human genome; the others are about as large.
        seed: of all that is random.
    """

    n_genomes: int
    megabases: float
    seed: int = 0

    def stream(self, *words: object) -> np.random.Generator:
        """Return the random stream of a task."""
        return np.random.default_rng([self.seed, crc32(" ".join(map(str, words)).encode())])

    def number(self, of_a_genome: int) -> int:
        """Scale a number of things in a whole genome to this one."""
        return round(of_a_genome * self.megabases / WHOLE)

    def positives(self, dataset: str) -> int:
        """Return how many positive bins a dataset should have, about."""
        return max(self.number(POSITIVES[dataset]), LEAST_POSITIVES)

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Bases of each human chromosome: hg38's names and proportions."""
        total = sum(HG38.values())
        return {name: int(self.megabases * 1e6 * size / total) for name, size in HG38.items()}

    @cached_property
    def distances(self) -> dict[str, float]:
        """Substitutions per site from the human genome, by genome, of the table `config/genomes.tsv`."""
        with (ROOT / "config/genomes.tsv").open(newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
        return {row["genome"]: float(row["substitutions_per_site"]) for row in rows if row["genome"] != HUMAN}

    @cached_property
    def genomes(self) -> list[str]:
        """The genomes beside the human one."""
        return list(dict.fromkeys([*GENOMES, *self.distances]))[: self.n_genomes]

    @cached_property
    def motifs(self) -> dict[str, Motif]:
        """The motif that is planted in the sites of each dataset."""
        known = read_motifs()
        found = {dataset: find_motif(dataset.upper(), known, dataset) for dataset in POSITIVES}
        return {dataset: motif for dataset, motif in found.items() if motif is not None}
