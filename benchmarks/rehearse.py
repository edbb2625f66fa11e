"""The dress rehearsal: the default configuration from downloads to its tables, on a synthetic world of real size.

    make rehearsal                              # 6 genomes of 3,100 Mb: hours, 45 GB of disk
    make rehearsal GENOMES=2 MEGABASES=30       # the same in small: minutes
    python benchmarks/rehearse.py --costs results/rehearsal/*    # the table of what it took again, of several sizes

Makes the files of the default tables (`rehearsal.mirror`), serves them from this machine with connections that break
off, and runs Snakemake against that: two datasets, CNN-27K by SL, SSL and SSL-NS, two seeds, a small budget, everything
else as it is by default. Stopped or killed at any time, the same command goes on. See docs/paper/rehearsal.md.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from filelock import FileLock, Timeout
from rehearsal.costs import report
from rehearsal.mirror import Mirror
from rehearsal.server import serving
from rehearsal.workflow import note_commands, snakemake
from rehearsal.world import ROOT, World


def rehearse(folder: Path, run: Path, world: World, cores: int) -> None:
    """Make the world in one folder, and run the workflow against it in another, or there."""
    mirror = Mirror(folder, world)
    folder.mkdir(parents=True, exist_ok=True)
    print(f"genomes, chains, peaks and SNPs: {folder / 'mirror'}", flush=True)
    with FileLock(folder / ".world.lock"):
        mirror.make(cores)
    shape = {"genomes": world.n_genomes, "megabases": world.megabases, "cores": cores}
    (run / "rehearsal.json").write_text(json.dumps(shape))
    note_commands(run)
    with serving(folder / "mirror", world.seed) as url:
        config = mirror.configure(run, url)
        print(f"served at {url}; the workflow runs in {run}", flush=True)
        if any((run / ".snakemake/locks").glob("*")):  # of one that was killed: no other holds the lock of the folder
            snakemake(run, "--configfile", config, "--unlock")
        snakemake(run, "--configfile", config, "--cores", cores)
        snakemake(run, "--configfile", config, "--report", run / "results/report.html")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where all is made; results/rehearsal/GENOMESxMEGABASES by default")
    parser.add_argument("--run", type=Path, help="where the workflow runs, if not there")
    parser.add_argument("--genomes", type=int, default=6, help="beside the human one")
    parser.add_argument("--megabases", type=float, default=3_100, help="of each genome")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--costs", type=Path, nargs="+", help="folders of rehearsals that ran: only print what they took"
    )
    options = parser.parse_args()
    if options.costs:
        report(options.costs)
        return
    name = f"{options.genomes}x{options.megabases:g}"
    folder = (options.folder or ROOT / "results/rehearsal" / name).absolute()
    run = (options.run or folder).absolute()
    run.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(run / ".rehearsal.lock", timeout=0):
            rehearse(folder, run, World(options.genomes, options.megabases, options.seed), options.cores)
            report([run])
    except Timeout:
        raise SystemExit(f"{run}: another rehearsal is running there") from None


if __name__ == "__main__":
    main()
