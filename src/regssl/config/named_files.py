"""The cells of the tables that name files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from regssl.config.schema import Config
from regssl.config.tables import DatasetRow, GenomeRow, MeasuredRow, VariantSetRow


class NamedFile(NamedTuple):
    """A cell that names a file: its table, the id of its row, its column, and the path or URL."""

    table: str
    row: str
    column: str
    place: str


def named_files(
    config: Config,
    genomes: Iterable[GenomeRow],
    datasets: Iterable[DatasetRow],
    variants: Iterable[VariantSetRow],
    measured: Iterable[MeasuredRow],
) -> list[NamedFile]:
    """List every cell of some rows that names a file, in the order of the rows."""
    files = list[NamedFile]()
    for genome in genomes:
        files.append(NamedFile(config.genomes, genome.genome, "sequence", genome.sequence))
        files.append(NamedFile(config.genomes, genome.genome, "chain", "" if genome.is_aligned else genome.chain))
    for dataset in datasets:
        files += [NamedFile(config.datasets, dataset.dataset, "peaks", place) for place in dataset.peaks]
        for column, named in (("sequences", dataset.sequence_files), ("homologs", dataset.homolog_files)):
            files += [NamedFile(config.datasets, dataset.dataset, column, file.place) for file in named]
    for variant_set in variants:
        files.append(NamedFile(str(config.snps), variant_set.snps, "file", variant_set.file))
        files.append(NamedFile(str(config.snps), variant_set.snps, "regions", variant_set.regions))
    for row in measured:
        name = f"{row.dataset} {row.genome}"
        files += [NamedFile(str(config.measured), name, "peaks", place) for place in row.peaks]
        files.append(NamedFile(str(config.measured), name, "regions", row.regions))
    return [file for file in files if file.place]
