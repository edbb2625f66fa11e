"""Steps on measured labels of other species: copies, own windows, and what scores say of both."""

from __future__ import annotations

from pathlib import Path

from regssl.cli.measured_files import (
    LIFTING,
    POOLING,
    read_human_peaks,
    read_motif,
    read_peaks,
    read_predictions,
    read_sites,
    read_species,
)
from regssl.cli.options import add_architecture, add_settings, add_threads, one_each, settings_from
from regssl.cli.parser import Command, Options, Parser
from regssl.cli.paths import GENOME, MEASURED_SCORES, WINDOWS, reads, writes


def _add_species(parser: Parser) -> None:
    """Add what both steps that make windows read."""
    parser.add_argument("--windows", type=reads(), nargs="+", required=True, help="human windows, Parquet, all splits")
    parser.add_argument("--homologs", type=reads(), required=True, help="table of `step find-homologs`")
    parser.add_argument("--chain", type=reads(), required=True, help="chain file from the human genome, or its index")
    parser.add_argument("--human", type=reads(*GENOME), required=True, help="human genome, 2bit")
    parser.add_argument("--genome", type=reads(*GENOME), required=True, help="the other genome, 2bit")
    parser.add_argument("--genome-id", type=str, required=True, help="id of the other genome")
    parser.add_argument("--measured", type=reads(), nargs="+", required=True, help="peaks measured in the other genome")
    parser.add_argument("--regions", type=reads(), help="BED of where it was measured; not given: everywhere")
    parser.add_argument("--min-overlap", type=int, default=100, help="bp of a window that peaks must cover")


def _measure_copies(parser: Parser) -> None:
    from regssl.data.settings import PeakSettings

    parser.add_argument("out", type=writes(*WINDOWS), help="copies to write, X.npy; X.parquet beside it")
    parser.add_argument("sites", type=writes(), help="Parquet to write: sites of the human peaks, lifted")
    _add_species(parser)
    parser.add_argument("--peaks", type=reads(), nargs="+", required=True, help="the dataset's human peak files")
    parser.add_argument("--merged", type=reads(), required=True, help="its merged peaks, BED of `step load-peaks`")
    parser.add_argument(
        "--assembly-chain", type=reads(), help="chains from the assembly of the human peaks, if another"
    )
    parser.add_argument("--homolog-min-match", type=float, default=0.1, help="min_match of `step find-homologs`")
    parser.add_argument("--motif", type=str, default="", help="id or name of the factor's motif")
    parser.add_argument(
        "--motifs", type=reads(), help="MEME file; not given: the JASPAR matrices that come with the package"
    )
    add_settings(parser, PeakSettings, exclude=POOLING)


def measure_copies(options: Options) -> None:
    """Hold copied labels against measured ones.

    One row for each human window with a homolog in the other genome, whatever its split; and one for each site of the
    human peaks. Copies outside the measured regions are left out.
    """
    from regssl.data.packed import save_codes
    from regssl.data.windows import window_width
    from regssl.io.parquet import save_table
    from regssl.measured.copies import measure_copies
    from regssl.measured.sites import measure_sites

    windows, homologs, genomes = read_species(options)
    peaks = read_peaks(options, genomes, read_human_peaks(options))
    motif, width = read_motif(options), window_width(windows)
    copies = measure_copies(windows, homologs, genomes, peaks, options.homolog_min_match, motif)
    sites = read_sites(options, peaks, width)
    chroms = windows[["chrom", "split"]].drop_duplicates().astype(str)
    splits = dict(zip(chroms["chrom"], chroms["split"], strict=True))
    found = measure_sites(sites, splits, genomes, peaks, options.homolog_min_match, motif)
    minus = (copies["strand"] == "-").to_numpy()
    codes = genomes.other.windows(copies["chrom"], copies["start"].to_numpy(), width, minus)
    save_codes([codes], codes.shape, options.out)
    save_table(copies, Path(options.out).with_suffix(".parquet"))
    save_table(found, options.sites)
    for label, name in ((1, "positives"), (0, "negatives")):
        bound = copies.loc[copies["label"] == label, "bound"]
        print(f"{len(bound):,} copies of {name}, {int(bound.sum()):,} of them bound in {genomes.name}")
    where = f"are lifted to where {genomes.name} was measured"
    print(f"{len(found):,} of {len(sites):,} sites {where}, {int(found['bound'].sum()):,} of them bound")


