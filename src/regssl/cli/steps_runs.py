"""Steps after the data: initial weights, scores, comparisons, effects of variants, the leakage audit."""

from __future__ import annotations

from typing import get_args

from regssl.cli.options import add_architecture, add_identity, add_settings, add_threads, one_each, settings_from
from regssl.cli.parser import Command, Options, Parser
from regssl.cli.paths import AUDITED, COMPARED, PRETRAINED, WINDOWS, reads, writes


def _init_weights(parser: Parser) -> None:
    parser.add_argument(
        "out", type=writes(*PRETRAINED), help="folder to write: config.json, tokenizer.json, model.safetensors"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the weights")


def init_weights(options: Options) -> None:
    """Write a tiny DNABERT-2 with random weights."""
    from regssl.models.dnabert2.tiny import write_random

    write_random(options.out, options.seed)


def _evaluate(parser: Parser) -> None:
    parser.add_argument("predictions", type=reads(), nargs="+", help="tables of `predict`")
    parser.add_argument("--out", type=writes(), nargs="+", required=True, help="metrics.json to write per table")
    parser.add_argument("--records", type=reads(), nargs="*", default=[], help="run.json of `train` per table")
    add_identity(parser, ["dataset", "model", "method"])
    parser.add_argument("--seeds", type=int, nargs="+", required=True, help="the seed of each table")


def evaluate(options: Options) -> None:
    """Compute AUPR, AUROC and MCC of predictions.

    Where there is no score, because the dataset could not be trained or its test windows are all of one label, both
    areas are null and `failure` holds the reason. `mcc_tuned`, at the threshold best on validation windows, and
    `converged` need the record; a run `collapsed` also if its record says so.
    """
    from regssl.evaluation.run_metrics import evaluate_file, recorded_threshold
    from regssl.io.json_object import read_json_object, write_json_object

    identity = {"dataset": options.dataset, "model": options.model, "method": options.method, "split": "test"}
    paths = one_each("out", options.predictions, options.out)
    seeds = one_each("seeds", options.predictions, options.seeds)
    records = one_each("records", options.predictions, options.records) if options.records else [None] * len(paths)
    for predictions, path, seed, record in zip(options.predictions, paths, seeds, records, strict=True):
        run = {} if record is None else read_json_object(record)
        threshold = recorded_threshold(run, f"{record}")
        metrics = {**identity, "seed": seed, **evaluate_file(predictions, threshold)}
        if record is not None and "failure" not in metrics:
            metrics["converged"] = bool(run.get("converged", True))
            metrics["collapsed"] = metrics["collapsed"] or bool(run.get("collapsed", False))
        write_json_object(path, metrics)
        print(f"{path}: {metrics}", flush=True)


def _summarize(parser: Parser) -> None:
    parser.add_argument("out", type=writes(), help="TSV to write, one row per run")
    parser.add_argument("metrics", type=reads(), nargs="+", help="metrics.json of the runs")


def summarize(options: Options) -> None:
    """Collect the metrics of all runs in one table.

    It is an error if no run has a score.
    """
    from regssl.evaluation.summary import summarize
    from regssl.io.tsv import write_tsv

    write_tsv(summarize(options.metrics), options.out)


def _compare(parser: Parser) -> None:
    from regssl.evaluation.settings import ComparisonSettings, FurtherMetric

    parser.add_argument(
        "out", type=writes(*COMPARED), help="folder to write: methods.tsv, differences.tsv, exposure.tsv"
    )
    parser.add_argument(
        "--predictions", type=reads(), nargs="+", required=True, help="tables of `predict` of one dataset"
    )
    parser.add_argument(
        "--metrics", type=reads(), nargs="+", required=True, help="metrics.json of `step evaluate`, one per run"
    )
    parser.add_argument("--records", type=reads(), nargs="+", required=True, help="run.json of `train`, one per run")
    parser.add_argument(
        "--further-metrics",
        choices=get_args(FurtherMetric),
        nargs="*",
        default=[],
        help="scores besides AUPR, AUROC and precision: MCC at a logit of 0, and at the threshold of each run's record",
    )
    add_threads(parser, "runs worked on at once")
    add_settings(parser, ComparisonSettings, exclude=["equivalence_margin_percent"])


def compare(options: Options) -> None:
    """Compare the methods of one dataset.

    Scores and paired differences get intervals over seeds and over test windows.
    """
    from regssl.evaluation.comparison import RunFiles, compare, differences_table, exposure_table, methods_table
    from regssl.evaluation.settings import ComparisonSettings
    from regssl.io.tsv import write_tsv

    settings = settings_from(options, ComparisonSettings, exclude=["equivalence_margin_percent"])
    metrics = one_each("metrics", options.predictions, options.metrics)
    records = one_each("records", options.predictions, options.records)
    files = [RunFiles(*paths) for paths in zip(options.predictions, metrics, records, strict=True)]
    found = compare(files, settings, options.threads, options.further_metrics)
    for name, table in (("methods", methods_table), ("differences", differences_table), ("exposure", exposure_table)):
        write_tsv(table(found), f"{options.out}/{name}.tsv")
    print(f"{found.dataset}: {len(found.runs)} runs, {found.n_windows:,} windows, {found.n_blocks} positive blocks")


def _score_variant_set(parser: Parser) -> None:
    parser.add_argument(
        "windows", type=reads(*WINDOWS), help="windows of `step prepare-variants` or `step prepare-mpra`, X.npy"
    )
    parser.add_argument("models", type=reads(), nargs="+", help="model.safetensors of runs")
    parser.add_argument("--out", type=writes(), nargs="+", required=True, help="Parquet table to write per model")
    parser.add_argument("--seeds", type=int, nargs="+", required=True, help="the seed of each model")
    add_identity(parser, ["dataset", "model", "method"])
    parser.add_argument(
        "--variant-set",
        type=str,
        help="id of the variant set, copied into the results; not given: as the windows say",
    )
    add_architecture(parser)
    add_threads(parser)


def score_variant_set(options: Options) -> None:
    """Score a set of variants with trained models."""
    from regssl.io.parquet import save_table
    from regssl.variants.effects import score_variant_set

    paths = one_each("out", options.models, options.out)
    seeds = one_each("seeds", options.models, options.seeds)
    names = ["dataset", *(["variant_set"] if options.variant_set is not None else []), "model", "method"]
    identity = {name: getattr(options, name) for name in names}
    files = options.models, options.windows
    tables = score_variant_set(*files, seeds, identity, options.threads, options.architecture)
    for path, table in zip(paths, tables, strict=True):
        save_table(table, path)
        print(f"{path}: {len(table):,} variants scored", flush=True)


def _correlate_variants(parser: Parser) -> None:
    parser.add_argument("scores", type=reads(), nargs="+", help="tables of `step score-variant-set`")
    parser.add_argument(
        "--effects", type=writes(), required=True, help="TSV to write: correlations per run and over seeds"
    )
    parser.add_argument("--means", type=writes(), required=True, help="TSV to write: scores averaged over seeds")
    parser.add_argument("--n-bootstrap", type=int, default=2000, help="bootstrap samples")


def correlate_variants(options: Options) -> None:
    """Correlate scores of variants with their effects.

    Per run and for means over seeds, with bootstrap intervals over variants.
    """
    import pandas as pd

    from regssl.io.parquet import load_table
    from regssl.io.tsv import write_tsv
    from regssl.variants.effects import correlation_table, mean_scores

    scores = pd.concat([load_table(path) for path in options.scores], ignore_index=True)
    table = correlation_table(scores, options.n_bootstrap)
    write_tsv(table, options.effects)
    write_tsv(mean_scores(scores), options.means)
    print(table[table["seed"] == "all"].to_string(index=False))


def _clear_homologs(parser: Parser) -> None:
    parser.add_argument("bins", type=reads(), help="bins table")
    parser.add_argument("homologs", type=reads(), help="table of `step find-homologs`")
    parser.add_argument("chain", type=reads(), help="chain file from the human genome, or its index")
    parser.add_argument("out", type=writes(), help="Parquet table to write, one row per bin")


def clear_homologs(options: Options) -> None:
    """Clear homologs that are nowhere near held-out bins.

    All of a genome are audited by place, once for all datasets; `step audit-leakage` looks up those of one.
    """
    from regssl.io.parquet import load_table, save_table
    from regssl.leakage.clearing import clear_homologs
    from regssl.leakage.overlap import check_chains
    from regssl.liftover.chain_file import read_chains

    bins, homologs, chains = load_table(options.bins), load_table(options.homologs), read_chains(options.chain)
    check_chains(options.chain, chains, homologs[homologs["start"] >= 0], bins)
    cleared = clear_homologs(bins, chains, homologs)
    save_table(cleared, options.out)
    print(
        f"{(cleared['start'] >= 0).sum():,} homologs cleared, {cleared['reciprocal'].sum():,} of them reciprocal; "
        f"{cleared['aligned'].sum():,} held-out bins have a homolog"
    )


def _audit_leakage(parser: Parser) -> None:
    from regssl.leakage.settings import LeakageSettings

    parser.add_argument(
        "out", type=writes(*AUDITED), help="folder to write: counts.tsv, examples.tsv, similarity.parquet"
    )
    parser.add_argument("--dataset", type=str, required=True, help="id of the dataset")
    parser.add_argument("--human-id", type=str, required=True, help="id of the human genome")
    parser.add_argument("--bins", type=reads(), required=True, help="bins table")
    for name, text in (("train", "training"), ("validation", "validation"), ("test", "test")):
        parser.add_argument(f"--{name}", type=reads(*WINDOWS), required=True, help=f"human {text} windows, X.npy")
    parser.add_argument("--genome-ids", type=str, nargs="*", default=[], help="ids of the genomes of the homologs")
    parser.add_argument(
        "--homologs",
        type=reads(*WINDOWS),
        nargs="*",
        default=[],
        help="pseudo-labelled homologs, X.npy, one per genome; the next two are left out where they come as sequences",
    )
    parser.add_argument(
        "--homolog-tables", type=reads(), nargs="*", default=[], help="tables of `step find-homologs`, one per genome"
    )
    parser.add_argument(
        "--chains",
        type=reads(),
        nargs="*",
        default=[],
        help="chain file from the human genome, or its index, one per genome",
    )
    parser.add_argument(
        "--cleared",
        type=reads(),
        nargs="*",
        default=[],
        help="tables of `step clear-homologs`, one per genome: windows in them are not audited by place again",
    )
    parser.add_argument(
        "--mutated", type=reads(*WINDOWS), nargs="*", default=[], help="mutated human windows, X.npy, one per genome"
    )
    parser.add_argument(
        "--mutated-ids", type=str, nargs="*", default=[], help="ids of the genomes that they are mutated to"
    )
    parser.add_argument(
        "--negatives", type=reads(*WINDOWS), nargs="*", default=[], help="negatives that were not drawn, X.npy"
    )
    add_settings(parser, LeakageSettings, exclude=["strata"])


def audit_leakage(options: Options) -> None:
    """Find training windows that overlap held-out ones.

    Also those that overlap homologs of held-out bins, and those that are similar to held-out windows. It is an error
    if a window overlaps, unless the settings allow it; similarity alone never is one.
    """
    from regssl.io.parquet import load_table, save_table
    from regssl.io.tsv import write_tsv
    from regssl.leakage.audit import TrainingSet, audit, check_leaks
    from regssl.leakage.settings import LeakageSettings

    settings = settings_from(options, LeakageSettings, exclude=["strata"])
    sets = [TrainingSet("human", options.human_id, options.train)]
    lifted = ["chains", "homolog_tables"] if options.chains or options.homolog_tables else []
    lifted += ["cleared"] if options.cleared else []
    files = [one_each(name, options.genome_ids, getattr(options, name)) for name in ("homologs", *lifted)]
    sets += [TrainingSet("homologs", *of_genome) for of_genome in zip(options.genome_ids, *files, strict=True)]
    mutated = one_each("mutated", options.mutated_ids, options.mutated)
    sets += [TrainingSet("mutated", *of_genome) for of_genome in zip(options.mutated_ids, mutated, strict=True)]
    sets += [TrainingSet("negatives", options.human_id, path) for path in options.negatives]
    held_out = {"validation": options.validation, "test": options.test}
    report = audit(options.dataset, load_table(options.bins), held_out, sets, settings)
    write_tsv(report.counts, f"{options.out}/counts.tsv")
    write_tsv(report.examples, f"{options.out}/examples.tsv")
    save_table(report.similarity, f"{options.out}/similarity.parquet")
    print(report.counts.to_string(index=False))
    if leak := check_leaks(report, settings):
        print(leak)


def _stratify(parser: Parser) -> None:
    parser.add_argument("out", type=writes(), help="TSV to write: scores by method and similarity")
    parser.add_argument("predictions", type=reads(), nargs="+", help="tables of `predict` of one dataset")
    parser.add_argument("--dataset", type=str, required=True, help="id of the dataset")
    for name, kind in (("models", str), ("methods", str), ("seeds", int)):
        parser.add_argument(f"--{name}", type=kind, nargs="+", required=True, help="one per table of predictions")
    parser.add_argument("--similarity", type=reads(), required=True, help="similarity.parquet of `step audit-leakage`")
    parser.add_argument("--edges", type=float, nargs="+", required=True, help="edges of the strata, ascending")


def stratify(options: Options) -> None:
    """Score test windows by similarity to training ones.

    Per method, as means over seeds.
    """
    from regssl.io.parquet import load_table
    from regssl.io.tsv import write_tsv
    from regssl.leakage.strata import strata_table

    paths = options.predictions
    models, methods, seeds = (one_each(n, paths, getattr(options, n)) for n in ("models", "methods", "seeds"))
    runs = {
        (options.dataset, model, method, seed): load_table(path)
        for path, model, method, seed in zip(paths, models, methods, seeds, strict=True)
    }
    table = strata_table(load_table(options.similarity), runs, options.edges)
    write_tsv(table, options.out)
    print(table.to_string(index=False))


COMMANDS = [
    Command(init_weights, _init_weights),
    Command(evaluate, _evaluate),
    Command(summarize, _summarize),
    Command(compare, _compare),
    Command(score_variant_set, _score_variant_set),
    Command(correlate_variants, _correlate_variants),
    Command(clear_homologs, _clear_homologs),
    Command(audit_leakage, _audit_leakage),
    Command(stratify, _stratify),
]
