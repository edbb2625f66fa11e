"""Options of settings: what `options_of` writes, `settings_from` reads."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from regssl.cli.options import add_settings, add_threads, one_each, options_of, settings_from, settings_from_json
from regssl.cli.parser import LazyParser
from regssl.config.schema import Config
from regssl.data.settings import Splits
from regssl.errors import ConfigError


class Example(BaseModel):
    min_match: float = Field(0.1, gt=0, le=1, description="Smallest fraction, 10 % by default.")
    max_bins: int | None = Field(200_000, description="At most this many; null: all.")
    seed: int = 0
    anchor: Literal["middle", "summit"] = "middle"
    fail_on_leak: bool = True
    edges: list[float] = [0.1, 0.3]
    assembly: str = ""
    elements: list[str] = []
    folds: list[int] = Field([1], min_length=1)


def parser(form: str = "{}", exclude: tuple[str, ...] = ()) -> LazyParser:
    made = LazyParser(prog="regssl step x")
    add_settings(made, Example, form, exclude)
    return made


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"min_match": 0.30000000000000004, "max_bins": None, "seed": 7},
        {"anchor": "summit", "fail_on_leak": False, "edges": [0.01], "assembly": "hg19"},
        {"edges": [], "elements": ["TERT", "MSMB"], "folds": [2, 3]},
    ],
)
def test_options_carry_settings_without_loss(values: dict[str, Any]) -> None:
    settings = Example(**values)
    assert settings_from(parser().parse_args(options_of(settings)), Example) == settings
    assert settings_from(parser().parse_args(options_of(values)), Example) == settings, "the others have their defaults"
    form, exclude = "of-{}-x", ("edges", "seed")
    options = parser(form, exclude).parse_args(options_of(settings, form, exclude))
    default = settings.model_copy(update={"edges": [0.1, 0.3], "seed": 0})
    assert settings_from(options, Example, form, exclude) == default


def test_every_settings_object_of_the_configuration_can_be_options() -> None:
    for name in ("splits", "sampling", "homologs", "divergence", "align"):
        made, kind = LazyParser(prog="regssl step x"), Config.model_fields[name].annotation
        assert isinstance(kind, type) and issubclass(kind, BaseModel)
        add_settings(made, kind)
        settings = Splits(train=["chr1", "chr2*"], validation=["chr3"], test=["chr4"]) if kind is Splits else kind()
        assert settings_from(made.parse_args(options_of(settings)), kind) == settings


def test_help_has_the_description_and_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "Smallest fraction, 10 % by default. (default: 0.1)" in text
    assert "At most this many; none: all. (default: 200000)" in text
    assert "--fail-on-leak, --no-fail-on-leak" in text and "{middle,summit}" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--min-match", "2"], "--min-match: Input should be less than or equal to 1"),
        (["--seed", "x"], "--seed: Input should be a valid integer"),
        (["--edges", "0.1", "much"], "--edges: Input should be a valid number"),
    ],
)
def test_a_wrong_value_is_named_by_its_option(words: list[str], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        settings_from(parser().parse_args(words), Example)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "--settings: not JSON: '{'"),
        ("[]", "--settings: not a JSON object: '[]'"),
        ('{"seed": "x"}', "--settings: key `seed`: Input should be a valid integer"),
    ],
)
def test_json_that_is_no_settings(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        settings_from_json(text, Example)
    assert str(error.value).startswith(message)
    assert settings_from_json('{"seed": 3}', Example).seed == 3


def test_one_value_for_each_input() -> None:
    assert one_each("seeds", ["a", "b"], [0, 1]) == [0, 1]
    with pytest.raises(ConfigError, match="--seeds: 1 given for 2 inputs"):
        one_each("seeds", ["a", "b"], [0])


@pytest.mark.parametrize("word", ["0", "-1", "1.5", "many", "²"])
def test_threads_are_one_or_more(capsys: pytest.CaptureFixture[str], word: str) -> None:
    made = LazyParser(prog="regssl step x")
    add_threads(made)
    assert made.parse_args(["--threads", "12"]).threads == 12
    with pytest.raises(SystemExit):
        made.parse_args(["--threads", word])
    assert f"argument --threads: '{word}' is not a whole number from 1 on" in capsys.readouterr().err