def _count_true_copies(parser: Parser) -> None:
    from regssl.measured.settings import SAMPLE, MeasuredSettings

    parser.add_argument("out", type=writes(), help="TSV to write: shares of bound copies with Wilson's intervals")
    parser.add_argument("copies", type=reads(), help="Parquet of `step measure-copies`")
    parser.add_argument("sites", type=reads(), help="Parquet of its sites")
    parser.add_argument("--dataset", type=str, required=True, help="id of the dataset")
    parser.add_argument("--genome-id", type=str, required=True, help="id of the other genome")
    parser.add_argument("--files", type=int, required=True, help="number of the dataset's peak files")
    parser.add_argument("--homolog-min-match", type=float, default=0.1, help="min_match of `step find-homologs`")
    add_settings(parser, MeasuredSettings, exclude=SAMPLE)


def count_true_copies(options: Options) -> None:
    """Count how many copied labels are true."""
    from regssl.io.parquet import load_table
    from regssl.io.tsv import write_tsv
    from regssl.measured.rates import rates_table
    from regssl.measured.settings import SAMPLE, MeasuredSettings

    settings = settings_from(options, MeasuredSettings, exclude=SAMPLE)
    tables = {"windows": load_table(options.copies), "peaks": load_table(options.sites)}
    identity = options.dataset, options.genome_id
    table = rates_table(identity, tables, options.files, options.homolog_min_match, settings)
    write_tsv(table, options.out)
    print(table[(table["stratum"] == "all") & (table["split"] == "all")].to_string(index=False))


def _measure_own_windows(parser: Parser) -> None:
    from regssl.data.settings import PeakSettings
    from regssl.measured.settings import EDGES, MeasuredSettings

    parser.add_argument("out", type=writes(*WINDOWS), help="windows to write, X.npy; X.parquet beside it")
    _add_species(parser)
    add_settings(parser, PeakSettings, exclude=LIFTING)
    add_settings(parser, MeasuredSettings, exclude=EDGES)


def measure_own_windows(options: Options) -> None:
    """Label a species' own windows by its own peaks.

    The consecutive bins of the genome, or a sample of whole blocks of them.
    """
    from regssl.data.packed import CHUNK_ROWS, save_codes
    from regssl.data.windows import window_width
    from regssl.io.parquet import save_table
    from regssl.measured.own_windows import make_own_windows
    from regssl.measured.settings import EDGES, MeasuredSettings

    settings = settings_from(options, MeasuredSettings, exclude=EDGES)
    windows, homologs, genomes = read_species(options)
    own = make_own_windows(windows, homologs, genomes, read_peaks(options, genomes), settings)
    width = window_width(windows)
    parts = (
        genomes.other.windows(part["chrom"], part["start"].to_numpy(), width)
        for part in (own.iloc[first : first + CHUNK_ROWS] for first in range(0, len(own), CHUNK_ROWS))
    )
    save_codes(parts, (len(own), width), options.out)
    save_table(own, Path(options.out).with_suffix(".parquet"))
    print(own.groupby("homolog", observed=False)["label"].agg(["size", "sum"]).to_string())


def _predict_sets(parser: Parser) -> None:
    parser.add_argument("sets", type=reads(*WINDOWS), nargs="+", help="sets of windows, X.npy; X.parquet beside it")
    parser.add_argument("--models", type=reads(), nargs="+", required=True, help="model.safetensors of runs")
    parser.add_argument(
        "--out", type=writes(), nargs="+", required=True, help="Parquet to write per set and model, set by set"
    )
    add_architecture(parser)
    add_threads(parser)


def predict_sets(options: Options) -> None:
    """Predict several sets of windows with trained models."""
    from regssl.io.parquet import save_table
    from regssl.training.predict import predict_files

    pairs = [f"{windows} {model}" for windows in options.sets for model in options.models]
    paths = iter(one_each("out", pairs, options.out))
    for windows in options.sets:
        for table in predict_files(options.models, windows, options.threads, options.architecture):
            path = next(paths)
            save_table(table, path)
            print(f"{path}: {len(table):,} windows", flush=True)


