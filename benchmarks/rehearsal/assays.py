"""Peaks of the human genome and of a relative, a blacklist, and SNPs with their effects on a motif."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pybigtools

from regssl.io.atomic import atomic_path
from regssl.sequences.encoding import LETTERS
from regssl.sequences.twobit import TwoBit
from rehearsal.human import all_sites, free_cells
from rehearsal.world import BINS_PER_PEAK, BLACKLISTED, MISSED, POSITIVES, SNP_DATASET, SNPS, SPURIOUS, World

HALF_WIDTH, JITTER = (100, 171), 30  # of a peak; of its summit, bp
FLANK = 30  # bp on either side of a SNP within which the motif is scored
NEAR = 0.6  # share of the SNPs that lie in sites
ADASTRA = ["#chr", "pos", "ID", "ref", "alt", "mean_BAD", "es_mean_ref", "es_mean_alt", "fdrp_bh_ref", "fdrp_bh_alt"]
Peak = tuple[str, int, int, str]
"""Chromosome, start, end, and the further columns of narrowPeak."""


class Place(NamedTuple):
    """Where a peak may be: chromosome, and position of its summit."""

    chrom: str
    summit: int


def human_peaks(world: World, dataset: str) -> list[Peak]:
    """Return the peaks of a dataset: most of its sites, and some places without one."""
    rng, number = world.stream("peaks", dataset), list(POSITIVES).index(dataset)
    places = []
    for chrom, sites in all_sites(world).items():
        starts = sites.start[sites.of(number)]
        places += [Place(chrom, start) for start in starts[rng.random(len(starts)) >= MISSED].tolist()]
    wanted = round(world.positives(dataset) / BINS_PER_PEAK * SPURIOUS)
    chroms, cells = list(free_cells(world)), list(free_cells(world).values())
    ends = np.cumsum([len(starts) for starts in cells])
    for cell in rng.integers(0, ends[-1], wanted).tolist():
        index = int(np.searchsorted(ends, cell, "right"))
        places.append(Place(chroms[index], int(cells[index][cell - ends[index]]) + 500))
    return _narrow_peaks(places, world.sizes, dataset, rng)


def relative_peaks(world: World, genome: str, dataset: str, bound: dict, sizes: dict[str, int]) -> list[Peak]:
    """Return the peaks of a dataset in a relative: most of the sites that are bound there (`Relative.bound`)."""
    rng, number = world.stream("peaks", dataset, genome), list(POSITIVES).index(dataset)
    places = []
    for chrom, (starts, datasets) in bound.items():
        here = starts[datasets == number]
        places += [Place(chrom, start) for start in here[rng.random(len(here)) >= MISSED].tolist()]
    return _narrow_peaks(places, sizes, dataset, rng)


def _narrow_peaks(places: list[Place], sizes: dict[str, int], name: str, rng: np.random.Generator) -> list[Peak]:
    """Return peaks in the order of their genome."""
    summits = np.array([place.summit for place in places]) + rng.normal(0, JITTER, len(places)).round().astype(int)
    left, right = rng.integers(*HALF_WIDTH, (2, len(places)))
    last = np.array([sizes[place.chrom] for place in places])
    starts, ends = np.maximum(summits - left, 0), np.minimum(summits + right, last)
    signal = rng.lognormal(2.5, 0.6, len(places)).round(3)
    order = {chrom: number for number, chrom in enumerate(sizes)}
    rows = zip(places, starts.tolist(), ends.tolist(), signal.tolist(), (summits - starts).tolist(), strict=True)
    return sorted(
        (
            (place.chrom, start, end, f"{name}\t{min(int(10 * value), 1000)}\t.\t{value}\t-1\t-1\t{max(at, 0)}")
            for place, start, end, value, at in rows
            if start < end
        ),
        key=lambda peak: (order[peak[0]], peak[1], peak[2]),
    )


def write_bed(path: Path, peaks: list[Peak]) -> None:
    """Write a gzipped narrowPeak file."""
    _write_gzip(path, "".join(f"{chrom}\t{start}\t{end}\t{rest}\n" for chrom, start, end, rest in peaks))


def write_bigbed(path: Path, peaks: list[Peak], sizes: dict[str, int]) -> None:
    """Write a bigBed file of narrowPeak."""
    named = {chrom: number for number, chrom in enumerate(sorted(sizes))}  # the order that the format asks for
    with atomic_path(path) as aside:
        file = pybigtools.open(str(aside), "w")
        file.write(sizes, iter(sorted(peaks, key=lambda peak: (named[peak[0]], peak[1]))))
        file.close()


def write_blacklist(world: World, path: Path) -> None:
    """Write regions of artefacts, of a few kb."""
    rng, cells = world.stream("blacklist"), free_cells(world)
    rows = []
    for chrom, starts in cells.items():
        number = rng.poisson(world.number(BLACKLISTED) * len(starts) / sum(map(len, cells.values())))
        for start in np.sort(rng.choice(starts, min(number, len(starts)), replace=False)).tolist():
            end = min(start + int(rng.integers(500, 5_000)), world.sizes[chrom])
            rows.append(f"{chrom}\t{start}\t{end}\tHigh Signal Region\n")
    _write_gzip(path, "".join(rows))


def write_snps(world: World, human: Path, path: Path) -> None:
    """Write a table of allele-specific binding as ADASTRA's, in a zip: half in sites, others beside them."""
    rows = "".join("\t".join(row) + "\n" for row in [ADASTRA, *_snps(world, human)])
    member = zipfile.ZipInfo(f"ADASTRA/TF/{SNP_DATASET.upper()}_HUMAN.tsv")  # dated 1980: equal bytes
    member.compress_type = zipfile.ZIP_DEFLATED
    with atomic_path(path) as aside, zipfile.ZipFile(aside, "w") as file:
        file.writestr(member, rows)


