"""What each base of a sequence counts for trained networks: mutagenesis and input gradients, as tables and tracks."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from regssl.data.located import read_unlabelled
from regssl.errors import DataError
from regssl.interpretation.mutagenesis import mutate
from regssl.io.bed import read_bed
from regssl.io.digests import digested_path
from regssl.io.outputs import open_output
from regssl.io.text import shorten
from regssl.models.one_hot import as_one_hot, takes_weighted_bases
from regssl.models.predict import predict
from regssl.models.serialization import load, read_card
from regssl.sequences.belonging import check_share
from regssl.sequences.encoding import LETTERS, N, encode, one_hot
from regssl.sequences.genome import Genome

BASES = LETTERS[:4]
GRADIENT_BATCH = 64
"""Windows whose gradients are computed at a time."""


@dataclass(frozen=True)
class Place:
    """A sequence to explain.

    Attributes:
        name: of it.
        codes: byte codes, uint8 (length,).
        chrom, start: where it lies, 0-based, on the forward strand; of a sequence without a genome its name and 0.
        before, behind: the bases around it that networks see too, likewise; none if it fills their windows.
    """

    name: str
    codes: np.ndarray
    chrom: str
    start: int
    before: np.ndarray = field(default_factory=lambda: encode(""))
    behind: np.ndarray = field(default_factory=lambda: encode(""))

    @property
    def seen(self) -> np.ndarray:
        """The sequence and the bases around it."""
        return np.concatenate([self.before, self.codes, self.behind])


@dataclass(frozen=True)
class Explained:
    """What each base of a sequence counts, the mean over networks.

    Attributes:
        place: the sequence.
        logit: of the sequence, or for one longer than the networks' windows the largest of its windows.
        change: by how much the logit rises when a base is changed, float32 (4, length), bases A C G T.
        gradient: of the logit by the one-hot code, less its mean over the four bases, float32 (4, length); None if no
            network has one. Off the simplex of one-hot codes gradients are arbitrary, which the mean takes away
            (Majdandzic et al. 2023, Genome Biol. 24:109).
        padded: whether it is shorter than the networks' windows, with N around.
    """

    place: Place
    logit: float
    change: np.ndarray
    gradient: np.ndarray | None
    padded: bool = False

    @property
    def contribution(self) -> np.ndarray:
        """What the base that is there adds to the logit over the mean of the four: float32 (length,)."""
        return self._of_own(-self.change.mean(0) + np.zeros_like(self.change))

    @property
    def own_gradient(self) -> np.ndarray:
        """The gradient of the base that is there, float32 (length,); NaN without gradients."""
        if self.gradient is None:
            return np.full(len(self.place.codes), np.nan, np.float32)
        return self._of_own(self.gradient)

    def _of_own(self, values: np.ndarray) -> np.ndarray:
        padded = np.vstack([values, np.zeros(values.shape[1], values.dtype)])  # of N: 0
        own: np.ndarray = padded[self.place.codes, np.arange(len(self.place.codes))]
        return own


def explain_sequences(
    models: Sequence[str | Path], places: Sequence[Place], threads: int = 1, architecture: str | None = None
) -> list[Explained]:
    """Explain sequences by trained networks, averaged: seeds of one method, as a rule.

    A sequence longer than the networks' windows is explained window by window, which begin every quarter of a window;
    of each base the window counts in whose middle it lies most. One that is shorter, with the bases that it brings, is
    padded with N on both sides.

    Args:
        models: model files, for windows of one width.
        places: sequences of any length.
        threads: CPU threads.
        architecture: import path of a network of your own, as for `load`.

    Raises:
        DataError: a damaged file, or models for windows of different widths.
    """
    width, strands = common_width(models), [read_card(model).reverse_complement for model in models]
    networks = [load(model, architecture) for model in models]
    explained = []
    for place in places:
        seen = place.seen
        own = slice(len(place.before), len(place.before) + len(place.codes))
        begins = window_begins(len(seen), width)
        codes = np.stack([_window(seen, begin, width) for begin in begins])
        per_network = [
            (
                predict(network, codes, both, threads),
                mutate(network, codes, both, threads),
                _gradients(network, codes, both),
            )
            for network, both in zip(networks, strands, strict=True)
        ]
        logits, changes, gradients = zip(*per_network, strict=True)
        known = [gradient for gradient in gradients if gradient is not None]
        explained.append(
            Explained(
                place,
                float(np.mean(logits, axis=0).max()),
                _joined(np.mean(changes, axis=0), begins, len(seen))[:, own],
                _joined(np.mean(known, axis=0), begins, len(seen))[:, own] if known else None,
                len(seen) < width,
            )
        )
    return explained


def common_width(models: Sequence[str | Path]) -> int:
    """Return the width of the windows of some models, in bp.

    Raises:
        DataError: a damaged file, or models for windows of different widths.
    """
    widths = {read_card(model).width for model in models}
    if len(widths) > 1:
        raise DataError(f"{models[0]} …: models for {' and '.join(map(str, sorted(widths)))} bp", "give those of one")
    return widths.pop()


def window_begins(length: int, width: int) -> np.ndarray:
    """Lay windows of one width over a sequence, every quarter of a window; one if it is no longer than a window.

    Returns:
        int64 (windows,), position of the sequence at which each begins, negative where it is padded.
    """
    if length <= width:
        return np.array([-((width - length) // 2)])
    step = max(width // 4, 1)
    return np.unique(np.append(np.arange(0, length - width, step), length - width))


def _window(codes: np.ndarray, begin: int, width: int) -> np.ndarray:
    """Cut a window, padded with N where it reaches over the ends."""
    window = np.full(width, N, np.uint8)
    first = max(begin, 0)
    inside = codes[first : begin + width]
    window[first - begin : first - begin + len(inside)] = inside
    return window


def _joined(values: np.ndarray, begins: np.ndarray, length: int) -> np.ndarray:
    """Take the values of each base from the window in whose middle it lies most: (windows, 4, width) to (4, length)."""
    places = np.arange(length)
    centres = begins + (values.shape[2] - 1) / 2
    window = np.abs(places[:, None] - centres).argmin(1)
    joined: np.ndarray = values[window, :, places - begins[window]].T
    return joined


def _gradients(network: nn.Module, codes: np.ndarray, both_strands: bool) -> np.ndarray | None:
    """Compute gradients of windows, less their mean over bases: float32 (windows, 4, width); None if there is none."""
    if not takes_weighted_bases(network):
        return None
    wrapped, parts = as_one_hot(network.cpu(), both_strands), []  # `predict` leaves it on a GPU
    for batch in torch.from_numpy(codes).split(GRADIENT_BATCH):
        channels = one_hot(batch).requires_grad_()
        (gradient,) = torch.autograd.grad(wrapped(channels).sum(), channels)
        parts.append((gradient - gradient.mean(1, keepdim=True)).numpy())
    return np.concatenate(parts)


def read_sequences(path: str | Path) -> list[Place]:
    """Read sequences: FASTA, CSV or TSV, as `regssl.data.located.read_unlabelled`; one without a name has its number.

    Raises:
        DataError: as `read_unlabelled`, or two of one name.
    """
    ids, sequences = read_unlabelled(path, {})
    names = [name.strip() or str(row) for row, name in enumerate(ids, start=1)]
    first: dict[str, int] = {}
    for row, name in enumerate(names, start=1):
        if first.setdefault(name, row) != row:
            problem = f"{path}: sequences {first[name]} and {row} are both called '{shorten(name)}'"
            raise DataError(problem, "each sequence has its own name")
    return [Place(name, codes, name, 0) for name, codes in zip(names, sequences, strict=True)]


def read_regions(bed: str | Path, genome: str | Path, width: int = 0) -> list[Place]:
    """Read the regions of a BED file from a genome, forward strand, named by their places.

    Args:
        bed: the regions.
        genome: 2bit or FASTA.
        width: of the networks' windows, in bp: a narrower region brings as many bases around it, as evenly as the ends
            of the chromosome allow.

    Raises:
        DataError: a damaged file, a region that does not lie on the genome, or none.
    """
    opened = Genome(genome)
    regions = read_bed(bed, opened.sizes, genome=str(genome))
    check_share(bed, dict(regions["chrom"].value_counts()), opened.sizes, "regions", str(genome))
    places = []
    for chrom, start, end in regions.itertuples(index=False):
        if chrom not in opened.sizes:
            raise DataError(f"{bed}: {chrom}:{start}-{end}: {genome} has no '{chrom}'", "leave such regions out")
        first, last, size = start, end, opened.sizes[chrom]
        if end - start < width:
            first = int(np.clip((start + end - width) // 2, 0, max(size - width, 0)))
            last = min(first + width, size)
        (codes,) = opened.windows([chrom], [first], last - first)
        before, own, behind = np.split(codes, [start - first, end - first])
        places.append(Place(f"{chrom}:{start}-{end}", own, chrom, start, before, behind))
    if not places:
        raise DataError(f"{bed}: no region in it", "a line is: chrom, start, end, separated by tabs")
    return places


def score_table(explained: Sequence[Explained]) -> pd.DataFrame:
    """Make one row per base: sequence, chrom, position (0-based), base, change to each, contribution, gradient."""
    tables = []
    for one in explained:
        place = one.place
        table = pd.DataFrame({"sequence": place.name, "chrom": place.chrom}, index=np.arange(len(place.codes)))
        table["position"] = place.start + np.arange(len(place.codes))
        table["base"] = np.array(list(LETTERS))[place.codes]
        for base, values in zip(BASES, one.change, strict=True):
            table[base] = values
        table["contribution"], table["gradient"] = one.contribution, one.own_gradient
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def write_bedgraph(scores: pd.DataFrame, path: str | Path) -> None:
    """Write the contributions as bedGraph, sorted; a base that several regions hold has their mean.

    `bedGraphToBigWig` and genome browsers read it: white space in the name of a sequence becomes `_`.

    Args:
        scores: of `score_table`.
        path: the file.
    """
    track = scores.groupby(["chrom", "position"], sort=True)["contribution"].mean().reset_index()
    track.insert(2, "end", track["position"] + 1)
    track["chrom"] = track["chrom"].str.replace(r"\s+", "_", regex=True)
    with digested_path(path) as aside, open_output(aside) as file:
        track.to_csv(file, mode="wb", sep="\t", header=False, index=False, float_format="%.6g", quoting=csv.QUOTE_NONE)
