"""Two genomes to a chain file: what is aligned with what, whether that is not too much, and the file."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from regssl.alignment.chaining import Chain, chain_alignments
from regssl.alignment.lastz import LastzJob, check_lastz, run_lastz
from regssl.alignment.settings import AlignmentSettings
from regssl.errors import ConfigError, DataError
from regssl.io.atomic import check_outputs, write_error
from regssl.io.digests import digested_path
from regssl.io.outputs import open_output
from regssl.io.scratch import scratch_folder
from regssl.sequences.genome import Genome
from regssl.sequences.twobit import list_names

LINE = 1 << 16
MOST_MASKED = 0.05
"""Where nothing aligns, a genome with less than this fraction of its bases in upper case is why."""
_log = logging.getLogger(__name__)


class Counts(NamedTuple):
    """What was made: chains, bases of the human genome that they cover, bases of its sequences that were aligned."""

    chains: int
    covered: int
    aligned: int


def check_sizes(
    human: Mapping[str, int], other: Mapping[str, int], names: tuple[str, str], settings: AlignmentSettings
) -> list[tuple[list[str], list[str]]]:
    """Check that two genomes can be aligned in reasonable time.

    Args:
        human, other: bases of each sequence by name.
        names: what the genomes are called in messages.
        settings: pairs, and the limit.

    Returns:
        Which sequences are aligned with which.

    Raises:
        ConfigError: they are too large, or no sequence is in a pair.
    """
    for pattern in (pair.split()[0] for pair in settings.pairs or []):
        if not any(fnmatchcase(name, pattern) for name in human):
            raise ConfigError(
                f"align.pairs: no sequence of {names[0]} is called '{pattern}'", f"it has {list_names(human)}"
            )
    pairs = settings.pairs_of(human, other)
    if not pairs:
        raise ConfigError(
            f"align.pairs: {names[0]} and {names[1]} have no two sequences that are a pair",
            f"pairs: {', '.join(settings.pairs or [])}; {names[0]} has {list_names(human)}; "
            f"{names[1]} has {list_names(other)}",
        )
    for_human = {name: human[name] for names_of, _ in pairs for name in names_of}
    for_other = {name: other[name] for _, names_of in pairs for name in names_of}
    check_megabases(sum(for_human.values()) + sum(for_other.values()), names, settings)
    return pairs


def check_megabases(bases: int, names: tuple[str, str], settings: AlignmentSettings) -> None:
    """Check that the sequences in pairs are not too large to be aligned here.

    Raises:
        ConfigError: they are.
    """
    if bases > settings.max_megabases * 1e6:
        raise ConfigError(
            f"{names[0]} and {names[1]}: {bases / 1e6:,.4g} million bases to align, more than "
            f"align.max_megabases = {settings.max_megabases:g}",
            "take UCSC's chain file: its URL in the column `chain`, such as https://hgdownload.soe.ucsc.edu/goldenPath/"
            "hg38/liftOver/hg38ToMm10.over.chain.gz; or align whole genomes elsewhere, with Cactus or UCSC's lastz "
            "pipeline; or fewer sequences: `align.pairs`",
        )


def align_genomes(
    human: Genome, other: Genome, out: str | Path, settings: AlignmentSettings, threads: int = 1
) -> Counts:
    """Align two genomes, and write the chains from the first to the second, which cover each of its bases once.

    The same genomes and settings give the same bytes, whatever the number of threads.

    Args:
        human, other: the genomes; what is soft-masked in them seeds no alignment.
        out: chain file to write, compressed where its name ends with `.gz`.
        settings: of lastz and of chaining.
        threads: of the processor.

    Raises:
        ConfigError: as `check_sizes`; no threads; lastz is not installed.
        DataError: lastz failed, or nothing aligns.
    """
    if threads < 1:
        raise ConfigError(f"{threads} threads", "give at least one")
    check_outputs([out], [human.path, other.path])
    check_lastz()
    pairs = check_sizes(human.sizes, other.sizes, (str(human.path), str(other.path)), settings)
    for pattern in (pair.split()[1] for pair in settings.pairs or []):
        if not any(fnmatchcase(name, pattern) for name in other.sizes):
            _log.warning("align.pairs: no sequence of %s is called '%s': nothing of that pair", other.path, pattern)
    numbers = [{name: i for i, name in enumerate(genome.sizes)} for genome in (human, other)]
    with scratch_folder() as folder:
        jobs = []
        for k, (targets, queries) in enumerate(pairs):
            target = _write(folder / f"target{k}.fa", human, targets, numbers[0])
            query = _write(folder / f"query{k}.fa", other, queries, numbers[1])
            jobs += [LastzJob(target, query, minus) for minus in (False, True)]
        alignments = run_lastz(jobs, settings.lastz_options, (len(human.sizes), len(other.sizes)), threads)
    _log.info("%d alignments of %d groups of sequences", len(alignments.score), len(pairs))
    chains = list(chain_alignments(alignments, list(human.sizes.values()), settings, threads))
    if not chains:
        for genome, names in zip((human, other), zip(*pairs, strict=True), strict=True):
            if (seeding := _unmasked(genome, [name for some in names for name in some])) < MOST_MASKED:
                raise DataError(
                    f"{human.path} and {other.path}: nothing aligns: {seeding:.1%} of the bases of {genome.path} are "
                    "in upper case, and no alignment begins at others",
                    "lower case is masked repeats: mask those alone, or nothing",
                )
        raise DataError(
            f"{human.path} and {other.path}: nothing aligns: no chain has a score of {settings.min_score:g}",
            "are they the genomes of related species? see docs/own/genomes.md",
        )
    _write_chains(out, format_chains(chains, human.sizes, other.sizes))
    covered = sum(int(chain.size.sum()) for chain in chains)
    return Counts(len(chains), covered, sum(human.sizes[name] for targets, _ in pairs for name in targets))


def _write(path: Path, genome: Genome, names: Iterable[str], numbers: Mapping[str, int]) -> Path:
    """Write sequences as FASTA, with their soft mask; their names are their numbers: lastz changes some others."""
    try:
        with path.open("w", encoding="ascii") as file:
            for name in names:
                file.write(f">{numbers[name]}\n")
                for start in range(0, genome.sizes[name], LINE):
                    file.write(genome.text(name, start, min(start + LINE, genome.sizes[name])) + "\n")
    except OSError as error:
        raise write_error(path, error) from error
    return path


def _unmasked(genome: Genome, names: Iterable[str]) -> float:
    """Return the fraction of bases that seed alignments: known, and not soft-masked."""
    texts = [genome.text(name, 0, genome.sizes[name]) for name in names]
    return sum(sum(map(text.count, "ACGT")) for text in texts) / sum(map(len, texts))


def format_chains(chains: Iterable[Chain], human: Mapping[str, int], other: Mapping[str, int]) -> Iterator[str]:
    """Format chains as the lines of a chain file, numbered from 1, in their order.

    Args:
        chains: from human to the other genome.
        human, other: bases of their sequences by name, in the order of their numbers.
    """
    targets, queries = list(human.items()), list(other.items())
    for number, chain in enumerate(chains, start=1):
        (target, target_size), (query, query_size) = targets[chain.target], queries[chain.query]
        target_end, query_end = chain.target_start + chain.size, chain.query_start + chain.size
        yield (
            f"chain {int(chain.score)} {target} {target_size} + {chain.target_start[0]} {target_end[-1]} "
            f"{query} {query_size} {'-' if chain.minus else '+'} {chain.query_start[0]} {query_end[-1]} {number}\n"
        )
        gaps = chain.target_start[1:] - target_end[:-1], chain.query_start[1:] - query_end[:-1]
        for block in zip(chain.size[:-1].tolist(), *(gap.tolist() for gap in gaps), strict=True):
            yield "{}\t{}\t{}\n".format(*block)
        yield f"{chain.size[-1]}\n\n"


def _write_chains(path: str | Path, lines: Iterable[str]) -> None:
    """Write a chain file."""
    with digested_path(path) as aside, open_output(aside, level=9) as file:
        file.write("".join(lines).encode("ascii"))
