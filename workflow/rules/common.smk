# In: the configuration and its two tables. Out: CONFIG, CATALOG and the few names the other files share.
# Parsed again by every cluster job: keep it light.
import json
import sys

from regssl.catalog import Catalog
from regssl.configfile import parse_config
from regssl.errors import RegsslError
from regssl.inputs import check_inputs
from regssl.methods import METHODS

try:
    CONFIG = parse_config(config, workflow.configfiles)
    CATALOG = Catalog(CONFIG)
    if workflow.is_main_process:
        check_inputs(CONFIG, CATALOG)
except RegsslError as error:
    sys.exit(f"regssl: {error}")

RESULTS = CONFIG.results_dir
HUMAN = CONFIG.human
RUNS = f"{RESULTS}/runs/{{dataset}}/{{model}}/{{method}}/seed{{seed}}"
CODES = ("npy", "parquet", "fa.gz")  # the files of a packed set of windows
NAMES = json.dumps(
    {
        "datasets": {id: row.name for id, row in CATALOG.datasets.items()},
        "models": {id: CONFIG.model_settings[id].name for id in CONFIG.models},
        "methods": {id: METHODS[id].name for id in CONFIG.methods},
    }
)


wildcard_constraints:
    dataset="|".join(CATALOG.datasets),
    genome="|".join([HUMAN, *CATALOG.genomes]),
    model="|".join(CONFIG.models),
    method="|".join(CONFIG.methods),
    seed=r"\d+",


def as_json(block):
    """A config block as the one JSON value that travels to a command; a changed value reruns just what uses it."""
    return json.dumps(block.model_dump(), sort_keys=True)


def source_of_genome(wildcards):
    row = CATALOG.human if wildcards.genome == HUMAN else CATALOG.genomes[wildcards.genome]
    return CATALOG.path(row.sequence)


def homolog_sets(wildcards):
    """The pseudo-labelled sets that a run trains on: none for methods that use no homologs."""
    if not METHODS[wildcards.method].homologs:
        return []
    return expand(
        "{results}/datasets/{dataset}/homologs/{genome}.npy",
        results=RESULTS,
        dataset=wildcards.dataset,
        genome=CATALOG.genomes,
    )


def runs_of(dataset, file):
    """A file of every run of one dataset or of several."""
    return expand(f"{RUNS}/{file}", dataset=dataset, model=CONFIG.models, method=CONFIG.methods, seed=CONFIG.seeds)
