"""The smallest configuration."""

from __future__ import annotations

from typing import Any

MINIMAL: dict[str, Any] = {
    "datasets": "datasets.tsv",
    "genomes": "genomes.tsv",
    "human": "hg38",
    "splits": {"train": ["chr1"], "validation": ["chr2"], "test": ["chr3"]},
    "run_models": ["cnn"],
    "methods": ["sl"],
    "seeds": [0],
    "models": {"cnn": {"architecture": "deepbind", "name": "CNN"}},
}


def model(architecture: str = "deepbind", **values: object) -> dict:
    """`models` with one model."""
    return {"cnn": {"architecture": architecture, "name": "x", **values}}