def _add_runs(parser: Parser) -> None:
    for name, kind in (("models", str), ("methods", str), ("seeds", int)):
        parser.add_argument(f"--{name}", type=kind, nargs="+", required=True, help="one per table of predictions")
    parser.add_argument("--dataset", type=str, required=True, help="id of the dataset")
    parser.add_argument("--genome-id", type=str, required=True, help="id of the other genome")


def _score_measured(parser: Parser) -> None:
    from regssl.evaluation.settings import ComparisonSettings

    parser.add_argument(
        "out", type=writes(*MEASURED_SCORES), help="folder to write: discrimination.tsv, own.tsv, own_summary.tsv"
    )
    parser.add_argument("--copies", type=reads(), required=True, help="Parquet of `step measure-copies`")
    parser.add_argument("--sites", type=reads(), required=True, help="Parquet of its sites")
    parser.add_argument("--own", type=reads(), required=True, help="Parquet of `step measure-own-windows`")
    for name in ("copy", "own"):
        parser.add_argument(
            f"--{name}-predictions", type=reads(), nargs="+", required=True, help="tables of `predict` for them"
        )
    _add_runs(parser)
    add_threads(parser, "runs worked on at once")
    add_settings(parser, ComparisonSettings, exclude=["equivalence_margin_percent", "recall_for_precision"])


def score_measured(options: Options) -> None:
    """Score runs by measured labels.

    How well their scores tell true copies from false ones, and how well they rank the species' own windows.
    """
    from regssl.evaluation.settings import ComparisonSettings
    from regssl.io.parquet import load_table
    from regssl.io.tsv import write_tsv
    from regssl.measured.discrimination import discrimination_table
    from regssl.measured.own_scores import own_summary, own_table

    settings = settings_from(
        options, ComparisonSettings, exclude=["equivalence_margin_percent", "recall_for_precision"]
    )
    copies, sites, own = (load_table(path) for path in (options.copies, options.sites, options.own))
    identity = options.dataset, options.genome_id
    of_copies = read_predictions(options, options.copy_predictions)
    write_tsv(discrimination_table(identity, copies, sites, of_copies), f"{options.out}/discrimination.tsv")
    of_own = read_predictions(options, options.own_predictions)
    write_tsv(own_table(identity, own, of_own), f"{options.out}/own.tsv")
    summary = own_summary(identity, own, of_own, settings, options.threads)
    write_tsv(summary, f"{options.out}/own_summary.tsv")
    print(summary.to_string(index=False))


def _filter_copies(parser: Parser) -> None:
    from regssl.methods.settings import CrossFitting, Filtering

    parser.add_argument("out", type=writes(), help="TSV to write: true copies before and after the filter")
    parser.add_argument("copies", type=reads(), help="Parquet of `step measure-copies`")
    parser.add_argument("predictions", type=reads(), nargs="+", help="tables of `predict` for them, by the teachers")
    parser.add_argument(
        "--homologs", type=reads(), nargs="+", required=True, help="Parquet of `step pseudo-label`, one per genome"
    )
    parser.add_argument("--human", type=reads(), required=True, help="Parquet of the human training windows")
    _add_runs(parser)
    add_settings(parser, Filtering)
    add_settings(parser, CrossFitting)


def filter_copies(options: Options) -> None:
    """Count true copies before and after filtering."""
    from regssl.io.parquet import load_table
    from regssl.io.tsv import write_tsv
    from regssl.measured.filtering import filter_table, judge_copies
    from regssl.methods.settings import CrossFitting, Filtering

    settings = settings_from(options, Filtering)
    sources = [load_table(path, ["source"])["source"].to_numpy() for path in options.homologs]
    copies, human = load_table(options.copies), load_table(options.human)
    predictions = read_predictions(options, options.predictions)
    teachers, positive_fraction = judge_copies(copies, human, predictions, settings_from(options, CrossFitting))
    identity = options.dataset, options.genome_id
    table = filter_table(identity, copies, teachers, sources, positive_fraction, settings)
    write_tsv(table, options.out)
    print(table.to_string(index=False))


COMMANDS = [
    Command(measure_copies, _measure_copies),
    Command(count_true_copies, _count_true_copies),
    Command(measure_own_windows, _measure_own_windows),
    Command(predict_sets, _predict_sets),
    Command(score_measured, _score_measured),
    Command(filter_copies, _filter_copies),
]
