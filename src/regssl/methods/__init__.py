"""The training methods: which windows, which weights, in which phases; the training itself is the same for all.

Start at METHODS, and at `resolve`, which parses a method id. A control is a method that could explain a gain: it
differs from SSL in one thing, and takes the same number of optimizer steps on batches with the same expected fraction
of positives, or in human windows alone with theirs (`tests/training/test_matched.py` counts them, and weighs the loss
of each label). An extension is matched likewise, but homologs have their labels, so it explains nothing away. A
baseline is not trained by gradient descent (`training.baselines`). To add a method: write a function that returns its
phases, and register it in METHODS with the settings it uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Literal

from regssl.errors import ConfigError
from regssl.methods.subsets import Subset, parse_subset

if TYPE_CHECKING:
    from regssl.methods.settings import AugmentationRates, Filtering, NoisyStudent, RunSettings, Training

__all__ = ["METHODS", "Kind", "Method", "Phase", "Subset", "TrainingSource", "Windows", "resolve", "subset_kinds"]

TrainingSource = Literal[
    "human", "homologs", "parents", "positive_homologs", "negative_homologs", "orthogroups", "all_negatives"
]
"""The windows from which a phase samples its batches: see `training.sampling.make_sampling_units`."""
Windows = Literal["", "homologs", "mutated", "negatives"]
"""The sets of windows that a method trains on besides human ones."""
Kind = Literal["paper", "extension", "control", "baseline"]
"""Methods of the paper; methods of others that go on from its SSL; what could explain a gain; what is not trained."""


@dataclass(frozen=True)
class Phase:
    """One run of the optimizer; a phase starts from the best weights of the one before.

    Attributes:
        name: used in logs, in the history and in the names of checkpoints.
        source: the windows to sample from.
        training: settings of this phase.
        confidence_power: weight the loss of a homolog by the teacher's confidence in its pseudo-label to this power;
            the teacher is that of the method, or the network after the previous phase. None: every window has weight 1.
        normalize_weights: divide these weights by their mean over the homologs of each label.
        distance_decay: multiply the weight of a homolog by exp(-distance_decay * substitutions per site of its genome).
        noise_sd: standard deviation of Gaussian noise added to the one-hot code of every training window.
        reinitialize: start from new weights instead.
        label_permutation: fraction of the homologs of each genome whose labels are permuted.
        filtering: which homologs to keep, by the genomes that have one and by the same teacher; None: all.
        augmentation: changes to human windows each time one is sampled; None: none.
    """

    name: str
    source: TrainingSource
    training: Training
    confidence_power: float | None = None
    normalize_weights: bool = True
    distance_decay: float = 0.0
    noise_sd: float = 0.0
    reinitialize: bool = False
    label_permutation: float = 0.0
    filtering: Filtering | None = None
    augmentation: AugmentationRates | None = None

    @property
    def asks_teacher(self) -> bool:
        """Whether a teacher's probabilities of the pseudo-labels are needed."""
        return self.confidence_power is not None or self.filtering is not None


@dataclass(frozen=True)
class Method:
    """A training method.

    Attributes:
        id: unique id, such as `ssl-nearest4`.
        name: display name.
        phases: returns the phases of a run with given settings.
        settings: the groups of settings it uses besides `training`.
        extra_windows: the sets it reads besides the human ones, which the workflow must make first: `homologs`,
            `mutated` copies of human windows in their place, or the human `negatives` that were not drawn; empty: none.
        teacher: the method whose models of the same dataset, architecture and seed first weight or filter homologs.
        kind: a method of the paper, an extension of it, a control, or a baseline.
        base: id of the method without its subset.
        subset: the part of the homologs or human windows that it uses; None: all.
        tuned: group and field of the setting, a list, whose values are all tried: the one best on validation windows is
            kept. None: nothing is.
    """

    id: str
    name: str
    phases: Callable[[RunSettings], list[Phase]]
    settings: tuple[str, ...] = ()
    extra_windows: Windows = ""
    teacher: str | None = None
    kind: Kind = "paper"
    base: str = ""
    subset: Subset | None = None
    tuned: tuple[str, str] | None = None

    @property
    def is_paper(self) -> bool:
        """Whether the paper has it: with all its data."""
        return self.kind == "paper" and self.subset is None

    def candidates(self, settings: RunSettings) -> list[RunSettings]:
        """Return the settings with each value of the setting that is tuned; the settings alone where none is."""
        if self.tuned is None:
            return [settings]
        group, field = self.tuned
        own = getattr(settings, group)
        return [
            settings.model_copy(update={group: own.model_copy(update={field: [value]})})
            for value in getattr(own, field)
        ]

    def needs_distances(self, noisy_student: NoisyStudent) -> bool:
        """Whether it weights homologs by the distance of their genome."""
        return self.tuned == ("noisy_student", "distance_decays") and any(noisy_student.distance_decays)

    def teachers(self, folds: int) -> list[str]:
        """List the methods that teach it, one per fold, such as `sl-fold1`; of one fold the teacher itself."""
        if self.teacher is None or folds == 1:
            return [self.teacher] if self.teacher else []
        return [f"{self.teacher}-fold{fold}" for fold in range(1, folds + 1)]


