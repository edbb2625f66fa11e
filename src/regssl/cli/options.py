"""Options that commands share: fields of a settings object, lists of one value per input, tables and display names."""

from __future__ import annotations

import argparse
import types
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from regssl.cli.parser import Options, Parser
from regssl.errors import ConfigError

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

    Model = TypeVar("Model", bound=BaseModel)

NONE = "none"
"""The word for None on a command line."""


def add_settings(parser: Parser, settings: type[BaseModel], form: str = "{}", exclude: Collection[str] = ()) -> None:
    """Add an option for each field of a settings class, with its default and its description.

    Args:
        parser: of the command.
        settings: the class.
        form: an option's name, given the field's; such as `{}-chroms`.
        exclude: fields without an option.
    """
    for name, field in settings.model_fields.items():
        if name not in exclude:
            text = (field.description or "").replace("null", NONE).replace("%", "%%")
            parser.add_argument(_flag(name, form), help=text, **_argument(field))


def _argument(field: FieldInfo) -> dict[str, Any]:
    """What argparse needs to know of a field; its type is left to pydantic."""
    parts = get_args(field.annotation) if get_origin(field.annotation) in (Union, types.UnionType) else []
    kind = next((part for part in parts if part is not type(None)), field.annotation)
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    argument: dict[str, Any] = {"required": True} if field.is_required() else {"default": field.get_default()}
    if kind is bool:
        argument["action"] = argparse.BooleanOptionalAction
    elif get_origin(kind) is Literal:
        argument["choices"] = get_args(kind)
    else:
        argument["type"] = str
        if get_origin(kind) is list:
            argument["nargs"] = "+" if any(getattr(limit, "min_length", 0) for limit in field.metadata) else "*"
    return argument


def _flag(field: str, form: str) -> str:
    return "--" + form.format(field.replace("_", "-"))


def settings_from(
    options: Options, settings: type[Model], form: str = "{}", exclude: Collection[str] = (), **values: Any
) -> Model:
    """Build a settings object from the options that `add_settings` added.

    Args:
        options: of the command.
        settings, form, exclude: as in `add_settings`.
        values: of fields that have no option.

    Raises:
        ConfigError: a value that the settings class refuses; the message names the option.
    """
    from pydantic import ValidationError

    for name, field in settings.model_fields.items():
        if name not in exclude:
            value = getattr(options, _flag(name, form)[2:].replace("-", "_"))
            is_none = value == NONE or (value == [NONE] and type(None) in get_args(field.annotation))
            values[name] = None if is_none else value
    try:
        return settings.model_validate(values)
    except ValidationError as error:
        problem = error.errors()[0]
        fields = problem["loc"][:1] or [name for name in settings.model_fields if name not in exclude]
        flags = ", ".join(_flag(str(field), form) for field in fields)
        raise ConfigError(f"{flags}: {_message(problem)}") from None


def _message(problem: ErrorDetails) -> str:
    return problem["msg"].removeprefix("Value error, ")


def options_of(settings: BaseModel | Mapping[str, Any], form: str = "{}", exclude: Collection[str] = ()) -> list[str]:
    """Write settings as the words of a command line: the inverse of `settings_from`.

    Args:
        settings: all fields of an object, or some fields by name.
        form, exclude: as in `add_settings`.
    """
    values = settings if isinstance(settings, Mapping) else settings.model_dump()
    words = []
    for name, value in values.items():
        if name in exclude:
            continue
        flag = _flag(name, form)
        if isinstance(value, bool):
            words.append(flag if value else f"--no-{flag[2:]}")
        elif isinstance(value, list):
            words += [flag, *map(str, value)]
        else:
            words += [flag, NONE if value is None else str(value)]
    return words


def settings_from_json(text: str, settings: type[Model], flag: str = "--settings") -> Model:
    """Read a settings object from JSON, checked as in a configuration file.

    Args:
        text: the JSON.
        settings: the class.
        flag: the option, for messages.

    Raises:
        ConfigError: not a JSON object, or a value that the settings class refuses; the message names the option.
    """
    import json

    from pydantic import ValidationError

    try:
        value = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"{flag}: not JSON: {text!r}: {error}") from None
    if not isinstance(value, dict):
        raise ConfigError(f"{flag}: not a JSON object: {text!r}")
    try:
        return settings.model_validate(value)
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(part) for part in problem["loc"])
        raise ConfigError(f"{flag}: {f'key `{key}`: ' if key else ''}{_message(problem)}") from None


def add_identity(parser: Parser, names: Sequence[str]) -> None:
    """Add an option for the id of each of dataset, model …, which is copied into the results."""
    for name in names:
        flag = _flag(name, "{}")
        parser.add_argument(
            flag, type=str, required=True, help=f"id of the {name.replace('_', ' ')}, copied into the results"
        )


def add_architecture(parser: Parser) -> None:
    """Add the option that lets model files name an architecture of the user's own."""
    parser.add_argument(
        "--architecture",
        type=str,
        help="package.module:Class of a network of your own, if the models are of one; importing it runs its code",
    )


def add_threads(parser: Parser, text: str = "CPU threads") -> None:
    """Add the option `--threads`, whose help is the text."""
    parser.add_argument("--threads", type=whole_number(1), default=1, help=text)


def whole_number(minimum: int) -> Callable[[str], int]:
    """Make the type of an option: a whole number from a minimum on."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and int(text) >= minimum):
            raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from {minimum} on")
        return int(text)

    return parse


def float_or_none(text: str) -> float | None:
    """Parse a number, or the word for None; a type of options."""
    return None if text == NONE else float(text)


def by_genome(options: Options, *names: str) -> Iterator[tuple[str, ...]]:
    """Return each of `--genome-ids` with its value of some options that need one per genome.

    Raises:
        ConfigError: a genome is named twice, or there are not as many values.
    """
    genomes = options.genome_ids
    if repeated := [genome for genome in genomes if genomes.count(genome) > 1]:
        raise ConfigError(f"--genome-ids: {repeated[0]} is named {genomes.count(repeated[0])} times", "name each once")
    return zip(genomes, *(one_each(name, genomes, getattr(options, name), "genome ids") for name in names), strict=True)


def one_each(option: str, inputs: list[str], values: list[Any], of: str = "inputs") -> list[Any]:
    """Return the values of an option that needs one for each input, or for each `of` something else.

    Raises:
        ConfigError: there are more or fewer.
    """
    if len(inputs) != len(values):
        raise ConfigError(
            f"--{option.replace('_', '-')}: {len(values)} given for {len(inputs)} {of}", "give one for each, in order"
        )
    return values
