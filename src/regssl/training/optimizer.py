"""The optimizer of a phase, its learning rate schedule, and gradient clipping, for an ensemble."""

from __future__ import annotations

from collections.abc import Callable

import torch

from regssl.methods.settings import Training
from regssl.models.ensemble import Ensemble


def make_optimizer(ensemble: Ensemble, training: Training) -> torch.optim.Optimizer:
    """Make Adam, or AdamW without weight decay on biases and normalisations, which are the parameters of one axis.

    Args:
        ensemble: the networks.
        training: settings of the phase.
    """
    rate, decay = training.learning_rate, training.weight_decay
    if training.optimizer == "adam":
        return torch.optim.Adam(ensemble.parameters(), lr=rate, weight_decay=decay, fused=True)
    axes = 1 if ensemble.size == 1 else 2
    matrices = [parameter for parameter in ensemble.parameters() if parameter.ndim > axes]
    vectors = [parameter for parameter in ensemble.parameters() if parameter.ndim <= axes]
    groups = [{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=rate, fused=True)


def step_function(optimizer: torch.optim.Optimizer) -> Callable[[], object]:
    """Return what makes a step of an optimizer of `make_optimizer`, with the same results as its method.

    On a CPU it calls torch's kernel and no more: what `step` does around it takes longer than the update of a small
    network. It is good until the optimizer's state is replaced.
    """
    kernel = torch._fused_adamw_ if isinstance(optimizer, torch.optim.AdamW) else torch._fused_adam_
    groups, state = optimizer.param_groups, optimizer.state
    parameters = [parameter for group in groups for parameter in group["params"]]
    alike = all(one.device.type == "cpu" and one.dtype == torch.float32 for one in parameters)
    if not alike or not all(state.get(one) for one in parameters):  # there are no states before the first step
        return optimizer.step
    keys = ("exp_avg", "exp_avg_sq", "step")
    tensors = [[[state[one][key] for one in group["params"]] for key in keys] for group in groups]

    @torch.no_grad()
    def step() -> None:
        gradients = [[parameter.grad for parameter in group["params"]] for group in groups]
        if any(gradient is None for own in gradients for gradient in own):
            optimizer.step()
            return
        for group, own, (means, squares, steps) in zip(groups, gradients, tensors, strict=True):
            torch._foreach_add_(steps, 1)
            kernel(
                group["params"],
                own,
                means,
                squares,
                [],
                steps,
                lr=group["lr"],
                beta1=group["betas"][0],
                beta2=group["betas"][1],
                weight_decay=group["weight_decay"],
                eps=group["eps"],
                amsgrad=False,
                maximize=False,
            )

    return step


def learning_rate_at(step: int, training: Training) -> float:
    """Return the learning rate of a step of a phase, counted from 0.

    It rises linearly from 0 to `learning_rate` in `warmup_steps`; then it is constant, or with the schedule `linear`
    falls linearly to 0 at the last possible step of the phase. With 2 steps of warm-up and 6 in all, a rate of 1 is 0,
    1/2, 1, 3/4, 1/2, 1/4.
    """
    peak, warmup = training.learning_rate, training.warmup_steps
    if step < warmup:
        return peak * step / warmup
    if training.schedule == "constant":
        return peak
    steps = training.max_epochs * training.steps_per_epoch
    return peak * max(steps - step, 0) / max(steps - warmup, 1)


def set_learning_rate(optimizer: torch.optim.Optimizer, training: Training, step: int) -> None:
    """Set the learning rate of a step of a phase."""
    for group in optimizer.param_groups:
        group["lr"] = learning_rate_at(step, training)


def clip_gradients(ensemble: Ensemble, max_norm: float | None) -> None:
    """Scale down the gradients of each network whose norm, over all its weights, exceeds `max_norm`; None: of none."""
    if max_norm is None:
        return
    gradients = [parameter.grad for parameter in ensemble.parameters() if parameter.grad is not None]
    stacked = gradients if ensemble.size > 1 else [gradient.unsqueeze(0) for gradient in gradients]
    squares = torch.stack([gradient.flatten(1).square().sum(1) for gradient in stacked]).sum(0)
    factors = (max_norm / (squares.sqrt() + 1e-6)).clamp(max=1.0)
    for gradient in stacked:
        gradient.mul_(factors.view(-1, *[1] * (gradient.ndim - 1)))
