"""The workflow as a user runs it, on the small simulated data, in a copy of the repository."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from helpers.checkout import SMALL, Checkout
from helpers.mutagenesis import BASES, write_mutagenesis


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return Checkout(tmp_path_factory.mktemp("checkout"))


def test_from_one_dataset_to_the_whole_and_back(checkout: Checkout) -> None:
    """One dataset alone, then all, then nothing to do, then what a changed setting reruns."""
    results = checkout.folder / "results/demo"

    alone = checkout.jobs("ctcf")
    assert alone["train_deepbind"] == 3 and alone["find_homologs"] == 3 and alone["pseudo_label"] == 1
    assert (results / "runs/ctcf/deepbind/ssl/seed0/metrics.json").exists()
    assert not (results / "runs/rest").exists() and not (results / "datasets/rest").exists()

    rest = checkout.jobs()
    assert rest["train_deepbind"] == 3 and rest["pseudo_label"] == 1, "only the other dataset is left to do"
    assert not rest["find_homologs"] and not rest["index_genome"] and not rest["simulate"]
    assert alone["score_variants_deepbind"] == rest["score_variants_deepbind"] == 3 and rest["figure3"] == 1
    _check_results(results)
    _check_variants(checkout.folder)

    assert checkout.jobs(run=False) == Counter()

    training = {**SMALL["training"], "learning_rate": 0.002}
    changed = {"deepbind": {"params": {"filters": 16}}}
    checkout.configure({**SMALL, "finetuning": {"learning_rate_factor": 0.2}})
    assert checkout.jobs(run=False)["train_deepbind"] == 4, "fine-tuning does not concern sl"
    checkout.configure({**SMALL, "training": training, "models": changed})
    planned = checkout.jobs(run=False)
    assert set(planned) == {
        "train_deepbind", "predict_deepbind", "evaluate_deepbind", "summarize_all", "table2", "paper_comparison",
        "figure2", "score_variants_deepbind", "correlate_variants", "variant_effects_table", "figure3",
        "leakage_strata", "leakage_table", "compare", "comparison_page", "configuration", "results_page", "all",
    }, "data are not made again"  # fmt: skip
    assert planned["train_deepbind"] == 6
    checkout.configure({**SMALL, "seeds": [0, 1]})
    assert checkout.jobs(run=False)["train_deepbind"] == 6, "the seeds of one job are trained together"
    one_by_one = {"deepbind": {**SMALL["models"]["deepbind"], "seeds_per_job": 1}}
    checkout.configure({**SMALL, "seeds": [0, 1], "models": one_by_one})
    planned = checkout.jobs(run=False)
    assert not planned["train_deepbind"] and planned["train_deepbind_2"] == 6, "a new seed is a new job"
    checkout.configure({**SMALL, "snps": None})
    assert not {"prepare_variants", "figure3"} & set(checkout.jobs("--forceall", run=False)), (
        "Figure 3 only where there are variants"
    )
    checkout.configure({**SMALL, "homologs": {"min_match": 0.5}})
    planned = checkout.jobs(run=False)
    assert planned["find_homologs"] == 3 and not planned["label_windows"] and not planned["make_bins"]
    checkout.configure(SMALL)
    assert checkout.jobs(run=False) == Counter(), "back at the start nothing is to be done"

    checkout.snakemake("--report", "report.html")
    report = (checkout.folder / "report.html").read_text()
    assert all(label in report for label in ("Table 1", "Table 2", "Figure 2", "Figure 3", "Leakage audit"))
    _check_page(results, report)


def test_saturation_mutagenesis_of_an_element_is_held_against_the_networks(checkout: Checkout) -> None:
    table = write_mutagenesis(checkout.folder / "elements.tsv.gz")
    checkout.configure({**SMALL, "mpra": {"table": str(table)}})
    checkout.jobs("mpra")
    for dataset in ("ctcf", "rest"):
        runs = checkout.folder / f"results/demo/runs/{dataset}"
        scores = pd.read_parquet(runs / "deepbind/ssl/seed0/mpra.parquet")
        assert len(scores) == 3 * len(BASES) and scores["score"].notna().all(), "deletions are not scored"
        effects = pd.read_csv(runs / "mpra.tsv", sep="\t")
        assert set(effects["method"]) == {"sl", "ssl", "ssl_ns"} and (effects["n"] == len(scores)).all()
        assert "promoter" in (runs / "mpra.html").read_text()


def _check_results(results: Path) -> None:
    summary = pd.read_csv(results / "summary.tsv", sep="\t")
    assert set(zip(summary["dataset"], summary["method"], strict=True)) == {
        (dataset, method) for dataset in ("ctcf", "rest") for method in ("sl", "ssl", "ssl_ns")
    }  # fmt: skip
    assert summary["aupr"].between(0, 1).all()
    for name in ("table1", "table1_genomes", "table2", "paper_comparison"):
        assert (results / f"{name}.tsv").stat().st_size and "<table" in (results / f"{name}.html").read_text()
    assert (results / "figure2.svg").read_text().count("<svg") == 1
    assert (results / "figure2.png").read_bytes()[:4] == b"\x89PNG"
    audit = pd.read_csv(results / "leakage.tsv", sep="\t")
    assert len(audit) == 2 * 2 * 4 and not audit[["back_lift", "homolog"]].fillna(0).any(axis=None), "clean"
    homologs = audit[audit["set"] == "homologs"]
    assert (homologs["reciprocal"] == homologs["windows"]).all() and (homologs["held_out_with_homolog"] > 0).all()
    strata = pd.read_csv(results / "leakage_strata.tsv", sep="\t")
    whole = strata[strata["stratum"] == "all"].merge(summary, on=["dataset", "model", "method"])
    assert len(whole) == 6 and whole["aupr_x"].to_numpy() == pytest.approx(whole["aupr_y"].to_numpy(), rel=1e-5)
    for dataset in ("ctcf", "rest"):
        _check_leakage(results, dataset)
        record = json.loads((results / f"runs/{dataset}/deepbind/ssl/seed0/run.json").read_text())
        sets = [pd.read_parquet(path) for path in (results / f"datasets/{dataset}/homologs").glob("*.parquet")]
        assert record["windows"]["homologs"] == sum(map(len, sets)) > 0


def _check_page(results: Path, report: str) -> None:
    """The page and the first page of Snakemake's report say what is concluded of each dataset."""
    page = (results / "index.html").read_text()
    assert all(f">{heading}</h2>" in page for heading in ("The answer", "Leakage audit", "What is not here"))
    concluded = pd.read_csv(results / "comparison.tsv", sep="\t").set_index("dataset")["text"]
    for dataset, text in concluded.items():
        words = text.partition(":")[0]
        assert f"{words[0].upper()}{words[1:]}" in page, dataset
        assert f"<strong>{dataset}</strong>" in report and words in report, dataset
    assert (results / "index.html").stat().st_size < 3_000_000


