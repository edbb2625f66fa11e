"""UCSC chain files as arrays, ready for lift-over.

A chain is a gapped alignment of two chromosomes: a header line and blocks without gaps. *Target* is the assembly to
lift from (human), *query* the one to lift to. Coordinates are 0-based half-open; query coordinates of a minus-strand
chain count from the end of the query chromosome. Format: https://genome.ucsc.edu/goldenPath/help/chain.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from regssl.errors import ChainError
from regssl.io.files import open_input, read_blocks, read_lines
from regssl.io.formats import INDEX_OF_CHAINS, identify
from regssl.io.text import shorten
from regssl.liftover.chains import Chains, bin_level, index_blocks
from regssl.liftover.index import open_index, read_sizes
from regssl.sequences.belonging import check_chromosomes

if TYPE_CHECKING:
    from regssl.sequences.genome import Genome

FIELDS = (
    *("chain", "score", "tName", "tSize", "tStrand", "tStart", "tEnd"),
    *("qName", "qSize", "qStrand", "qStart", "qEnd", "id"),
)


def read_chains(path: str | Path) -> Chains:
    """Read a UCSC chain file, plain or gzipped, or open an index of one (`regssl.liftover.index.save_index`).

    The format is detected by content, not by name. An index gives the same arrays, bit for bit, without being parsed.

    Args:
        path: chain file or index.

    Returns:
        Chains from the target genome, whose intervals can be lifted, to the query genome. Coordinates are bp, 0-based
        half-open.

    Raises:
        ChainError: the file is missing, empty, truncated or contradicts itself; the message names file, line and value.

    Examples:
        >>> chains = read_chains("hg38ToMm10.over.chain.gz")
        >>> chains.target_sizes["chr22"], chains.query_sizes["chr15"]
        (50818468, 104043685)
    """
    with open_input(path, ChainError, accept=[INDEX_OF_CHAINS]) as file:
        if identify(file.peek()):
            return open_index(path)
        raw = b"".join(read_blocks(file))
    from regssl.liftover import _chain_file as cf  # numba, half a second to import: not before the file is found

    header = np.full((raw.count(b"chain") + 1, cf.HEADER_COLUMNS), -1, np.int64)
    blocks = np.empty((4, raw.count(b"\n") + 1), np.int32)
    problem, line, column, n_chains, n_blocks = cf.parse(np.frombuffer(raw, np.uint8), header, blocks)
    if problem:
        raise _parse_error(path, raw, problem, line, column, header[n_chains - 1])
    if not n_chains:
        raise ChainError(f"{path}: no chain in the file", "download it again")
    header, blocks = header[:n_chains], blocks[:, :n_blocks]
    _check_spans(path, header)
    target, target_names = _names(raw, header[:, cf.T_NAME], header[:, cf.T_NAME_STOP])
    query, query_names = _names(raw, header[:, cf.Q_NAME], header[:, cf.Q_NAME_STOP])
    target_sizes = _sizes(path, target, target_names, header[:, cf.T_SIZE], header[:, cf.LINE])
    query_sizes = _sizes(path, query, query_names, header[:, cf.Q_SIZE], header[:, cf.LINE])
    scores = _scores(path, raw, header)
    del raw  # as large as the arrays to come

    level = bin_level(header[:, cf.T_START], header[:, cf.T_END])
    order = np.lexsort((-header[:, cf.LINE], level, header[:, cf.T_START], target))
    header = header[order]
    size = np.array(list(target_sizes.values()))
    return Chains(
        target_sizes=target_sizes,
        query_sizes=query_sizes,
        target=target[order],
        query=query[order],
        target_start=header[:, cf.T_START].astype(np.int32),
        target_end=header[:, cf.T_END].astype(np.int32),
        query_size=header[:, cf.Q_SIZE].astype(np.int32),
        minus=header[:, cf.Q_STRAND] == cf.MINUS,
        score=scores[order],
        id=header[:, cf.ID].copy(),
        **index_blocks(blocks, order, target[order], size),
    )


def peek_sizes(
    path: str | Path, enough: Callable[[Mapping[str, int], Mapping[str, int]], bool] | None = None
) -> tuple[dict[str, int], dict[str, int]]:
    """Read sizes of target and query chromosomes from the first headers of a chain file, to check the genomes.

    Args:
        path: chain file, plain or gzipped, or index of one.
        enough: told of the sizes found so far; reading ends where it returns True. None: all headers are read.

    Returns:
        Chromosome name → length in bp, of the targets and of the queries; of an index all of them.

    Raises:
        ChainError: missing or damaged file, or no chain header at its beginning.
    """
    targets, queries = dict[str, int](), dict[str, int]()
    with open_input(path, ChainError, accept=[INDEX_OF_CHAINS]) as file:
        if identify(file.peek()):
            return read_sizes(path)
        for number, line in read_lines(file):
            fields = line.split()
            if not fields or line.startswith("#") or (targets and fields[0] != "chain"):
                continue
            if len(fields) < 12 or fields[0] != "chain" or not (fields[3].isdecimal() and fields[8].isdecimal()):
                found = f"line {number}: expected a chain header, found {line[:40].strip()!r}"
                raise ChainError(f"{path}: {found}", "is this a chain file?")
            targets.setdefault(fields[2], int(fields[3]))
            queries.setdefault(fields[7], int(fields[8]))
            if enough is not None and enough(targets, queries):
                break
    if not targets:
        raise ChainError(f"{path}: no chain in the file", "download it again")
    return targets, queries


def check_genomes(chains: Chains, path: str | Path, target: Genome, query: Genome) -> None:
    """Check that chains lead from one genome to another; chromosomes that either lacks are counted in the log.

    Args:
        chains: the chains.
        path: their file, for messages.
        target, query: the genomes to lift from and to.

    Raises:
        ChainError: as `check_chromosomes`.
    """
    check_chromosomes(path, chains.target_sizes, target.sizes, str(target.path), ChainError)
    check_chromosomes(path, chains.query_sizes, query.sizes, str(query.path), ChainError)


def _parse_error(path: str | Path, raw: bytes, problem: int, line: int, column: int, header: np.ndarray) -> ChainError:
    """Make the error for a problem that the parser found."""
    from regssl.liftover import _chain_file as cf

    text = raw.split(b"\n", line)[line - 1].decode("ascii", "replace").strip() if line else ""
    fields = text.split()
    value = fields[column - 1] if 0 < column <= len(fields) else text
    in_header = bool(fields) and fields[0] == "chain"
    where = f"{path}: line {line}" + (f", column {column}" if 0 < column <= len(fields) else "")
    where += f" ({FIELDS[column - 1]})" if in_header and 0 < column <= len(fields) else ""
    words = {
        cf.NO_HEADER: f"{where}: expected a chain header, found '{shorten(value)}'",
        cf.HEADER_FIELDS: f"{where}: a chain header has 12 or 13 fields, found {len(fields)}",
        cf.NOT_A_NUMBER: f"{where}: expected a whole number from 0 to {cf.MAX_COORDINATE}, found '{shorten(value)}'",
        cf.BAD_STRAND: f"{where}: strand must be '+'"
        + (" or '-'" if column == 10 else "")
        + f", found '{shorten(value)}'",
        cf.BLOCK_FIELDS: f"{where}: a block has 1 or 3 numbers, found {len(fields)}: '{shorten(text)}'",
        cf.UNFINISHED: f"{path}: line {line}: the chain of line {header[cf.LINE]} has no last block",
        cf.WRONG_TARGET_END: f"{path}: line {line}: the blocks end at {column}, tEnd of line {header[cf.LINE]} "
        f"is {header[cf.T_END]}",
        cf.WRONG_QUERY_END: f"{path}: line {line}: the blocks end at {column} of the query, qEnd of line "
        f"{header[cf.LINE]} is {header[cf.Q_END]}",
    }
    return ChainError(words[problem], "truncated or damaged file? download it again")


def _check_spans(path: str | Path, header: np.ndarray) -> None:
    """Raise unless start < end <= size on both sides of every chain."""
    from regssl.liftover import _chain_file as cf

    for side, size, start, end in (("t", cf.T_SIZE, cf.T_START, cf.T_END), ("q", cf.Q_SIZE, cf.Q_START, cf.Q_END)):
        bad = (header[:, start] >= header[:, end]) | (header[:, end] > header[:, size])
        if bad.any():
            row = header[bad.argmax()]
            raise ChainError(
                f"{path}: line {row[cf.LINE]}: {side}Start {row[start]}, {side}End {row[end]}, {side}Size {row[size]}: "
                "expected start < end <= size",
                "damaged file?",
            )


def _names(raw: bytes, first: np.ndarray, stop: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Encode the fields raw[first:stop]: codes (int32, in order of first occurrence) and their names."""
    codes: dict[bytes, int] = {}
    fields = (raw[a:b] for a, b in zip(first.tolist(), stop.tolist(), strict=True))
    coded = np.fromiter((codes.setdefault(field, len(codes)) for field in fields), np.int32, len(first))
    return coded, [name.decode("utf-8", "replace") for name in codes]


