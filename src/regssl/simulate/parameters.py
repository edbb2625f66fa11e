"""Parameters of the simulation."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cached_property
from zlib import crc32

import numpy as np

from regssl.errors import ConfigError
from regssl.sequences.motifs import Motif, load_jaspar
from regssl.simulate.tree import Node, parse_newick

TREE = (
    "((((((simHuman:0.0065,simChimp:0.0065)apes:0.0335,simMacaque:0.04)catarrhines:0.014,simMarmoset:0.054)simians:0.08,"
    "simMouse:0.368)euarchontoglires:0.02,(simDog:0.158,simCow:0.215)laurasiatherians:0.02)placentals:0.1,"
    "simOpossum:0.512)therians;"
)
"""Shaped after the mammals. Path lengths from simHuman agree with UCSC's hg38 100-way tree for the namesakes (chimp
0.013, macaque 0.080, marmoset 0.108, mouse 0.502, dog 0.332, cow 0.389, opossum 0.766); how a path divides is our
choice."""


MEASURED = {"ctcf": ("simMouse", "simDog"), "max": ("simMouse",)}
"""Species with ChIP-seq of their own beside the human's, by dataset."""


@dataclass(frozen=True)
class SimulationParameters:
    """Parameters of a simulation. Rates "per branch length" are per substitution per site; lengths are in bases.

    Attributes:
        seed: of every random stream; equal parameters give equal bytes.
        datasets: dataset ids; each is a JASPAR factor's name in lower case (`regssl.sequences.motifs.load_jaspar`).
        sites: functional sites of the common ancestor, one number per dataset; births balance deaths afterwards.
        chromosomes: number of chromosomes of the common ancestor.
        chromosome_lengths: the longest and the shortest; the others lie evenly between.
        tree: Newick with named ancestors and branch lengths in substitutions per site.
        human: the leaf that has peaks and SNPs.
        kappa: rate of transitions over transversions.
        isochore_gc: GC contents that neutral sequence takes in turn (random order), and keeps while it evolves.
        isochore_length: mean length of a stretch of one GC content.
        element_gc, element_length, element_spacing: regulatory elements: GC content, shortest and longest, mean
            distance to the next. Sites lie in elements; about half of the elements hold none.
        element_constraint: fraction of changes in elements, outside sites, that purifying selection removes.
        strength: a site is never weaker than this quantile of sites sampled from the motif.
        tolerance: bits of log-odds a functional site may lose against the day it was born.
        selection: fraction of the changes beyond `tolerance` that purifying selection removes.
        site_turnover: deaths per site and branch length; a dead site evolves neutrally. Births replace them, elsewhere.
        insertion_rate, deletion_rate: events per substitution.
        indel_exponent, indel_longest: power law of indel lengths, cut off.
        long_deletion_rate: long deletions per Mb and branch length.
        long_deletion_length: shortest and longest (log-uniform).
        inversion_rate, duplication_rate: events per Mb and branch length.
        inversion_length, duplication_length: shortest and longest (log-uniform).
        translocation_rate: exchanges of chromosome arms per genome and branch length.
        repeat_fraction: fraction of the genome that interspersed repeats add per branch length; the ancestor has
            those of 0.4 branch lengths.
        repeat_length, repeat_divergence: longest and shortest family, differences between copy and family.
        decoys: unbound matches per dataset, outside elements, that arise by insertion in each genome of today.
        n_run: length of the run of N in each genome of today.
        pooled: dataset with two peak files ("cell lines"), the second one gzipped.
        peak_width: mean width of a peak.
        peak_jitter: standard deviation of a peak's place, and again of its summit.
        missing: fraction of functional sites without a peak (per file).
        spurious: peaks without a site, as a fraction of the functional sites (per file).
        blacklist: number of blacklisted regions; each carries a strong artefact peak in every file.
        snps: SNPs per dataset, inside or within five bases of bound sites.
    """

    seed: int = 0
    datasets: tuple[str, ...] = ("ctcf", "rest", "max", "atf3")
    sites: tuple[int, ...] = (160, 110, 170, 62)
    chromosomes: int = 6
    chromosome_lengths: tuple[int, int] = (230_000, 180_000)
    tree: str = TREE
    human: str = "simHuman"
    kappa: float = 2.5
    isochore_gc: tuple[float, ...] = (0.35, 0.39, 0.43, 0.5)
    isochore_length: int = 15_000
    element_gc: float = 0.56
    element_length: tuple[int, int] = (200, 400)
    element_spacing: int = 2_200
    element_constraint: float = 0.3
    strength: float = 0.2
    tolerance: float = 2.0
    selection: float = 1.0
    site_turnover: float = 0.8
    insertion_rate: float = 0.03
    deletion_rate: float = 0.04
    indel_exponent: float = 1.6
    indel_longest: int = 400
    long_deletion_rate: float = 200.0
    long_deletion_length: tuple[int, int] = (500, 4_000)
    inversion_rate: float = 40.0
    inversion_length: tuple[int, int] = (300, 20_000)
    duplication_rate: float = 12.0
    duplication_length: tuple[int, int] = (500, 5_000)
    translocation_rate: float = 8.0
    repeat_fraction: float = 0.35
    repeat_length: tuple[int, int] = (120, 300)
    repeat_divergence: float = 0.1
    decoys: int = 40
    n_run: int = 3_000
    pooled: str = "ctcf"
    peak_width: int = 240
    peak_jitter: float = 20.0
    missing: float = 0.1
    spurious: float = 0.1
    blacklist: int = 4
    snps: int = 240

    def __post_init__(self) -> None:
        if len(self.sites) != len(self.datasets):
            raise ConfigError(
                f"simulation: {len(self.sites)} numbers in sites for {len(self.datasets)} datasets", "one for each"
            )
        if unknown := set(self.datasets) - set(_motifs()):
            raise ConfigError(
                f"simulation: no motif for dataset {sorted(unknown)[0]!r}", f"known: {' '.join(_motifs())}"
            )
        if self.human not in self.root.leaves():
            raise ConfigError(
                f"simulation: {self.human!r} is no leaf of the tree", f"leaves: {' '.join(self.root.leaves())}"
            )
        for name in ("element_constraint", "strength", "selection", "missing"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"simulation: {name} is {getattr(self, name)}", "a fraction lies between 0 and 1")
        for field in fields(self):
            value = getattr(self, field.name)
            parts = [part for part in (value if isinstance(value, tuple) else (value,)) if not isinstance(part, str)]
            if not all(part >= 0 and math.isfinite(part) for part in parts):
                raise ConfigError(f"simulation: {field.name} is {value}", "must be finite and not negative")

    @classmethod
    def small(cls, seed: int = 0) -> SimulationParameters:
        """Return parameters of three chromosomes of some 40 kb in which every kind of event still occurs, for tests."""
        return cls(
            seed=seed,
            sites=(40, 25, 40, 15),
            chromosomes=3,
            chromosome_lengths=(45_000, 38_000),
            isochore_length=4_000,
            element_spacing=700,
            long_deletion_length=(200, 1_000),
            inversion_rate=120.0,
            inversion_length=(200, 4_000),
            duplication_rate=60.0,
            duplication_length=(300, 1_500),
            decoys=8,
            n_run=500,
            blacklist=2,
            snps=60,
        )

    @cached_property
    def root(self) -> Node:
        """The species tree."""
        return parse_newick(self.tree)

    @cached_property
    def motifs(self) -> tuple[Motif, ...]:
        """The motif of each dataset."""
        return tuple(_motifs()[dataset] for dataset in self.datasets)

    @property
    def other_species(self) -> list[str]:
        """Leaves of the tree other than the human."""
        return [leaf for leaf in self.root.leaves() if leaf != self.human]

    @property
    def measured(self) -> list[tuple[int, str]]:
        """Dataset (its index) and species of each assay of another species; there is none of what is not simulated."""
        species = self.other_species
        return [
            (number, name)
            for number, dataset in enumerate(self.datasets)
            for name in MEASURED.get(dataset, ())
            if name in species
        ]

    @property
    def gc_levels(self) -> tuple[float, ...]:
        """GC contents by composition class: the isochores', then the elements'."""
        return (*self.isochore_gc, self.element_gc)

    @property
    def element(self) -> int:
        """The composition class of regulatory elements."""
        return len(self.isochore_gc)


def random_stream(parameters: SimulationParameters, name: str) -> np.random.Generator:
    """Return the random stream of a branch or task; it depends on the seed and the name only."""
    return np.random.default_rng([parameters.seed, crc32(name.encode())])


def _motifs() -> dict[str, Motif]:
    """JASPAR motifs by dataset id."""
    return {name.lower(): motif for name, motif in load_jaspar().items()}
