"""The base class of all settings, number types that several of them use, and where values come from."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

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


class Settings(BaseModel):
    """A group of settings; unknown keys are errors, numbers are finite, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=(), allow_inf_nan=False)
