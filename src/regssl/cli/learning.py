"""Commands that train, predict and evaluate."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from regssl.cli.options import add_command, block_from_json, from_json


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add the commands of this module."""
    command = add_command(commands, train)
    command.add_argument("out", help="folder to write: model.safetensors, history.csv, run.json, checkpoints/")
    command.add_argument("--settings", required=True, help="architecture, params, training, finetuning as JSON")
    command.add_argument("--method", required=True, help="training method: sl, ssl …")
    command.add_argument("--seed", type=int, required=True, help="seed of everything random")
    command.add_argument("--human", required=True, help="human training windows, X.npy")
    command.add_argument("--validation", required=True, help="validation windows, X.npy")
    command.add_argument("--homologs", nargs="*", default=[], help="pseudo-labelled homologs, X.npy per genome")
    command.add_argument("--threads", type=int, default=1, help="CPU threads")

    command = add_command(commands, predict)
    command.add_argument("model", help="model.safetensors of a run")
    command.add_argument("windows", help="windows to score, X.npy")
    command.add_argument("out", help="Parquet table to write: chrom, start, end, label, logit")
    command.add_argument("--threads", type=int, default=1, help="CPU threads")

    command = add_command(commands, evaluate)
    command.add_argument("predictions", help="table of `predict`")
    command.add_argument("out", help="metrics.json to write")
    command.add_argument(
        "--identity", default="{}", help="dataset, model, method, seed … as JSON: copied into the result"
    )


def train(options: argparse.Namespace) -> None:
    """Train one model by one method with one seed."""
    from regssl.config import RunSettings
    from regssl.provenance import describe_run
    from regssl.training import train_run

    run = train_run(
        settings=block_from_json(options.settings, RunSettings).model_dump(),
        method=options.method,
        seed=options.seed,
        human=options.human,
        homologs=options.homologs,
        validation=options.validation,
        out=Path(options.out),
        threads=options.threads,
        progress=sys.stdout.isatty(),
    )
    describe_run(run, Path(options.out) / "run.json")


def predict(options: argparse.Namespace) -> None:
    """Score windows with a trained model."""
    from regssl.prediction import predict_set
    from regssl.windows import save_table

    table = predict_set(options.model, options.windows, options.threads)
    save_table(table, options.out)
    print(f"{len(table):,} windows scored")


def evaluate(options: argparse.Namespace) -> None:
    """Compute AUPR, AUROC and prevalence from saved predictions."""
    import json

    from regssl.files import write_text
    from regssl.metrics import evaluate
    from regssl.windows import load_table

    table = load_table(options.predictions, ["label", "logit"])
    metrics = evaluate(table["label"].to_numpy(), table["logit"].to_numpy())
    text = json.dumps({**from_json(options.identity), **metrics}, indent=2)
    write_text(options.out, text + "\n")
    print(text)