def _sizes(
    path: str | Path, codes: np.ndarray, names: list[str], sizes: np.ndarray, lines: np.ndarray
) -> dict[str, int]:
    """Collect the size of each chromosome by name; raise where two chains differ."""
    known = np.zeros(len(names), np.int64)
    known[codes[::-1]] = sizes[::-1]  # assigned last: the first chain of each chromosome
    bad = known[codes] != sizes
    if bad.any():
        i = bad.argmax()
        raise ChainError(
            f"{path}: line {lines[i]}: {names[codes[i]]} has {sizes[i]} bp, {known[codes[i]]} bp in an earlier chain",
            "chains of two assemblies in one file?",
        )
    return dict(zip(names, known.tolist(), strict=True))


def _scores(path: str | Path, raw: bytes, header: np.ndarray) -> np.ndarray:
    """Parse scores as float64: UCSC writes whole numbers, other aligners do not."""
    from regssl.liftover import _chain_file as cf

    scores = np.empty(len(header))
    for i, (first, stop) in enumerate(header[:, [cf.SCORE, cf.SCORE_STOP]].tolist()):
        try:
            scores[i] = float(raw[first:stop])
        except ValueError:
            text = raw[first:stop].decode("ascii", "replace")
            problem = f"{path}: line {header[i, cf.LINE]}, column 2 (score): expected a number, found '{shorten(text)}'"
            raise ChainError(problem, "damaged file?") from None
    return scores