def _check_variants(folder: Path) -> None:
    """Variants against the world's own table: each is scored or counted; those of test chromosomes are in Figure 3."""
    results = folder / "results/demo"
    truth = pd.read_csv(folder / "a world/snps.tsv", sep="\t")
    figure = pd.read_csv(results / "figure3.tsv", sep="\t")
    assert len(figure) == 2 * 3 * 2 and set(figure["split"]) == {"test"}, "datasets, methods, measures"
    for dataset in ("ctcf", "rest"):
        counts = pd.read_csv(results / f"datasets/{dataset}/variants/{dataset}_simulated.tsv", sep="\t")
        counts = counts.set_index("outcome")["n_variants"]
        own = truth[truth["dataset"] == dataset]
        assert counts["rows"] == len(own) == counts.drop("rows").sum() and counts["ref_mismatch"] == 0
        on_test = figure[figure["dataset"] == dataset]
        assert (on_test["n"] == counts["test"]).all() and 3 < counts["test"] <= (own["chrom"] == "chr3").sum()
        scores = pd.read_parquet(results / f"runs/{dataset}/deepbind/ssl/seed0/variants/{dataset}_simulated.parquet")
        joined = scores.merge(own, left_on=["chrom", "pos", "ref", "alt"], right_on=["chrom", "start0", "ref", "alt"])
        assert len(joined) == len(scores) == counts[["test", "train", "validation", "balanced"]].sum()
        assert (joined["balanced_x"] == (joined["balanced_y"] == 1)).all() and joined["balanced_x"].any()
        assert (joined["effect_x"] == joined["effect_y"]).all() and joined["score"].abs().max() > 0
    assert (results / "figure3.svg").read_text().count("<svg") == 1
    for part in ("", "_directions", "_counts"):
        assert "<table" in (results / f"variant_effects{part}.html").read_text()


def _check_leakage(results: Path, dataset: str) -> None:
    """Against the world's own truth: no training homolog holds a base homologous to a held-out human base."""
    for genome in ("simChimp", "simDog", "simOpossum"):
        truth = pd.read_csv(results.parent.parent / f"a world/truth/{genome}.homology.tsv.gz", sep="\t")
        human, other = truth.columns[:3], truth.columns[3:6]
        held_out = truth[truth[human[0]].isin(["chr2", "chr3"])]
        windows = pd.read_parquet(results / f"datasets/{dataset}/homologs/{genome}.parquet")
        bad = {
            (chrom, base)
            for chrom, start, end in held_out[list(other)].itertuples(index=False)
            for base in range(start, end)
        }
        leaks = [
            (chrom, base)
            for chrom, start, end in windows[["chrom", "start", "end"]].itertuples(index=False)
            for base in range(start, end)
            if (chrom, base) in bad
        ]
        assert len(windows) and len(bad)
        assert not leaks, f"{genome}: {len(leaks)} bases"


