"""The training methods: which windows, which weights, in which phases. The training itself is the same for all.

To add one: write a function that returns its phases, and register it below with the config blocks it uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Phase:
    """One run of the optimiser; a phase starts from the best weights of the one before.

    Attributes:
        name: appears in logs, in the history and in the names of checkpoints.
        homologs: train on the pseudo-labelled homologs besides the human windows.
        training: the keys of config.Training for this phase.
        confidence_power: a homolog's loss is weighted by the teacher's confidence in its pseudo-label to this power:
            the teacher is the method's, or the network as the phase before left it. None: every window weighs 1.
        noise_sd: standard deviation of Gaussian noise added to the one-hot code of every training window.
        fresh: start from new weights instead.
    """

    name: str
    homologs: bool
    training: dict[str, Any]
    confidence_power: float | None = None
    noise_sd: float = 0.0
    fresh: bool = False


@dataclass(frozen=True)
class Method:
    """A training method.

    Attributes:
        name: display name.
        phases: settings to phases; settings are those of `Config.settings`.
        settings: the config blocks it uses besides `training`.
        homologs: whether any phase reads homologs, so whether the workflow must make them first.
        teacher: the method whose model of the same dataset, architecture and seed weights the homologs first.
    """

    name: str
    phases: Callable[[Mapping[str, Any]], list[Phase]]
    settings: tuple[str, ...] = ()
    homologs: bool = False
    teacher: str | None = None


def supervised(settings: Mapping[str, Any]) -> list[Phase]:
    """SL: supervised learning on human windows alone."""
    return [Phase("train", homologs=False, training=settings["training"])]


def semi_supervised(settings: Mapping[str, Any]) -> list[Phase]:
    """SSL: pre-train on human windows and their pseudo-labelled homologs, then fine-tune on human windows."""
    pretraining = settings["training"]
    rate = pretraining["learning_rate"] * settings["finetuning"]["learning_rate_factor"]
    return [
        Phase("pretrain", homologs=True, training=pretraining),
        Phase("finetune", homologs=False, training={**pretraining, "learning_rate": rate}),
    ]


def noisy_student(settings: Mapping[str, Any]) -> list[Phase]:
    """SSL-NS: SSL whose pre-training trusts a homolog as far as a teacher does, on noisy input.

    With further rounds the student becomes the teacher of a new student. After Xie et al. 2020, *Self-training with
    Noisy Student improves ImageNet classification*.
    """
    own = settings["noisy_student"]
    pretraining, finetuning = semi_supervised(settings)
    return [
        phase
        for turn in range(own["rounds"])
        for phase in (
            replace(
                pretraining,
                name=_numbered(pretraining.name, turn),
                confidence_power=own["confidence_power"],
                noise_sd=own["noise_sd"],
                fresh=turn > 0,
            ),
            replace(finetuning, name=_numbered(finetuning.name, turn)),
        )
    ]


def _numbered(name: str, turn: int) -> str:
    return f"{name}{turn + 1}" if turn else name


METHODS: dict[str, Method] = {
    "sl": Method("SL", supervised),
    "ssl": Method("SSL", semi_supervised, settings=("finetuning",), homologs=True),
    "ssl_ns": Method("SSL-NS", noisy_student, ("finetuning", "noisy_student"), homologs=True, teacher="sl"),
}
