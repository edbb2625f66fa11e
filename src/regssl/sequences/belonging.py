"""Whether a file belongs to a genome: one rule for peaks, blacklists, chains and all else that meets one.

Chromosomes that only one side knows are passed over and counted; one that both know has one length on both. Refused are
files that share no chromosome with the genome, that call one of its chromosomes otherwise, of which too little lies on
the genome or too much in N, or whose reference alleles are mostly not the genome's.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from regssl.errors import DataError, RegsslError

MIN_ON_GENOME = 0.005
"""Least share of a file's intervals, or of the shorter side's bases, on common chromosomes.

A genome may be one chromosome of a whole one, to try things out: human chr20 has 5 of the 636 regions of ENCODE's
blacklist (0.8 %), chr13 and chr22 have 1.1 % of some factors' peaks. chrM, which naming styles share, has 0.001 % of
the bases.
"""
MAX_IN_N = 0.01
"""Largest share of peaks wholly in N.

No read maps to N, so that the right assembly gives none; masked stretches of it, such as the pseudo-autosomal regions
of chrY, hold fewer than this.
"""
MAX_OTHER_ALLELES = 0.5
"""Largest share of single-base reference alleles that are not the genome's.

Any other place of a genome has the same base by chance once in four times, so that three quarters differ; of the right
assembly, few. Half is where both are about as unlikely, whatever the number of alleles.
"""
_OTHER = "another assembly, or another style of names?"
_log = logging.getLogger(__name__)


def check_names(
    path: str | Path,
    names: Iterable[str],
    sizes: Collection[str],
    genome: str = "the genome",
    error: type[RegsslError] = DataError,
) -> list[str]:
    """Check that a file and a genome name chromosomes alike.

    Args:
        path: the file, for messages.
        names: the chromosomes that it names.
        sizes: the names in the genome, such as its sizes by name.
        genome: what the genome is called in messages.
        error: class of the error raised.

    Returns:
        The names that the genome does not have.

    Raises:
        RegsslError: of class `error`: no name is in common, or one is that of a chromosome but for `chr`, upper and
            lower case, spaces or leading zeros.
    """
    missing = _check_common(path, names, sizes, genome, error)
    spellings = {_bare(name): name for name in sizes} if missing else {}
    for name in missing:
        if (called := spellings.get(_bare(name))) is not None:
            raise error(f"{path}: {name!r} is called {called!r} in {genome}", "name all chromosomes as the genome does")
    return missing


def check_lengths(
    path: str | Path,
    lengths: Mapping[str, int],
    sizes: Mapping[str, int],
    genome: str = "the genome",
    error: type[RegsslError] = DataError,
) -> list[str]:
    """Check names, as `check_names`, and the lengths of common chromosomes.

    Args:
        lengths: chromosome name → length in the file, bp.
        path, sizes, genome, error: as in `check_names`.

    Returns:
        The names that the genome does not have.

    Raises:
        RegsslError: of class `error`: as `check_names`, or a length differs.
    """
    missing = check_names(path, lengths, sizes, genome, error)
    check_common_lengths(path, lengths, sizes, genome, error)
    return missing


def check_chromosomes(
    path: str | Path,
    lengths: Mapping[str, int],
    sizes: Mapping[str, int],
    genome: str = "the genome",
    error: type[RegsslError] = DataError,
) -> None:
    """Check all chromosomes of a file, as `check_lengths`; log how many are passed over.

    Raises:
        RegsslError: of class `error`: as `check_lengths`, or the common ones are a small part of both sides.
    """
    missing = check_lengths(path, lengths, sizes, genome, error)
    common = [name for name in lengths if name in sizes]
    share = sum(sizes[name] for name in common) / max(1, min(sum(lengths.values()), sum(sizes.values())))
    if share < MIN_ON_GENOME:
        raise error(
            f"{path}: only {_some(common)} in common with {genome}, {share:.1%} of the bases: {_some(missing)} here, "
            f"{_some(name for name in sizes if name not in lengths)} there",
            _OTHER,
        )
    if missing:
        _log.info(
            "%s: passed over: %s of its %s chromosomes, which are not in %s (%s)",
            *(path, f"{len(missing):,}", f"{len(lengths):,}", genome, _some(missing)),
        )


def check_common_lengths(
    path: str | Path,
    lengths: Mapping[str, int],
    sizes: Mapping[str, int],
    genome: str = "the genome",
    error: type[RegsslError] = DataError,
) -> None:
    """Check the lengths of common chromosomes, without a word on others; arguments as of `check_lengths`.

    Raises:
        RegsslError: of class `error`: a length differs.
    """
    for name, length in lengths.items():
        if length != sizes.get(name, length):
            raise error(
                f"{path}: {name} has {length:,} bp there, {sizes[name]:,} bp in {genome}",
                "another assembly, or a truncated genome?",
            )


def check_on_genome(
    path: str | Path, chroms: Iterable[str], sizes: Mapping[str, int], what: str, genome: str = "the genome"
) -> None:
    """Check that the intervals of a file lie on a genome, and log how many do. A file without any passes.

    Args:
        chroms: chromosome of each interval.
        what: what the intervals are, in the plural.
        path, sizes, genome: as in `check_names`.

    Raises:
        DataError: as `check_names` and `check_share`.
    """
    counts = Counter(chroms)
    check_names(path, counts, sizes, genome)
    check_share(path, counts, sizes, what, genome)


def check_share(
    path: str | Path, counts: Mapping[str, int], sizes: Mapping[str, int], what: str, genome: str = "the genome"
) -> None:
    """Check that enough of a file lies on a genome, whatever else it names, and log how much does.

    Args:
        counts: chromosome name → number of intervals on it.
        path, sizes, what, genome: as in `check_on_genome`.

    Raises:
        DataError: no chromosome is in common, or fewer than MIN_ON_GENOME of the intervals lie on common ones.
    """
    missing = _check_common(path, counts, sizes, genome, DataError)
    total, elsewhere = sum(counts.values()), sum(counts[name] for name in missing)
    share = f"{total - elsewhere:,} of {total:,} {what} lie on {genome}"
    if total - elsewhere < MIN_ON_GENOME * total:
        raise DataError(f"{path}: only {share}; the others on {_some(missing)}, which it does not have", _OTHER)
    _log.info("%s: %s%s", path, share, f"; the others on {_some(missing)}" if missing else "")


def check_in_n(path: str | Path, in_n: int, total: int, what: str, genome: str = "the genome") -> None:
    """Check that few intervals of a file lie wholly in N; log it if any does.

    Args:
        in_n: number of those that do.
        total: number of all.
        path, what, genome: as in `check_on_genome`.

    Raises:
        DataError: they are more than MAX_IN_N of all.
    """
    if not in_n:
        return
    found = f"{path}: {in_n:,} of {total:,} {what} lie wholly in N of {genome}"
    if in_n > MAX_IN_N * total:
        raise DataError(found, "where nothing can be measured: another assembly, or repeats masked by N?")
    _log.warning("%s: are they of another assembly?", found)


def check_alleles(path: str | Path, other: int, total: int, genome: str = "the genome") -> None:
    """Check that most reference alleles of a file are a genome's, and log how many are.

    Args:
        other: number of those that are not, or lie past the end of their chromosome.
        total: number of all that could be compared.
        path, genome: as in `check_on_genome`.

    Raises:
        DataError: they are more than MAX_OTHER_ALLELES of all.
    """
    if other > MAX_OTHER_ALLELES * total:
        raise DataError(
            f"{path}: {other:,} of {total:,} reference alleles ({other / total:.0%}) are not those of {genome}",
            "are the variants on another assembly, their positions off by one, or both alleles exchanged?",
        )
    if total:
        _log.info("%s: %s of %s reference alleles are those of %s", path, f"{total - other:,}", f"{total:,}", genome)


def _check_common(
    path: str | Path, names: Iterable[str], sizes: Collection[str], genome: str, error: type[RegsslError]
) -> list[str]:
    """Check that a name is in common, if there is any; return those that the genome does not have."""
    names = list(dict.fromkeys(names))
    missing = [name for name in names if name not in sizes]
    if names and len(missing) == len(names):
        raise error(f"{path}: no chromosome in common with {genome}: {_some(names)} here, {_some(sizes)} there", _OTHER)
    return missing


def _bare(name: str) -> str:
    """Reduce a name to what different spellings of it have in common."""
    name = name.strip().casefold().removeprefix("chr")
    return name.lstrip("0") or name


def _some(names: Iterable[str]) -> str:
    names = [repr(name) if name != name.strip() or not name else name for name in names]
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