def supervised(settings: RunSettings) -> list[Phase]:
    """SL: supervised learning on human windows alone."""
    return [Phase("train", "human", settings.training)]


def semi_supervised(settings: RunSettings) -> list[Phase]:
    """SSL: pre-train on human windows and their pseudo-labelled homologs, then fine-tune on human windows."""
    pretraining = settings.training
    rate = pretraining.learning_rate * settings.finetuning.learning_rate_factor
    return [
        Phase("pretrain", "homologs", pretraining),
        Phase("finetune", "human", pretraining.model_copy(update={"learning_rate": rate})),
    ]


def noisy_student(settings: RunSettings) -> list[Phase]:
    """SSL-NS: SSL whose pre-training weights homologs by a teacher's confidence, on noisy input.

    In each further round the student becomes the teacher of a new student, and judges the homologs it was trained on
    too. After Xie et al. 2020, *Self-training with Noisy Student improves ImageNet classification*.
    """
    own = settings.noisy_student
    pretraining, finetuning = semi_supervised(settings)
    return [
        phase
        for round_ in range(own.rounds)
        for phase in (
            replace(
                pretraining,
                name=_numbered(pretraining.name, round_),
                confidence_power=own.confidence_power,
                normalize_weights=own.normalize_weights,
                distance_decay=own.distance_decays[0],
                noise_sd=own.noise_sd,
                reinitialize=round_ > 0,
            ),
            replace(finetuning, name=_numbered(finetuning.name, round_)),
        )
    ]


def filtered(settings: RunSettings) -> list[Phase]:
    """SSL-filtered: SSL whose pre-training leaves out homologs that few genomes have or that a teacher disagrees with.

    See `filtering.keep_homologs`. Each label is sampled as often as by SSL, and its windows, human ones and homologs
    that are kept, as often as one another: so where none is kept, only human windows are left.
    """
    pretraining, finetuning = semi_supervised(settings)
    return [replace(pretraining, filtering=settings.filtering), finetuning]


def all_negatives(settings: RunSettings) -> list[Phase]:
    """Both phases of SSL on human windows, whose negatives are sampled from all rather than from those drawn."""
    return [replace(phase, source="all_negatives") for phase in semi_supervised(settings)]


def augmented(settings: RunSettings) -> list[Phase]:
    """SSL with an augmented human window in place of each window of pre-training."""
    pretraining, finetuning = semi_supervised(settings)
    return [replace(pretraining, source="parents", augmentation=settings.augmentation.rates()), finetuning]


def noisy(settings: RunSettings) -> list[Phase]:
    """SSL with the human window of each homolog in its place, with the noise of SSL-NS."""
    pretraining, finetuning = semi_supervised(settings)
    return [replace(pretraining, source="parents", noise_sd=settings.noisy_student.noise_sd), finetuning]


def _numbered(name: str, round_: int) -> str:
    return f"{name}{round_ + 1}" if round_ else name


def _pretrain_on(source: TrainingSource, label_permutation: float = 0.0) -> Callable[[RunSettings], list[Phase]]:
    """SSL with other windows, or other labels, in pre-training."""

    def phases(settings: RunSettings) -> list[Phase]:
        pretraining, finetuning = semi_supervised(settings)
        return [replace(pretraining, source=source, label_permutation=label_permutation), finetuning]

    return phases


def _control(
    method_id: str, name: str, source: TrainingSource, extra_windows: Windows, label_permutation: float = 0.0
) -> Method:
    phases = _pretrain_on(source, label_permutation)
    return Method(method_id, name, phases, ("finetuning",), extra_windows, kind="control", base=method_id)


def _baseline(method_id: str, name: str) -> Method:
    return Method(method_id, name, lambda _: [], kind="baseline", base=method_id)


