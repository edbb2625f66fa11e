"""Settings of a search for a recipe."""

from __future__ import annotations

from pydantic import Field, PositiveInt, field_validator, model_validator

from regssl.settings import Distinct, Seed, Settings

Choices = list[bool | int | float | str]
ARGUMENTS = ("filter_width", "hidden", "dropout", "both_strands", "pooling")
"""Arguments of DeepBind that are chosen; `filters` follows from the size."""


class Round(Settings):
    """One round: the recipes that are left are trained on these datasets, and the best of them go on."""

    datasets: Distinct[str] = Field(min_length=1, description="Train on these; a recipe's rank is its mean over them.")
    seeds: Distinct[Seed] = Field(min_length=1, description="Train with these seeds.")
    keep: PositiveInt = Field(description="So many recipes go on; 1 in the last round.")


class RecipeSearch(Settings):
    """A search by successive halving among random recipes of one size, for the first of `run_models`.

    Each recipe is trained by `sl` and `ssl`. In each round recipes are ranked by the validation AUPR of `sl`, by their
    mean rank over datasets, and equal ones by that of `ssl`. The test set is read for the recipe that is left, and for
    the models of `run_models`, which take part.
    """

    seed: Seed = Field(0, description="Seed of the draws.")
    draws: int = Field(
        gt=0,
        le=200,
        description="Number of recipes drawn, none twice; any entry of a list is as likely, so one may be named "
        "twice to come more often.",
    )
    parameters: PositiveInt = Field(
        27_000,
        description="Size of the network: `filters` is the number that comes nearest to so many parameters, "
        "within 5 % for every choice.",
    )
    params: dict[str, Choices] = Field({}, description="Choices for arguments of the architecture, but `filters`.")
    training: dict[str, Choices] = Field(
        {}, description="Choices for keys of `training`; all others are as in the model."
    )
    rounds: list[Round] = Field(min_length=1, description="The rounds, in order: at most 1,000 runs each.")

    @field_validator("params", "training")
    @classmethod
    def _are_choices(cls, value: dict[str, Choices]) -> dict[str, Choices]:
        if empty := [key for key, choices in value.items() if not choices]:
            raise ValueError(f"`{empty[0]}` has no choices")
        return value

    @field_validator("params")
    @classmethod
    def _are_arguments(cls, value: dict[str, Choices]) -> dict[str, Choices]:
        if unknown := [key for key in value if key not in ARGUMENTS]:
            raise ValueError(f"`{unknown[0]}` is not one of {', '.join(ARGUMENTS)}")
        return value

    @model_validator(mode="after")
    def _ends_with_one(self) -> RecipeSearch:
        keeps = [round_.keep for round_ in self.rounds]
        if keeps != sorted(keeps, reverse=True) or keeps[-1] != 1:
            raise ValueError("rounds: `keep` must not rise from round to round, and is 1 in the last")
        return self

    @property
    def seeds(self) -> list[int]:
        """Return the seeds of all rounds, ascending."""
        return sorted({seed for round_ in self.rounds for seed in round_.seeds})
