"""What the whole paper takes: jobs, memory, time and disk of the default configuration, with the arithmetic.

    python benchmarks/plan.py [--config config/config.yaml]

Nothing is run. Data jobs are as `scale.py` measured them at 3,100 Mb (two busy cores of an AMD EPYC): CPU time and peak
memory of each, 300 bytes a window on disk, and what the index of a far genome's chains takes. Training is counted:
windows = phases × epochs × steps × batch, of the budget that each dataset has; windows scored = phases × (epochs + 1) ×
validation windows, the homologs once where there is a teacher, then the test windows, and where the factor was measured
in another genome that genome's own; divided by windows a second. On a CPU core these are as measured, of the first
version's CNN, by `train_deepbind.py`, `noise.py` (as a ratio) and `train_seeds.py`; those of an H100 are PREDICTED from
its memory and arithmetic limits, nobody has measured them.
Positives per dataset are assumed but for ATF3's (the paper's). What a genome more adds to an audit was less than two
runs of it differ: it is taken from the windows a second of `audit.py`. Baselines, which take seconds, are left out.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from regssl.config.load import load_config
from regssl.config.project import Project
from regssl.config.schema import Config
from regssl.methods import resolve

BINS = {"train": 11_700_000, "validation": 1_600_000, "test": 1_400_000}  # of 200 bp in hg38, by default splits
POSITIVES, KNOWN = 40_000, {"atf3": 1_306, "atac": 200_000, "h3k4me3": 200_000}  # bins; assumed but for atf3
HOMOLOGS_PER_WINDOW = 11  # of 22: about half of all windows are found
BYTES_PER_WINDOW = 300  # .npy 200, .parquet 15, .fa.gz 85
INDEX_GB = 1.4  # of a far genome's chains: 65 million blocks
SECONDS = {"index_genome": 2, "index_chain": 24, "make_bins": 9, "find_homologs": 33, "load_peaks": 5,
           "label_windows": 31, "estimate_divergence": 13, "clear_homologs": 26,
           "audit_leakage": 109}  # fmt: skip
GENOME_SECONDS = {"audit_leakage": 4, "pseudo_label": 9, "mutate": 10}  # more for each genome of a job
PEAK_MB = {"index_genome": 50, "index_chain": 3200, "make_bins": 2500, "find_homologs": 6200, "load_peaks": 230,
           "label_windows": 1700, "pseudo_label": 1400, "estimate_divergence": 4100, "mutate": 1200,
           "clear_homologs": 3400, "audit_leakage": 7400}  # fmt: skip


@dataclass(frozen=True)
class Speed:
    """Windows a second in training, in training with noise, and scored on both strands."""

    train: float
    noisy: float
    score: float


CORE = {"deepbind": Speed(23e3, 5e3, 31e3), "deepsea": Speed(230, 230, 300)}
CORE_BF16 = {**CORE, "deepsea": Speed(390, 390, 500)}  # a processor with AVX512-BF16 or AMX
H100 = {"deepbind": Speed(1e6, 1e6, 1e6), "deepsea": Speed(4e5, 4e5, 6e5), "dnabert2": Speed(2e3, 2e3, 3e3)}


def windows(project: Project, dataset: str) -> dict[str, float]:
    """Expected windows of a dataset: human training, homologs, validation, test, and other genomes' own."""
    config = project.config
    positives = KNOWN.get(dataset, POSITIVES)
    expected = {split: positives * bins / sum(BINS.values()) for split, bins in BINS.items()}
    sampling = config.sampling
    negatives = min(sampling.negatives_per_positive * expected["train"], sampling.max_negatives or float("inf"))
    human = expected["train"] + negatives
    ratio = sampling.validation_negatives_per_positive
    validation = BINS["validation"] if ratio is None else min(BINS["validation"], expected["validation"] * (1 + ratio))
    return {
        "human": human,
        "homologs": human * HOMOLOGS_PER_WINDOW,
        "validation": validation,
        "test": BINS["test"],
        "own": len(project.measured_genomes(dataset)) * (config.measured_labels.max_windows or sum(BINS.values())),
    }


