"""How fast `deepbind` trains on noisy windows on a CPU, and how much slower than on windows without noise.

    python benchmarks/noise.py [--threads 1] [--batch 64] [--seconds 2.0]

A step is the noise, forward, backward and Adam. `plain` is torch's convolution, its maximum and their gradient; `dense`
products of the filters that dropout keeps, and a gradient of the best windows only; `no noise` the k-mer tables. The
three are timed in turns, medians are reported, in milliseconds. On a shared machine read the ratios. `subnormal`: how
many times as long a dense step takes with weights that are too small for full precision.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import torch
from table import Table, machine, time_in_turns
from torch.nn.functional import binary_cross_entropy_with_logits

from regssl.models.deepbind import DeepBind
from regssl.sequences.encoding import one_hot

WIDTH, NOISE_SD = 200, 0.1
NETWORKS: dict[str, dict[str, Any]] = {
    "default": {},
    "the same, no dropout": {"dropout": 0.0},
    "256 of 24, one strand": {"filters": 256, "filter_width": 24, "both_strands": False},
}


def step(
    params: dict[str, Any], batch: int, noise: bool, plain: bool = False, scale: float = 1
) -> Callable[[], object]:
    torch.manual_seed(0)
    made = DeepBind(WIDTH, **params).train()
    made.scan.plain = plain
    with torch.no_grad():
        made.scan.weight.mul_(scale)
    codes, labels = torch.randint(0, 4, (batch, WIDTH), dtype=torch.uint8), torch.randint(0, 2, (batch,)).float()
    optimizer = torch.optim.Adam(made.parameters(), lr=1e-3 if scale == 1 else 0, fused=True)

    def run() -> None:
        sequences = one_hot(codes) + NOISE_SD * torch.randn(batch, 4, WIDTH) if noise else codes
        optimizer.zero_grad()
        binary_cross_entropy_with_logits(made(sequences), labels).backward()
        optimizer.step()

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="+", default=[1])
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=2.0, help="time for each row")
    options = parser.parse_args()

    print(machine())
    columns = ("threads", "plain", "dense", "no noise", "plain/dense", "dense/none", "subnormal")
    table = Table("", *columns, first=24, width=13)
    for threads in options.threads:
        torch.set_num_threads(threads)
        for name, params in NETWORKS.items():
            routes = [step(params, options.batch, True, plain=True), step(params, options.batch, True)]
            routes.append(step(params, options.batch, False))
            routes.append(step(params, options.batch, True, scale=1e-39))
            plain, dense, none, small = (1000 * seconds for seconds in time_in_turns(routes, options.seconds, least=5))
            ratios = plain / dense, dense / none, small / dense
            times = (f"{value:.1f}" for value in (plain, dense, none, *ratios))
            table.row(name, threads, *times)


if __name__ == "__main__":
    main()
