"""What the commands share: adding a command, and options that carry a config block as JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from regssl.errors import ConfigError

if TYPE_CHECKING:
    from pydantic import BaseModel

    Settings = TypeVar("Settings", bound=BaseModel)


def add_command(
    commands: argparse._SubParsersAction, run: Callable[[argparse.Namespace], None], name: str | None = None
) -> argparse.ArgumentParser:
    """Add the command `run`; its name is the function's, its help the docstring's first line."""
    text = (run.__doc__ or "").strip().replace("%", "%%")
    command = commands.add_parser(
        name or run.__name__.replace("_", "-"),
        help=text.splitlines()[0],
        description=text,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    command.set_defaults(run=run)
    return command


def from_json(text: str) -> dict[str, Any]:
    """The JSON object an option holds."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"not JSON: {text!r}: {error}") from None
    if not isinstance(value, dict):
        raise ConfigError(f"not a JSON object: {text!r}")
    return value


def block_from_json(text: str, block: type[Settings]) -> Settings:
    """A config block from JSON, checked as in a config file."""
    from pydantic import ValidationError

    try:
        return block.model_validate(from_json(text))
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(part) for part in problem["loc"])
        raise ConfigError(f"option of {block.__name__}: key `{key}`: {problem['msg']}") from None
