"""A small table of saturation mutagenesis."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

BASES = "ACGTTGCAAGGCATCCGTAT" * 4


def write_mutagenesis(path: Path) -> Path:
    """Write every change of every base of one element, `promoter`; the effect of each is its place, by hundreds."""
    rows = [
        {"Chrom": "5", "Pos": at, "Ref": ref, "Alt": alt, "Barcodes": 20, "Coefficient": at / 100}
        for at, ref in enumerate(BASES, start=1001)
        for alt in "ACGT-"
        if alt != ref
    ]
    table = pd.DataFrame(rows).assign(Element="promoter", Release="GRCh37")
    table.to_csv(path, sep="\t", index=False)
    return path
