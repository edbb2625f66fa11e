"""The base class of all settings, number types that several of them use, and where values come from."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

T = TypeVar("T")
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Percent = Annotated[int, Field(ge=1, le=99)]

PAPER: JsonDict = {"grade": "paper"}
"""Of the field of a setting: the paper states its value."""
LAB: JsonDict = {"grade": "lab"}
"""The same laboratory's public code has it."""
PUBLISHED: JsonDict = {"grade": "published"}
"""Work of others has it, such as EvoAug."""
OURS: JsonDict = {"grade": "ours"}
"""Nobody says: it is our choice."""


def without_repeats(value: T) -> T:
    """Return a list unchanged, or what stands in the place of one.

    Raises:
        ValueError: an item is in the list twice.
    """
    items = value if isinstance(value, list) else []
    if repeated := [item for item in dict.fromkeys(items) if items.count(item) > 1]:
        raise ValueError(f"'{repeated[0]}' is listed twice")
    return value


Distinct = Annotated[list[T], AfterValidator(without_repeats)]
"""A list of seeds, methods, chromosomes, options …: one that is named twice is a slip, or the same work twice."""


class Settings(BaseModel):
    """A group of settings; unknown keys are errors, numbers are finite, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=(), allow_inf_nan=False)