def _snps(world: World, human: Path) -> Iterator[tuple[str, ...]]:
    """Yield rows of the table; the effect is that on the motif's best match, with noise."""
    motif, number = world.motifs[SNP_DATASET], list(POSITIVES).index(SNP_DATASET)
    genome, rng = TwoBit(human), world.stream("SNPs")
    cells = free_cells(world)
    total = sum(map(len, cells.values()))
    for chrom, sites in all_sites(world).items():
        starts = sites.start[sites.of(number)]
        wanted = round(world.number(SNPS) * len(cells[chrom]) / total)
        near = rng.choice(starts, round(NEAR * wanted)) if len(starts) else np.empty(0, int)
        near = near + rng.integers(0, motif.width, len(near))
        away = rng.choice(cells[chrom], wanted - len(near)) + rng.integers(300, 700, wanted - len(near))
        places = np.unique(np.concatenate([near, away]))
        windows = genome.windows(chrom, places - FLANK, 2 * FLANK + 1)
        changed = windows.copy()
        changed[:, FLANK] = (windows[:, FLANK] + rng.integers(1, 4, len(places))) % 4
        effects = 0.2 * (motif.max_score(changed) - motif.max_score(windows))
        strong = np.abs(effects) > 0.2
        effects += rng.normal(0, 0.1, len(places))
        for place, ref, alt, effect, clear in zip(
            places.tolist(), windows[:, FLANK], changed[:, FLANK], effects.tolist(), strong.tolist(), strict=True
        ):
            fdr = ("0.001", "0.9") if effect < 0 else ("0.9", "0.001")
            sizes = (f"{-effect:.4f}", f"{effect:.4f}")
            yield chrom, str(place + 1), ".", LETTERS[ref], LETTERS[alt], "1.0", *sizes, *(fdr if clear else ("1", "1"))


def _write_gzip(path: Path, text: str) -> None:
    with atomic_path(path) as aside:
        aside.write_bytes(gzip.compress(text.encode(), 6, mtime=0))
