"""The embedded world: a "human" genome and relatives, produced by explicit evolution, with everything known.

One call writes all that the workflow takes in (genomes, chains, peaks, a blacklist, SNPs), and beside it what is true,
so that lift-over and pseudo-labels can be checked. Nothing in it is real but the motifs (JASPAR 2024 CORE).
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from regssl.simulate.assays import blacklist, peaks, snps
from regssl.simulate.evolution import History, evolve
from regssl.simulate.homology import chain_lines, homologous_blocks, homologous_places, true_chains
from regssl.simulate.parameters import World
from regssl.simulate.truth import label_table, site_table
from regssl.simulate.writers import (
    homology_rows,
    write_fasta,
    write_json,
    write_lines,
    write_table,
)

__all__ = ["World", "simulate"]


def simulate(out: str | Path, world: World | None = None) -> None:
    """Write a world into the folder `out`. Equal worlds give equal bytes. All coordinates are 0-based half-open.

    ```
    genomes/<genome>.fa.gz                 repeats in lower case, one run of N in each
    chains/<human>To<Genome>.over.chain.gz true chains, each human base at most once
    peaks/<dataset>.narrowPeak             the pooled dataset: <dataset>.cellA.narrowPeak, <dataset>.cellB.narrowPeak.gz
    blacklist.bed
    snps.tsv                               chrom, start0, ref, alt, dataset, effect
    truth/sites.tsv.gz                     every functional site in every genome (truth.site_table)
    truth/labels.tsv.gz                    bound human bins: is the homolog bound? (truth.label_table)
    truth/<genome>.homology.tsv.gz         maximal gap-free homologous blocks (writers.homology_rows)
    world.json                             parameters, motifs, genomes
    ```

    Args:
        out: folder; made if it does not exist. Files of the same names are replaced.
        world: parameters; by default `World()`.
    """
    out, world = Path(out), world or World()
    history = evolve(world)
    for name, genome in history.genomes.items():
        write_fasta(out / "genomes" / f"{name}.fa.gz", genome)
    _write_homology(out, history)
    _write_experiment(out, history)
    write_json(out / "world.json", _description(history))


def _write_homology(out: Path, history: History) -> None:
    """Chains and truth."""
    human = history.genomes[history.world.human]
    homologs: dict[str, np.ndarray] = {}
    for name in history.world.relatives:
        relative = history.genomes[name]
        layers = homologous_places(human, relative, history)
        homologs[name] = layers[0]
        blocks = homologous_blocks(human, relative, layers)
        write_table(out / "truth" / f"{name}.homology.tsv.gz", homology_rows(blocks, human, relative))
        chains = true_chains(human, relative, layers)
        lines = (line for i, chain in enumerate(chains, start=1) for line in chain_lines(chain, i, human, relative))
        write_lines(out / "chains" / f"{human.name}To{name[0].upper()}{name[1:]}.over.chain.gz", lines)
    write_table(out / "truth" / "sites.tsv.gz", site_table(history))
    write_table(out / "truth" / "labels.tsv.gz", label_table(history, homologs))


def _write_experiment(out: Path, history: History) -> None:
    """Peaks, blacklist, SNPs."""
    world, human, sites = history.world, history.genomes[history.world.human], history.sites
    regions = blacklist(human, world)
    write_table(out / "blacklist.bed", regions, header=False)
    for number, dataset in enumerate(world.datasets):
        cells = (
            {"cellA": ".cellA.narrowPeak", "cellB": ".cellB.narrowPeak.gz"}
            if dataset == world.pooled
            else {"": ".narrowPeak"}
        )
        for cell, ending in cells.items():
            write_table(out / "peaks" / f"{dataset}{ending}", peaks(human, sites, number, regions, cell), header=False)
    tables = [snps(human, sites, number) for number in range(len(world.datasets))]
    lines = [
        "\t".join(tables[0].columns),
        *("\t".join(map(str, row)) for table in tables for row in table.itertuples(index=False)),
    ]
    write_lines(out / "snps.tsv", lines)


def _description(history: History) -> dict[str, Any]:
    """Content of world.json."""
    world = history.world
    return {
        "parameters": asdict(world),
        "motifs": {
            dataset: {"factor": motif.name, "id": motif.id, "weakest_site_bits": round(minimum, 3)}
            for dataset, motif, minimum in zip(world.datasets, world.motifs, history.sites.minimum, strict=True)
        },
        "motif_source": "JASPAR 2024 CORE, CC-BY 4.0, Rauluseviciute et al. 2024, doi:10.1093/nar/gkad1059",
        "genomes": {
            name: {
                "substitutions_per_site_from_human": round(world.root.distance(world.human, name), 6),
                "contigs": dict(zip(genome.contigs, genome.sizes.tolist(), strict=True)),
            }
            for name, genome in history.genomes.items()
        },
    }
