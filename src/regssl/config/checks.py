"""Checks on the files a configuration names, before any job starts: they exist, and they fit one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

from regssl.config.contents import check_contents
from regssl.config.input_digests import FileDigests, check_known_sums
from regssl.config.pretrained import check_pretrained
from regssl.config.project import Project
from regssl.config.schema import Config
from regssl.config.sequence_contents import LocalSequences, read_local_sequences
from regssl.download.sources import is_url
from regssl.errors import ConfigError, DataError
from regssl.io.atomic import check_writable
from regssl.methods import resolve
from regssl.models import ARCHITECTURES, PRETRAINED, build, check_installed
from regssl.recipes.space import recipe_names
from regssl.sequences.motifs import find_motif, read_motifs


def check_programs(project: Project) -> None:
    """Check that lastz is installed, if a genome is still to be aligned.

    Raises:
        ConfigError: it is not.
    """
    if any(not Path(project.aligned_chain(genome)).is_file() for genome in project.aligned_genomes()):
        from regssl.alignment.lastz import check_lastz

        check_lastz()


def check_networks(config: Config, widths: Iterable[int]) -> None:
    """Build the networks that are to be trained, without memory for weights: their jobs do so only after those of data.

    Those that start from files, and the user's own, are left to their jobs. Of a search for a recipe each choice is
    tried, drawn or not, in the network that the search is for.

    Args:
        config: the configuration.
        widths: of windows, in bp.

    Raises:
        ConfigError: an architecture does not take the parameters of a model, or windows of that width.
    """
    import torch

    for (where, architecture, params, hint), width in product(_networks(config), widths):
        with torch.device("meta"):
            try:
                build(architecture, width, params)
            except ConfigError as error:
                raise ConfigError(f"{where}: {error.problem}", error.hint or hint) from None


def _networks(config: Config) -> Iterator[tuple[str, str, dict[str, Any], str]]:
    """Yield the networks to build: what a message says of where they stand, architecture, arguments, and a hint."""
    search, models = config.recipes, [config.models[name] for name in config.run_models]
    drawn = recipe_names(search.draws) if search else []
    for name, model in zip(config.run_models, models, strict=True):
        if model.architecture in ARCHITECTURES.keys() - PRETRAINED and name not in drawn:
            yield f"key `models.{name}`", model.architecture, model.params, ""
    for key, choices in search.params.items() if search else ():
        for choice in choices:
            where, hint = f"key `recipes.params.{key}`: {choice!r}", "leave it out of the choices"
            yield where, models[0].architecture, {**models[0].params, key: choice}, hint


def check_files(config: Config, project: Project, digests: FileDigests | None = None) -> dict[str, LocalSequences]:
    """Check the local files of a configuration; those that are downloaded or simulated later are checked by their jobs.

    Args:
        config: the configuration.
        project: what it plans.
        digests: of files, by which downloads that are there are held to known checksums.

    Returns:
        What was read of the datasets of sequences, by id.

    Raises:
        ConfigError: a file does not exist.
        RegsslError: as `check_contents`, `read_local_sequences`, `read_meme`, `find_motif` and `read_mpra`.
    """
    check_known_sums(project.downloads, config.lockfile_path, digests or FileDigests())
    for name in config.run_models:
        try:
            check_installed(config.models[name].architecture)
        except ConfigError as error:
            raise ConfigError(f"key `models.{name}`: {error.problem}", error.hint) from None
        check_pretrained(name, config.models[name], project.pretrained[name])
    if any(resolve(method).base == "motif_scan" for method in config.run_methods):
        _check_motifs(config, project)
    _check_known_motifs(config, project)
    _check_mpra(config, project)
    if config.simulation is None:
        if config.data_dir is not None and not Path(config.data_dir).is_dir():
            problem = f"key `data_dir`: '{config.data_dir}' is not a folder"
            raise ConfigError(problem, "give one: --config data_dir=FOLDER")
        _check_exist(config, project)
        check_contents(config, project)
    return read_local_sequences(project)


def _check_motifs(config: Config, project: Project) -> None:
    """Check that each dataset has one motif; one that names none and has none fails in its `motif_scan` run."""
    if project.motifs and not Path(project.motifs).is_file():
        if config.motifs and is_url(config.motifs):
            return
        raise ConfigError(f"key `motifs`: no file {project.motifs}", "a MEME file; see `data_dir`")
    motifs = read_motifs(project.motifs)
    for dataset in project.datasets.values():
        where = f"{config.datasets}, row '{dataset.dataset}', column motif"
        if find_motif(dataset.motif or dataset.name, motifs, where) is None and dataset.motif:
            raise ConfigError(
                f"{where}: '{dataset.motif}' is not in {project.motifs or 'the motifs that come with the package'}",
                "leave it empty, or name a MEME file in `motifs`",
            )


def _check_known_motifs(config: Config, project: Project) -> None:
    """Check the file of motifs with which those of filters are compared, unless it is downloaded."""
    place, key = config.motifs, "motifs"
    if config.explain and config.explain.motifs:
        place, key = config.explain.motifs, "explain.motifs"
    if not project.explained_datasets() or not place or is_url(place) or project.known_motifs is None:
        return
    if not Path(project.known_motifs).is_file():
        raise ConfigError(f"key `{key}`: no file {project.known_motifs}", "a MEME file; see `data_dir`")
    read_motifs(project.known_motifs)


def _check_mpra(config: Config, project: Project) -> None:
    """Check the table of saturation mutagenesis, and that the elements named are in it, as far as it is there."""
    if not config.mpra or not project.mpra_table:
        return
    is_there, from_url = Path(project.mpra_table).is_file(), is_url(config.mpra.table)
    if not is_there and not from_url:
        raise _missing(project, "key `mpra.table`", config.mpra.table)
    if is_there and (config.mpra.elements or not from_url):
        from regssl.variants.mpra import read_mpra  # imports pandas

        try:
            read_mpra(project.mpra_table, config.mpra.elements, config.mpra.min_barcodes)
        except DataError as error:
            raise DataError(f"key `mpra`: {error.problem}", error.hint) from None


def _check_exist(config: Config, project: Project) -> None:
    for place in project.made_places():
        project.made.check(place)
        if not Path(path := project.made.path(place)).exists():
            check_writable([path])
    for table, row, column, place in project.named_files():
        if is_url(place) or project.made.makes(place) or Path(project.local_path(place)).is_file():
            continue
        where = f"{table}, row '{row}', column {column}"
        if project.made and not Path(place).is_absolute():
            raise ConfigError(
                f"{where}: '{place}' is made by no row of {config.sources}",
                "see the column makes there; a file of your own has an absolute path",
            )
        raise _missing(project, where, place)
    for assembly, path in project.assembly_chains.items():
        if not is_url(config.peak_liftover.chains[assembly]) and not Path(path).is_file():
            raise _missing(project, f"key `peak_liftover.chains.{assembly}`", config.peak_liftover.chains[assembly])
    if (
        config.blacklist
        and project.splits
        and not is_url(config.blacklist)
        and not Path(project.local_path(config.blacklist)).is_file()
    ):
        raise _missing(project, "key `blacklist`", config.blacklist)


def _missing(project: Project, where: str, place: str) -> ConfigError:
    """Report a cell or key whose path is no file."""
    path = project.local_path(place)
    hint = f"relative paths start at {Path(project.config.data_dir or '').absolute()}; see `data_dir`"
    if place.startswith(("~", "$")):
        hint = "write the path out: `~` and variables are not replaced"
    elif Path(place).is_absolute():
        hint = "check the path"
    return ConfigError(f"{where}: {path} is a folder" if Path(path).is_dir() else f"{where}: no file {path}", hint)
