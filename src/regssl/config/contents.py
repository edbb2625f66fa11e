"""Checks on what is in the files of a configuration, before any job starts: whether they belong together."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from regssl.config.project import Project
from regssl.config.schema import Config
from regssl.config.tables import GenomeRow, MeasuredRow, VariantSetRow
from regssl.data.settings import DEFAULT_SPLITS, Splits
from regssl.download.sources import is_url
from regssl.errors import ChainError, ConfigError, DataError, RegsslError
from regssl.liftover.chain_file import peek_sizes
from regssl.sequences.belonging import check_lengths
from regssl.sequences.genome import Genome
from regssl.variants.formats import CONTEXT_FORMATS

FULL_CHECK_BYTES = 64 * 2**20
"""A FASTA file of the human genome larger than this many bytes is not read before the first job; its jobs check it."""
OTHER_CHECK_BYTES = 4 * 2**20
"""The same for each other genome, and for tables of variants."""
MIN_BASES_PER_BYTE = 0.9
"""A FASTA file has more bases than this a byte: plain, all but line ends and headers; compressed, several."""
_log = logging.getLogger(__name__)


def check_contents(config: Config, project: Project) -> None:
    """Check that splits, blacklist, chains, variants and peaks belong to their genomes, as far as they are there.

    Without the human genome, which may be downloaded later, peaks need a chromosome that `splits` name.
    Of a chain file so many headers are read as it takes to find a chromosome of each genome; its job reads all. Peaks
    that are downloaded or made are left to their jobs. Where nothing is lifted, no genome is needed.

    Raises:
        ConfigError: a split has no chromosome in the human genome, or a genome is too large to be aligned.
        ChainError: chains do not belong to the genomes that they join.
        DataError: a damaged file; peaks, blacklist or variants do not belong to the human genome, or measured peaks to
            theirs.
    """
    if not project.lifted_datasets:
        return
    human = _genome(project, project.human.sequence, FULL_CHECK_BYTES)
    if human is not None:
        _check_against(human, config, project)
    elif _is_there(project, project.human.sequence):
        path = project.local_path(project.human.sequence)
        _log.info(
            "%s: a large FASTA file: jobs check what belongs to it; to have it checked before, make it 2bit", path
        )
    for variants in project.variant_rows.values():
        table = Path(project.local_path(variants.file))
        if table.is_file() and table.stat().st_size <= OTHER_CHECK_BYTES:
            with _named(f"{config.snps}, row '{variants.snps}'"):
                _check_variants(table, variants, human)
    _check_peaks(project, human)
    for row in project.measured_rows.values():
        with _named(f"{config.measured}, row '{row.dataset} {row.genome}'"):
            _check_measured(row, project)


def _check_against(human: Genome, config: Config, project: Project) -> None:
    """Check splits, blacklist and chains."""
    for name, splits in project.splits.items():
        key = "splits" if name == DEFAULT_SPLITS else f"further_splits.{name}"
        splits.assign(list(human.sizes), config.human, key)
    if config.blacklist and _is_there(project, config.blacklist):
        from regssl.data.bins import read_blacklist  # imports pandas

        read_blacklist(project.local_path(config.blacklist), human.sizes)
    for row in project.genomes.values():
        if row.is_aligned:
            _check_size(row, human, config, project)
        elif _is_there(project, row.chain):
            other = _genome(project, row.sequence, OTHER_CHECK_BYTES)
            sizes = None if other is None else other.sizes
            _check_chain(project.local_path(row.chain), human.sizes, config.human, sizes, row.genome)


def _check_size(row: GenomeRow, human: Genome, config: Config, project: Project) -> None:
    """Check that a genome that is aligned is not too large for that, as far as its size is known."""
    from regssl.alignment.align import check_megabases, check_sizes

    other, names = _genome(project, row.sequence, OTHER_CHECK_BYTES), (config.human, row.genome)
    try:
        if other is not None:
            check_sizes(human.sizes, other.sizes, names, config.align)
        elif config.align.pairs is None and _is_there(project, row.sequence):
            bytes_ = Path(project.local_path(row.sequence)).stat().st_size
            check_megabases(sum(human.sizes.values()) + int(MIN_BASES_PER_BYTE * bytes_), names, config.align)
    except ConfigError as error:
        where = f"{config.genomes}, row '{row.genome}', column chain: {row.chain}"
        raise ConfigError(f"{where}: {error.problem}", error.hint) from None


def _check_variants(path: Path, row: VariantSetRow, human: Genome | None) -> None:
    """Check that variants can be read, and that they are the human genome's, unless they come with their sequence."""
    from regssl.variants.dataset import check_variants  # imports pandas
    from regssl.variants.readers import VariantFormat, read_variants

    filters = row.max_fdr, row.balanced, row.balanced_fdr
    spec = VariantFormat(row.format, row.member, row.factor, row.effect, *filters, row.elements)
    table = read_variants(path, spec)
    if human is not None and row.format not in CONTEXT_FORMATS:
        check_variants(table, human)


