"""Commands that train, predict and evaluate."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from regssl.cli.options import add_command, block_from_json, from_json, one_each


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add the commands of this module."""
    command = add_command(commands, train)
    command.add_argument("out", help="folder to write: seed<seed>/{model.safetensors,history.csv,run.json}")
    command.add_argument("--settings", required=True, help="architecture, params, training, finetuning … as JSON")
    command.add_argument("--method", required=True, help="training method: sl, ssl, ssl-nearest4 …")
    command.add_argument("--seeds", type=int, nargs="+", required=True, help="one network each")
    command.add_argument("--human", required=True, help="human training windows, X.npy")
    command.add_argument("--validation", required=True, help="validation windows, X.npy")
    command.add_argument("--homologs", nargs="*", default=[], help="homologs, or mutated windows, X.npy per genome")
    command.add_argument(
        "--teachers", nargs="*", default=[], help="model.safetensors per seed, if the method needs any"
    )
    command.add_argument("--divergence", help="table of `divergence-table`, for methods with a dose of genomes")
    command.add_argument("--motif", default="", help="the factor's name in the motif file, for the method `motif`")
    command.add_argument("--motifs", help="MEME file; not given: the JASPAR matrices that come with the package")
    command.add_argument("--pretrained", nargs="*", default=[], help="files that the model starts from, in one folder")
    command.add_argument("--threads", type=int, default=1, help="CPU threads")

    command = add_command(commands, random_weights)
    command.add_argument("out", help="folder to write: config.json, tokenizer.json, model.safetensors")
    command.add_argument("--seed", type=int, default=0, help="of the weights")

    command = add_command(commands, predict)
    command.add_argument("windows", help="windows to score, X.npy")
    command.add_argument("models", nargs="+", help="model.safetensors of runs")
    command.add_argument(
        "--out", nargs="+", required=True, help="Parquet table per model: chrom, start, end, label, logit"
    )
    command.add_argument("--threads", type=int, default=1, help="CPU threads")

    command = add_command(commands, evaluate)
    command.add_argument("predictions", nargs="+", help="tables of `predict`")
    command.add_argument("--out", nargs="+", required=True, help="metrics.json to write per table")
    command.add_argument("--identity", default="{}", help="dataset, model, method … as JSON: copied into the result")
    command.add_argument("--seeds", type=int, nargs="+", help="the seed of each table: copied into its result")


def train(options: argparse.Namespace) -> None:
    """Train one model per seed by one method."""
    from regssl.methods.settings import RunSettings
    from regssl.sequences.motifs import find_motif
    from regssl.training.provenance import describe_run
    from regssl.training.runs import train_runs

    out = Path(options.out)
    settings = block_from_json(options.settings, RunSettings).model_dump()
    if options.pretrained:
        settings["params"] = {**settings["params"], "pretrained": str(Path(options.pretrained[0]).parent)}
    runs = train_runs(
        settings=settings,
        method=options.method,
        seeds=options.seeds,
        human=options.human,
        homologs=options.homologs,
        validation=options.validation,
        out=out,
        teachers=options.teachers,
        divergence=options.divergence,
        motif=find_motif(options.motif, options.motifs) if options.motif else None,
        threads=options.threads,
        progress=sys.stdout.isatty(),
    )
    for run in runs:
        describe_run(run, out / f"seed{run['seed']}" / "run.json")


def random_weights(options: argparse.Namespace) -> None:
    """Write the files of a tiny DNABERT-2 with random weights."""
    from regssl.models.dnabert2.tiny import write_random

    write_random(options.out, options.seed)


def predict(options: argparse.Namespace) -> None:
    """Score windows with trained models."""
    from regssl.io.parquet import save_table
    from regssl.training.predict import predict_sets

    paths = one_each("out", options.models, options.out)
    for path, table in zip(paths, predict_sets(options.models, options.windows, options.threads), strict=True):
        save_table(table, path)
        print(f"{path}: {len(table):,} windows scored", flush=True)


def evaluate(options: argparse.Namespace) -> None:
    """Compute AUPR, AUROC and prevalence from saved predictions, and tell a collapsed run.

    Where there is no score, because the dataset could not be trained or its test windows are all of one label, both
    areas are null and `problem` says why.
    """
    import json

    from regssl.data.windows import missing_class
    from regssl.evaluation.metrics import collapsed, evaluate, no_evaluation
    from regssl.io.atomic import write_text
    from regssl.io.parquet import load_table

    identity = from_json(options.identity)
    paths = one_each("out", options.predictions, options.out)
    seeds = one_each("seeds", options.predictions, options.seeds) if options.seeds else [None] * len(paths)
    for predictions, path, seed in zip(options.predictions, paths, seeds, strict=True):
        table = load_table(predictions, ["label", "logit"])
        labels, logits = table["label"].to_numpy(), table["logit"].to_numpy()
        if problem := table.attrs.get("untrained") or missing_class(labels, "test"):
            metrics: dict[str, Any] = {**no_evaluation(labels), "problem": problem}
        else:
            metrics = {**evaluate(labels, logits), "collapsed": collapsed(logits)}
        own = identity if seed is None else {**identity, "seed": seed}
        text = json.dumps({**own, **metrics}, indent=2)
        write_text(path, text + "\n")
        print(text, flush=True)
