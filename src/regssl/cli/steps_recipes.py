"""The step of a search for a recipe: the ranks after a round."""

from __future__ import annotations

from regssl.cli.options import one_each
from regssl.cli.parser import Command, Options, Parser
from regssl.cli.paths import reads, writes


def _rank_recipes(parser: Parser) -> None:
    parser.add_argument("out", type=writes(), help="TSV to write: ranks, one row per recipe, best first")
    parser.add_argument("models", type=reads(), nargs="+", help="model.safetensors of the runs")
    parser.add_argument("--scores", type=writes(), required=True, help="TSV to write: validation AUPR of each run")
    parser.add_argument("--keep", type=int, required=True, help="number of recipes that go on")
    for name, kind in (("datasets", str), ("recipes", str), ("methods", str), ("seeds", int)):
        parser.add_argument(f"--{name}", type=kind, nargs="+", required=True, help="one per model")


def rank_recipes(options: Options) -> None:
    """Rank recipes by the validation AUPR of their models.

    By `sl`, and equal ones by `ssl`: mean ranks over datasets.
    """
    import math

    import pandas as pd

    from regssl.io.tsv import write_tsv
    from regssl.models.serialization import read_card
    from regssl.recipes.ranking import rank_recipes

    keys = {"dataset": "datasets", "model": "recipes", "method": "methods", "seed": "seeds"}
    scores = pd.DataFrame({key: one_each(name, options.models, getattr(options, name)) for key, name in keys.items()})
    scores["validation_aupr"] = [read_card(path).metrics.get("validation_aupr", math.nan) for path in options.models]
    ranks = rank_recipes(scores, options.keep)
    write_tsv(scores, options.scores)
    write_tsv(ranks, options.out)
    print(ranks.to_string(index=False))


COMMANDS = [Command(rank_recipes, _rank_recipes)]
