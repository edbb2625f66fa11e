# In: the configuration and its tables. Out: CONFIG, PROJECT (what is planned: regssl.config.project) and what the other
# files share. Parsed again by every cluster job: keep it light.
import json
import sys

from regssl.cli.options import options_of
from regssl.config.checks import check_files
from regssl.config.load import validate_config
from regssl.config.project import Project
from regssl.data.settings import SPLITS
from regssl.errors import RegsslError

try:
    CONFIG = validate_config(config, workflow.configfiles)
    PROJECT = Project(CONFIG)
    if workflow.is_main_process:
        for line in PROJECT.pending:
            print(f"regssl: note: {line}", file=sys.stderr)
        check_files(CONFIG, PROJECT)
except RegsslError as error:
    sys.exit(f"regssl: {error}")

RESULTS = CONFIG.results_dir
HUMAN = CONFIG.human


wildcard_constraints:
    dataset="|".join(PROJECT.datasets),
    genome="|".join([HUMAN, *PROJECT.genomes]),
    model="|".join(CONFIG.run_models),
    method="[a-z0-9_]+(-[a-z0-9]+)?",
    seed=r"\d+",


def memory(megabytes):
    """Memory of a job, in MB: as much again at each further attempt."""
    return lambda wildcards, attempt: megabytes * attempt


def sequences(paths):
    """Sequences of windows: deleted after their last use where the configuration does not keep them."""
    return paths if CONFIG.keep_sequences else temp(paths)


def option(name, values):
    """A command's option with several values, or nothing."""
    return [name, *values] if values else []
