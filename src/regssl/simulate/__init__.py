"""Simulated data: a "human" genome and other species, evolved explicitly, with every homology and binding site known.

Start at `simulate`, which writes all input files of the workflow (genomes, chains, peaks, those measured in other
species, a blacklist, SNPs) and the ground truth beside them, against which lift-over and pseudo-labels are tested. Only
the motifs are real (JASPAR 2024 CORE).
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from regssl.progress import Progress
from regssl.simulate.assays import simulate_blacklist, simulate_peaks, simulate_variants
from regssl.simulate.evolution import EvolutionHistory, evolve
from regssl.simulate.homology import format_chain, homologous_blocks, homologous_positions, true_chains
from regssl.simulate.parameters import SimulationParameters
from regssl.simulate.truth import label_table, site_table
from regssl.simulate.writers import (
    homology_rows,
    write_fasta,
    write_json,
    write_lines,
    write_table,
)

__all__ = ["SimulationParameters", "simulate"]


def simulate(out: str | Path, parameters: SimulationParameters | None = None) -> None:
    """Write simulated data into the folder `out`.

    Equal parameters give equal bytes. Coordinates are 0-based, half-open.

    ```
    genomes/<genome>.fa.gz                 repeats in lower case, one run of N in each
    chains/<human>To<Genome>.over.chain.gz true chains, each human base at most once
    peaks/<dataset>.narrowPeak             the pooled dataset: <dataset>.cellA.narrowPeak, <dataset>.cellB.narrowPeak.gz
    measured/<dataset>.<genome>.narrowPeak peaks of the same kind of assay in another species
    blacklist.bed
    snps.tsv                               chrom, start0, ref, alt, dataset, effect, balanced
    truth/sites.tsv.gz                     every functional site in every genome (`truth.site_table`)
    truth/labels.tsv.gz                    bound human bins: is the homolog bound? (`truth.label_table`)
    truth/<genome>.homology.tsv.gz         maximal gap-free homologous blocks (`writers.homology_rows`)
    simulation.json                        parameters, motifs, genomes
    ```

    Args:
        out: folder, created if it does not exist. Files of the same names are replaced.
        parameters: default `SimulationParameters()`.
    """
    out, parameters = Path(out), parameters or SimulationParameters()
    history = evolve(parameters)
    for name, genome in history.genomes.items():
        write_fasta(out / "genomes" / f"{name}.fa.gz", genome)
    _write_homology(out, history)
    _write_assays(out, history)
    write_json(out / "simulation.json", _description(history))


def _write_homology(out: Path, history: EvolutionHistory) -> None:
    """Write chains and ground truth."""
    human = history.genomes[history.parameters.human]
    homologs: dict[str, np.ndarray] = {}
    others = history.parameters.other_species
    with Progress("writing chains", len(others), unit="genome") as progress:
        for name in others:
            relative = history.genomes[name]
            layers = homologous_positions(human, relative, history)
            homologs[name] = layers[0]
            blocks = homologous_blocks(human, relative, layers)
            write_table(out / "truth" / f"{name}.homology.tsv.gz", homology_rows(blocks, human, relative))
            chains = true_chains(human, relative, layers)
            lines = (line for i, one in enumerate(chains, start=1) for line in format_chain(one, i, human, relative))
            write_lines(out / "chains" / f"{human.name}To{name[0].upper()}{name[1:]}.over.chain.gz", lines)
            progress.advance()
    write_table(out / "truth" / "sites.tsv.gz", site_table(history))
    write_table(out / "truth" / "labels.tsv.gz", label_table(history, homologs))


def _write_assays(out: Path, history: EvolutionHistory) -> None:
    """Write peaks, also of other species, blacklist and SNPs."""
    parameters, human, sites = history.parameters, history.genomes[history.parameters.human], history.sites
    regions = simulate_blacklist(human, parameters)
    write_table(out / "blacklist.bed", regions, header=False)
    for number, dataset in enumerate(parameters.datasets):
        cells = (
            {"cellA": ".cellA.narrowPeak", "cellB": ".cellB.narrowPeak.gz"}
            if dataset == parameters.pooled
            else {"": ".narrowPeak"}
        )
        for cell, ending in cells.items():
            peaks = simulate_peaks(human, sites, number, cell, regions)
            write_table(out / "peaks" / f"{dataset}{ending}", peaks, header=False)
    for number, species in parameters.measured:
        peaks = simulate_peaks(history.genomes[species], sites, number, species)
        write_table(out / "measured" / f"{parameters.datasets[number]}.{species}.narrowPeak", peaks, header=False)
    tables = [simulate_variants(human, sites, number) for number in range(len(parameters.datasets))]
    lines = [
        "\t".join(tables[0].columns),
        *("\t".join(map(str, row)) for table in tables for row in table.itertuples(index=False)),
    ]
    write_lines(out / "snps.tsv", lines)


def _description(history: EvolutionHistory) -> dict[str, Any]:
    """Return the content of simulation.json."""
    parameters = history.parameters
    return {
        "parameters": asdict(parameters),
        "motifs": {
            dataset: {"factor": motif.name, "id": motif.id, "weakest_site_bits": round(minimum, 3)}
            for dataset, motif, minimum in zip(
                parameters.datasets, parameters.motifs, history.sites.min_scores, strict=True
            )
        },
        "motif_source": "JASPAR 2024 CORE, CC-BY 4.0, Rauluseviciute et al. 2024, doi:10.1093/nar/gkad1059",
        "genomes": {
            name: {
                "substitutions_per_site_from_human": round(parameters.root.distance(parameters.human, name), 6),
                "contigs": dict(zip(genome.contigs, genome.sizes.tolist(), strict=True)),
            }
            for name, genome in history.genomes.items()
        },
    }
