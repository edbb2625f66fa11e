# In: the configuration and its tables. Out: CONFIG, PROJECT (what is planned: regssl.config.project) and what the other
# files share. Parsed again by every cluster job: keep it light.
import atexit
import gc
import os
import re
import sys
from contextlib import contextmanager
from importlib.resources import files as package_files

from snakemake.exceptions import CreateRuleException

from regssl.cli import speak_utf8
from regssl.cli.options import options_of
from regssl.config.checks import check_files, check_programs
from regssl.config.input_digests import FileDigests
from regssl.config.layers import workflow_layers
from regssl.config.load import DEFAULTS, find_tables, validate_config
from regssl.config.project import Project
from regssl.data.settings import SPLITS
from regssl.errors import RegsslError
from regssl.interpretation.settings import NOT_OF_FILTERS
from regssl.io.json_object import json_text
from regssl.measured.settings import EDGES, SAMPLE

atexit.register(gc.freeze)  # Snakemake ends sooner: Python would search all that is loaded for garbage
if "snakemake" in os.path.basename(sys.argv[0]):  # the program, not another one that plans with its library
    speak_utf8()

FOLDER = workflow.current_basedir.join("../..")


def beside(path):
    """The path of a file of this workflow, wherever it is run from; one of a repository on the web is fetched."""
    local = os.path.normpath(FOLDER.join(path).get_path_or_uri(secret_free=True))
    return local if FOLDER.is_local else workflow.source_path(f"../../{path}")


DIGESTS = FileDigests() if workflow.is_main_process else None

try:
    layers = workflow_layers(
        config or workflow.config_settings.overwrite_config,  # a module without `config:` has none of its own
        beside(DEFAULTS),
        workflow.configfiles,
        workflow.overwrite_configfiles,
        workflow.config_settings.config,
    )
    with layers.named():
        CONFIG, notes = find_tables(validate_config(layers.values, layers), beside)
        PROJECT = Project(CONFIG)
        if workflow.is_main_process:
            if workflow.configfiles and not config and not workflow.overwrite_configfiles:
                notes.append(f"planned by the defaults, not by {workflow.configfiles[0]}: the module has no `config:`")
            for line in [*notes, *PROJECT.pending]:
                print(f"regssl: note: {line}", file=sys.stderr)
            check_files(CONFIG, PROJECT, DIGESTS)
            if not workflow.deployment_settings.deployment_method:  # its environments have the programs
                check_programs(PROJECT)
except RegsslError as error:
    sys.exit(f"regssl: {error}")

config.update(
    CONFIG.model_dump(mode="json")
)  # captions of the report read it, where a file leaves keys to the defaults

# of figures, as on the pages that hold them: the package's, or of a workflow on the web those of its repository
CAPTIONS = f"{package_files('regssl')}/resources/captions" if FOLDER.is_local else "../../src/regssl/resources/captions"
RESULTS = CONFIG.results_dir
HUMAN = CONFIG.human
if workflow.modifier.modify_path(RESULTS) != RESULTS:
    sys.exit("regssl: the workflow takes no `prefix` of a module (set the key `results_dir` of its config)")


def any_of(ids):
    """A wildcard's constraint: one of some ids, of which there may be none."""
    return "|".join(ids) or "(?!)"


wildcard_constraints:
    dataset="|".join(PROJECT.all_datasets),
    genome="|".join([HUMAN, *PROJECT.genomes]),
    splits=any_of(PROJECT.lifted_splits),
    model="|".join(CONFIG.run_models),
    method="[a-z0-9_]+(-[a-z0-9]+)*",
    seed=r"\d+",


def given(files):
    """Files of the user, as input: their content decides, as a param (`contents`), not their time.

    Those that the workflow makes are like any other.
    """
    if callable(files):
        return lambda wildcards: given(files(wildcards))
    if isinstance(files, list):
        return [given(path) for path in files]
    return files if PROJECT.is_made(files) else ancient(files)


def contents(files):
    """Digests of the user's files, as a param that Snakemake records; the jobs themselves do not need them."""
    return DIGESTS.digests(files) if DIGESTS else []


def memory(megabytes):
    """Memory of a job, in MB: as much again at each further attempt."""
    return lambda wildcards, attempt: megabytes * attempt


def sequences(paths):
    """Sequences of windows: deleted after their last use where the configuration does not keep them."""
    return paths if CONFIG.keep_sequences else temp(paths)


def option(name, values):
    """A command's option with several values, or nothing."""
    return [name, *values] if values else []


def run_options(runs):
    """Options with the models, methods and seeds of runs, in the order of their files."""
    names = zip(["--models", "--methods", "--seeds"], zip(*runs))
    return [word for name, ids in names for word in [name, *ids]]


def documents(*names):
    """Paths of documents in the folder of results."""
    return [f"{RESULTS}/{name}.json" for name in names]


@contextmanager
def refuse_name_of_a_rule(dataset):
    """Around the rule of a dataset, which has its name."""
    try:
        yield
    except CreateRuleException:
        sys.exit(
            f"regssl: {CONFIG.datasets}, row '{dataset}', column dataset: '{dataset}' is the name of a rule of the "
            "workflow (choose another id)"
        )
