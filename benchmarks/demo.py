"""Where the time goes when a whole workflow runs: the demo from nothing to its tables, rule by rule.

    python benchmarks/demo.py [--cores 2] [--config config/demo.yaml]

Runs the workflow into a temporary folder and adds up what Snakemake noted of each job: wall and processor seconds, and
the largest memory of one job. Rules that run beside Snakemake itself (`localrule`) and note nothing are in the
difference between the last two lines.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from table import Table, machine

ROOT = Path(__file__).parents[1]


def run(config: str, cores: int, results: Path) -> float:
    """Wall seconds of the workflow."""
    start = time.perf_counter()
    overrides = [f"results_dir={results}", f"data_dir={results}/world"]
    command = ["snakemake", "--cores", str(cores), "--configfile", config, "--quiet", "all", "--config", *overrides]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # where `regssl` is
    subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=True, env={**os.environ, "PATH": path})
    return time.perf_counter() - start


def by_rule(folder: Path) -> pd.DataFrame:
    """Jobs, seconds, processor seconds and largest memory of each rule, the longest first."""
    jobs = []
    for path in folder.rglob("*.tsv"):
        rule = path.relative_to(folder).parts[0].removesuffix(".tsv")
        job = pd.read_csv(path, sep="\t", na_values="-")
        jobs.append((rule, job["s"].sum(), job["cpu_time"].sum(), job["max_rss"].max()))
    table = pd.DataFrame(jobs, columns=["rule", "wall", "cpu", "rss"])
    grouped = table.groupby("rule").agg(
        jobs=("wall", "size"), wall=("wall", "sum"), cpu=("cpu", "sum"), rss=("rss", "max")
    )
    return grouped.sort_values("wall", ascending=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="config/demo.yaml")
    parser.add_argument("--cores", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wall = run(options.config, options.cores, Path(folder))
        rules = by_rule(Path(folder) / "benchmarks")
    own = resource.getrusage(resource.RUSAGE_CHILDREN)

    print(f"{machine()}; {options.config} on {options.cores} cores")
    table = Table("rule", "jobs", "wall s", "cpu s", "MB at most", first=24)
    for rule, row in rules.iterrows():
        table.row(str(rule), f"{row['jobs']:.0f}", row["wall"], row["cpu"], row["rss"])
    table.row("these jobs together", f"{rules['jobs'].sum():.0f}", rules["wall"].sum(), rules["cpu"].sum())
    table.row("the whole", "", wall, own.ru_utime + own.ru_stime)


if __name__ == "__main__":
    main()