def hours(config: Config, model: str, method: str, sizes: dict[str, float], speed: Speed) -> float:
    """Hours of one seed of a model and method, trained and tested."""
    settings = config.settings(model, method).with_budget(round(sizes["human"] + sizes["homologs"]))
    kind = resolve(method)
    judged = sizes["homologs"] if kind.teacher else 0
    scored = 0 if kind.subset and kind.subset.fold else sizes["test"] + sizes["own"]  # teachers judge homologs alone
    total = (scored + judged) / speed.score
    for phase in kind.phases(settings):
        training = phase.training
        windows = training.max_epochs * training.steps_per_epoch * training.batch_size
        total += windows / (speed.noisy if phase.noise_sd else speed.train)
        total += (1 + training.max_epochs) * sizes["validation"] / speed.score
    return total / 3600


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", nargs="+", default=["config/config.yaml"])
    config = load_config(parser.parse_args().config)
    project = Project(config)
    sizes = {dataset: windows(project, dataset) for dataset in project.datasets}
    genomes, datasets = len(project.genomes), len(project.datasets)
    jobs = {
        "index_genome": genomes + 1, "index_chain": len(project.chains()), "make_bins": 1, "find_homologs": genomes,
        "load_peaks": datasets, "label_windows": datasets, "pseudo_label": datasets,
        "estimate_divergence": genomes, "clear_homologs": genomes, "audit_leakage": datasets,
    }  # fmt: skip
    if "sl_mutated" in config.run_methods:
        jobs["mutate"] = datasets
    seconds = SECONDS | {rule: SECONDS.get(rule, 0) + genomes * each for rule, each in GENOME_SECONDS.items()}
    packed = {
        "label_windows": sum(own["human"] + own["validation"] + own["test"] for own in sizes.values()),
        **dict.fromkeys(["pseudo_label", "mutate"], sum(own["homologs"] for own in sizes.values())),
    }
    print("| rule | jobs | memory of a job, GB | core-hours, all | disk, GB |\n|---|---|---|---|---|")
    on_disk = {rule: windows * BYTES_PER_WINDOW / 1e9 for rule, windows in packed.items()}
    on_disk["index_chain"] = genomes * INDEX_GB
    for rule, number in jobs.items():
        disk = f"{on_disk[rule]:.0f}" if rule in on_disk else ""
        print(f"| `{rule}` | {number} | {PEAK_MB[rule] / 1e3:.1f} | {number * seconds[rule] / 3600:.2f} | {disk} |")
    print(f"All data steps beside downloads: {sum(jobs[rule] * seconds[rule] for rule in jobs) / 3600:.1f} core-hours.")

    print("\n| train and predict | runs | core-hours on CPUs | GPU-hours on an H100 (predicted) |\n|---|---|---|---|")
    for model in config.run_models:
        own_methods = config.methods_of(model)
        taught = [name for method in own_methods for name in resolve(method).teachers(config.cross_fitting.folds)]
        for method in dict.fromkeys([*own_methods, *taught]):
            if resolve(method).kind == "baseline":
                continue
            seeds = len(config.seeds_of(model))
            mixed = config.settings(model, "sl").training.precision != "32-true"
            taken = [
                sum(hours(config, model, method, own, speeds[model]) for own in sizes.values()) * seeds
                if model in speeds
                else None
                for speeds in (CORE_BF16 if mixed else CORE, H100)
            ]
            columns = ["–" if value is None else f"{value:,.1f}" for value in taken]
            print(f"| `{model}`, `{method}` | {datasets * seeds} | {' | '.join(columns)} |")
    largest = max(sizes, key=lambda dataset: sizes[dataset]["homologs"])
    resident = (sizes[largest]["human"] + sizes[largest]["homologs"]) * 200 / 1e9
    runs = sum(datasets * len(config.methods_of(model)) * len(config.seeds_of(model)) for model in config.run_models)
    print(f"\nLargest training set: {largest}, {resident:.1f} GB in memory, twice that while it is put together.")
    print(f"Predictions: {runs} runs × {BINS['test'] * 8 / 1e6:.0f} MB = {runs * BINS['test'] * 8 / 1e9:.0f} GB.")


if __name__ == "__main__":
    main()
