"""Ground truth of simulated data: sites and labels of homologs."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.simulated import MOTIFS, PARAMETERS
from regssl.simulate.truth import label_homolog


def codes(sequence: str) -> np.ndarray:
    return np.array(["ACGTN".index(base) for base in sequence.upper()], np.uint8)


def test_functional_sites_are_where_the_table_lists_them(sites: pd.DataFrame, sequences):
    weakest = min_scores()
    functional = sites[sites.state == "functional"]
    assert len(functional) > 500
    for row in functional.itertuples():
        word = codes(sequences[row.genome][row.chrom][row.start : row.end])
        motif = MOTIFS[row.dataset]
        assert len(word) == motif.width
        assert motif.score((3 - word)[::-1] if row.strand == "-" else word) >= weakest[row.dataset] - 1e-6


def min_scores() -> dict[str, float]:
    """No functional site is weaker than the weakest birth less the tolerance."""
    return {name: MOTIFS[name].quantile(PARAMETERS.strength) - PARAMETERS.tolerance for name in PARAMETERS.datasets}


def test_the_table_of_sites_agrees_with_the_table_of_homologs(sites: pd.DataFrame, homology):
    """A site that is functional in human and relative lies on homologous bases, strand included."""
    human = sites[(sites.genome == "simHuman") & (sites.state == "functional")].set_index("site")
    states = defaultdict(int)
    for row in sites[sites.site.isin(human.index) & (sites.genome != "simHuman")].itertuples():
        ours = human.loc[row.site]
        blocks = homology[row.genome]
        block = blocks[(blocks.chrom == ours.chrom) & (blocks.start <= ours.start) & (blocks.end >= ours.end)]
        states[row.state] += 1
        if row.state != "functional":
            continue
        places = [
            (b.relative_chrom, b.relative_start + ours.start - b.start, b.strand)
            if b.strand == "+"
            else (b.relative_chrom, b.relative_end - (ours.end - b.start), b.strand)
            for b in block.itertuples()
        ]
        assert (row.chrom, row.start, "+" if row.strand == ours.strand else "-") in places
    assert states["functional"] > states["silent"] > 20


def test_absent_sites_have_no_place(sites: pd.DataFrame):
    absent = sites[sites.state == "absent"]
    assert len(absent) > 0
    assert (absent.chrom == ".").all()
    assert (absent.start == -1).all()
    assert set(sites.state) == {"functional", "silent", "absent"}


def test_labels_of_homologous_windows(folder: Path, sites: pd.DataFrame, homology):
    """Recomputed base by base from the homology table, for bins with one homologous place per base."""
    labels = pd.read_csv(folder / "truth" / "labels.tsv.gz", sep="\t")
    compared = 0
    for row in labels[labels.dataset == "rest"].itertuples():
        for name in ("simChimp", "simMouse"):
            blocks = homology[name]
            blocks = blocks[(blocks.chrom == row.chrom) & (blocks.start < row.end) & (blocks.end > row.start)]
            places = [
                (b.relative_chrom, b.relative_start + i if b.strand == "+" else b.relative_end - 1 - i)
                for b in blocks.itertuples()
                for i in range(max(0, row.start - b.start), min(b.end, row.end) - b.start)
            ]
            inside = [place for _, place in places]
            if not places or len({chrom for chrom, _ in places}) > 1 or max(inside) - min(inside) > 500:
                continue
            if len(places) > 200:
                continue
            start = (min(inside) + max(inside) + 1) // 2 - 100
            bound = sites[(sites.genome == name) & (sites.dataset == "rest") & (sites.state == "functional")]
            centre = (bound.end - bound.start) // 2 + bound.start
            holds = ((bound.chrom == places[0][0]) & (centre >= start) & (centre < start + 200)).any()
            assert getattr(row, name) == (int(holds) if len(places) >= 20 else -1)
            compared += 1
    assert compared > 20
    assert (labels.simChimp == 1).mean() > 0.9 > (labels.simOpossum == 1).mean() > 0.3


def test_a_bin_torn_into_two_halves_has_the_window_of_one_of_them():
    """A translocation breakpoint in its middle: half of its homologs lie here, half 20 kb away."""
    torn = np.concatenate([np.arange(1_000, 1_100), np.arange(21_000, 21_100)])
    assert label_homolog(torn, np.array([21_050])) == 1
    assert label_homolog(torn, np.array([1_050])) == 0
    assert label_homolog(np.where(np.arange(200) < 19, torn, -1), np.array([1_009])) == -1


def test_labels_are_bins_with_a_human_site(folder: Path, sites: pd.DataFrame):
    labels = pd.read_csv(folder / "truth" / "labels.tsv.gz", sep="\t")
    human = sites[(sites.genome == "simHuman") & (sites.state == "functional")]
    bins = {(r.dataset, r.chrom, (r.start + r.end) // 2 // 200 * 200) for r in human.itertuples()}
    assert bins == set(zip(labels.dataset, labels.chrom, labels.start, strict=True))
