"""Published scores of other models on benchmarks whose data anyone can take: `resources/published_mcc.tsv`.

One row per task and model: task, model, mcc, source, note. The MCC is that of the task's test set. The tasks of GUE are
those of human transcription factors, `gue_tf_0` to `gue_tf_4` (Zhou et al. 2023).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

import pandas as pd

from regssl.io.tsv import read_tsv

COLUMNS = {"task": "str", "model": "str", "mcc": "float64", "source": "str", "note": "str"}


@cache
def published_scores() -> pd.DataFrame:
    """Read the published scores, columns COLUMNS."""
    with as_file(files("regssl") / "resources" / "published_mcc.tsv") as path:
        return read_tsv([path], COLUMNS)


def published_tasks() -> list[str]:
    """List the tasks that have a published score."""
    return list(dict.fromkeys(published_scores()["task"]))
