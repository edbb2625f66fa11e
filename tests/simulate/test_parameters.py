"""Parameters of a simulation."""

from __future__ import annotations

import pytest

from regssl.errors import ConfigError
from regssl.simulate.parameters import SimulationParameters


def test_the_default_tree_has_the_distances_of_the_mammals():
    parameters = SimulationParameters()
    distances = {name: round(parameters.root.distance("simHuman", name), 6) for name in parameters.other_species}
    assert distances == {
        "simChimp": 0.013,
        "simMacaque": 0.080,
        "simMarmoset": 0.108,
        "simMouse": 0.502,
        "simDog": 0.332,
        "simCow": 0.389,
        "simOpossum": 0.766,
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sites": (1, 2)}, "2 numbers in sites for 4 datasets"),
        ({"datasets": ("ctcf", "p53"), "sites": (1, 1)}, "no motif for dataset 'p53'"),
        ({"human": "hg38"}, "'hg38' is no leaf of the tree"),
        ({"missing": 1.5}, "missing is 1.5"),
        ({"site_turnover": -1.0}, "site_turnover is -1.0"),
        ({"site_turnover": float("nan")}, "site_turnover is nan"),
        ({"isochore_gc": (0.4, float("inf"))}, "isochore_gc is"),
    ],
)
def test_impossible_parameters(change: dict, message: str):
    with pytest.raises(ConfigError, match=message):
        SimulationParameters(**change)
