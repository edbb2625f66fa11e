"""The whole paper as a plan: how many jobs of each rule the default configuration asks for."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest
import yaml

from helpers.paths import ROOT
from helpers.plans import copy_workflow, count_jobs, dry_run, planned
from regssl.config.load import load_config
from regssl.config.project import Project
from regssl.config.schema import Config
from regssl.methods import resolve, subset_kinds

PAPER = [ROOT / "config/config.yaml"]


def own_methods(config: Config, model: str, methods: list[str]) -> list[str]:
    """Those of some methods that a model runs."""
    own = config.models[model].methods
    return methods if own is None else [method for method in methods if method in own]


def formula(config: Config, project: Project) -> Counter[str]:
    """Jobs by rule, for D datasets, G genomes beside the human one, and the methods of each dataset."""
    datasets, genomes = len(project.datasets), len(project.genomes)
    run = {method for model in config.run_models for method in own_methods(config, model, config.methods)}
    jobs = Counter(
        all=1, display_names=1, configuration=1, results_page=1,
        make_bins=1, download=len(project.downloads), index_genome=genomes + 1,
        index_chain=len(project.chains()), find_homologs=genomes,
        load_peaks=datasets, label_windows=datasets, pseudo_label=datasets, count_windows=datasets,
        lift_status_table=datasets,
        estimate_divergence=genomes, divergence_table=1, clear_homologs=genomes, audit_leakage=datasets,
        leakage_strata=datasets, leakage_table=1,
        summarize_all=1, table1=1, table2=1, paper_comparison=1, figure2=1, lift_figure=1,
    )  # fmt: skip
    for model in config.run_models:
        cells = sum(len(own_methods(config, model, project.methods[dataset])) for dataset in project.datasets)
        own = own_methods(config, model, config.methods)
        taught = any(resolve(method).teacher for method in own)
        teachers = config.cross_fitting.folds if taught and config.cross_fitting.folds > 1 else 0
        for number, _ in enumerate(config.jobs(model), start=1):
            suffix = model if number == 1 else f"{model}_{number}"
            jobs |= {
                f"train_{suffix}": cells + datasets * teachers,
                f"predict_{suffix}": cells,
                f"evaluate_{suffix}": cells,
            }
            if project.variant_rows:
                jobs[f"score_variants_{suffix}"] = len(project.variant_rows) * len(own)
            if project.measured_rows:
                filtering = teachers if "ssl_filtered" in own else 0
                jobs[f"predict_measured_{suffix}"] = sum(
                    len(own_methods(config, model, project.full_methods(dataset))) + filtering
                    for dataset, _ in project.measured_rows
                )
    if project.variant_rows:
        with_variants = len({row.dataset for row in project.variant_rows.values()})
        jobs |= {
            "prepare_variants": len(project.variant_rows),
            "correlate_variants": with_variants,
            "variant_effects_table": 1,
            "figure3": 1,
        }
    if pairs := len(project.measured_rows):
        rules = ["measure_copies", "count_true_copies", "measure_own_windows", "score_measured"]
        jobs |= dict.fromkeys([*rules, *(["filter_copies"] if "ssl_filtered" in run else [])], pairs)
        jobs["measured_report"] = 1
    if {"sl", "ssl"} <= run:
        jobs |= {"compare": datasets, "comparison_page": 1}
    if "sl_mutated" in run:
        jobs["mutate"] = datasets
    if "sl_all_negatives" in run:
        jobs["extract_negatives"] = datasets
    return jobs | Counter(f"ablation_{kind}" for kind in subset_kinds(chain.from_iterable(project.methods.values())))


def test_the_paper_is_planned_job_for_job(tmp_path: Path) -> None:
    config = load_config(PAPER)
    assert planned(tmp_path) == formula(config, Project(config))


@pytest.mark.parametrize(
    "changed",
    [
        {"select_genomes": ["mm10"]},
        {"methods": ["sl", "ssl"], "seeds": [0, 1]},
        {
            "run_models": ["deepbind"],
            "methods": ["sl", "ssl", "sl_all_negatives", "sl_oversampled", "gc_logistic"],
            "select_genomes": ["mm10"],
        },
        {
            "run_models": ["deepbind"],
            "methods": ["sl", "ssl", "sl_mutated"],
            "ablations": {
                "nearest_genomes": [1, 2],
                "farthest_genomes": [],
                "train_percent": [50],
                "datasets": ["ctcf"],
            },
            "select_genomes": ["panTro6", "mm10", "monDom5"],
        },
        {"run_models": ["dnabert2"], "select_genomes": ["mm10"], "select_datasets": ["atf3"]},
        {
            "run_models": ["deepbind", "dnabert2"],
            "select_genomes": ["mm10"],
            "select_datasets": ["atf3"],
            "seeds": [0],
        },
    ],
)
def test_the_formula_holds_for_parts_of_it(tmp_path: Path, changed: dict) -> None:
    config = load_config(PAPER, changed)
    assert planned(tmp_path, changed) == formula(config, Project(config))


def test_jobs_that_read_models_of_an_architecture_of_ones_own_say_so(tmp_path: Path) -> None:
    own = {"architecture": "regssl.models.deepsea:DeepSEA", "name": "own"}
    config = yaml.safe_dump({"models": {"own": own}, "run_models": ["own", "deepbind"], "methods": ["sl", "ssl"]})
    copy_workflow(tmp_path)
    (tmp_path / "own.yaml").write_text(config)
    commands = dry_run(tmp_path, "-p", "--configfile", "own.yaml").splitlines()
    for command in ("regssl predict ", "regssl step score-variant-set "):
        read = [line for line in commands if command in line]
        assert {"/own/" in line for line in read} == {True, False}
        assert all(("--architecture regssl.models.deepsea:DeepSEA" in line) == ("/own/" in line) for line in read)


def test_the_manual_pictures_the_rules_of_the_demo(tmp_path: Path) -> None:
    copy_workflow(tmp_path)
    rules = count_jobs(dry_run(tmp_path, "--configfile", "config/demo.yaml"))
    pictured = re.findall(r"<text [^>]*>(\w+)</text>", (ROOT / "docs/figures/rulegraph.svg").read_text())
    assert sorted(pictured) == sorted(rules), "make rulegraph"
