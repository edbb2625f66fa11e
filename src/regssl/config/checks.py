"""Checks on the files a configuration names, before any job starts: they exist, and they fit one another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from regssl.config.pretrained import check_pretrained
from regssl.config.project import Project
from regssl.config.schema import Config
from regssl.download.sources import is_url
from regssl.errors import ChainError, ConfigError
from regssl.liftover.chain_file import first_target_name
from regssl.methods import resolve
from regssl.sequences.genome import Genome
from regssl.sequences.motifs import find_motif

FULL_CHECK_BYTES = 64 * 2**20
"""A FASTA file larger than this many bytes is not read before the first job; its jobs check it."""


def check_files(config: Config, project: Project) -> None:
    """Check the local files of a configuration; those that are downloaded or simulated later are checked by their jobs.

    Raises:
        ConfigError: a file does not exist; a split has no chromosome in the human genome.
        ChainError: a chain does not start from the human genome.
        DataError: a damaged peak file, a peak past the end of its chromosome.
    """
    for name in config.run_models:
        check_pretrained(name, config.models[name], project.pretrained[name])
    if any(resolve(method).base == "motif_scan" for method in config.methods):
        _check_motifs(config, project)
    if config.simulation is not None:
        return
    if config.data_dir is not None and not Path(config.data_dir).is_dir():
        raise ConfigError(f"key `data_dir`: '{config.data_dir}' is not a folder", "give one: --config data_dir=FOLDER")
    _check_exist(config, project)
    sizes = _human_sizes(project)
    if sizes is None:
        return
    config.splits.assign(list(sizes), config.human)
    for row in project.genomes.values():
        if not is_url(row.chain):
            _check_chain(project.local_path(row.chain), sizes, config.human)
    _check_peaks(project, sizes)


def _check_peaks(project: Project, sizes: Mapping[str, int]) -> None:
    from regssl.io.bed import read_bed  # imports pandas, not needed without local peaks

    for dataset in project.datasets.values():
        summits = dataset.peak_width is not None and dataset.peak_centre == "summit"
        on_human = project.assembly(dataset) == project.human.genome
        for place in dataset.peaks:
            if not is_url(place):
                read_bed(project.local_path(place), sizes if on_human else None, summits=summits)


def _check_motifs(config: Config, project: Project) -> None:
    """Check that every motif named by a dataset exists; a dataset without one fails in its `motif_scan` run."""
    if config.motifs and is_url(config.motifs):
        return
    if project.motifs and not Path(project.motifs).is_file():
        raise ConfigError(f"key `motifs`: no file {project.motifs}", "a MEME file; see `data_dir`")
    for dataset in project.datasets.values():
        if dataset.motif and find_motif(dataset.motif, project.motifs) is None:
            raise ConfigError(
                f"{config.datasets}, row '{dataset.dataset}', column motif: '{dataset.motif}' is not in "
                f"{project.motifs or 'the motifs that come with the package'}",
                "leave it empty, or name a MEME file in `motifs`",
            )


def _check_exist(config: Config, project: Project) -> None:
    places = [
        (config.genomes, row.genome, "sequence", row.sequence) for row in (project.human, *project.genomes.values())
    ]
    places += [(config.genomes, row.genome, "chain", row.chain) for row in project.genomes.values()]
    places += [(config.datasets, row.dataset, "peaks", p) for row in project.datasets.values() for p in row.peaks]
    for variants in project.variant_rows.values():
        places.append((str(config.snps), variants.snps, "file", variants.file))
        places += [(str(config.snps), variants.snps, "regions", place) for place in [variants.regions] if place]
    for table, row, column, place in places:
        if not is_url(place) and not Path(project.local_path(place)).is_file():
            raise ConfigError(
                f"{table}, row '{row}', column {column}: no file {project.local_path(place)}", "see `data_dir`"
            )
    for assembly, path in project.assembly_chains.items():
        if not is_url(config.peak_liftover.chains[assembly]) and not Path(path).is_file():
            raise ConfigError(f"key `peak_liftover.chains.{assembly}`: no file {path}", "see `data_dir`")
    if config.blacklist and not is_url(config.blacklist) and not Path(project.local_path(config.blacklist)).is_file():
        raise ConfigError(f"key `blacklist`: no file {project.local_path(config.blacklist)}", "see `data_dir`")


def _human_sizes(project: Project) -> Mapping[str, int] | None:
    """Read the chromosome sizes of the human genome; None where its file is not there yet or takes long to read."""
    path = Path(project.local_path(project.human.sequence))
    if is_url(project.human.sequence) and not path.is_file():
        return None
    if path.suffix != ".2bit" and path.stat().st_size > FULL_CHECK_BYTES:
        return None
    return Genome(path).sizes


def _check_chain(path: str, sizes: Mapping[str, int], human: str) -> None:
    name, size = first_target_name(path)
    if sizes.get(name) != size:
        found = f"{name} has {sizes[name]:,} bp" if name in sizes else f"there is no {name}"
        raise ChainError(
            f"{path}: its first chain starts from {name} ({size:,} bp), but in {human} {found}",
            "chains must lead from the human genome to the other one",
        )
