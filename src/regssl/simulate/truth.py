"""Ground truth: where binding sites are, and which pseudo-labels would be correct."""

from __future__ import annotations

import numpy as np
import pandas as pd

from regssl.simulate.evolution import EvolutionHistory
from regssl.simulate.genomes import SimulatedGenome
from regssl.simulate.sites import Sites

BIN = 200
"""Width of the bins and windows whose labels are told."""

MAX_SPREAD = 1_000
"""Homologs of one bin further than this from the middle one are not counted to its window."""


def site_table(history: EvolutionHistory) -> pd.DataFrame:
    """Every site that is functional in some genome of today, in every genome where its bases are.

    Returns:
        site, dataset, born (tree node on whose branch), genome, state (`functional`, `silent`: its bases are there but
        it is dead or was never born in this lineage, `absent`: less than half of its bases are left in one place),
        chrom, start, end, strand (`.`, -1, -1, `.` where absent).
    """
    sites, genomes = history.sites, history.genomes
    alive = {name: _functional(genome, sites) for name, genome in genomes.items()}
    numbers = np.unique(np.concatenate([table.index for table in alive.values()]))
    rows = []
    for name, genome in genomes.items():
        place_of = np.full(len(history.parents), -1)
        place_of[genome.bases["origin"]] = np.arange(len(genome.bases))
        columns = ["chrom", "start", "end", "strand"]
        intervals = dict(zip(alive[name].index, alive[name][columns].itertuples(index=False, name=None), strict=True))
        for number in numbers.tolist():
            site = sites.records[number]
            where = _remains(genome, place_of[site.origins], site.minus)
            state = "silent" if where else "absent"
            if number in intervals:
                state, where = "functional", intervals[number]
            dataset = history.parameters.datasets[site.dataset]
            rows.append((number, dataset, site.branch, name, state, *(where or (".", -1, -1, "."))))
    columns = ["site", "dataset", "born", "genome", "state", "chrom", "start", "end", "strand"]
    return pd.DataFrame(rows, columns=columns).sort_values(["site", "genome"], ignore_index=True)


def label_table(history: EvolutionHistory, homologs: dict[str, np.ndarray]) -> pd.DataFrame:
    """For each human bin that holds the centre of a functional site: do the relatives' homologs hold one too?

    Args:
        history: result of the evolution.
        homologs: for each relative the place of every human base's homolog in its `bases`, or -1.

    Returns:
        dataset, chrom, start, end, and one column per relative: 1 where the bin's homologous window (the middle 200
        bases of where its bases lie) holds the centre of a functional site of the dataset, 0 where it does not, -1
        where less than a tenth of the bin has a homolog.
    """
    human, sites = history.genomes[history.parameters.human], history.sites
    bins = _functional(human, sites)
    bins["start"] = (bins.start + bins.end) // 2 // BIN * BIN
    bins["end"] = bins.start + BIN
    bins = bins[["dataset", "chrom", "start", "end"]].drop_duplicates().sort_values(["dataset", "chrom", "start"])
    offset = dict(zip(human.contigs, human.starts, strict=False))
    for name, homolog in homologs.items():
        found = _functional(history.genomes[name], sites)
        centre = {d: np.sort(f.place + (f.end - f.start).to_numpy() // 2) for d, f in found.groupby("dataset")}
        bins[name] = [
            _holds(homolog[offset[chrom] + start : offset[chrom] + end], centre.get(dataset, np.empty(0)))
            for dataset, chrom, start, end in zip(bins.dataset, bins.chrom, bins.start, bins.end, strict=True)
        ]
    return bins.reset_index(drop=True)


def _functional(genome: SimulatedGenome, sites: Sites) -> pd.DataFrame:
    """Functional sites of a genome by number: chrom, start, end, strand, dataset, place (start in `bases`)."""
    rows = {}
    for number, start, end, minus in sites.functional(genome.bases):
        dataset = sites.parameters.datasets[sites.records[number].dataset]
        rows[number] = (*_interval(genome, start, end, minus), dataset, start)
    columns = ["chrom", "start", "end", "strand", "dataset", "place"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _remains(genome: SimulatedGenome, places: np.ndarray, site_minus: bool) -> tuple[str, int, int, str] | None:
    """Where the bases of a site that is not functional here lie, if at least half of them lie together."""
    left = np.sort(places[places >= 0])
    if 2 * len(left) < len(places) or left[-1] - left[0] > 4 * len(places):
        return None
    if genome.contig_of(left[0]) != genome.contig_of(left[-1]):
        return None
    return _interval(genome, left[0], left[-1] + 1, bool(site_minus ^ genome.bases["minus"][left[0]]))


def _interval(genome: SimulatedGenome, start: int, end: int, minus: bool) -> tuple[str, int, int, str]:
    contig = int(genome.contig_of(np.array(start)))
    first = int(genome.starts[contig])
    return genome.contigs[contig], int(start) - first, int(end) - first, "-" if minus else "+"


def _holds(places: np.ndarray, centres: np.ndarray) -> int:
    """Whether the window of the homologous places holds one of the (sorted) centres: 1, 0, or -1 without a window."""
    places = np.sort(places[places >= 0])
    if 10 * len(places) < BIN:
        return -1
    near = places[abs(places - places[len(places) // 2]) <= MAX_SPREAD]
    start = (near.min() + near.max() + 1) // 2 - BIN // 2
    return int(np.searchsorted(centres, start + BIN) > np.searchsorted(centres, start))