def _check_chain(
    path: str, human_sizes: Mapping[str, int], human: str, sizes: Mapping[str, int] | None, genome: str
) -> None:
    """Check the first headers of the chains from the human genome to another one, whose sizes may not be known."""

    def enough(targets: Mapping[str, int], queries: Mapping[str, int]) -> bool:
        found = any(name in human_sizes for name in targets)
        return found and (sizes is None or any(name in sizes for name in queries))

    targets, queries = peek_sizes(path, enough)
    check_lengths(path, targets, human_sizes, human, ChainError)
    if sizes is not None:
        check_lengths(path, queries, sizes, genome, ChainError)


def _check_peaks(project: Project, human: Genome | None) -> None:
    """Check peaks, and the chains that lift them from another assembly, as far as the genomes are known."""
    sizes = dict[str, Mapping[str, int]]()
    if human is not None:
        sizes[project.human.genome] = human.sizes
    for assembly, path in project.assembly_chains.items():
        if _is_file(path):
            sizes[assembly], queries = peek_sizes(path)
            if human is not None:
                check_lengths(path, queries, human.sizes, project.human.genome, ChainError)
    given = {
        name: [project.local_path(place) for place in row.peaks if not is_url(place) and not project.made.makes(place)]
        for name, row in project.datasets.items()
    }
    if not any(given.values()):
        return
    from regssl.data.peaks import check_peaks, read_peaks  # imports pandas, not needed without local peaks
    from regssl.data.settings import PeakSettings

    for name, dataset in project.datasets.items():
        assembly, settings = project.assembly(dataset), PeakSettings(**project.peak_settings(name))
        for path in given[name]:
            peaks = read_peaks(path, sizes.get(assembly), settings)
            if assembly != project.human.genome:
                continue
            if human is None:
                _check_names(path, list(peaks["chrom"].unique()), project.splits_of(name))
            else:
                check_peaks(path, peaks, human)


def _check_names(path: str, chroms: Sequence[str], splits: Splits) -> None:
    """Check that peaks are on a chromosome of the splits: all that is known before the genome is there."""
    if not chroms:
        raise DataError(f"{path}: no peak in it", "is it the right file?")
    if not any(splits.of(chrom) for chrom in chroms):
        some = f"{', '.join(chroms[:3])}{' …' * (len(chroms) > 3)}"
        used = ", ".join([*splits.train, *splits.validation, *splits.test][:3])
        raise DataError(
            f"{path}: no peak on a chromosome of `splits`: {some} here, {used} … there",
            "another assembly, or another style of names?",
        )


def _check_measured(row: MeasuredRow, project: Project) -> None:
    """Check peaks that were measured in another genome, and its regions, as far as they and the genome are there."""
    places = [place for place in (*row.peaks, row.regions) if place and not is_url(place) and _is_there(project, place)]
    if not places:
        return
    import pandas as pd  # not needed without local files

    from regssl.data.peaks import check_peaks, read_peaks
    from regssl.data.settings import PeakSettings
    from regssl.measured.regions import check_measured_peaks, read_measured_regions

    genome = _genome(project, project.genomes[row.genome].sequence, OTHER_CHECK_BYTES)
    sizes = None if genome is None else genome.sizes
    settings = PeakSettings(**project.measured_peak_settings(row.dataset))
    regions = None
    if row.regions in places:
        regions = read_measured_regions(project.local_path(row.regions), sizes, row.genome)
    paths = [project.local_path(place) for place in places if place != row.regions]
    tables = [read_peaks(path, sizes, settings, row.genome) for path in paths]
    if genome is None:
        return
    for path, peaks in zip(paths, tables, strict=True):
        check_peaks(path, peaks, genome, row.genome)
    if len(places) == len(row.peaks) + bool(row.regions):
        on_genome = pd.concat(tables)
        on_genome = on_genome[on_genome["chrom"].isin(list(genome.sizes))]
        check_measured_peaks(paths, on_genome, regions, row.genome)


@contextmanager
def _named(where: str) -> Iterator[None]:
    """Put the place of the table that names a file before an error about it."""
    try:
        yield
    except RegsslError as error:
        raise type(error)(f"{where}: {error.problem}", error.hint) from None


def _genome(project: Project, place: str, most_bytes: int) -> Genome | None:
    """Open a genome; None where its file is not there yet, or is FASTA of more than so many bytes."""
    path = Path(project.local_path(place))
    if not path.is_file() or (path.suffix != ".2bit" and path.stat().st_size > most_bytes):
        return None
    return Genome(path)


def _is_there(project: Project, place: str) -> bool:
    return _is_file(project.local_path(place))


def _is_file(path: str) -> bool:
    return Path(path).is_file()
