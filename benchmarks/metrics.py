"""AUPR and AUROC of as many windows as a human genome has: `evaluation.metrics`, scikit-learn and torchmetrics.

    python benchmarks/metrics.py [--windows 15000000]

Memory first: the peak of a process of its own that makes the scores and evaluates them once. Then agreement, on scores
with and without ties, few positives and many. Then time, the tools in turns, for AUPR and AUROC together.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys

import numpy as np
from table import Table, machine, time_in_turns

GOAL = 1e-12


def ours(labels: np.ndarray, scores: np.ndarray) -> tuple[float, float]:
    from regssl.evaluation.metrics import evaluate

    found = evaluate(labels, scores)
    return found["aupr"], found["auroc"]


def scikit_learn(labels: np.ndarray, scores: np.ndarray) -> tuple[float, float]:
    from sklearn.metrics import average_precision_score, roc_auc_score

    return average_precision_score(labels, scores), roc_auc_score(labels, scores)


def torchmetrics(labels: np.ndarray, scores: np.ndarray) -> tuple[float, float]:
    """With all thresholds; its sigmoid of the logits in float32 makes ties of what were none."""
    import torch
    from torchmetrics.functional.classification import binary_auroc, binary_average_precision

    logits, truth = torch.from_numpy(scores), torch.from_numpy(labels).long()
    return float(binary_average_precision(logits, truth)), float(binary_auroc(logits, truth))


TOOLS = {"regssl": ours, "scikit-learn": scikit_learn, "torchmetrics, exact": torchmetrics}


def windows(n: int, prevalence: float = 0.005, levels: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels (uint8) and logits (float32) of n windows; positives score higher; rounded to `levels` values a unit."""
    rng = np.random.default_rng(1)
    labels = (rng.random(n, np.float32) < prevalence).astype(np.uint8)
    scores = rng.standard_normal(n, np.float32) - np.float32(5)
    scores += np.float32(2) * labels
    return labels, np.round(scores * levels) / np.float32(levels) if levels else scores


def peak_memory(tool: str, n: int) -> float:
    """Peak resident memory, in GB, of a new process that evaluates n windows with one tool."""
    command = [sys.executable, __file__, "--windows", str(n), "--peak-of", tool]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def own_peak() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def check_agreement(n: int) -> None:
    for name, sample in {
        "with ties": windows(n, levels=10),
        "half positive": windows(n, prevalence=0.5),
        "20 positive": windows(n, prevalence=20 / n),
    }.items():
        off = distance(ours(*sample), scikit_learn(*sample))
        print(f"{n:,} windows, {name}: differs from scikit-learn by {off:.0e}")
        assert off <= GOAL, f"{name}: disagree"


def distance(found: tuple[float, float], expected: tuple[float, float]) -> float:
    """The larger of the differences in AUPR and AUROC."""
    return max(abs(a - b) for a, b in zip(found, expected, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--windows", type=int, default=15_000_000, help="15 million: every bin of 200 bp of a human genome"
    )
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--peak-of", choices=TOOLS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak_of:
        TOOLS[options.peak_of](*windows(options.windows))
        print(own_peak())
        return

    print(machine())
    peaks = [
        peak_memory(tool, options.windows) for tool in TOOLS
    ]  # while this process is small: a child inherits peaks
    check_agreement(10**6)
    sample = windows(options.windows)
    found = [tool(*sample) for tool in TOOLS.values()]
    assert distance(found[0], found[1]) <= GOAL, "disagree"
    jobs = [lambda tool=tool: tool(*sample) for tool in TOOLS.values()]
    seconds = time_in_turns(jobs, least=options.turns, rehearse=False)
    print()
    table = Table(f"{options.windows:,} windows", "seconds", "times ours", "peak GB", "off by", first=22)
    for name, areas, taken, peak in zip(TOOLS, found, seconds, peaks, strict=True):
        table.row(name, taken, taken / seconds[0], peak, f"{distance(areas, found[1]):.0e}")


if __name__ == "__main__":
    main()
