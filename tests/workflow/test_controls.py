"""`config/controls.yaml`, small: every control, baseline and ablation, from the simulated data to the page."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.checkout import Checkout
from regssl.methods import METHODS, resolve
from regssl.reporting.results_page import SECTIONS
from regssl.variants.effects import MEASURES

GENOMES = ["simChimp", "simDog", "simOpossum"]
pytestmark = pytest.mark.slow
SUBSETS = ["ssl-nearest1", "ssl-farthest1", "sl-train50", "ssl-train50", "ssl-permuted50"]
SMALL = {
    "simulation": {"seed": 2, "size": "small"},
    "splits": {"train": ["chr1"], "validation": ["chr2"], "test": ["chr3"]},
    "select_datasets": ["ctcf"],
    "select_genomes": GENOMES,
    "seeds": [0, 1],
    "ablations": {
        "nearest_genomes": [1],
        "farthest_genomes": [1],
        "genome_groups": False,
        "train_percent": [50],
        "permuted_label_percent": [50],
    },
    "cross_fitting": {"folds": 2, "block_length": 5000, "margin": 200},
    "comparison": {"block_bp": 2000, "replicates": 2000},
    "training": {"min_passes": None, "steps_per_epoch": 5, "max_epochs": 2},
    "models": {"deepbind": {"params": {"filters": 16}}},
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    checkout = Checkout(tmp_path_factory.mktemp("controls"), config="config/controls.yaml")
    checkout.configure(SMALL)
    checkout.snakemake()
    checkout.snakemake("--report", "report.html")
    return checkout.folder / "results/controls"


def test_every_method_has_its_runs(results: Path) -> None:
    summary = pd.read_csv(results / "summary.tsv", sep="\t")
    assert set(summary["method"]) == {*METHODS, *SUBSETS}
    assert (summary.groupby("method")["seed"].nunique() == 2).all() and summary["aupr"].between(0, 1).all()


def test_methods_of_two_phases_have_equal_exposure(results: Path) -> None:
    exposure = pd.read_csv(results / "comparison_exposure.tsv", sep="\t")
    steps = exposure.groupby("method")["steps"].sum()
    assert steps["sl"] == 10
    assert (steps.drop([method for method in steps.index if resolve(method).base == "sl"]) == 20).all()
    first = exposure[exposure["phase"] == "pretrain"].set_index("method")["positive_fraction"]
    matched = ["sl_oversampled", "ssl_positives", "ssl_negatives", "sl_mutated", "sl_augmented", "ssl_shuffled",
               "sl_noise", "phylo_augmentation", "ssl_ns", "ssl_filtered", "ssl-permuted50"]  # fmt: skip
    assert first[matched].to_numpy() == pytest.approx(first["ssl"])


def test_mutated_windows_replace_homologs(results: Path) -> None:
    for genome in GENOMES:
        homologs, mutated = (
            pd.read_parquet(results / f"datasets/ctcf/{sets}/{genome}.parquet") for sets in ("homologs", "mutated")
        )
        assert len(homologs) and homologs[["source", "label"]].equals(mutated[["source", "label"]])


def test_the_audit_is_clean(results: Path) -> None:
    counts = pd.read_csv(results / "leakage.tsv", sep="\t")
    assert set(counts["set"]) == {"human", "homologs", "mutated", "negatives"}
    assert set(counts["split"]) == {"validation", "test"}
    assert counts[["back_lift", "homolog"]].fillna(0).to_numpy().sum() == 0
    homologs = counts[counts["set"] == "homologs"]
    assert (homologs["reciprocal"] > 0).all() and (homologs["held_out_with_homolog"] > 0).all(), (
        "there was something to find"
    )
    strata = pd.read_csv(results / "leakage_strata.tsv", sep="\t")
    assert set(strata["method"]) == set(METHODS)


def test_the_page_has_a_conclusion_and_every_section(results: Path) -> None:
    page = (results / "index.html").read_text()
    conclusions = pd.read_csv(results / "comparison.tsv", sep="\t")
    assert conclusions["text"].str.len().gt(10).all() and len(conclusions) == 1
    conclusion = conclusions["text"][0].split(":")[0].split("(")[0].strip()
    assert conclusion.lower() in page.lower()
    without = ("gain_components", "learned", "mpra", "published", "recipes")
    sections = [section.heading for key, section in SECTIONS.items() if key not in without]
    for section in ("Against every control", "Were they matched?", *sections):
        assert f">{section}</h" in page, section
    assert all(METHODS[method].name in page for method in METHODS)
    for kind in ("genomes", "divergence", "train_size", "permuted_labels"):
        assert (results / f"ablation_{kind}.png").read_bytes()[:4] == b"\x89PNG"
        assert len(pd.read_csv(results / f"ablation_{kind}.tsv", sep="\t")) > 1


def test_label_errors_are_counted_per_genome(results: Path) -> None:
    wrong = pd.read_csv(results / "datasets/ctcf/label_errors.tsv", sep="\t")
    assert {*GENOMES} < set(wrong["genome"])


def test_copied_labels_are_held_against_measured_ones(results: Path) -> None:
    numbers = pd.read_csv(results / "measured.tsv", sep="\t").query("dataset == 'ctcf' and genome == 'simDog'")
    rates = pd.read_csv(results / "datasets/ctcf/measured/simDog/rates.tsv", sep="\t")
    shares = numbers[numbers["quantity"] == "share_bound"]
    assert shares["value"].to_numpy() == pytest.approx(rates["share_bound"].to_numpy(), rel=1e-5, nan_ok=True)
    assert set(numbers.loc[numbers["quantity"] == "own_aupr", "method"]) == set(METHODS)
    assert {"auroc_bound", "share_true", "ssl_gain_human", "ssl_gain_own"} <= set(numbers["quantity"])


def test_effects_of_variants_have_directions_and_every_method(results: Path) -> None:
    effects = pd.read_csv(results / "variant_effects.tsv", sep="\t")
    assert set(effects["method"]) == {*METHODS} and set(effects["measure"]) == {*MEASURES}
    for part in ("", "_directions"):
        page = (results / f"variant_effects{part}.html").read_text()
        assert all(METHODS[method].name in page for method in METHODS)


def test_the_report_has_the_page(results: Path) -> None:
    report = (results.parents[1] / "report.html").read_text()
    assert all(part in report for part in ("Comparison of methods", "Leakage audit", "Are the copied labels true?"))
