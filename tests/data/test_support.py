"""Peaks that several cell types have, and ambiguous bins, on the real regions: what they do to a known motif."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from regssl.data.bins import find_ambiguous, label_bins, make_bins
from regssl.data.dataset import WindowDataset
from regssl.data.peaks import load_peaks
from regssl.data.settings import Splits
from regssl.evaluation.metrics import average_precision
from regssl.models.predict import predict
from regssl.sequences.genome import Genome, to_twobit
from regssl.sequences.motifs import load_jaspar
from regssl.training.baselines import fit_baseline


def test_the_motif_of_ctcf_finds_sites_of_all_cell_lines_better(shared: Path, tmp_path: Path) -> None:
    """AUPR on the test stretches: of peaks in any of seven cell lines, and in all, without the ambiguous bins."""
    to_twobit(shared / "encode_regions/genomes/human.fa.gz", tmp_path / "human.2bit")
    human = Genome(tmp_path / "human.2bit")
    merged, _ = load_peaks(sorted((shared / "encode_regions/peaks").glob("CTCF.*")), human)
    bins = make_bins(human, Splits(train=["ENm001"], validation=["ENm002"], test=["hg19_*"]), 200)
    bins = bins[bins["split"] == "test"]
    codes = torch.from_numpy(human.windows(bins["chrom"], bins["start"].to_numpy(), 200))
    none = WindowDataset(codes, torch.zeros(len(codes)))
    motif, _ = fit_baseline("motif_scan", 0, none, none, load_jaspar()["CTCF"])
    scores = predict(motif, codes.numpy(), both_strands=False)
    found = {}
    for support in (1, 7):
        labels = label_bins(bins, merged[merged["files"] >= support], 100)
        clear = ~find_ambiguous(bins, labels, merged)
        found[support] = [average_precision(labels, scores), average_precision(labels[clear], scores[clear])]
    assert found[1] == pytest.approx([0.2355, 0.2396], abs=5e-4)
    assert found[7] == pytest.approx([0.3295, 0.3729], abs=5e-4)
