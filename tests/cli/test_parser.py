"""Parsers that get their arguments when they are used, and the messages of the library on the way to a log."""

from __future__ import annotations

import logging

import pytest

from regssl.cli import main, user_project
from regssl.cli.parser import Command, LazyParser, Options, Parser, add_commands
from regssl.errors import DataError


def test_arguments_are_added_at_first_use_and_once() -> None:
    calls = []

    def add(parser: Parser) -> None:
        calls.append(parser)
        parser.add_argument("--width", type=int, default=200)

    def cut_bins(options: Options) -> None:
        """Cut 100 % of a genome.

        Into bins.
        """

    command = Command(cut_bins, add)
    assert command.name == "cut-bins" and command.help.startswith("Cut 100 % of a genome.")
    top = LazyParser(prog="regssl")
    add_commands(top, {"data": [command]})
    assert not calls
    assert top.parse_args(["cut-bins", "--width", "20"]).width == 20
    assert vars(top.parse_args(["cut-bins"])) == {"width": 200, "run": cut_bins, "command": "regssl cut-bins"}
    assert len(calls) == 1


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> None:
    """`regssl fail`, which logs twice, then fails."""

    def fail(_: Options) -> None:
        """Fail."""
        logging.getLogger("regssl.training.fit").info("epoch %d", 1)
        logging.getLogger("elsewhere").info("not ours")
        raise DataError("x.bed: damaged", "make it again")

    monkeypatch.setattr(user_project, "COMMANDS", [Command(fail)])


@pytest.mark.usefixtures("command")
def test_messages_of_the_library_go_to_standard_output_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert main(["fail"]) == 1
        out, err = capsys.readouterr()
        assert out == "epoch 1\n" and err == "regssl fail: x.bed: damaged (make it again)\n"
    assert not logging.getLogger("regssl").handlers


@pytest.mark.usefixtures("command")
def test_a_traceback_where_it_is_wanted() -> None:
    with pytest.raises(DataError):
        main(["--debug", "fail"])
