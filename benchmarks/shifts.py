"""Whether means over moved windows rank better: AUPR of the validation windows of finished runs (`variants.shifts`).

    python benchmarks/shifts.py results/encode_regions human [--shifts 10 20] [--seeds 5]

Every validation window is scored at its place, and as the mean over it and the windows moved to either side; windows
that are too near to the end of their chromosome are left out of both. Test windows and variants are not looked at.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from table import Table

from regssl.evaluation.metrics import average_precision
from regssl.io.parquet import load_table
from regssl.models.predict import predict
from regssl.models.serialization import load, read_card
from regssl.sequences.genome import Genome
from regssl.variants.shifts import wide_enough


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, help="folder of results")
    parser.add_argument("human", help="id of the human genome")
    parser.add_argument("--shifts", type=int, nargs="+", default=[10, 20])
    parser.add_argument("--seeds", type=int, default=5, help="look at so many of each method")
    options = parser.parse_args()
    genome = Genome(options.results / f"genomes/{options.human}.2bit")
    starts = [0, *(sign * shift for shift in options.shifts for sign in (-1, 1))]
    table = Table("AUPR of validation windows", "centred", "mean", "difference", width=12)
    differences = []
    for folder in sorted(options.results.glob("runs/*/*/*")):
        models = sorted(folder.glob("seed*/model.safetensors"))[: options.seeds]
        cards = [read_card(model) for model in models]
        if not models or any(card.failure for card in cards):
            continue
        dataset, width = folder.parents[1].name, cards[0].width
        windows = load_table(options.results / f"datasets/{dataset}/human/validation.parquet")
        flank = (wide_enough(width, options.shifts) - width) // 2
        sizes = windows["chrom"].astype(str).map(genome.sizes)
        windows = windows[(windows["start"] >= flank) & (windows["end"] + flank <= sizes)]
        first = windows["start"].to_numpy() - flank
        codes = genome.windows(windows["chrom"].tolist(), first, wide_enough(width, options.shifts))
        found = []
        for model, card in zip(models, cards, strict=True):
            network = load(model)
            moved = (np.ascontiguousarray(codes[:, flank + start : flank + start + width]) for start in starts)
            logits = np.stack([predict(network, one, card.reverse_complement) for one in moved])
            found.append([average_precision(windows["label"], one) for one in (logits[0], logits.mean(axis=0))])
        centred, mean = np.mean(found, axis=0)
        differences += [after - before for before, after in found]
        table.row("/".join(folder.parts[-3:]), centred, mean, mean - centred)
    higher = sum(difference > 0 for difference in differences)
    print(f"mean difference {np.mean(differences):+.4f}; higher in {higher} of {len(differences)} runs")


if __name__ == "__main__":
    main()
