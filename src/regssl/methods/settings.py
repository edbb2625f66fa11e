"""Settings of a training run."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import Field, PositiveInt

from regssl.settings import OURS, PUBLISHED, Distinct, Settings


class Training(Settings):
    """One training phase: binary cross-entropy; the weights with the best validation AUPR are kept.

    An epoch is a number of optimizer steps, however many windows a method trains on: so every method of a dataset has
    the same budget, and supervised learning is not stopped sooner because its training set is small.
    """

    batch_size: PositiveInt = Field(
        64, description="Windows per optimizer step, of the binary cross-entropy.", json_schema_extra=OURS
    )
    optimizer: Literal["adam", "adamw"] = Field(
        "adam",
        description="adamw: weight decay apart from the gradient, and not on biases and normalisations.",
        json_schema_extra=OURS,
    )
    learning_rate: float = Field(
        1e-3, gt=0, description="Largest step size in the first phase.", json_schema_extra=OURS
    )
    weight_decay: float = Field(0.0, ge=0, description="Adam's L2 penalty, or AdamW's decay.", json_schema_extra=OURS)
    schedule: Literal["constant", "linear"] = Field(
        "constant",
        description="linear: the learning rate falls to 0 at the last of `max_epochs`, also where a phase ends sooner.",
        json_schema_extra=OURS,
    )
    warmup_steps: int = Field(
        0,
        ge=0,
        description="Steps in which the learning rate rises from 0 to its largest; then it follows `schedule`.",
        json_schema_extra=OURS,
    )
    gradient_clip_norm: float | None = Field(
        None,
        gt=0,
        description="Gradients with a larger norm, over all weights of a network, are scaled down to it; null: none.",
        json_schema_extra=OURS,
    )
    min_passes: float | None = Field(
        10.0,
        gt=0,
        description="How often a phase samples as many windows as the dataset has, human ones and homologs of every "
        "genome, at least: where it takes more steps, epochs are longer; null: as many steps as the next two keys say.",
        json_schema_extra=OURS,
    )
    steps_per_epoch: PositiveInt = Field(
        100, description="Optimizer steps between two looks at the validation AUPR, at least.", json_schema_extra=OURS
    )
    max_epochs: PositiveInt = Field(
        60,
        description="Epochs of a phase, with a look at the validation AUPR after each; the weights of the best are "
        "kept.",
        json_schema_extra=OURS,
    )
    patience: PositiveInt | None = Field(
        None,
        description="Epochs without a better validation AUPR before a phase ends; null: it has all its epochs, so "
        "that methods are compared at equal steps.",
        json_schema_extra=OURS,
    )
    reverse_complement: bool = Field(
        True, description="Train on each window in a random orientation; predict both strands.", json_schema_extra=OURS
    )
    precision: Literal["32-true", "bf16-mixed"] = Field(
        "32-true",
        description="Arithmetic of training, as Lightning calls it; bf16-mixed takes effect on GPUs that have it, "
        "Ampere and later, and for DeepSEA and language models on CPUs with AVX512-BF16 or AMX.",
    )
    compile: bool = Field(False, description="Compile the training step with torch.compile: for GPUs.")


class Finetuning(Settings):
    """The second phase of `ssl`: human windows only."""

    learning_rate_factor: float = Field(
        0.1,
        gt=0,
        description="Learning rate of the second phase of `ssl`, `ssl_ns` and `ssl_filtered`, relative to the first.",
        json_schema_extra=OURS,
    )


class CrossFitting(Settings):
    """The teachers of `ssl_ns` and `ssl_filtered`: none of them has seen the human windows whose homologs it judges.

    Each fold of the human training windows has a teacher, an `sl` model of the same seed that was trained on the other
    folds. A network judges what it was trained on, and what is similar, more confidently than anything new.
    """

    folds: PositiveInt = Field(
        3,
        le=20,
        description="Folds, and teachers per seed; 1: one teacher, the `sl` model, which has seen all of them.",
        json_schema_extra=OURS,
    )
    block_length: PositiveInt = Field(
        100_000, description="A fold is made of whole blocks of the chromosomes, of so many bp.", json_schema_extra=OURS
    )
    margin: int = Field(
        1000,
        ge=0,
        description="Windows with less than this many bp to one of a fold do not train its teacher.",
        json_schema_extra=OURS,
    )


class NoisyStudent(Settings):
    """How `ssl_ns` differs from `ssl`, in pre-training; its teachers are those of `CrossFitting`."""

    confidence_power: float = Field(
        1.0,
        ge=0,
        description="A homolog's loss is weighted by the teacher's probability of its label to this power.",
        json_schema_extra=OURS,
    )
    normalize_weights: bool = Field(
        True,
        description="Divide these weights by their mean over the homologs of a label: then each label has the "
        "share of the loss that it has in `ssl`.",
        json_schema_extra=OURS,
    )
    distance_decays: Distinct[Annotated[float, Field(ge=0)]] = Field(
        [0.0],
        min_length=1,
        description="The weight of a homolog is multiplied by exp(-decay × substitutions per site) of its genome: 0: "
        "none. Several: all are trained, of which each seed keeps the best on validation windows.",
        json_schema_extra=OURS,
    )
    noise_sd: float = Field(
        0.1,
        ge=0,
        description="Standard deviation of the Gaussian noise on the one-hot code (DNABERT-2: on the word embeddings); "
        "also that of `sl_noise`.",
        json_schema_extra=OURS,
    )
    rounds: PositiveInt = Field(
        1,
        description="Rounds of teaching: in each further one the student teaches a new student.",
        json_schema_extra=OURS,
    )


class Filtering(Settings):
    """Which homologs `ssl_filtered` keeps; its teachers are those of `CrossFitting`."""

    min_genome_fraction: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Smallest fraction of the genomes that must have a homolog of the human window; 0: any.",
        json_schema_extra=PUBLISHED,
    )
    min_label_probability: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Smallest probability of the copied label by the teacher, at equal numbers of both; 0: any.",
        json_schema_extra=OURS,
    )


class AugmentationRates(Settings):
    """Changes to a window each time it is sampled; lengths are uniform from 0 to the largest."""

    mutation_rate: float = Field(
        0.05, ge=0, le=1, description="Probability that a base is substituted.", json_schema_extra=PUBLISHED
    )
    max_insertion: int = Field(
        20, ge=0, description="Longest insertion, in bp; one per window.", json_schema_extra=PUBLISHED
    )
    max_deletion: int = Field(
        30, ge=0, description="Longest deletion, in bp; one per window.", json_schema_extra=PUBLISHED
    )
    max_shift: int = Field(20, ge=0, description="Longest shift to either side, in bp.", json_schema_extra=PUBLISHED)


class Augmentation(AugmentationRates):
    """How `sl_augmented` changes human windows in pre-training; the defaults are EvoAug's."""

    strengths: Distinct[Annotated[float, Field(gt=0)]] = Field(
        [0.5, 1.0, 2.0, 4.0],
        min_length=1,
        description="Multiples of the four others. All are trained, of which each seed keeps the best on "
        "validation windows.",
        json_schema_extra=OURS,
    )

    def rates(self) -> AugmentationRates:
        """Return the rates at the first strength: at 2, twice each rate and length, but no probability above 1."""
        strength = self.strengths[0]
        lengths = {
            name: round(strength * getattr(self, name)) for name in ("max_insertion", "max_deletion", "max_shift")
        }
        return AugmentationRates(mutation_rate=min(1.0, strength * self.mutation_rate), **lengths)


class RunSettings(Settings):
    """All that decides a training run except its data and its seed: what travels to `regssl train` as JSON."""

    architecture: str
    params: dict[str, Any] = Field({})
    budget: float = Field(1.0, gt=0)
    training: Training = Training()
    finetuning: Finetuning = Finetuning()
    cross_fitting: CrossFitting = CrossFitting()
    noisy_student: NoisyStudent = NoisyStudent()
    filtering: Filtering = Filtering()
    augmentation: Augmentation = Augmentation()

    def with_budget(self, windows: int) -> RunSettings:
        """Return the settings with epochs of as many steps as the budget of a dataset asks for.

        With 40,000 windows, batches of 64, 20 epochs of at least 100 steps and 10 passes, an epoch has
        10 × 40,000 / (64 × 20) = 313 steps; with 10,000 windows 100, and with a budget of 2 twice as many.

        Args:
            windows: that the dataset has to train on, human ones and all homologs.
        """
        training = self.training
        passes = training.min_passes or 0
        needed = math.ceil(passes * windows / (training.batch_size * training.max_epochs))
        steps = math.ceil(self.budget * max(training.steps_per_epoch, needed))
        return self.model_copy(update={"training": training.model_copy(update={"steps_per_epoch": steps})})
