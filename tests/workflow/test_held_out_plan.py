"""The test windows are read by no job that a training job waits for, nor are predictions: nothing is chosen on them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from helpers.mutagenesis import write_mutagenesis
from helpers.plans import Job, planned_jobs

HELD_OUT = re.compile(
    r"/human/test\.|/(predictions\.parquet|metrics\.json|summary\.tsv|comparison/.*|variant_.*)$|/measured/"
)
"""Test windows, what is predicted for them, what is computed from that, and what was measured in other species."""
MAKES_DATA = ("find_homologs", "estimate_divergence", "divergence_table", "pseudo_label", "mutate")
"""What training is given: homologs, pseudo-labels, which genomes are near, mutated windows."""
FINAL = ("predict_", "audit_leakage", "measure_", "explain_motifs_")
"""What may read the test windows: prediction, the audit, what holds labels against measured ones, and what explains
filters: no training waits for these."""


def makes_models(job: Job) -> bool:
    return job.rule in MAKES_DATA or job.rule.startswith("train_")


def awaited(jobs: Iterable[Job], wanted: Iterable[Job]) -> set[Job]:
    """Some jobs and all that must run before them."""
    maker = {path: job for job in jobs for path in job.outputs}
    found, pending = set[Job](), list(wanted)
    while pending:
        job = pending.pop()
        if job not in found:
            found.add(job)
            pending += [maker[path] for path in job.inputs if path in maker]
    return found


@pytest.fixture(scope="module", params=["config/demo.yaml", "config/controls.yaml"])
def jobs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Job]:
    folder = tmp_path_factory.mktemp("config")
    table = write_mutagenesis(folder / "elements.tsv")
    explained = folder / "explain.yaml"
    explained.write_text(f"explain: {{}}\nmpra: {{table: '{table}'}}\n")
    return planned_jobs(tmp_path_factory.mktemp("plan"), request.param, str(explained))


def check_training(jobs: list[Job], rules: set[str]) -> None:
    """Check that no job which training waits for, among them those of some rules, reads what is held out."""
    training = [job for job in jobs if makes_models(job)]
    assert len([job for job in training if job.rule.startswith("train_")]) >= 8
    before = awaited(jobs, training)
    assert rules <= {job.rule for job in before}, "the walk goes back"
    for job in before:
        held_out = sorted(path for path in job.inputs if HELD_OUT.search(path))
        assert not held_out, f"{job.rule} reads {held_out[0]}"
        assert not job.rule.startswith(FINAL), job.rule


def test_nothing_before_the_final_evaluation_reads_what_is_held_out(jobs: list[Job]) -> None:
    check_training(jobs, {"make_bins", "load_peaks", "label_windows", "pseudo_label", "simulate"})
    assert {"prepare_mpra", "score_mpra_deepbind", "correlate_mpra", "mpra_table"} <= {job.rule for job in jobs}


def test_nothing_that_is_held_out_is_read_where_sequences_are_given(tmp_path: Path) -> None:
    check_training(planned_jobs(tmp_path, "config/cjun.yaml"), {"read_sequences", "read_homologs_cjun"})


def test_only_the_final_evaluation_reads_test_windows(jobs: list[Job]) -> None:
    readers = {job.rule for job in jobs if any("/human/test." in path for path in job.inputs)}
    assert {"predict_deepbind", "explain_motifs_deepbind"} <= readers
    assert all(rule.startswith(FINAL) for rule in readers)


def test_predictions_are_read_by_evaluation_alone(jobs: list[Job]) -> None:
    readers = {job.rule for job in jobs if any(path.endswith("/predictions.parquet") for path in job.inputs)}
    assert "evaluate_deepbind" in readers and readers <= {"evaluate_deepbind", "compare", "leakage_strata"}


def test_a_display_name_is_read_by_reports_alone(jobs: list[Job]) -> None:
    """An edited display name makes `display_names.json` again, and so every job that waits for it."""
    waiting = [job for job in jobs if any(job.rule == "display_names" for job in awaited(jobs, [job]))]
    makers = (
        "train_",
        "predict_",
        "evaluate_",
        "score_",
        "measure_",
        "count_",
        "filter_",
        "compare",
        "audit_",
        "find_",
        "label_windows",
        "pseudo_",
    )
    assert {"table1", "figure2", "lift_status_table"} <= {job.rule for job in waiting}
    assert not [job.rule for job in waiting if job.rule.startswith(makers)]


def test_measured_labels_are_planned_and_only_read_at_the_end(jobs: list[Job]) -> None:
    makers = ("measure_copies", "measure_own_windows")
    measured = {path for job in jobs if job.rule in makers for path in job.outputs}
    readers = {job.rule for job in jobs if measured & job.inputs}
    filtering = {"filter_copies"} if any("/ssl_filtered/" in path for job in jobs for path in job.outputs) else set()
    assert {"score_measured", "count_true_copies", "predict_measured_deepbind"} | filtering == readers


def test_a_job_that_looked_would_be_found() -> None:
    """The walk itself: a training that waits for a job that reads test windows."""
    chosen = Job("choose", frozenset({"r/datasets/ctcf/human/test.npy"}), frozenset({"r/best.json"}))
    train = Job("train_deepbind", frozenset({"r/best.json"}), frozenset({"r/model.safetensors"}))
    assert any(HELD_OUT.search(path) for job in awaited([chosen, train], [train]) for path in job.inputs)
