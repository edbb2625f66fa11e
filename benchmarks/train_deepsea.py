"""How fast `deepsea` trains on a CPU: convolutions by torch against one matrix product each, in two arithmetics.

    python benchmarks/train_deepsea.py [--batch 64] [--turns 3]

One thread; forward and backward, without the optimizer. Both must give the same logits first. bfloat16 is what
`training.precision: bf16-mixed` trains in, on processors that multiply it.
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Callable

import torch
from table import Table, machine, time_in_turns
from torch import Tensor, nn

from regssl.models import build
from regssl.models.deepsea import Convolution


def by_torch(network: nn.Module) -> nn.Module:
    """A copy whose convolutions are torch's own."""
    plain = copy.deepcopy(network)
    for layer in plain.modules():
        if isinstance(layer, Convolution):
            layer.__class__ = nn.Conv1d
    return plain


def step(network: nn.Module, codes: Tensor, bf16: bool) -> Callable[[], None]:
    def run() -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            loss = network(codes).float().pow(2).mean()
        loss.backward()

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    ours = build("deepsea", 200, {})
    plain, codes = by_torch(ours), torch.randint(4, (options.batch, 200), dtype=torch.uint8)
    with torch.no_grad():
        difference = (ours.eval()(codes) - plain.eval()(codes)).abs().max().item()
    print(f"{machine()}\nlogits: largest difference {difference:.1e}")
    assert difference < 1e-5
    rows = [(network.train(), bf16) for bf16 in (False, True) for network in (plain, ours)]
    seconds = time_in_turns([step(network, codes, bf16) for network, bf16 in rows], least=options.turns)
    table = Table("", "windows/s", "ratio", first=32)
    for number, (_, bf16) in enumerate(rows):
        name = ("torch", "matrix products")[number % 2] + (", bfloat16" if bf16 else ", float32")
        table.row(name, options.batch / seconds[number], f"{seconds[number - number % 2] / seconds[number]:.2f}")


if __name__ == "__main__":
    main()
