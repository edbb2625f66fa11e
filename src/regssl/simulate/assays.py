"""Simulated assays: ChIP-seq peaks, of the human genome and others; a blacklist and SNP effects of the human one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from regssl.simulate.genomes import SimulatedGenome
from regssl.simulate.parameters import SimulationParameters, random_stream
from regssl.simulate.sites import Sites

NARROW_PEAK = ["chrom", "start", "end", "name", "score", "strand", "signalValue", "pValue", "qValue", "peak"]
"""Columns of ENCODE's narrowPeak format (https://genome.ucsc.edu/FAQ/FAQformat.html#format12)."""

SNP_FLANK = 5
"""Largest distance of a SNP from a binding site, in bp."""

SNP_CONTEXT = 50
"""Bases on either side of a SNP within which motifs are scored for its effect."""

MARGIN = 300
"""Smallest distance of spurious peaks and blacklisted regions from functional sites, in bp."""


def simulate_blacklist(human: SimulatedGenome, parameters: SimulationParameters) -> pd.DataFrame:
    """Sample regions of artefacts, 500 to 1,500 bp, away from sites: chrom, start, end, in genome order."""
    rng = random_stream(parameters, "blacklist")
    occupied = (human.bases["site"] >= 0) | (human.bases["code"] == 4)
    centres = _sample_clear_positions(human, occupied, parameters.blacklist, rng, 750 + MARGIN)
    half = rng.integers(250, 751, len(centres))
    contig = human.contig_of(centres)
    local = centres - human.starts[contig]
    regions = {"chrom": np.array(human.contigs)[contig], "start": local - half, "end": local + half}
    return pd.DataFrame(regions).sort_values(["chrom", "start"], ignore_index=True)


