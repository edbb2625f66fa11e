"""Commands that users type: check a configuration, download, train, predict, score variants, simulate."""

from __future__ import annotations

import sys
from pathlib import Path

from regssl.cli.options import add_architecture, one_each, settings_from_json
from regssl.cli.parser import Command, Options, Parser
from regssl.cli.paths import GENOME, RUN, WINDOWS, adds, reads, writes
from regssl.errors import ConfigError, DataError


def _check(parser: Parser) -> None:
    parser.add_argument("config", type=reads(), nargs="+", help="configuration files; later ones override earlier ones")
    parser.add_argument("--data-dir", type=str, help="overrides the key data_dir")


def check(options: Options) -> None:
    """Check a configuration, its networks and its files.

    Nothing is run or downloaded. The workflow's defaults are below the files, as in the workflow.
    """
    from regssl.config.checks import check_files, check_networks, check_programs
    from regssl.config.load import load_as_workflow
    from regssl.config.project import Project

    config, layers, notes = load_as_workflow(options.config, {"data_dir": options.data_dir} if options.data_dir else {})
    with layers.named():
        project = Project(config)
        sequences = check_files(config, project)
        of_bins = [config.bins.width] if project.splits else []
        check_networks(config, dict.fromkeys([*of_bins, *(found.width for found in sequences.values())]))
    missing = []
    try:
        check_programs(project)
    except ConfigError as error:  # conda's environments may have it
        missing.append(str(error))
    for line in [*notes, *project.pending, *missing]:
        print(f"note: {line}")
    for dataset, found in sequences.items():
        print(f"{project.datasets[dataset].name}: {found.describe()}")
    print(f"{len(project.datasets)} datasets, {len(project.genomes)} genomes beside {config.human}: no problem found")


def _check_downloads(parser: Parser) -> None:
    parser.add_argument("config", type=reads(), nargs="+", help="configuration files; later ones override earlier ones")
    parser.add_argument("--data-dir", type=str, help="overrides the key data_dir")
    parser.add_argument("--mirror", type=str, help="overrides the key mirror")
    parser.add_argument("--timeout", type=float, default=20, help="seconds to wait for one URL")


def check_downloads(options: Options) -> None:
    """Check whether every URL of a configuration answers.

    Nothing is downloaded. The exit code is 1 if a file is available nowhere.
    """
    from regssl.config.load import load_as_workflow
    from regssl.config.project import Project
    from regssl.download.availability import check_availability
    from regssl.sequences.twobit import list_names

    given = {"data_dir": options.data_dir, "mirror": options.mirror}
    config, layers, notes = load_as_workflow(options.config, {key: value for key, value in given.items() if value})
    with layers.named():
        project = Project(config)
    files = check_availability(project.downloads, config.mirror or "", options.timeout)
    for line in [*(file.line for file in files), *(f"note: {note}" for note in [*notes, *project.pending])]:
        print(line)
    nowhere = [file.path for file in files if not file.exists]
    size = sum(file.size or 0 for file in files)
    unknown = sum(file.size is None for file in files)
    print(
        f"{len(files)} files, {len(files) - len(nowhere)} available: {size / 1e9:.2f} GB"
        + (f" and {unknown} of unknown size" if unknown else "")
    )
    if nowhere:
        raise DataError(
            f"{len(nowhere)} of {len(files)} files are available nowhere: {list_names(nowhere)}",
            "try again later, put another URL into the table, or put the file there by hand",
        )


def _download(parser: Parser) -> None:
    parser.add_argument("url", type=reads(), help="https, http or file URL, or a path")
    parser.add_argument("out", type=adds("{path}", "{path}.part"), help="file to write; OUT.part until it is complete")
    parser.add_argument(
        "--fallback-url", type=reads(), action="append", default=[], help="another URL or path of the file; repeatable"
    )
    parser.add_argument(
        "--mirror", type=str, default="", help="folder or base URL asked first, for <mirror>/<host>/<path>"
    )
    parser.add_argument("--md5", type=str, default="", help="MD5 digest the file must have")
    parser.add_argument("--sha256", type=str, default="", help="SHA-256 digest the file must have")
    parser.add_argument("--checksum-from", type=str, default="", help="where these digests are written, for messages")
    parser.add_argument("--size", type=int, help="bytes the file must have")
    parser.add_argument("--lockfile", type=adds(), help="a URL in it must give the same file again; a new URL is added")
    parser.add_argument("--retries", type=int, default=5, help="tries after the first one, of each URL")


