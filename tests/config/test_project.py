"""What a configuration plans: which files of which runs, without Snakemake."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from helpers.tables import config, write_tables
from regssl.config.project import Project, SeedJob
from regssl.errors import ConfigError, DataError
from regssl.evaluation.summary import DisplayNames
from regssl.methods import resolve

METHODS = ["sl", "ssl", "ssl_ns", "sl_mutated", "motif_scan"]
SNPS = """\
snps\tdataset\tname\tformat\tfile\tmember\tregions\tfactor
a\tctcf\tA\ttable\ta.tsv\t\t\t
b\tctcf\tB\tshi2016\tb.zip\tx.tsv;y.tsv\tregions.tsv\tCTCF
"""


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    (tmp_path / "snps.tsv").write_text(SNPS)
    return write_tables(tmp_path)


def project(folder: Path, **changes: Any) -> Project:
    values = {"results_dir": "r", "methods": METHODS, "seeds": [0, 1], "snps": str(folder / "snps.tsv")}
    return Project(config(folder, **(values | changes)))


def test_every_run_has_its_files_models_then_methods_then_seeds(tables: Path) -> None:
    plan = project(
        tables,
        methods=["sl", "ssl"],
        ablations={"datasets": ["ctcf"], "nearest_genomes": [], "farthest_genomes": [], "train_percent": [25]},
    )
    assert plan.run_files("metrics.json", "max") == [
        f"r/runs/max/deepbind/{method}/seed{seed}/metrics.json" for method in ("sl", "ssl") for seed in (0, 1)
    ]
    ablations = ["sl-train25", "ssl-train25"]
    assert plan.methods == {"ctcf": ["sl", "ssl", *ablations], "max": ["sl", "ssl"]}
    assert plan.full_methods("ctcf") == ["sl", "ssl"] and plan.ablation_kinds() == ["train_size"]
    assert len(plan.all_run_files("run.json")) == 2 * (4 + 2)
    assert plan.run_files("x", "ctcf", ["ssl"]) == [f"r/runs/ctcf/deepbind/ssl/seed{seed}/x" for seed in (0, 1)]


CLADES = {"panTro6": "primate", "rheMac10": "primate", "mm10": "glire"}


def write_genomes(folder: Path) -> None:
    rows = "".join(f"{name}\t{name}\tx.2bit\tx.chain\t{clade}\n" for name, clade in CLADES.items())
    header = "genome\tname\tsequence\tchain\tclade\nhg38\tHuman\tx.2bit\t\tprimate\n"
    (folder / "genomes.tsv").write_text(header + rows)


@pytest.mark.parametrize(
    ("method", "message"),
    [
        *(
            (f"{base}-{side}{number}", "")
            for base in ("ssl", "ssl_ns")
            for side in ("nearest", "farthest")
            for number in (1, 2)
        ),
        ("ssl-nearest3", "of 3 genomes these are all: it is 'ssl' (leave it out, or name a smaller number)"),
        ("ssl_filtered-farthest99", "of 3 genomes these are all: it is 'ssl_filtered' (leave it out, or name a"),
        ("ssl-primates", ""),
        ("ssl-placentals", ""),
        ("ssl-marsupials", "no genome is one of marsupials (see the column `clade` of "),
    ],
)
def test_a_method_that_is_listed_for_a_part_of_the_genomes_has_a_part(tables: Path, method: str, message: str) -> None:
    """The same numbers among ablations are left out: `tests/methods/test_subsets.py`."""
    write_genomes(tables)
    methods = ["sl", "ssl", method]
    if not message:
        assert project(tables, methods=methods).methods["ctcf"] == methods
        return
    with pytest.raises(ConfigError, match=re.escape(f"key `methods`: '{method}': {message}")):
        project(tables, methods=methods)


def test_all_genomes_are_no_part_of_them_nor_are_none(tables: Path) -> None:
    write_genomes(tables)
    primates = ["panTro6", "rheMac10"]
    with pytest.raises(ConfigError, match=r"'ssl-primates': of 2 genomes these are all: it is 'ssl' \(leave it out\)$"):
        project(tables, methods=["ssl-primates"], select_genomes=primates)
    with pytest.raises(ConfigError, match="'ssl-nearest1': of 0 genomes these are all"):
        project(tables, methods=["ssl-nearest1"], select_genomes=[])
    numbers = {"nearest_genomes": [1, 2, 99], "farthest_genomes": [2], "train_percent": []}
    plan = project(tables, methods=["sl", "ssl"], select_genomes=primates, ablations=numbers)
    assert plan.methods["ctcf"] == ["sl", "ssl", "ssl-nearest1"]


def test_seeds_are_trained_in_jobs_each_a_rule(tables: Path) -> None:
    models = {"deepbind": {"architecture": "deepbind", "name": "CNN", "seeds_per_job": 2}}
    jobs = project(tables, seeds=[5, 6, 7], models=models).seed_jobs()
    assert jobs == [SeedJob("deepbind", 1, [5, 6]), SeedJob("deepbind", 2, [7])]
    assert [job.rule("train") for job in jobs] == ["train_deepbind", "train_deepbind_2"]
    assert project(tables).job_files(jobs[0], "variants/{variants}.parquet") == [
        f"r/runs/{{dataset}}/deepbind/{{method}}/seed{seed}/variants/{{variants}}.parquet" for seed in (5, 6)
    ]


@pytest.mark.parametrize(
    ("method", "windows", "teachers"),
    [
        ("sl", [], []),
        ("ssl", ["r/datasets/max/homologs/mm10.npy"], []),
        ("sl_mutated", ["r/datasets/max/mutated/mm10.npy"], []),
        ("sl_all_negatives", ["r/datasets/max/negatives/hg38.npy"], []),
        ("ssl_ns", ["r/datasets/max/homologs/mm10.npy"], ["sl-fold1", "sl-fold2"]),
        ("ssl_filtered", ["r/datasets/max/homologs/mm10.npy"], ["sl-fold1", "sl-fold2"]),
        (
            "ssl_filtered-train25",
            ["r/datasets/max/homologs/mm10.npy"],
            ["sl-train25-fold1", "sl-train25-fold2"],
        ),
    ],
)
def test_what_a_run_trains_on(tables: Path, method: str, windows: list[str], teachers: list[str]) -> None:
    plan, job = project(tables, cross_fitting={"folds": 2}), SeedJob("deepbind", 1, [5, 6])
    assert plan.extra_windows("max", method) == windows
    paths = [f"r/runs/max/deepbind/{teacher}/seed{seed}/model.safetensors" for seed in (5, 6) for teacher in teachers]
    assert plan.teachers("max", method, job) == paths
    alone = project(tables, cross_fitting={"folds": 1}).teachers("max", method, job)
    assert alone == list(dict.fromkeys(re.sub("-fold.", "", path) for path in paths))


def test_only_methods_that_choose_genomes_need_their_order(tables: Path) -> None:
    plan = project(tables)
    tables_of_genomes = ["r/homologs/default/mm10.divergence.tsv"]
    for method in ("ssl-nearest4", "ssl-primates"):
        assert plan.divergence_tables("ctcf", method) == tables_of_genomes
    assert plan.divergence_tables("ctcf", "ssl") == plan.divergence_tables("ctcf", "sl-train25") == []
    weighted = project(tables, noisy_student={"distance_decays": [0, 2]})
    assert weighted.divergence_tables("ctcf", "ssl_ns") == tables_of_genomes and not weighted.divergence_tables(
        "ctcf", "ssl"
    )


def test_only_the_motif_scan_needs_a_motif(tables: Path) -> None:
    plan = project(tables, motifs="mine.meme")
    assert plan.motif_names("ctcf", "motif_scan") == ["CTCF"] and plan.motif_files("motif_scan") == ["data/mine.meme"]
    assert plan.motif_names("ctcf", "sl") == plan.motif_files("sl") == project(tables).motif_files("motif_scan") == []


def test_windows_that_no_method_trains_on_are_not_audited(tables: Path) -> None:
    plan = project(tables, methods=["sl", "ssl"])
    assert plan.training_windows("max", "homologs", "npy") == ["r/datasets/max/homologs/mm10.npy"]
    assert plan.training_windows("max", "mutated", "npy") == plan.training_genomes("max", "mutated") == []
    plan = project(tables, methods=["sl_all_negatives"])
    assert plan.training_windows("max", "homologs", "npy") == []
    assert plan.training_windows("max", "negatives", "npy") == ["r/datasets/max/negatives/hg38.npy"]


def test_the_files_of_genomes_and_datasets(tables: Path) -> None:
    plan = project(tables, simulation={"seed": 1}, blacklist="b.bed")
    assert plan.sequence("hg38") == "downloads/ucsc.example/hg38/hg38.2bit"
    assert plan.sequence("mm10") == "data/genomes/mm10.2bit"
    assert plan.chains() == {"mm10": "downloads/ucsc.example/hg38ToMm10.over.chain.gz"}
    assert plan.chain_index("mm10") == "r/chains/mm10.index"
    assert plan.peaks("max") == ["data/peaks/max.narrowPeak"] and plan.assembly_chain("max") == []
    assert plan.simulated_files() == [
        plan.sequence("hg38"), plan.sequence("mm10"), plan.chains()["mm10"], *plan.peaks("ctcf"), *plan.peaks("max"),
        "data/b.bed", "data/a.tsv", "data/b.zip",
    ]  # fmt: skip


def test_a_chain_that_is_made_by_aligning_is_a_result(tables: Path) -> None:
    rows = "genome\tname\tsequence\tchain\nhg38\tHuman\thg38.2bit\t\n"
    rows += "mm10\tMouse\tmm10.2bit\talign\nrn6\tRat\trn6.fa\trn6.chain\n"
    (tables / "genomes.tsv").write_text(rows)
    plan = project(tables, simulation={"seed": 1})
    assert plan.aligned_genomes() == ["mm10"] and plan.aligned_chain() == "r/chains/{genome}.over.chain.gz"
    assert plan.chains() == {"mm10": "r/chains/mm10.over.chain.gz", "rn6": "data/rn6.chain"}
    assert plan.chain_index("mm10") == "r/chains/mm10.index"
    assert plan.made_chain("mm10") == ["r/chains/mm10.over.chain.gz"] and plan.given_chain("mm10") == []
    assert plan.given_chain("rn6") == ["data/rn6.chain"] and plan.made_chain("rn6") == []
    assert not any(path.endswith("align") for path in [*plan.simulated_files(), *plan.downloads])


def test_chains_of_another_assembly_are_indexed_too(tables: Path) -> None:
    rows = "dataset\tname\tpeaks\tassembly\nandr\tANDR\ta.bed\thg19\nctcf\tCTCF\tc.bed\thg38\n"
    (tables / "datasets.tsv").write_text(rows)
    plan = project(tables, peak_liftover={"chains": {"hg19": "x.chain", "hg18": "y.chain"}})
    assert plan.chains()["hg19_to_hg38"] == "data/x.chain" and len(plan.chains()) == 2
    assert plan.assembly_chain("andr") == ["r/chains/hg19_to_hg38.index"] and plan.assembly_chain("ctcf") == []


def test_sets_of_variants_are_scored_by_every_run_of_their_dataset(tables: Path) -> None:
    plan = project(tables, methods=["sl"], ablations={"train_percent": [25]})
    assert plan.variant_datasets() == ["ctcf"] and plan.variant_sets("ctcf") == ["a", "b"]
    assert plan.variant_scores("ctcf") == [
        f"r/runs/ctcf/deepbind/sl/seed{seed}/variants/{variants}.parquet" for seed in (0, 1) for variants in ("a", "b")
    ]
    assert plan.variant_sets("max") == plan.variant_scores("max") == []


def test_variants_with_their_own_sequence_need_all_windows_that_were_trained_on(tables: Path) -> None:
    human = [f"r/datasets/ctcf/human/{split}.npy" for split in ("train", "validation")]
    plan = project(tables)
    assert plan.variant_training("a") == plan.variant_regions("a") == []
    assert plan.variant_training("b") == [*human, "r/datasets/ctcf/homologs/mm10.npy"]
    assert plan.variant_regions("b") == ["data/regions.tsv"]
    assert project(tables, methods=["sl"]).variant_training("b") == human
    assert plan.variant_options("b") == [
        "--format=shi2016", "--factor=CTCF", "--effect=", "--max-fdr=0.1", "--balanced=",
        "--member=x.tsv", "--member=y.tsv",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("methods", "compared"),
    [(["sl", "ssl"], True), (["ssl", "random"], False), (["sl", "ssl", "random"], True), (METHODS, True)],
)
def test_methods_are_compared_where_a_gain_can_be_told(tables: Path, methods: list[str], compared: bool) -> None:
    plan = project(tables, methods=methods)
    assert plan.has_comparison == compared
    assert ("r/runs/ctcf/comparison/differences.tsv" in plan.dataset_results("ctcf")) == compared
    assert "r/runs/ctcf/variant_effects.tsv" in plan.dataset_results("ctcf")
    assert "r/runs/max/variant_effects.tsv" not in plan.dataset_results("max")


def with_own_methods(*methods: str) -> dict[str, Any]:
    """A model that runs every method, and one that runs some."""
    every = {"architecture": "deepbind", "name": "CNN"}
    return {"run_models": ["every", "some"], "models": {"every": every, "some": {**every, "methods": list(methods)}}}


def test_a_model_runs_those_of_the_methods_that_it_names(tables: Path) -> None:
    less = {"nearest_genomes": [], "farthest_genomes": [], "train_percent": [25], "datasets": ["ctcf"]}
    named = with_own_methods("ssl", "sl", "ssl_ns", "ssl-train25", "random")
    plan = project(tables, methods=["sl", "ssl", "motif_scan"], ablations=less, seeds=[0], **named)
    every = [(method, 0) for method in ("sl", "ssl", "motif_scan", "sl-train25", "ssl-train25")]
    found = [("every", *run) for run in every]
    found += [("some", method, 0) for method in ("sl", "ssl", "ssl-train25")]
    assert plan.runs("ctcf") == found
    assert plan.full_runs("ctcf") == [run for run in found if "train" not in run[1]]
    assert plan.runs("max", ["motif_scan"]) == [("every", "motif_scan", 0)]
    assert [path.split("/")[3:5] for path in plan.variant_scores("ctcf")[::2]] == [
        [model, method] for model, method, _ in plan.full_runs("ctcf")
    ]
    assert plan.display_names()["model_methods"] == {"some/sl": "SL", "some/ssl": "SSL"}
    assert not plan.pending


def test_a_method_that_no_model_runs_is_planned_nowhere(tables: Path) -> None:
    alone = {**with_own_methods("sl", "ssl"), "run_models": ["some"]}
    plan = project(tables, methods=["sl", "ssl", "sl_mutated", "ssl_filtered"], **alone)
    assert plan.methods == {"ctcf": ["sl", "ssl"], "max": ["sl", "ssl"]}
    assert plan.training_genomes("ctcf", "mutated") == [] and plan.has_comparison
    assert list(plan.display_names()["methods"]) == ["sl", "ssl"] and not plan.display_names()["model_methods"]
    assert plan.pending == ["key `methods`: sl_mutated, ssl_filtered: left out, not being in `models.some.methods`"]


def test_numbers_are_set_beside_the_papers_where_it_has_some(tables: Path) -> None:
    assert project(tables).has_paper_numbers, "two datasets have the ids of the paper's"
    (tables / "datasets.tsv").write_text("dataset\tname\tpeaks\ngata1\tGATA1\tg.bed\n")
    assert not project(tables).has_paper_numbers
    assert project(tables, paper_data=True).has_paper_numbers


def test_methods_are_compared_where_one_model_runs_them(tables: Path) -> None:
    for own, compared in [(["sl", "ssl"], True), (["sl", "random"], False), (["ssl", "random"], False)]:
        models = with_own_methods(*own)
        models["models"]["every"] = {**models["models"]["every"], "methods": ["sl", "random"]}
        assert project(tables, methods=["sl", "ssl", "random"], **models).has_comparison == compared


def test_only_a_model_that_filters_homologs_has_teachers_that_judge_copies(tables: Path) -> None:
    for folds, teachers in [(2, ["sl-fold1", "sl-fold2"]), (1, ["sl"])]:
        plan = project(
            tables,
            methods=["sl", "ssl_filtered"],
            seeds=[0, 1],
            cross_fitting={"folds": folds},
            **with_own_methods("sl"),
        )
        runs = [("every", teacher, seed) for teacher in teachers for seed in (0, 1)]
        assert plan.filter_teachers() == runs
        paths = plan.measured_predictions("copies", "ctcf", "mm10", runs)
        assert paths[0] == f"r/runs/ctcf/every/{teachers[0]}/seed0/measured/mm10.copies.parquet"


def test_only_models_with_random_weights_are_made(tables: Path) -> None:
    models = {"tiny": {"architecture": "dnabert2_tiny", "name": "x"}, "cnn": {"architecture": "deepbind", "name": "y"}}
    assert project(tables, run_models=["tiny", "cnn"], models=models).generated_models() == ["tiny"]


def test_display_names_are_those_of_the_tables_and_of_what_is_run(tables: Path, tmp_path: Path) -> None:
    plan = project(tables, snps=None, methods=["sl", "ssl", "sl_mutated", "ssl-train25"])
    assert plan.display_names() == {
        "datasets": {"ctcf": "CTCF", "max": "MAX"},
        "models": {"deepbind": "CNN-27K"},
        "methods": {method: resolve(method).name for method in ("sl", "ssl", "sl_mutated", "ssl-train25")},
        "model_methods": {},
        "paper_methods": {"sl": "SL", "ssl": "SSL"},
        "genomes": {"hg38": "Human", "mm10": "Mouse"},
        "variant_sets": {},
        "measured": {},
        "replicates": {},
        "model_notes": {},
    }
    without = project(tables, snps=None, methods=["sl_mutated"]).display_names()
    assert without["paper_methods"] == without["methods"]
    (tmp_path / "names.json").write_text(json.dumps(plan.display_names()))
    names = DisplayNames.read(tmp_path / "names.json")
    assert dataclasses.asdict(names) == {**plan.display_names(), "without_peaks": {}, "without_homologs": {}}
    assert names.of_paper().methods == {"sl": "SL", "ssl": "SSL"}
    (tmp_path / "names.json").write_text('{"datasets": {}}')
    with pytest.raises(DataError, match=r"names\.json: not display names"):
        DisplayNames.read(tmp_path / "names.json")


def test_provenance_has_the_files_of_data_and_nothing_that_no_result_depends_on(tables: Path) -> None:
    plan = project(tables, gpus_per_job=1)
    found = plan.provenance()
    assert set(plan.downloads) <= set(found["inputs"]) and "data/regions.tsv" in found["inputs"]
    assert all(found["inputs"][path] == source.url for path, source in plan.downloads.items())
    assert found["inputs"]["data/regions.tsv"] == "" and found["config"]["seeds"] == plan.config.seeds
    assert not {"gpus_per_job", "mirror"} & set(found["config"])
    assert all("resources" not in model for model in found["config"]["models"].values())
    assert found == project(tables, gpus_per_job=0).provenance()
