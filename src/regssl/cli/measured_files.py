"""What the steps on measured labels read: two genomes, peaks of both, sites, a motif, predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regssl.cli.options import one_each, settings_from
from regssl.cli.parser import Options

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from regssl.measured.copies import AlignedGenomes, MeasuredPeaks
    from regssl.measured.discrimination import RunKey
    from regssl.sequences.motifs import Motif

POOLING = ("min_support",)
"""Field of PeakSettings for peaks of several files: here each file is asked for itself."""
LIFTING = (*POOLING, "assembly", "min_match", "max_length_ratio")
"""Fields of PeakSettings that measured peaks do not use: they are on the genome that they were measured in."""


def read_species(options: Options) -> tuple[pd.DataFrame, pd.DataFrame, AlignedGenomes]:
    """Read human windows, homologs, and the genomes, which are checked against the chains."""
    import pandas as pd

    from regssl.io.parquet import load_table
    from regssl.liftover.chain_file import check_genomes, read_chains
    from regssl.measured.copies import AlignedGenomes
    from regssl.sequences.genome import Genome

    chains = read_chains(options.chain)
    genomes = AlignedGenomes(Genome(options.human), Genome(options.genome), options.genome_id, chains)
    check_genomes(chains, options.chain, genomes.human, genomes.other)
    windows = pd.concat([load_table(path) for path in options.windows], ignore_index=True)
    return windows, load_table(options.homologs), genomes


def read_peaks(options: Options, genomes: AlignedGenomes, human: Sequence[pd.DataFrame] = ()) -> MeasuredPeaks:
    """Read measured peaks and regions, which are checked against their genome."""
    from regssl.data.peaks import load_peaks
    from regssl.data.settings import PeakSettings
    from regssl.measured.copies import MeasuredPeaks
    from regssl.measured.regions import check_measured_peaks, read_measured_regions

    settings, sizes = settings_from(options, PeakSettings, exclude=LIFTING), genomes.other.sizes
    measured, counts = load_peaks(options.measured, genomes.other, settings, name=genomes.name)
    print(f"{int(counts['kept'].sum()):,} peaks measured in {genomes.name}, {len(measured):,} merged")
    regions = read_measured_regions(options.regions, sizes, genomes.name) if options.regions else None
    check_measured_peaks(options.measured, measured, regions, genomes.name)
    return MeasuredPeaks(human, measured, regions, options.min_overlap)


def read_human_peaks(options: Options) -> list[pd.DataFrame]:
    """Read each peak file of the dataset on its own, as `step load-peaks` reads them all."""
    from regssl.data.peaks import load_peaks
    from regssl.data.settings import PeakSettings
    from regssl.liftover.chain_file import read_chains
    from regssl.sequences.genome import Genome

    settings, genome = settings_from(options, PeakSettings, exclude=POOLING), Genome(options.human)
    chains = read_chains(options.assembly_chain) if options.assembly_chain else None
    return [load_peaks([path], genome, settings, chains)[0] for path in options.peaks]


def read_sites(options: Options, peaks: MeasuredPeaks, width: int) -> pd.DataFrame:
    """Join the human peaks into sites."""
    from regssl.io.bed import read_bed
    from regssl.io.digests import check_digest
    from regssl.liftover.chain_file import read_chains
    from regssl.measured.sites import join_peaks, read_summits

    check_digest(options.merged)
    chains = read_chains(options.assembly_chain) if options.assembly_chain else None
    summits = [read_summits(path, chains) for path in options.peaks]
    return join_peaks(read_bed(options.merged), peaks.human, summits, width)


def read_motif(options: Options) -> Motif | None:
    """Find the factor's motif; None where there is none."""
    from regssl.sequences.motifs import find_motif, read_motifs

    if not options.motif:
        return None
    return find_motif(options.motif, read_motifs(options.motifs), options.motifs or "JASPAR")


def read_predictions(options: Options, paths: list[str]) -> dict[RunKey, pd.DataFrame]:
    """Read tables of predictions by model, method and seed."""
    from regssl.io.parquet import load_table

    models, methods, seeds = (one_each(name, paths, getattr(options, name)) for name in ("models", "methods", "seeds"))
    return {
        (model, method, seed): load_table(path, ["chrom", "start", "end", "logit"])
        for path, model, method, seed in zip(paths, models, methods, seeds, strict=True)
    }
