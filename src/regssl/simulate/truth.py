"""Ground truth: where binding sites are, and which pseudo-labels would be correct."""

from __future__ import annotations

import numpy as np
import pandas as pd

from regssl.simulate.evolution import EvolutionHistory
from regssl.simulate.genomes import SimulatedGenome
from regssl.simulate.sites import Sites

BIN_WIDTH = 200
"""Width of the labelled bins and windows, in bp."""

MAX_SPREAD = 1_000
"""Homologous bases of a bin further than this from their median do not count to its window, in bp."""


def site_table(history: EvolutionHistory) -> pd.DataFrame:
    """Tabulate every site that is functional in some extant genome, in all genomes.

    Returns:
        site, dataset, born (tree node on whose branch it arose), genome, state (`functional`; `silent`: its bases are
        present but it is lost or never arose in this lineage; `absent`: less than half of its bases are left in one
        place), chrom, start, end, strand (`.`, -1, -1, `.` if absent).
    """
    sites, genomes = history.sites, history.genomes
    alive = {name: _functional(genome, sites) for name, genome in genomes.items()}
    numbers = np.unique(np.concatenate([table.index for table in alive.values()]))
    rows = []
    for name, genome in genomes.items():
        position_of = np.full(len(history.parents), -1)
        position_of[genome.bases["origin"]] = np.arange(len(genome.bases))
        columns = ["chrom", "start", "end", "strand"]
        intervals = dict(zip(alive[name].index, alive[name][columns].itertuples(index=False, name=None), strict=True))
        for number in numbers.tolist():
            site = sites.records[number]
            where = _remains(genome, position_of[site.origins], site.minus)
            state = "silent" if where else "absent"
            if number in intervals:
                state, where = "functional", intervals[number]
            dataset = history.parameters.datasets[site.dataset]
            rows.append((number, dataset, site.branch, name, state, *(where or (".", -1, -1, "."))))
    columns = ["site", "dataset", "born", "genome", "state", "chrom", "start", "end", "strand"]
    return pd.DataFrame(rows, columns=columns).sort_values(["site", "genome"], ignore_index=True)


def label_table(history: EvolutionHistory, homologs: dict[str, np.ndarray]) -> pd.DataFrame:
    """Label the homologs of each human bin that contains the centre of a functional site.

    Args:
        history: result of the evolution.
        homologs: for each other species the position of every human base's homolog in its `bases`, or -1.

    Returns:
        dataset, chrom, start, end, and one column per other species: 1 if the bin's homologous window (BIN_WIDTH bases
        around the middle of its homologous bases) contains the centre of a functional site of the dataset, 0 if not, -1
        if less than a tenth of the bin has a homolog.
    """
    human, sites = history.genomes[history.parameters.human], history.sites
    bins = _functional(human, sites)
    bins["start"] = (bins.start + bins.end) // 2 // BIN_WIDTH * BIN_WIDTH
    bins["end"] = bins.start + BIN_WIDTH
    bins = bins[["dataset", "chrom", "start", "end"]].drop_duplicates().sort_values(["dataset", "chrom", "start"])
    offset = dict(zip(human.contigs, human.starts, strict=False))
    for name, homolog in homologs.items():
        found = _functional(history.genomes[name], sites)
        centre = {d: np.sort(f.position + (f.end - f.start).to_numpy() // 2) for d, f in found.groupby("dataset")}
        bins[name] = [
            label_homolog(homolog[offset[chrom] + start : offset[chrom] + end], centre.get(dataset, np.empty(0)))
            for dataset, chrom, start, end in zip(bins.dataset, bins.chrom, bins.start, bins.end, strict=True)
        ]
    return bins.reset_index(drop=True)


def _functional(genome: SimulatedGenome, sites: Sites) -> pd.DataFrame:
    """Tabulate the functional sites of a genome by number: chrom, start, end, strand, dataset, position in `bases`."""
    rows = {}
    for number, start, end, minus in sites.functional(genome.bases):
        dataset = sites.parameters.datasets[sites.records[number].dataset]
        rows[number] = (*_interval(genome, start, end, minus), dataset, start)
    columns = ["chrom", "start", "end", "strand", "dataset", "position"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _remains(genome: SimulatedGenome, positions: np.ndarray, site_minus: bool) -> tuple[str, int, int, str] | None:
    """Return the interval of the bases of a site that is not functional here, if at least half of them are together."""
    left = np.sort(positions[positions >= 0])
    if 2 * len(left) < len(positions) or left[-1] - left[0] > 4 * len(positions):
        return None
    if genome.contig_of(left[0]) != genome.contig_of(left[-1]):
        return None
    return _interval(genome, left[0], left[-1] + 1, bool(site_minus ^ genome.bases["minus"][left[0]]))


def _interval(genome: SimulatedGenome, start: int, end: int, minus: bool) -> tuple[str, int, int, str]:
    contig = int(genome.contig_of(np.array(start)))
    first = int(genome.starts[contig])
    return genome.contigs[contig], int(start) - first, int(end) - first, "-" if minus else "+"


def label_homolog(positions: np.ndarray, centres: np.ndarray) -> int:
    """Label the homologous window of a bin.

    Args:
        positions: positions of the homologs of the bin's bases, or -1.
        centres: sorted positions of the centres of functional sites.

    Returns:
        1 if the window around the homologs contains a centre, 0 if not, -1 if there are too few homologs for a window.
    """
    positions = np.sort(positions[positions >= 0])
    if 10 * len(positions) < BIN_WIDTH:
        return -1
    near = positions[abs(positions - positions[len(positions) // 2]) <= MAX_SPREAD]
    start = (near.min() + near.max() + 1) // 2 - BIN_WIDTH // 2
    return int(np.searchsorted(centres, start + BIN_WIDTH) > np.searchsorted(centres, start))
