"""Training as a user starts it, Lightning and all: several seeds one at a time, in one job, and stacked.

    python benchmarks/train_seeds.py [--model deepbind] [--seeds 1 5 10] [--steps 400] [--precision 32-true bf16-mixed]
        [--compile]

"plain Lightning" is what people write today: a per-item one-hot Dataset, a DataLoader, convolution, ReLU and max pool,
automatic optimization, a logged loss. On a GPU the stacked rows are the ones to read; on a CPU seeds of one job run one
after the other, and the ensemble is there for its equal results, which are checked first. Rates count the windows of
all seeds, TFLOP/s those of dense arithmetic.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import tempfile
import time
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from loader import ByTable
from table import Table, machine
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.utils.data import DataLoader

from regssl.data.dataset import WindowDataset
from regssl.methods import resolve
from regssl.methods.settings import RunSettings
from regssl.models import build
from regssl.training.data import TrainingData, TrainingJob
from regssl.training.fit import fit

FLOPS = {"deepbind": 3 * 2 * 2 * 187 * 403 * 56, "deepsea": 391.5e6}
"""Of one 200-bp window, forward and backward, by dense arithmetic."""


class PlainDeepBind(nn.Module):
    """The same network, as it is usually written."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(4, 403, 14)
        self.head = nn.Sequential(nn.ReLU(), nn.Dropout(0.5), nn.Linear(403, 10), nn.ReLU(), nn.Linear(10, 1))

    def forward(self, bases: Tensor) -> Tensor:
        best = [self.convolution(strand).amax(-1) for strand in (bases, bases.flip(1, 2))]
        return self.head(torch.maximum(*best)).squeeze(-1)


class PlainDeepSEA(nn.Module):
    """The dense network of regssl; only the loop around it differs."""

    def __init__(self) -> None:
        super().__init__()
        self.network = build("deepsea", 200, {})

    def forward(self, bases: Tensor) -> Tensor:
        return self.network(bases)


class PlainClassifier(pl.LightningModule):
    """The loop as it is usually written."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
        loss = binary_cross_entropy_with_logits(self.network(batch[0]), batch[1])
        self.log("train_loss", loss)
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=1e-3)


def windows(n: int, seed: int) -> WindowDataset:
    rng = torch.Generator().manual_seed(seed)
    codes = torch.randint(4, (n, 200), dtype=torch.uint8, generator=rng)
    return WindowDataset(codes, (torch.rand(n, generator=rng) < 0.05).float())


def plain(model: str, train: WindowDataset, batch: int, steps: int, precision: str) -> float:
    """Seconds of the plain loop."""
    data = ByTable(train.codes.numpy(), train.labels.numpy())
    trainer = pl.Trainer(
        max_steps=steps, max_epochs=-1, precision=precision, logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    network = PlainDeepBind() if model == "deepbind" else PlainDeepSEA()
    start = time.perf_counter()
    trainer.fit(PlainClassifier(network), DataLoader(data, batch, shuffle=True))
    return time.perf_counter() - start


def ours(settings: RunSettings, seeds: int, data: TrainingData, stacked: bool) -> float:
    """Seconds of the epoch after the first, which compiles and warms up."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        runs = fit(TrainingJob(settings, resolve("sl"), range(seeds), stacked=stacked), data, Path(folder))
    if stacked:
        return runs[0].history[-1]["seconds"]
    return sum(run.history[-1]["seconds"] for run in runs)


def changed(settings: RunSettings, **training: Any) -> RunSettings:
    return settings.model_copy(update={"training": settings.training.model_copy(update=training)})


def check_agreement(settings: RunSettings, data: TrainingData) -> None:
    """Stacked seeds end with the weights of separate ones."""
    short = changed(settings, steps_per_epoch=5, precision="32-true")
    weights = []
    for stacked in (False, True):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            runs = fit(TrainingJob(short, resolve("sl"), [0, 1, 2], stacked=stacked), data, Path(folder))
        weights.append([tensor for run in runs for tensor in run.network.state_dict().values()])
    difference = max((one - other).abs().max().item() for one, other in zip(*weights, strict=True))
    print(f"three seeds, stacked against separate, after ten steps: largest difference {difference:.1e}")
    assert difference < 1e-4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=FLOPS, default="deepbind")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 5, 10])
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--precision", nargs="+", default=["32-true"])
    parser.add_argument("--compile", action="store_true", help="compiled steps as well")
    options = parser.parse_args()
    gpu = torch.cuda.is_available()
    torch.set_num_threads(1)
    device = torch.cuda.get_device_name() if gpu else "CPU, one thread"
    print(f"{machine()}; {device}; {options.model}, batch {options.batch}")
    train, validation = windows(20_000, 0), windows(256, 1)
    training = {"batch_size": options.batch, "steps_per_epoch": options.steps, "max_epochs": 2, "patience": 9}
    settings = RunSettings(architecture=options.model, training=training)
    data = TrainingData(train, None, validation)
    check_agreement(settings, data)

    table = Table("", "seeds", "windows/s", "updates/s", "TFLOP/s", "ratio", first=44, width=11)
    plain(options.model, train, options.batch, 3, "32-true")
    base = options.batch * options.steps / plain(options.model, train, options.batch, options.steps, "32-true")
    variants = [
        (stacked, precision, compiled)
        for stacked in (False, True)
        for precision in options.precision
        for compiled in ([False, True] if options.compile else [False])
    ]

    def row(name: str, seeds: int, rate: float) -> None:
        flops = rate * FLOPS[options.model] / 1e12
        table.row(name, str(seeds), rate, rate / options.batch, flops, f"{rate / base:.1f}")

    row("plain Lightning, one seed at a time", 1, base)
    for seeds in options.seeds:
        for stacked, precision, compiled in variants:
            if stacked and seeds == 1:
                continue
            name = ", ".join(["stacked" if stacked else "one seed at a time", precision, *["compiled"] * compiled])
            own = changed(settings, precision=precision, compile=compiled)
            seconds = ours(own, seeds, data, stacked)
            row(name, seeds, seeds * options.batch * options.steps / seconds)


if __name__ == "__main__":
    main()