def download(options: Options) -> None:
    """Download a file, resuming and verifying.

    The file gets its name only when it is complete and verified.
    """
    from regssl.download.fetch import download

    downloaded = download(
        options.url,
        options.out,
        fallback_urls=options.fallback_url,
        mirror=options.mirror,
        md5=options.md5,
        sha256=options.sha256,
        size=options.size,
        origin=options.checksum_from,
        lockfile=options.lockfile,
        retries=options.retries,
    )
    print(f"{downloaded.url or 'already there'}: {downloaded.size:,} bytes, sha256 {downloaded.sha256}")


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
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")


def train(options: Options) -> None:
    """Train a model by one method, once per seed."""
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
        progress=sys.stdout.isatty(),
    )
    of_genomes = {name: getattr(options, name) for name in ("homologs", "genomes", "divergence", "clades")}
    files = TrainingFiles(options.human, options.validation, counts=options.training_windows, **of_genomes)
    for run in runs.train(job, files, out):
        describe_run(run, out / f"seed{run['seed']}" / "run.json")


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
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")


def predict(options: Options) -> None:
    """Score windows with trained models."""
    from regssl.io.parquet import save_table
    from regssl.training.predict import predict_files

    paths = one_each("out", options.models, options.out)
    tables = predict_files(options.models, options.windows, options.threads, options.architecture)
    for path, table in zip(paths, tables, strict=True):
        save_table(table, path)
        print(f"{path}: {len(table):,} windows scored", flush=True)


def _score_variants(parser: Parser) -> None:
    parser.add_argument("vcf", type=reads(), help="VCF, plain or gz; rows with several alternative alleles are split")
    parser.add_argument("--model", type=reads(), nargs="+", required=True, help="model.safetensors of runs")
    parser.add_argument("--genome", type=reads(*GENOME), required=True, help="FASTA or 2bit of the assembly of the VCF")
    parser.add_argument(
        "--out", type=writes(), required=True, help="TSV: chrom, pos (1-based), id, ref, alt, scores, reason"
    )
    parser.add_argument(
        "--names", type=str, nargs="+", help="columns of the scores, one per model; default score, or score_1 …"
    )
    add_architecture(parser)
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")


def score_variants(options: Options) -> None:
    """Score the variants of a VCF with trained models.

    A score is logit(alternative) - logit(reference) in the window centred on the variant.
    """
    from regssl.variants.score_vcf import SCORED, column_names, score_variants

    names = column_names(options.model, options.names)
    counts = score_variants(
        options.vcf,
        options.model,
        options.genome,
        options.out,
        names=names,
        threads=options.threads,
        architecture=options.architecture,
    )
    for name, model in zip(names, options.model, strict=True):
        print(f"{name}: {model}")
    ordered = [SCORED, *sorted(set(counts) - {SCORED})]
    print(f"{options.out}: " + ", ".join(f"{counts[name]:,} {name}" for name in ordered))


def _simulate(parser: Parser) -> None:
    parser.add_argument("out", type=writes("{path}/simulation.json"), help="folder to write")
    parser.add_argument("--seed", type=int, default=1, help="random seed")
    parser.add_argument("--size", choices=["default", "small"], default="default", help="small is for tests")
    parser.add_argument(
        "--site-turnover", type=float, help="losses per binding site and substitution per site; 0.8 by default"
    )


def simulate(options: Options) -> None:
    """Simulate genomes, chains, peaks and variants.

    The genomes evolve from one ancestor, so that homology and binding sites are known.
    """
    from dataclasses import replace

    from regssl.simulate import SimulationParameters, simulate

    small = options.size == "small"
    parameters = SimulationParameters.small(options.seed) if small else SimulationParameters(seed=options.seed)
    if options.site_turnover is not None:
        parameters = replace(parameters, site_turnover=options.site_turnover)
    simulate(Path(options.out), parameters)


def schema(_: Options) -> None:
    """Print the JSON schema of the configuration."""
    from regssl.config.load import json_schema

    print(json_schema(), end="")


COMMANDS = [
    Command(check, _check),
    Command(check_downloads, _check_downloads),
    Command(download, _download),
    Command(train, _train),
    Command(predict, _predict),
    Command(score_variants, _score_variants),
    Command(simulate, _simulate),
    Command(schema),
]
