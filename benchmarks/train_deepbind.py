"""How fast `deepbind` trains and predicts on a CPU: torch's layers against k-mer tables and compiled layers.

    python benchmarks/train_deepbind.py [--threads 1 2] [--seconds 1.0]

First both routes must give the same answers. Then each row times the two in turns and reports their medians, in
sequences of 200 bp per second. On a shared machine read the ratio, and one thread before two.

The plain route also waits for memory: glibc hands its arrays of some 10 MB back to the system and fetches them anew at
each step. MALLOC_MMAP_THRESHOLD_=1000000000 MALLOC_TRIM_THRESHOLD_=1000000000 in the environment spares it that.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import torch
from table import Table, machine, time_in_turns
from torch.nn.functional import binary_cross_entropy_with_logits

from regssl.models.deepbind import DeepBind
from regssl.models.inputs import SequenceInputs
from regssl.models.predict import EVALUATION_BATCH, forward_batch
from regssl.training.loss import mean_losses
from regssl.training.optimizer import step_function

WIDTH = 200
BATCHES = (64, 128, 512)


def network(plain: bool) -> DeepBind:
    torch.manual_seed(0)
    made = DeepBind(WIDTH)
    made.scan.plain = plain
    return made


def data(batch: int) -> tuple[torch.Tensor, torch.Tensor]:
    rng = torch.Generator().manual_seed(1)
    codes = torch.randint(0, 4, (batch, WIDTH), dtype=torch.uint8, generator=rng)
    codes[::10, 50:60] = 4  # a run of N in every tenth sequence
    return codes, torch.randint(0, 2, (batch,), generator=rng).float()


def check_agreement() -> None:
    """Compare logits and gradients of both routes; a near tie of two windows may move a gradient."""
    codes, labels = data(256)
    answers = []
    for plain in (True, False):
        made = network(plain).eval()
        logits = made(codes)
        binary_cross_entropy_with_logits(logits, labels).backward()
        answers.append((logits.detach(), made.scan.weight.grad, made.scan.bias.grad))
    for name, plain, fast in zip(("logits", "weight gradient", "bias gradient"), *answers, strict=True):
        difference = (plain - fast).abs().max().item()
        print(f"{name}: largest difference {difference:.1e} (largest value {plain.abs().max().item():.1e})")
        assert difference < 1e-5, f"{name} disagree"


def forward(plain: bool, batch: int) -> Callable[[], object]:
    made, (codes, _) = network(plain).train(), data(batch)
    return lambda: made(codes)


def step(plain: bool, batch: int) -> Callable[[], object]:
    made, (codes, labels) = network(plain).train(), data(batch)
    optimizer = torch.optim.Adam(made.parameters(), lr=1e-3, fused=True)

    def run() -> None:
        optimizer.zero_grad()
        binary_cross_entropy_with_logits(made(codes), labels).backward()
        optimizer.step()

    run()
    make_step, parameters = step_function(optimizer), list(made.parameters())

    def run_compiled() -> None:
        for parameter in parameters:
            parameter.grad = None
        mean_losses(made(codes)[None], labels[None], None).sum().backward()
        make_step()

    return run if plain else run_compiled


def prediction(plain: bool, batch: int, both_strands: bool) -> Callable[[], object]:
    made, (codes, _) = network(plain).eval(), data(batch)
    windows, rows = SequenceInputs(codes), torch.arange(batch)

    def run() -> None:
        with torch.inference_mode():
            forward_batch(made, windows, rows, both_strands)

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--seconds", type=float, default=1.0, help="time for each row")
    options = parser.parse_args()

    print(machine())
    check_agreement()
    rows: list[tuple[str, int, Callable[[bool, int], Callable[[], object]]]] = []
    rows += [("forward", batch, forward) for batch in BATCHES]
    rows += [("forward, backward, Adam", batch, step) for batch in BATCHES]
    rows += [("predict, one strand", EVALUATION_BATCH, lambda plain, batch: prediction(plain, batch, False))]
    rows += [("predict, both strands", EVALUATION_BATCH, lambda plain, batch: prediction(plain, batch, True))]
    print()
    table = Table("", "batch", "threads", "plain/s", "regssl/s", "ratio", first=24, width=10)
    for threads in options.threads:
        torch.set_num_threads(threads)
        for name, batch, make in rows:
            plain, fast = time_in_turns([make(True, batch), make(False, batch)], options.seconds, least=5)
            table.row(name, batch, threads, batch / plain, batch / fast, f"{plain / fast:.1f}")


if __name__ == "__main__":
    main()