def simulate_peaks(
    genome: SimulatedGenome, sites: Sites, dataset: int, cell: str = "", blacklist: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Simulate the peaks of one ChIP-seq experiment.

    Most functional sites have a peak, whose signal increases with the site's strength; some peaks have no site, half of
    them in regulatory elements; each blacklisted region has a very strong one. p and q values are not available (-1).

    Args:
        genome: that of the cells.
        sites: binding sites.
        dataset: index of the dataset.
        cell: name of the cell type, replicate or species; each has other random numbers.
        blacklist: regions of artefacts in the genome.

    Returns:
        Columns NARROW_PEAK, in genome order.
    """
    parameters = sites.parameters
    rng = random_stream(parameters, f"peaks of {parameters.datasets[dataset]} {cell}")
    found = pd.DataFrame(sites.functional(genome.bases), columns=["number", "start", "end", "minus"])
    found = found[np.array([sites.records[number].dataset == dataset for number in found.number], dtype=bool)]
    bits = np.array([_bits(genome, sites, *row) for row in found.itertuples(index=False)])
    has_peak = rng.random(len(found)) >= parameters.missing
    centres = ((found.start + found.end) // 2).to_numpy(np.int64)
    occupied = np.zeros(len(genome.bases), bool)
    occupied[centres] = True
    occupied |= genome.bases["code"] == 4
    extra = rng.binomial(2 * len(found), parameters.spurious / 2)
    element = genome.bases["composition"] == parameters.element
    in_elements = _sample_clear_positions(genome, occupied, extra // 2, rng, MARGIN, within=element)
    anywhere = _sample_clear_positions(genome, occupied, extra - len(in_elements), rng, MARGIN)
    places = np.concatenate([centres[has_peak], in_elements, anywhere])
    typical = np.median(bits) if len(bits) else 10.0
    strength = np.concatenate([bits[has_peak], np.full(len(in_elements) + len(anywhere), typical - 3)])
    signal = 10 * 2 ** ((strength - typical) / 4) * rng.lognormal(0, 0.4, len(places))

    contig = genome.contig_of(places)
    summits = places - genome.starts[contig] + rng.normal(0, parameters.peak_jitter, len(places)).round()
    width = (parameters.peak_width * rng.lognormal(0, 0.15, len(places))).round()
    start = np.clip(summits + rng.normal(0, parameters.peak_jitter, len(places)).round() - width // 2, 0, None)
    end = np.minimum(start + width, genome.sizes[contig])
    return _narrow_peak(
        pd.DataFrame(
            {"chrom": np.array(genome.contigs)[contig], "start": start, "end": end, "summit": summits, "signal": signal}
        ),
        blacklist,
        parameters.datasets[dataset],
    )


def simulate_variants(human: SimulatedGenome, sites: Sites, dataset: int) -> pd.DataFrame:
    """Sample SNPs in and near the binding sites of a dataset, with their effects.

    Args:
        human: the human genome.
        sites: binding sites.
        dataset: index of the dataset.

    Returns:
        In genome order: chrom, start0 (0-based), ref, alt, dataset, effect: maximum log-odds (bits) over all motif
        positions on both strands within SNP_CONTEXT bases, alternative minus reference; balanced: 1 where that is 0.
    """
    parameters, motif = sites.parameters, sites.parameters.motifs[dataset]
    rng = random_stream(parameters, f"SNPs of {parameters.datasets[dataset]}")
    near = [
        np.arange(start - SNP_FLANK, end + SNP_FLANK)
        for number, start, end, _ in sites.functional(human.bases)
        if sites.records[number].dataset == dataset
    ]
    candidates = np.unique(np.concatenate([np.empty(0, np.int64), *near]))
    candidates = candidates[(candidates >= 0) & (candidates < len(human.bases))]
    candidates = candidates[human.bases["code"][candidates] < 4]
    rows = []
    for place in np.sort(rng.choice(candidates, min(parameters.snps, len(candidates)), replace=False)):
        contig = int(human.contig_of(place))
        first = max(human.starts[contig], place - SNP_CONTEXT)
        last = min(human.starts[contig + 1], place + SNP_CONTEXT + 1)
        reference = human.bases["code"][first:last]
        alternative = reference.copy()
        alternative[place - first] = (alternative[place - first] + rng.integers(1, 4)) % 4
        effect = float(motif.max_score(alternative) - motif.max_score(reference))
        ref, alt = ("ACGT"[codes[place - first]] for codes in (reference, alternative))
        rows.append(
            (
                human.contigs[contig],
                place - human.starts[contig],
                ref,
                alt,
                parameters.datasets[dataset],
                round(effect, 4),
            )
        )
    table = pd.DataFrame(rows, columns=["chrom", "start0", "ref", "alt", "dataset", "effect"])
    return table.assign(balanced=(table["effect"] == 0).astype(int))


def _narrow_peak(called: pd.DataFrame, blacklist: pd.DataFrame | None, dataset: str) -> pd.DataFrame:
    """Add the artefact peaks, sort and name all: columns NARROW_PEAK."""
    table = called
    if blacklist is not None:
        strongest = called.signal.max() if len(called) else 10.0
        artefacts = blacklist.assign(summit=(blacklist.start + blacklist.end) // 2, signal=5 * strongest)
        table = pd.concat([called, artefacts]) if len(called) else artefacts
    table = table.astype({"start": int, "end": int, "summit": int}).sort_values(
        ["chrom", "start", "end"], ignore_index=True
    )
    return pd.DataFrame(
        {
            "chrom": table.chrom,
            "start": table.start,
            "end": table.end,
            "name": [f"{dataset}_{number}" for number in range(1, len(table) + 1)],
            "score": (1000 * table.signal / (table.signal + 10)).astype(int),
            "strand": ".",
            "signalValue": table.signal.round(3),
            "pValue": -1,
            "qValue": -1,
            "peak": np.clip(table.summit - table.start, 0, table.end - table.start - 1),
        }
    )[NARROW_PEAK]


def _bits(genome: SimulatedGenome, sites: Sites, number: int, start: int, end: int, minus: bool) -> float:
    """Return the log-odds of a functional site in this genome."""
    motif = sites.motif(number)
    table = motif.reverse_log_odds if minus else motif.log_odds
    return float(table[np.arange(motif.width), genome.bases["code"][start:end]].sum())


def _sample_clear_positions(
    genome: SimulatedGenome,
    occupied: np.ndarray,
    count: int,
    rng: np.random.Generator,
    distance: int,
    within: np.ndarray | None = None,
) -> np.ndarray:
    """Sample positions, inside `within`, away from occupied ones and the ends of contigs: int64 (count or fewer,)."""
    blocked = occupied.copy()
    blocked[genome.starts[:-1]] = True
    before = np.concatenate([[0], np.cumsum(blocked)])
    middle = np.arange(distance, len(blocked) - distance)
    free = middle[before[middle + distance + 1] == before[middle - distance]]
    free = free if within is None else free[within[free]]
    return rng.choice(free, min(count, len(free)), replace=False)
