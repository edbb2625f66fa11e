"""The optimiser of a phase, its learning rate at each step, and the clipping of gradients, for an ensemble."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from pytorch_lightning.core.optimizer import LightningOptimizer

from regssl.models.ensemble import Ensemble


def make_optimizer(ensemble: Ensemble, training: Mapping[str, Any]) -> torch.optim.Optimizer:
    """Adam, or AdamW whose weight decay spares biases and normalisations: whatever has one axis.

    Args:
        ensemble: the networks.
        training: the keys of config.Training.
    """
    rate, decay = training["learning_rate"], training["weight_decay"]
    if training["optimizer"] == "adam":
        return torch.optim.Adam(ensemble.parameters(), lr=rate, weight_decay=decay, fused=True)
    axes = 1 if ensemble.size == 1 else 2
    matrices = [parameter for parameter in ensemble.parameters() if parameter.ndim > axes]
    vectors = [parameter for parameter in ensemble.parameters() if parameter.ndim <= axes]
    groups = [{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=rate, fused=True)


def rate_at(step: int, training: Mapping[str, Any]) -> float:
    """The learning rate of a step of a phase, the first being 0.

    It rises in a straight line from 0 to `learning_rate` in `warmup_steps`; then it stays, or with the schedule
    `linear` falls in a straight line to 0 at the phase's last possible step. With 2 steps of warm-up and 6 in all, a
    rate of 1 is 0, 1/2, 1, 3/4, 1/2, 1/4.
    """
    peak, warmup = training["learning_rate"], training["warmup_steps"]
    if step < warmup:
        return peak * step / warmup
    if training["schedule"] == "constant":
        return peak
    steps = training["max_epochs"] * training["steps_per_epoch"]
    return peak * max(steps - step, 0) / max(steps - warmup, 1)


def set_rate(optimizer: torch.optim.Optimizer | LightningOptimizer, training: Mapping[str, Any], step: int) -> None:
    """Bring the learning rate to where it is at a step."""
    for group in optimizer.param_groups:
        group["lr"] = rate_at(step, training)


def clip_gradients(ensemble: Ensemble, largest: float | None) -> None:
    """Scale down the gradients of each network whose norm, over all its weights, is larger than this; None: of none."""
    if largest is None:
        return
    gradients = [parameter.grad for parameter in ensemble.parameters() if parameter.grad is not None]
    stacked = gradients if ensemble.size > 1 else [gradient.unsqueeze(0) for gradient in gradients]
    squares = torch.stack([gradient.flatten(1).square().sum(1) for gradient in stacked]).sum(0)
    factors = (largest / (squares.sqrt() + 1e-6)).clamp(max=1.0)
    for gradient in stacked:
        gradient.mul_(factors.view(-1, *[1] * (gradient.ndim - 1)))
