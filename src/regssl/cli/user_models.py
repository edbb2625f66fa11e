"""Commands that users type, about networks: train one, predict windows, score variants."""

from __future__ import annotations

from pathlib import Path

from regssl.cli.options import add_architecture, add_threads, one_each, settings_from_json
from regssl.cli.parser import Command, Options, Parser
from regssl.cli.paths import GENOME, RUN, WINDOWS, reads, writes


def _train(parser: Parser) -> None:
    parser.add_argument(
        "out", type=writes(*RUN), help="folder to write: seed<seed>/{model.safetensors,history.csv,run.json}"
    )
    parser.add_argument(
        "--settings", type=str, required=True, help="architecture, params, training, finetuning … as JSON"
    )
    parser.add_argument("--method", type=str, required=True, help="training method: sl, ssl, ssl-nearest4 …")
    parser.add_argument("--seeds", type=int, nargs="+", required=True, help="random seeds, one model each")
    parser.add_argument("--human", type=reads(*WINDOWS), required=True, help="human training windows, X.npy")
    parser.add_argument("--validation", type=reads(*WINDOWS), required=True, help="validation windows, X.npy")
    parser.add_argument(
        "--homologs",
        type=reads(*WINDOWS),
        nargs="*",
        default=[],
        help="homologs, or windows in their place, X.npy per genome",
    )
    parser.add_argument(
        "--training-windows",
        type=reads(),
        help="table of `step count-windows`, whose windows `min_passes` is about; not given: those of this run",
    )
    parser.add_argument(
        "--genomes", type=str, nargs="*", default=[], help="ids of the genomes of --homologs, for subsets of them"
    )
    parser.add_argument(
        "--teachers",
        type=reads(),
        nargs="*",
        default=[],
        help="model.safetensors per seed and fold, if the method needs any",
    )
    parser.add_argument(
        "--divergence",
        type=reads(),
        nargs="*",
        default=[],
        help="tables of `step estimate-divergence` of these genomes, likewise",
    )
    parser.add_argument("--clades", type=str, nargs="*", default=[], help="clades of these genomes, likewise")
    parser.add_argument(
        "--motif", type=str, default="", help="id or name of the factor's motif, for the method `motif_scan`"
    )
    parser.add_argument(
        "--motifs", type=reads(), help="MEME file; not given: the JASPAR matrices that come with the package"
    )
    parser.add_argument(
        "--pretrained", type=reads(), nargs="*", default=[], help="files that the model starts from, in one folder"
    )
    add_threads(parser)


def train(options: Options) -> None:
    r"""Train a model by one method, once per seed.

    Example:
        regssl train runs/sl --method sl --seeds 0 1 2 --settings '{"architecture": "deepbind"}' \
            --human human/train.npy --validation human/validation.npy
    """
    from regssl.methods import resolve
    from regssl.methods.settings import RunSettings
    from regssl.sequences.motifs import find_motif, read_motifs
    from regssl.training import runs
    from regssl.training.data import TrainingFiles, TrainingJob, with_pretrained
    from regssl.training.provenance import describe_run

    out = Path(options.out)
    settings = settings_from_json(options.settings, RunSettings)
    job = TrainingJob(
        with_pretrained(settings, options.pretrained),
        resolve(options.method),
        options.seeds,
        teachers=options.teachers,
        motif=find_motif(options.motif, read_motifs(options.motifs), options.motifs or "JASPAR")
        if options.motif
        else None,
        threads=options.threads,
    )
    of_genomes = {name: getattr(options, name) for name in ("homologs", "genomes", "divergence", "clades")}
    files = TrainingFiles(options.human, options.validation, counts=options.training_windows, **of_genomes)
    for run in runs.train(job, files, out):
        folder = out / f"seed{run['seed']}"
        describe_run(run, folder / "run.json")
        best = "".join(
            f", {phase}: best at epoch {row['epoch']}, validation AUPR {row['validation_aupr']:.4f}"
            for phase, row in run["best"].items()
        )
        print(f"{folder}: model.safetensors, history.csv, run.json{best}")


def _predict(parser: Parser) -> None:
    parser.add_argument("windows", type=reads(*WINDOWS), help="windows to score, X.npy")
    parser.add_argument("models", type=reads(), nargs="+", help="model.safetensors of runs")
    parser.add_argument(
        "--out",
        type=writes(),
        nargs="+",
        required=True,
        help="Parquet table per model: chrom, start, end, label, logit",
    )
    add_architecture(parser)
    add_threads(parser)


def predict(options: Options) -> None:
    """Score windows with trained models.

    Example:
        regssl predict human/test.npy runs/sl/seed0/model.safetensors --out predictions.parquet
    """
    from regssl.io.parquet import save_table
    from regssl.training.predict import predict_files

    paths = one_each("out", options.models, options.out)
    tables = predict_files(options.models, options.windows, options.threads, options.architecture)
    for path, table in zip(paths, tables, strict=True):
        save_table(table, path)
        print(f"{path}: {len(table):,} windows scored", flush=True)


def _score_variants(parser: Parser) -> None:
    parser.add_argument(
        "variants", type=reads(), help="VCF; or, without --genome, pairs of sequences: FASTA, TSV or CSV; plain or gz"
    )
    parser.add_argument("--model", type=reads(), nargs="+", required=True, help="model.safetensors of runs")
    parser.add_argument("--genome", type=reads(*GENOME), help="FASTA or 2bit of the assembly of the VCF")
    parser.add_argument(
        "--alternatives",
        type=reads(),
        help="FASTA of the alternative sequences, if the first has the reference ones",
    )
    parser.add_argument(
        "--out", type=writes(), required=True, help="TSV: variant, model, strand, score, sd and z over seeds, reason"
    )
    parser.add_argument(
        "--names",
        type=str,
        nargs="+",
        help="a name for each file of --model; files of one name are seeds of one model; not given: by what they say",
    )
    add_architecture(parser)
    add_threads(parser)


def score_variants(options: Options) -> None:
    r"""Score variants with trained models.

    A score is logit(alternative) - logit(reference) in the window centred on the variant. Variants come as a VCF file
    and a genome, or as pairs of sequences, for which see the manual.

    Example:
        regssl score-variants variants.vcf.gz --model runs/sl/seed*/model.safetensors --genome hg38.2bit \
            --out scores.tsv
    """
    from regssl.variants.allele_scores import SCORED, score_variants
    from regssl.variants.pair_windows import PADDED, SHIFTED

    counts = score_variants(
        options.variants,
        options.model,
        options.genome,
        options.out,
        alternatives=options.alternatives,
        names=options.names,
        threads=options.threads,
        architecture=options.architecture,
    )
    reasons = sorted(set(counts) - {SCORED, SHIFTED, PADDED})
    words = [f"{counts[name]:,} {name}" for name in (SCORED, *reasons)]
    ends = {
        SHIFTED: "not in the middle: the sequence ends",
        PADDED: "shorter than the window: N around",
    }
    words += [f"{counts[name]:,} {name} ({text})" for name, text in ends.items() if counts[name]]
    print(f"{options.out}: {', '.join(words)}")


COMMANDS = [Command(train, _train), Command(predict, _predict), Command(score_variants, _score_variants)]
