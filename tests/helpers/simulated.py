"""What tests of simulated data share."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from regssl.sequences.motifs import load_jaspar
from regssl.simulate import SimulationParameters
from regssl.simulate.assays import NARROW_PEAK

PARAMETERS = SimulationParameters.small(seed=1)
"""Of the simulated data in the fixtures of `tests/simulate`."""

MOTIFS = {name.lower(): motif for name, motif in load_jaspar().items()}
"""By dataset."""


def read_peaks(path: Path) -> pd.DataFrame:
    """Peaks of a narrowPeak file."""
    return pd.read_csv(path, sep="\t", header=None, names=NARROW_PEAK)
