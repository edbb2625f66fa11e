"""A small world of the rehearsal, made once."""

from __future__ import annotations

from pathlib import Path

import pytest
from rehearsal.mirror import Mirror
from rehearsal.world import World

SMALL = World(2, 3)


@pytest.fixture(scope="session")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Mirror:
    """The mirror of chimpanzee and mouse at 3 Mb."""
    made = Mirror(Path(tmp_path_factory.mktemp("world")), SMALL)
    made.make(1)
    return made
