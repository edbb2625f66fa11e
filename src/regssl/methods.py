"""The training methods: which windows, in which phases. The training itself is the same for all (`training`).

To add one: write a function that returns its phases, and register it below with the config blocks it uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Phase:
    """One run of the optimiser; a phase starts from the best weights of the one before.

    Attributes:
        name: appears in logs, in the history and in the names of checkpoints.
        homologs: train on the pseudo-labelled homologs besides the human windows.
        training: the keys of config.Training for this phase.
    """

    name: str
    homologs: bool
    training: dict[str, Any]


@dataclass(frozen=True)
class Method:
    """A training method.

    Attributes:
        name: display name.
        phases: settings to phases; settings are those of `Config.settings`.
        settings: the config blocks it uses besides `training`.
        homologs: whether any phase reads homologs, so whether the workflow must make them first.
    """

    name: str
    phases: Callable[[Mapping[str, Any]], list[Phase]]
    settings: tuple[str, ...] = ()
    homologs: bool = False


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


METHODS: dict[str, Method] = {
    "sl": Method("SL", supervised),
    "ssl": Method("SSL", semi_supervised, settings=("finetuning",), homologs=True),
}