def test_sequences_are_deleted_after_their_last_use_where_they_are_not_kept(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    checkout.configure({**SMALL, "keep_sequences": False, "methods": ["sl", "ssl"], "select_genomes": ["simDog"]})
    checkout.jobs("ctcf")
    folder = tmp_path / "results/demo/datasets/ctcf"
    left = {str(path.relative_to(folder)) for kind in ("human", "homologs") for path in (folder / kind).iterdir()}
    tables = {f"human/{split}.parquet" for split in ("train", "validation", "test")} | {"homologs/simDog.parquet"}
    assert left == {"human/counts.tsv", "human/.counts.tsv.sha256", *tables}
    assert checkout.jobs("ctcf", run=False) == Counter(), "and are not made again without need"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"trainnig": {}}, "small.yaml: key `trainnig`: no such key; did you mean 'training'?"),
        ({"methods": ["ssll"]}, "unknown method 'ssll'"),
        ({"run_models": ["deepbond"]}, "unknown model 'deepbond'"),
        ({"splits": {"test": ["chr1"]}}, "'chr1' is in both train and test"),
        ({"datasets": "config/none.tsv"}, "config/none.tsv"),
        ({"select_datasets": ["ctfc"]}, "did you mean 'ctcf'"),
        ({"simulation": None}, "key `data_dir`"),
    ],
)
def test_a_wrong_configuration_stops_before_any_job_with_one_line(tmp_path: Path, values: dict, message: str) -> None:
    checkout = Checkout(tmp_path)
    checkout.configure(values)
    lines = [line for line in checkout.snakemake(fails=True).splitlines() if line.startswith("regssl: ")]
    assert len(lines) == 1 and message in lines[0]
    assert not (tmp_path / "results").exists()


def test_a_damaged_input_stops_its_job_with_the_reason(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    checkout.jobs("a world/simulation.json")
    chain = tmp_path / "a world/chains/simHumanToSimDog.over.chain.gz"
    chain.write_bytes(chain.read_bytes()[:-30])
    output = checkout.snakemake("results/demo/homologs/default/simDog.parquet", "--rerun-triggers", "mtime", fails=True)
    assert "regssl index-chain: a world/chains/simHumanToSimDog.over.chain.gz" in output
    assert not list((tmp_path / "results/demo").glob("chains/*"))


def test_test_windows_are_read_by_predict_and_audit_alone(tmp_path: Path) -> None:
    plan = Checkout(tmp_path).snakemake("--dry-run")
    readers = {rule for rule, files in re.findall(r"rule (\w+):\n    input: (.*)", plan) if "/human/test." in files}
    assert readers == {"predict_deepbind", "audit_leakage"}


@pytest.mark.parametrize("folds", [1, 3])
def test_the_teachers_are_sl_models_of_the_same_dataset_model_and_seed(tmp_path: Path, folds: int) -> None:
    checkout = Checkout(tmp_path)
    one_by_one = {"deepbind": {**SMALL["models"]["deepbind"], "seeds_per_job": 1, "seeds": [4, 5]}}
    methods = ["sl", "ssl", "ssl_ns", "ssl_filtered"]  # the last two share their teachers
    checkout.configure({**SMALL, "models": one_by_one, "methods": methods, "cross_fitting": {"folds": folds}})
    jobs = re.findall(r"rule train_\w+:\n    input: (.*)\n    output: (\S+),", checkout.snakemake("--dry-run"))
    teaching = ["sl"] if folds == 1 else ["sl-fold1", "sl-fold2", "sl-fold3"]
    assert len(jobs) == 2 * len({*methods, *teaching}) * 2  # datasets, methods, seeds
    for files, model in jobs:
        teachers = [file for file in files.split(", ") if file.endswith("model.safetensors")]
        taught = re.sub("/(ssl_ns|ssl_filtered)/", "/{}/", model)
        assert teachers == ([] if taught == model else [taught.format(method) for method in teaching])


def test_list_and_lint_are_clean(checkout: Checkout) -> None:
    assert {"all", "ctcf", "rest", "tables", "figures"} <= set(checkout.snakemake("--list").split())
    assert "good condition" in checkout.snakemake("--lint")