_METHODS = (
    Method("sl", "SL", supervised, base="sl"),
    Method("ssl", "SSL", semi_supervised, ("finetuning",), "homologs", base="ssl"),
    Method(
        "ssl_ns",
        "SSL-NS",
        noisy_student,
        ("finetuning", "cross_fitting", "noisy_student"),
        "homologs",
        teacher="sl",
        base="ssl_ns",
        tuned=("noisy_student", "distance_decays"),
    ),
    # Qiu et al. 2026: only homologs that enough genomes have, and whose label a teacher agrees with
    Method(
        "ssl_filtered",
        "SSL, filtered",
        filtered,
        ("finetuning", "cross_fitting", "filtering"),
        "homologs",
        teacher="sl",
        kind="extension",
        base="ssl_filtered",
    ),
    # is it the second phase?
    _control("sl_finetuned", "SL, two phases", "human", ""),
    # is it that negatives were drawn? All of the training chromosomes take turns, as many in a batch as of those drawn
    Method(
        "sl_all_negatives",
        "SL, all negatives",
        all_negatives,
        ("finetuning",),
        "negatives",
        kind="control",
        base="sl_all_negatives",
    ),
    # is it how often positives are sampled? Each homolog is replaced by the human window it comes from
    _control("sl_oversampled", "SL, oversampled", "parents", "homologs"),
    # which homologs make the gain? Those of the other label are replaced by the human windows they come from
    _control("ssl_positives", "SSL, positives only", "positive_homologs", "homologs"),
    _control("ssl_negatives", "SSL, negatives only", "negative_homologs", "homologs"),
    # would random mutations do? Each homolog is replaced by its human window mutated as far as that genome has diverged
    _control("sl_mutated", "SL, mutated", "homologs", "mutated"),
    # would any augmentation do, if it is tuned? EvoAug's, at the strength that is best on validation windows
    Method(
        "sl_augmented",
        "SL, augmented",
        augmented,
        ("finetuning", "augmentation"),
        "homologs",
        kind="control",
        base="sl_augmented",
        tuned=("augmentation", "strengths"),
    ),
    # is it the noise of SSL-NS, without any homolog?
    Method(
        "sl_noise",
        "SL, noise",
        noisy,
        ("finetuning", "noisy_student"),
        "homologs",
        kind="control",
        base="sl_noise",
    ),
    # does the label matter? The labels of each genome's homologs are permuted
    _control("ssl_shuffled", "SSL, labels shuffled", "homologs", "homologs", label_permutation=1.0),
    # Duncan, Mitchell and Moses 2024: a sampled human window is replaced at random by one of its homologs
    _control("phylo_augmentation", "Phylogenetic augmentation", "orthogroups", "homologs"),
    _baseline("random", "Random scores"),
    _baseline("gc_logistic", "GC and CpG"),
    _baseline("kmer_logistic", "k-mer counts"),
    _baseline("motif_scan", "Motif"),
)
METHODS: dict[str, Method] = {method.id: method for method in _METHODS}
"""The methods by id, without subsets."""


@cache
def resolve(method_id: str) -> Method:
    """Return the method of an id: of METHODS, or one with a subset, such as `ssl-nearest4` (see `subsets`).

    Raises:
        ConfigError: no such method or subset, or a subset that does not apply to the method.
    """
    base, dash, text = method_id.partition("-")
    if base not in METHODS:
        raise ConfigError(f"unknown method '{method_id}'", f"known: {', '.join(METHODS)}")
    method = METHODS[base]
    if not dash:
        return method
    subset = parse_subset(text)
    no_homologs = subset is not None and subset.uses_homologs and method.extra_windows != "homologs"
    if subset is None or method.kind == "baseline" or no_homologs:
        raise ConfigError(
            f"unknown method '{method_id}': '{text}' is not a subset of '{base}'", "such as ssl-nearest4, sl-train25"
        )
    phases, settings = method.phases, method.settings
    if subset.fold is not None:
        if method.base != "sl":
            raise ConfigError(f"unknown method '{method_id}': only sl leaves out a fold", "such as sl-fold1")
        settings = (*settings, "cross_fitting")
    if subset.permuted_label_percent is not None:
        if method.phases is not semi_supervised:
            raise ConfigError(f"unknown method '{method_id}': only ssl has permuted labels", "such as ssl-permuted25")
        phases = _pretrain_on("homologs", subset.permuted_label_percent / 100)
    teacher = f"{method.teacher}-{text}" if method.teacher and subset.train_percent is not None else method.teacher
    name = f"{method.name}, {subset.name}"
    return replace(method, id=method_id, name=name, phases=phases, settings=settings, subset=subset, teacher=teacher)


def subset_kinds(ids: Iterable[str]) -> list[str]:
    """List what the subsets of `sl` and `ssl` among method ids vary, of any method the human windows: a figure each.

    Returns:
        Any of `genomes` (their number), `divergence` (which genomes), `train_size` and `permuted_labels`.
    """
    methods = [resolve(method_id) for method_id in ids]
    subsets = [method.subset for method in methods if method.subset
               and (method.base in ("sl", "ssl") or method.subset.is_train_size)]  # fmt: skip
    kinds = {
        "genomes": any(subset.nearest is not None or subset.farthest is not None for subset in subsets),
        "divergence": any(subset.selects_genomes for subset in subsets),
        "train_size": any(subset.is_train_size for subset in subsets),
        "permuted_labels": any(subset.permuted_label_percent is not None for subset in subsets),
    }
    return [kind for kind, present in kinds.items() if present]
