"""Write the page of results: the answer first, then the documents of all reports, then what it was made with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from regssl._version import __version__
from regssl.evaluation.summary import DisplayNames
from regssl.reporting.document import Block, Document, Facts, Heading, Paragraph, Points, demote, paragraphs
from regssl.reporting.html import write_page
from regssl.reporting.made_with import commit, describe_inputs, describe_tables, list_configuration, run_facts
from regssl.reporting.tables.paper_comparison import CITATION

TITLE = "Do labels copied to other species help?"
FEW = 8
"""More datasets, networks or methods than these are counted, not named."""


class Section(NamedTuple):
    """A section: its heading, what it holds (for the help of the command), and why a configuration may have none."""

    heading: str
    documents: str
    without: str = ""


SECTIONS = {
    "answer": Section("The answer", "answer of `report comparison`", "SL and SSL were not both run."),
    "recipes": Section("Search for a recipe", "of `report recipes`"),
    "windows": Section("Table 1: windows before and after pseudo-labelling", "of `report table1`, `lift-figure`"),
    "scores": Section("Table 2 and Figure 2: scores", "of `report table2`, `figure2`"),
    "variants": Section(
        "Figure 3: effects of variants", "of `report figure3`, `variant-effects`", "No sets of variants (key `snps`)."
    ),
    "mpra": Section("Saturation mutagenesis", "of `report mpra`", "It was not asked for (key `mpra`)."),
    "comparison": Section("Is it the homologs?", "of `report comparison`", "SL and SSL were not both run."),
    "ablations": Section("From which species, how many", "of `report ablation`", "No runs of the key `ablations`."),
    "measured": Section(
        "Are the copied labels true?",
        "of `report measured`",
        "No peaks that were measured in other species (key `measured`).",
    ),
    "label_errors": Section(
        "How many pseudo-labels are wrong", "of `report label-errors`", "It is known for simulated data only."
    ),
    "gain_components": Section(
        "With other training regions and negatives",
        "of `report gain-components`",
        "No row of the datasets table varies another one (column `replicate_of`).",
    ),
    "learned": Section("What the networks learned", "of `report learned`", "It was not asked for (key `explain`)."),
    "leakage": Section("Leakage audit", "of `report leakage`"),
    "agreement": Section(
        "Agreement with the paper",
        "of `report paper-comparison`",
        "These are not the paper's data (key `paper_data`), and it has no public number of a dataset of these ids.",
    ),
    "published": Section(
        "Beside published scores",
        "of `report published`",
        "No dataset is a task of which others published scores (column `published`).",
    ),
}
"""The sections in their order, by the option that names their documents."""


@dataclass(frozen=True)
class Provenance:
    """What results come from.

    Attributes:
        config: every key of the configuration.
        records: the run.json of each run.
        inputs: URL by path of each file of data; empty for the user's own.
        checksums: SHA-256 by path, as far as known.
        test_chromosomes: names or patterns, of datasets of peaks; those of sequences may have a split of their own.
    """

    config: Mapping[str, Any]
    records: Sequence[Mapping[str, Any]]
    inputs: Mapping[str, str]
    checksums: Mapping[str, str]
    test_chromosomes: Sequence[str]


def write_results_page(
    documents: Mapping[str, Sequence[Document]], names: DisplayNames, provenance: Provenance, path: str | Path
) -> None:
    """Write the page.

    Args:
        documents: of each section by the keys of SECTIONS; a section without any is left out, and the reason given.
            What an earlier section has said is not said again.
        names: display names.
        provenance: what the results come from.
        path: file to write.
    """
    parts: list[Block] = []
    for key, section in SECTIONS.items():
        if own := documents.get(key):
            new = [block for document in own for block in document.blocks if block not in parts]
            parts += [Heading(text=section.heading), *demote(new)]
    without = [
        (f"{section.heading}:", section.without)
        for key, section in SECTIONS.items()
        if section.without and not documents.get(key) and not documents.get("recipes")
    ]
    blocks: list[Block] = [
        Paragraph(text=_question(names)),
        Facts(items=_facts(names, provenance)),
        *parts,
        *_absent(without),
        Heading(text="What it was made with"),
        *paragraphs(["The trained models, as their records say:"]),
        run_facts(provenance.records),
        list_configuration(provenance.config),
        *describe_inputs(provenance.inputs, provenance.checksums),
        describe_tables(parts, Path(path).parent),
    ]
    write_page(Document(title=TITLE, blocks=blocks), path)


def _absent(reasons: list[tuple[str, str]]) -> list[Block]:
    return [Heading(text="What is not here"), Points(items=reasons)] if reasons else []


def _question(names: DisplayNames) -> str:
    others = len(names.genomes) - 1
    genomes = f"{others} other genome{'s' * (others != 1)}" if others > 0 else "other genomes"
    return (
        "Supervised learning (SL) trains on human windows of the genome, bound or not. Semi-supervised learning (SSL) "
        f"trains on their homologs in {genomes} too, to which the human label is copied. Both are tested on the same "
        f"human windows, which no training has seen. After {CITATION}."
    )


def _facts(names: DisplayNames, provenance: Provenance) -> list[tuple[str, str]]:
    config = provenance.config
    simulation, revision = config.get("simulation"), commit()
    facts = [
        ("Data", f"simulated, seed {simulation['seed']}" if simulation else ""),
        ("Datasets", _list(names.datasets)),
        ("Networks", _list(names.models)),
        ("Methods", _list(names.methods)),
        ("Seeds", ", ".join(map(str, config.get("seeds", [])))),
        ("Tested on", ", ".join(provenance.test_chromosomes)),
        ("Made with", f"regssl {__version__}{f', commit {revision}' if revision else ''}"),
        ("In", str(config.get("results_dir", ""))),
    ]
    return [(name, value) for name, value in facts if value]


def _list(names: Mapping[str, str]) -> str:
    return ", ".join(names.values()) if len(names) <= FEW else f"{len(names):,}"
