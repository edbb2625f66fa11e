"""Tables of the configuration: datasets, genomes, sets of variants, measured peaks of other genomes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Field,
    PositiveInt,
    ValidationInfo,
    field_validator,
    model_validator,
)

from regssl.config.cells import FallbackUrl, FallbackUrls, Name, PathOrUrl, PeakFiles, SequenceFiles, split_list
from regssl.config.table_files import TableRow
from regssl.config.validators import IDENTIFIER
from regssl.data.sequence_settings import MAX_WIDTH, MIN_WIDTH, SequenceFile, SequenceSettings, parse_sequence_file
from regssl.data.settings import DEFAULT_SPLITS
from regssl.io.text import LONGEST_NAME
from regssl.settings import Distinct
from regssl.variants.formats import CONTEXT_FORMATS, VariantFormatName

ALIGN = "align"
"""In the column `chain`: the workflow makes the chain by aligning the two genomes."""
PEAK_COLUMNS = ("assembly", "peak_width", "replicate_of")
"""What a row of sequences does not have."""
GENOME_IDENTIFIER = r"^[A-Za-z][A-Za-z0-9_]{0,79}$"


class DatasetRow(TableRow):
    """One ChIP-seq (or similar) dataset: `config/datasets.tsv`. A row without peaks and sequences is left out."""

    identity = ("dataset",)
    dataset: str = Field(pattern=IDENTIFIER, description="Id used in paths and as a target: lower snake case.")
    name: Name = Field(description="Display name, shown as it is.")
    peaks: PeakFiles = Field(
        [],
        description="BED, narrowPeak (plain or gz) or bigBed files or URLs; several, pooled, are separated by `;`.",
    )
    fallback_url: FallbackUrls = Field(
        [], description="Where to fetch the same peaks (in any format) if `peaks` does not answer: one each."
    )
    assembly: str = Field(
        "", pattern=r"^[A-Za-z0-9_.]*$", description="Human assembly of the peaks, if not the human genome's: hg19."
    )
    peak_width: PositiveInt | None = Field(None, description="Trim wider peaks to so many bp about their centre.")
    peak_centre: Literal["middle", "summit"] = Field(
        "middle", description="Centre of a trimmed peak: its middle, or its summit (column 10 of narrowPeak)."
    )
    min_support: PositiveInt = Field(
        1, description="Merged peaks count of which so many of the files of `peaks` have one base; empty: 1."
    )
    sequences: SequenceFiles = Field(
        [],
        description="Instead of peaks: CSV, TSV or FASTA files or URLs of labelled sequences, separated by `;`, each "
        "after its split or label if all of it has one: `train=a.csv`, `1=bound.fa`, `test/0=unbound.fa`.",
    )
    sequence_columns: Annotated[list[str], BeforeValidator(split_list)] = Field(
        [],
        description="What their columns are called, such as `sequence=seq;label=y;split=fold;id=name;place=hg38`; "
        "empty: the usual names.",
    )
    sequence_folds: Annotated[list[str], BeforeValidator(split_list)] = Field(
        [],
        description="Which split a fold of the column `fold` (or else `split`) is, such as `validation=8;test=9`; all "
        "others are train, unless `train=…` names them; empty: the column has splits.",
    )
    sequence_width: int | None = Field(
        None,
        ge=MIN_WIDTH,
        le=MAX_WIDTH,
        description="Crop longer sequences, and pad shorter ones with N, to so many bp; empty: all have one length.",
    )
    homologs: SequenceFiles = Field(
        [], description="Files of their homologs, with the id of the human sequence and the species; may be the same."
    )
    locate: bool = Field(
        False, description="Look the sequences up in the human genome, so that their homologs are lifted; empty: no."
    )
    status: Literal["", "certain", "accession seen", "pattern only", "missing"] = Field(
        "", description="How sure `peaks` is, for people: certain, accession seen, pattern only, or missing."
    )
    motif: str = Field(
        "", description="Its motif's id or name in the MEME file (`motifs`); empty: as the display name."
    )
    splits: str = Field(
        DEFAULT_SPLITS,
        pattern=IDENTIFIER,
        description="Its splits, an id of `further_splits`; empty: those of `splits`.",
    )
    sampling_seed: int | None = Field(None, ge=0, description="Seed of its negatives; empty: `sampling.seed`.")
    negatives_per_positive: float | None = Field(
        None, gt=0, description="Its training negatives per positive; empty: `sampling.negatives_per_positive`."
    )
    replicate_of: str = Field("", description="The dataset whose training region or negatives this row varies.")
    published: str = Field(
        "",
        pattern=rf"^$|{IDENTIFIER}",
        description="The task of which others published scores, such as gue_tf_0: its test sequences must be those.",
    )
    cell_types: str = Field("", description="Cell types, for people.")
    source: str = Field("", description="Accession or citation, for people.")

    @model_validator(mode="after")
    def _peaks_or_sequences(self) -> DatasetRow:
        if self.peaks and self.sequences:
            raise ValueError("a dataset has `peaks` or `sequences`: leave one of them empty")
        of_sequences = ("sequence_columns", "sequence_folds", "sequence_width", "homologs", "locate", "published")
        foreign = PEAK_COLUMNS if self.sequences else of_sequences
        if filled := [column for column in foreign if getattr(self, column)]:
            needed = "peaks" if self.sequences else "sequences"
            raise ValueError(f"`{filled[0]}` belongs to `{needed}`, which are not given: leave it empty")
        if self.sequence_folds and any(file.split for file in self.sequence_files):
            raise ValueError("its files name their splits: leave `sequence_folds` empty")
        if self.homologs and self.locate:
            raise ValueError("homologs are given (`homologs`) or lifted (`locate`): leave one of them empty")
        return self

    @field_validator("sequence_columns")
    @classmethod
    def _known_columns(cls, value: list[str]) -> list[str]:
        return SequenceSettings(columns=value).columns

    @field_validator("sequence_folds")
    @classmethod
    def _known_folds(cls, value: list[str]) -> list[str]:
        return SequenceSettings(folds=value).folds

    @property
    def sequence_files(self) -> list[SequenceFile]:
        """Its files of sequences."""
        return [parse_sequence_file(cell) for cell in self.sequences]

    @property
    def homolog_files(self) -> list[SequenceFile]:
        """Its files of homologs."""
        return [parse_sequence_file(cell) for cell in self.homologs]

    @field_validator("min_support")
    @classmethod
    def _of_the_files(cls, value: int, info: ValidationInfo) -> int:
        if value > max(1, len(peaks := info.data.get("peaks", []))):
            raise ValueError(f"more than the files of `peaks`, {len(peaks)}")
        return value

    @field_validator("peak_centre")
    @classmethod
    def _of_trimmed_peaks(cls, value: str, info: ValidationInfo) -> str:
        if value == "summit" and info.data.get("peak_width") is None:
            raise ValueError("only peaks that are trimmed have a centre: fill `peak_width`")
        return value


class GenomeRow(TableRow):
    """One genome and its chain from the human genome, or a species of given homologs: `config/genomes.tsv`."""

    identity = ("genome",)
    genome: str = Field(pattern=GENOME_IDENTIFIER, description="Id used in paths, UCSC's where there is one.")
    name: Name = Field(description="Display name, shown as it is.")
    clade: str = Field(
        "",
        pattern=r"^(\w[\w .,'()-]*)?$",
        max_length=LONGEST_NAME,
        description="For people and for `ablations`: primate, marsupial, monotreme, or another placental.",
    )
    sequence: PathOrUrl = Field(
        "", description="2bit or FASTA (plain, gz, bgzip): path or URL; empty for a species whose homologs are given."
    )
    sequence_fallback_url: FallbackUrl = Field(
        "", description="Where to fetch the same file if `sequence` does not answer."
    )
    chain: PathOrUrl = Field(
        "",
        description="Chain from the human genome: path or URL, or `align` to make it by aligning; empty for the human "
        "genome itself.",
    )
    chain_fallback_url: FallbackUrl = Field("", description="Where to fetch the same file if `chain` does not answer.")
    substitutions_per_site: float | None = Field(
        None, ge=0, description="Divergence from human by an external tree; beside the measured one."
    )
    source: str = Field("", description="Where the files come from, for people.")

    @property
    def is_aligned(self) -> bool:
        """Whether the workflow makes the chain, by aligning."""
        return self.chain == ALIGN

    @field_validator("chain")
    @classmethod
    def _check_align(cls, value: str) -> str:
        if value != ALIGN and value.strip("'\"`").lower() in (ALIGN, "aligned", "lastz"):
            raise ValueError(f"write `{ALIGN}` to have the genome aligned")
        return value

    @model_validator(mode="after")
    def _chain_of_a_genome(self) -> GenomeRow:
        if self.chain and not self.sequence:
            raise ValueError("a chain without the genome that it leads to: fill the column `sequence`")
        return self

    @field_validator("chain_fallback_url")
    @classmethod
    def _of_a_file(cls, value: str, info: ValidationInfo) -> str:
        if value and info.data.get("chain") == ALIGN:
            raise ValueError("a chain that is made by aligning is not fetched: leave it empty")
        return value


class VariantSetRow(TableRow):
    """One table of variants with observed effects on the binding of a dataset's factor: `config/snps.tsv`."""

    identity = ("snps",)
    snps: str = Field(pattern=IDENTIFIER, description="Id used in paths: lower snake case.")
    dataset: str = Field(pattern=IDENTIFIER, description="The dataset whose models score these variants.")
    name: Name = Field(description="Display name, shown as it is.")
    format: VariantFormatName = Field(
        description="How the table is read: adastra, shi2016, alleledb, mpra, table or vcf."
    )
    file: PathOrUrl = Field(min_length=1, description="Table, plain, gz or inside a zip archive: path or URL.")
    fallback_url: FallbackUrl = Field("", description="Where to fetch the same file if `file` does not answer.")
    member: Annotated[list[str], BeforeValidator(split_list)] = Field(
        [], description="Names of the table inside a zip archive, separated by `;`: the first that is there is read."
    )
    factor: str = Field("", description="Take only rows of this factor (columns `TF`, `factor` or `dataset`).")
    effect: str = Field(
        "", description="What holds the effect: a key of INFO (vcf), a column (table; empty: `effect`)."
    )
    max_fdr: float = Field(
        0.1,
        gt=0,
        le=1,
        description="Variants whose smaller FDR is not below this are left out (adastra).",
    )
    balanced: str = Field(
        "",
        description="What is 1 for balanced variants (tested, without imbalance), else 0: a key of INFO (vcf), a "
        "column (table); empty: there are none.",
    )
    balanced_fdr: float | None = Field(
        None,
        gt=0,
        le=1,
        description="Variants whose smaller FDR is at least this are balanced (adastra); empty: none are.",
    )
    elements: Annotated[Distinct[str], BeforeValidator(split_list)] = Field(
        [],
        description="Elements on which the factor is known to act, separated by `;` (mpra); empty: all.",
    )
    regions: PathOrUrl = Field(
        "",
        description="Table of where the human chromosomes lie on the assembly of the variants (shi2016, alleledb, "
        "mpra): columns mini_chrom, length, hg19_chrom, hg19_start0.",
    )
    source: str = Field("", description="Release or citation, for people.")

    @model_validator(mode="after")
    def _complete(self) -> VariantSetRow:
        if self.format in CONTEXT_FORMATS and not self.regions:
            raise ValueError(f"format {self.format} has coordinates of another assembly: fill the column `regions`")
        if self.elements and self.format != "mpra":
            raise ValueError(f"format {self.format} has no elements: leave the column `elements` empty")
        if self.format == "vcf" and not self.effect:
            raise ValueError("format vcf needs the key of INFO with the effect: fill the column `effect`")
        if self.balanced_fdr is not None and self.balanced_fdr < self.max_fdr:
            raise ValueError("a variant is imbalanced or balanced: `balanced_fdr` is not below `max_fdr`")
        return self


class MeasuredRow(TableRow):
    """Peaks measured in another genome, against which labels copied to it are held: `config/measured.tsv`."""

    identity = ("dataset", "genome")
    dataset: str = Field(pattern=IDENTIFIER, description="The dataset whose copied labels are held against them.")
    genome: str = Field(pattern=GENOME_IDENTIFIER, description="The genome that they were measured in, not the human.")
    peaks: PeakFiles = Field(
        min_length=1,
        description="BED, narrowPeak (plain or gz) or bigBed files or URLs; several, pooled, are separated by `;`.",
    )
    fallback_url: FallbackUrls = Field(
        [], description="Where to fetch the same peaks (in any format) if `peaks` does not answer: one each."
    )
    regions: PathOrUrl = Field(
        "", description="BED of where the genome was measured: no label outside is judged; empty: everywhere."
    )
    name: Name = Field("", description="What was measured, such as the cells; empty: the genome's name.")
    archive: str = Field("", description="Archive that keeps them, such as ENCODE or GEO, for people.")
    source: str = Field("", description="Accession or citation, for people.")
    note: str = Field("", description="How the files were chosen, and what limits them, for people.")
