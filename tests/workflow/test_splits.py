"""Two datasets of the same peaks with their training and validation chromosomes exchanged, and a replicate: a plan."""

from __future__ import annotations

import pytest
import yaml

from helpers.checkout import SMALL
from helpers.paths import ROOT
from helpers.plans import Job, planned_jobs

SPLITS = SMALL["splits"]
METHODS = ["sl", "ssl", "ssl-nearest1", "sl_mutated"]
MORE = {"ctcf_swapped": "", "ctcf_again": "ctcf"}


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> list[Job]:
    folder = tmp_path_factory.mktemp("plan")
    header, *rows = (ROOT / "config/demo/datasets.tsv").read_text().splitlines()
    ctcf = next(row for row in rows if row.startswith("ctcf\t"))
    table = [f"{header}\tsplits\treplicate_of", f"{ctcf}\t\t"]
    table += [f"{name}{ctcf.removeprefix('ctcf')}\tswapped\t{of}" for name, of in MORE.items()]
    (folder / "datasets.tsv").write_text("\n".join(table) + "\n")
    swapped = {"train": SPLITS["validation"], "validation": SPLITS["train"], "test": SPLITS["test"]}
    values = {"datasets": "datasets.tsv", "select_datasets": None, "methods": METHODS}
    (folder / "swapped.yaml").write_text(yaml.safe_dump({**SMALL, **values, "further_splits": {"swapped": swapped}}))
    return planned_jobs(folder, "config/demo.yaml", "swapped.yaml")


def folders(paths: frozenset[str], *names: str) -> set[str]:
    """Of the files below some folders of the results, the folder one level lower, or the name of the file."""
    parts = [path.removeprefix("results/demo/").split("/") for path in paths]
    return {part[1].split(".")[0] for part in parts if part[0] in names}


def test_every_job_of_a_dataset_reads_the_files_of_its_own_splits(jobs: list[Job]) -> None:
    of_dataset = {"ctcf": "default", **dict.fromkeys(MORE, "swapped")}
    readers = set()
    for job in jobs:
        datasets = folders(job.outputs, "datasets", "runs")
        if splits := folders(job.inputs, "bins", "homologs", "divergence"):
            readers.add(job.rule)
            if datasets:
                assert splits == {of_dataset[dataset] for dataset in datasets}, job
    expected = {"label_windows", "pseudo_label", "mutate", "train_deepbind", "audit_leakage", "lift_status_table"}
    assert expected <= readers


def test_a_replicate_is_trained_and_audited_and_in_no_table_but_its_own(jobs: list[Job]) -> None:
    own = [job for job in jobs if "ctcf_again" in folders(job.outputs, "datasets", "runs")]
    makers = ["load_peaks", "label_windows", "pseudo_label", "audit_leakage", "train_deepbind", "predict_deepbind"]
    assert {job.rule for job in own} == {*makers, "evaluate_deepbind", "summarize"}
    assert len([job for job in own if job.rule == "train_deepbind"]) == 2, "SL and SSL"
    readers = {job.rule for job in jobs if job not in own and "ctcf_again" in folders(job.inputs, "datasets", "runs")}
    assert readers == {"gain_components"}


def test_what_follows_no_splits_is_made_once(jobs: list[Job]) -> None:
    count = [job.rule for job in jobs].count
    genomes = len(SMALL["select_genomes"])
    assert count("make_bins") == count("divergence_table") == 2
    assert count("find_homologs") == count("estimate_divergence") == 2 * genomes
    assert count("index_genome") == genomes + 1 and count("index_chain") == genomes and count("simulate") == 1
