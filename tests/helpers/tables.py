"""Tables of two genomes and two datasets, and a configuration of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from regssl.config.schema import Config

SHA256 = "0123456789abcdef" * 4
MD5 = "0123456789abcdef" * 2

GENOMES = f"""\
genome\tname\tsequence\tsequence_fallback_url\tchain\tchain_fallback_url
hg38\tHuman\thttps://ucsc.example/hg38/hg38.2bit#md5={MD5}\thttps://mirror.example/hg38.2bit\t\t
mm10\tMouse\tgenomes/mm10.2bit\t\thttps://ucsc.example/hg38ToMm10.over.chain.gz\thttp://old.example/hg38ToMm10.over.chain.gz
"""
DATASETS = """\
dataset\tname\tpeaks\tfallback_url
ctcf\tCTCF\thttps://encode.example/files/A/@@download/A.bed.gz;https://encode.example/B.bed.gz\thttps://encode.example/A.bigBed;https://encode.example/B.bigBed
max\tMAX\tpeaks/max.narrowPeak\t
"""


def write_tables(folder: Path) -> Path:
    """Write both tables into a folder, which is returned."""
    (folder / "genomes.tsv").write_text(GENOMES)
    (folder / "datasets.tsv").write_text(DATASETS)
    return folder


def config(folder: Path, **changes: Any) -> Config:
    """A configuration of the tables in a folder, with some keys changed."""
    values: dict[str, Any] = {
        "datasets": str(folder / "datasets.tsv"),
        "genomes": str(folder / "genomes.tsv"),
        "human": "hg38",
        "data_dir": "data",
        "splits": {"train": ["chr1"], "validation": ["chr2"], "test": ["chr3"]},
        "run_models": ["deepbind"],
        "methods": ["sl"],
        "seeds": [0],
        "models": {"deepbind": {"architecture": "deepbind", "name": "CNN-27K"}},
    }
    return Config.model_validate(values | changes)
