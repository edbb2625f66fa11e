"""A network whose motif is known, trained once."""

from __future__ import annotations

import pytest

from helpers.planted import World, train_ssl


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return train_ssl(tmp_path_factory.mktemp("planted"))
