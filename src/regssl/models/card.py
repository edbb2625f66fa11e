"""The card of a model file: which registered network its weights are of. A stranger may have written it."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, StringConstraints, ValidationError

from regssl.io.text import check_text, shorten

MAX_BYTES = 2**24
"""Of a card's text; that of DNABERT-2, with its tokenizer, has 0.3 MB."""
MAX_WIDTH = 2**20

Number = bool | Annotated[int, Field(ge=-(2**31), lt=2**32)] | FiniteFloat
Text = Annotated[str, StringConstraints(max_length=1000), AfterValidator(check_text)]
"""Short and printable, because messages show it."""
Param = Number | Text | Annotated[list[Number], Field(max_length=64)] | None
FILES = {"pretrained"}
"""Parameters that name files to read: a card has none."""
CONTENTS = {"sizes", "tokenizer"}
"""Parameters that hold what such files hold; the network that takes them checks them."""


class Card(BaseModel):
    """What a model file says of its network.

    Attributes:
        architecture: registered name, or an import path, which is imported only at the explicit word of the caller.
        params: arguments of the architecture besides the width: numbers, short texts, short lists of numbers.
        width: length of the sequences in bp.
        reverse_complement: whether predictions are averaged over both strands.
        precision: of training, in Lightning's terms.
        failure: why there are no weights; empty if there are.
        checksum: of the rest of the card and of the weights.
        method, seed, data, metrics: of the run.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, protected_namespaces=())

    architecture: Annotated[Text, StringConstraints(min_length=1, max_length=200)]
    params: dict[Text, Param]
    width: int = Field(ge=1, le=MAX_WIDTH)
    checksum: str
    reverse_complement: bool = True
    precision: Literal["32-true", "bf16-mixed"] = "32-true"
    failure: Text = ""
    method: Text = ""
    seed: int = 0
    data: dict[str, str] = {}
    metrics: dict[str, int | float] = {}


def parse_card(text: str) -> tuple[Card, dict[str, Any]]:
    """Parse the text of a card.

    Returns:
        The card, and its values as they were written, `checksum` among them.

    Raises:
        ValueError: it is no card, or a value is out of its limits.
    """
    if len(text) > MAX_BYTES:
        raise ValueError(f"its card has {len(text):,} characters, at most {MAX_BYTES:,} are read")
    try:
        values = json.loads(text)
    except RecursionError:
        raise ValueError("its card is nested too deeply") from None
    if not isinstance(values, dict) or not isinstance(values.get("params"), dict):
        raise ValueError("its card does not describe a network")
    if named := FILES & values["params"].keys():
        raise ValueError(f"its card names files to read, by `{named.pop()}`: a model file holds all that it needs")
    contents = {name: value for name, value in values["params"].items() if name in CONTENTS}
    plain = {name: value for name, value in values["params"].items() if name not in CONTENTS}
    if not all(isinstance(value, dict) for value in contents.values()):
        raise ValueError(f"its card has no object as {' or '.join(contents)}")
    try:
        card = Card.model_validate({**values, "params": plain})
    except ValidationError as error:
        problem = error.errors()[0]
        key = shorten(".".join(map(str, problem["loc"][:2])), 100)
        raise ValueError(f"its card has no valid `{key}`: {shorten(problem['msg'], 200)}") from None
    return card.model_copy(update={"params": {**plain, **contents}}), values
