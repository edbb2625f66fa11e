"""The training methods: which windows, which weights, in which phases. The training itself is the same for all.

A control is a method that could explain a gain away: it differs from SSL in one thing, and takes as many steps of the
optimiser on batches with the same expected share of positives (`tests/test_matched.py` counts them). A floor is no
training at all, or a model of two numbers (`floors`).
To add a method: write a function that returns its phases, and register it below with the config blocks it uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from regssl.errors import ConfigError
from regssl.methods.ablations import Dose, parse_dose

Shown = Literal["human", "homologs", "sources", "families"]
"""What the slots hold from which a phase draws its batches: see `slots`."""


@dataclass(frozen=True)
class Phase:
    """One run of the optimiser; a phase starts from the best weights of the one before.

    Attributes:
        name: appears in logs, in the history and in the names of checkpoints.
        shown: which windows it draws from.
        training: the keys of config.Training for this phase.
        confidence_power: a homolog's loss is weighted by the teacher's confidence in its pseudo-label to this power:
            the teacher is the method's, or the network as the phase before left it. None: every window weighs 1.
        noise_sd: standard deviation of Gaussian noise added to the one-hot code of every training window.
        fresh: start from new weights instead.
        shuffled: the share of each genome's homologs whose labels are permuted among themselves.
    """

    name: str
    shown: Shown
    training: dict[str, Any]
    confidence_power: float | None = None
    noise_sd: float = 0.0
    fresh: bool = False
    shuffled: float = 0.0


@dataclass(frozen=True)
class Method:
    """A training method.

    Attributes:
        name: display name.
        phases: settings to phases; settings are those of `Config.settings`.
        settings: the config blocks it uses besides `training`.
        sets: which sets it reads besides the human ones, so which the workflow must make first: `homologs`, or
            `mutated` copies of human windows in their place; empty: none.
        teacher: the method whose model of the same dataset, architecture and seed weights the homologs first.
        kind: of the paper, a control, or a floor.
        dose: how much of the homologs or of the human windows it is given; None: all.
    """

    name: str
    phases: Callable[[Mapping[str, Any]], list[Phase]]
    settings: tuple[str, ...] = ()
    sets: Literal["", "homologs", "mutated"] = ""
    teacher: str | None = None
    kind: Literal["paper", "control", "floor"] = "paper"
    dose: Dose | None = None


def supervised(settings: Mapping[str, Any]) -> list[Phase]:
    """SL: supervised learning on human windows alone."""
    return [Phase("train", "human", settings["training"])]


def semi_supervised(settings: Mapping[str, Any]) -> list[Phase]:
    """SSL: pre-train on human windows and their pseudo-labelled homologs, then fine-tune on human windows."""
    pretraining = settings["training"]
    rate = pretraining["learning_rate"] * settings["finetuning"]["learning_rate_factor"]
    return [
        Phase("pretrain", "homologs", pretraining),
        Phase("finetune", "human", {**pretraining, "learning_rate": rate}),
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


def _pretraining_on(shown: Shown, shuffled: float = 0.0) -> Callable[[Mapping[str, Any]], list[Phase]]:
    """SSL with other windows, or other labels, in pre-training."""

    def phases(settings: Mapping[str, Any]) -> list[Phase]:
        pretraining, finetuning = semi_supervised(settings)
        return [replace(pretraining, shown=shown, shuffled=shuffled), finetuning]

    return phases


def _control(name: str, shown: Shown, sets: Literal["", "homologs", "mutated"], shuffled: float = 0.0) -> Method:
    return Method(name, _pretraining_on(shown, shuffled), ("finetuning",), sets, kind="control")


def _floor(name: str) -> Method:
    return Method(name, lambda settings: [], kind="floor")


METHODS: dict[str, Method] = {
    "sl": Method("SL", supervised),
    "ssl": Method("SSL", semi_supervised, ("finetuning",), "homologs"),
    "ssl_ns": Method("SSL-NS", noisy_student, ("finetuning", "noisy_student"), "homologs", teacher="sl"),
    # is it the second phase?
    "sl_finetuned": _control("SL, two phases", "human", ""),
    # is it the number of times a positive is seen? Each homolog is replaced by the human window it comes from
    "sl_oversampled": _control("SL, oversampled", "sources", "homologs"),
    # would random mutations do? Each homolog is replaced by its human window mutated as far as that genome has diverged
    "sl_mutated": _control("SL, mutated", "homologs", "mutated"),
    # does the label matter? The labels of each genome's homologs are permuted
    "ssl_shuffled": _control("SSL, labels shuffled", "homologs", "homologs", shuffled=1.0),
    # Duncan, Mitchell and Moses 2024: every time a human window is drawn, it or one of its homologs is shown
    "phylo_augmentation": _control("Phylogenetic augmentation", "families", "homologs"),
    "random": _floor("Random scores"),
    "gc": _floor("GC and CpG"),
    "motif": _floor("Motif"),
}


@cache
def resolve(id: str) -> Method:
    """The method of an id: a name of METHODS, or one with a dose, such as `ssl-nearest4` (see `doses`).

    Raises:
        ConfigError: no such method or dose, or one that the method cannot have.
    """
    name, dash, text = id.partition("-")
    if name not in METHODS:
        raise ConfigError(f"unknown method '{id}'", f"known: {', '.join(METHODS)}")
    method = METHODS[name]
    if not dash:
        return method
    dose = parse_dose(text)
    if dose is None or method.kind == "floor" or (dose.of_homologs and method.sets != "homologs"):
        raise ConfigError(f"unknown method '{id}': '{text}' is no dose of '{name}'", "such as ssl-nearest4, sl-human25")
    phases = method.phases
    if dose.turnover_percent is not None:
        if method.phases is not semi_supervised:
            raise ConfigError(f"unknown method '{id}': turnover is a dose of ssl", "such as ssl-turnover25")
        phases = _pretraining_on("homologs", dose.turnover_percent / 100)
    return replace(method, name=f"{method.name}, {dose.name}", phases=phases, dose=dose)
