"""Every kind of file the package writes, each by the function that writes it: for tests that break the writing off.

`python writers.py KIND FOLDER killed|refused LIMIT` writes with files limited to LIMIT bytes: at the limit the kernel
kills the process, or refuses to write on as a full disk does.
"""

from __future__ import annotations

import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

LARGE = 200_000


def packed_set(folder: Path) -> None:
    import pandas as pd

    from regssl.data.packed import write_windows
    from regssl.data.windows import COLUMNS
    from regssl.sequences.genome import Genome

    genome(folder / "genome")
    starts = np.arange(0, LARGE - 200, 100)
    values = dict(zip(COLUMNS, ["hg38", "chr1", starts, starts + 200, "+", 1, "train", starts], strict=True))
    write_windows(pd.DataFrame(values), Genome(folder / "genome/g.2bit"), 200, folder / "set.npy")


def parquet(folder: Path) -> None:
    import pandas as pd

    from regssl.io.parquet import save_table

    save_table(pd.DataFrame({"x": np.random.default_rng(1).random(LARGE)}), folder / "table.parquet")


def genome(folder: Path) -> None:
    from regssl.sequences.twobit import TwoBitRecord, write_twobit

    none = np.empty((0, 2), np.int64)
    write_twobit(folder / "g.2bit", [TwoBitRecord("chr1", 4 * LARGE, none, none, bytes(LARGE))])


def chain_index(folder: Path) -> None:
    from regssl.liftover.chain_file import read_chains
    from regssl.liftover.index import save_index

    n = LARGE // 20
    text = f"chain 1 a {2 * n} + 0 {2 * n - 1} b {2 * n} + 0 {2 * n - 1} 1\n" + "1 1 1\n" * (n - 1) + "1\n\n"
    source = folder.parents[1] / "x.chain"  # made before, out of the way of the limit
    if not source.exists():
        source.write_text(text)
    limit()
    save_index(read_chains(source), folder / "x.index")


def model(folder: Path) -> None:
    from regssl.models import build
    from regssl.models.serialization import save

    params = {"filters": 64, "filter_width": 24, "hidden": 512}
    save(
        build("deepbind", 200, params),
        {"architecture": "deepbind", "params": params, "width": 200},
        folder / "m.safetensors",
    )


def table(folder: Path) -> None:
    import pandas as pd

    from regssl.reporting.tables.base import Table, write_table

    rows = pd.DataFrame({"x": ["ACGT" * 5] * (LARGE // 20)})
    write_table(Table(rows, rows, "A table."), folder / "t")


def figure(folder: Path) -> None:
    from matplotlib.figure import Figure

    from regssl.reporting.figures.style import save_figure

    figure = Figure(dpi=300)
    figure.subplots().plot(np.random.default_rng(1).random(LARGE // 20))
    save_figure(figure, folder / "f.svg", folder / "f.png")


def fasta(folder: Path) -> None:
    from regssl.sequences.fasta import write_fasta

    codes = np.random.default_rng(1).integers(0, 4, (LARGE // 50, 200), dtype=np.uint8)
    write_fasta(folder / "x.fa.gz", [f"w{i}" for i in range(len(codes))], codes)


def lifted_bed(folder: Path) -> None:
    from regssl.liftover.bed import lift_bed

    bed, chain = folder.parents[1] / "in.bed", folder.parents[1] / "in.chain"
    if not bed.exists():
        bed.write_text("".join(f"a\t{i}\t{i + 5}\tname\n" for i in range(LARGE // 20)))
        chain.write_text(f"chain 1 a {LARGE} + 0 {LARGE} b {LARGE} + 0 {LARGE} 1\n{LARGE}\n\n")
    limit()
    lift_bed(bed, chain, folder / "out.bed", folder / "unmapped.bed")


def text(folder: Path) -> None:
    from regssl.io.atomic import write_text

    write_text(folder / "run.json", "x" * LARGE)


WRITERS: dict[str, Callable[[Path], None]] = {
    function.__name__: function
    for function in (packed_set, parquet, genome, chain_index, model, table, figure, fasta, lifted_bed, text)
}
UNLIMITED_AT_FIRST = (chain_index, lifted_bed)
"""These write what they read before the limit is set."""


def limit() -> None:
    if len(sys.argv) == 5 and Path(sys.argv[0]).name == "writers.py":
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL if sys.argv[3] == "killed" else signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), resource.RLIM_INFINITY))


def main() -> int:
    from regssl.errors import RegsslError

    writer = WRITERS[sys.argv[1]]
    if writer not in UNLIMITED_AT_FIRST:
        limit()
    try:
        writer(Path(sys.argv[2]))
    except RegsslError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
