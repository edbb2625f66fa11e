# In: the configuration and its two tables. Out: CONFIG, PROJECT and the few names the other files share.
# Parsed again by every cluster job: keep it light.
import json
import sys

from regssl.config.project import Project
from regssl.data.settings import SPLITS
from regssl.config.load import validate_config
from regssl.errors import RegsslError
from regssl.config.checks import check_files
from regssl.methods import resolve
from regssl.config.tables import CONTEXT_FORMATS

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
RUNS = f"{RESULTS}/runs/{{dataset}}/{{model}}/{{method}}/seed{{seed}}"
HUMAN_SETS = f"{RESULTS}/datasets/{{dataset}}/human/{{split}}.{{kind}}"
DISPLAY = {
    "datasets": {id: row.name for id, row in PROJECT.datasets.items()},
    "models": {id: CONFIG.model_settings[id].display_name for id in CONFIG.models},
    "methods": {id: resolve(id).name for id in CONFIG.methods},
}
NAMES = json.dumps(DISPLAY)
OF_PAPER = [id for id in CONFIG.methods if resolve(id).is_paper]
PAPER_NAMES = json.dumps({**DISPLAY, "methods": {id: resolve(id).name for id in OF_PAPER or CONFIG.methods}})


wildcard_constraints:
    dataset="|".join(PROJECT.datasets),
    genome="|".join([HUMAN, *PROJECT.genomes]),
    model="|".join(CONFIG.models),
    method="[a-z0-9_]+(-[a-z0-9]+)?",
    seed=r"\d+",


def as_json(block):
    """A config block as the one JSON value that travels to a command; a changed value reruns just what uses it."""
    return json.dumps(block.model_dump(), sort_keys=True)


def memory(megabytes):
    """Memory of a job, in MB: as much again at each further attempt."""
    return lambda wildcards, attempt: megabytes * attempt


def source_of_genome(wildcards):
    row = PROJECT.human if wildcards.genome == HUMAN else PROJECT.genomes[wildcards.genome]
    return PROJECT.local_path(row.sequence)


def assembly_chain(wildcards):
    """The chain that lifts a dataset's peaks to the human genome, where they are on another assembly."""
    chain = PROJECT.assembly_chains.get(PROJECT.assembly(PROJECT.datasets[wildcards.dataset]))
    return [chain] if chain else []


def homolog_sets(wildcards):
    """The sets that a run trains on besides the human ones: homologs, or mutated windows in their place."""
    sets = resolve(wildcards.method).extra_windows
    return expand(
        "{results}/datasets/{dataset}/{sets}/{genome}.npy",
        results=RESULTS,
        dataset=wildcards.dataset,
        sets=[sets] if sets else [],
        genome=PROJECT.genomes,
    )


def genome_order(wildcards):
    """The table that says which genomes are the nearest, for methods with a subset of them."""
    subset = resolve(wildcards.method).subset
    return [f"{RESULTS}/divergence.tsv"] if subset and subset.selects_genomes else []


def motif(wildcards):
    """The motif of a dataset's factor, for the method that looks for it."""
    if wildcards.method != "motif_scan":
        return []
    row = PROJECT.datasets[wildcards.dataset]
    return [f"--motif={row.motif or row.name}", *option("--motifs", [PROJECT.motifs] if PROJECT.motifs else [])]


TRAINING_JOBS = [
    (model, number, seeds) for model in CONFIG.models for number, seeds in enumerate(CONFIG.jobs(model), start=1)
]


def job_name(rule, model, number):
    """The name of the rule for one job of a model's seeds."""
    return f"{rule}_{model}" if number == 1 else f"{rule}_{model}_{number}"


def runs(model, seeds, file):
    """A file of each run of one job; dataset and method stay wildcards."""
    return expand(f"{RUNS}/{file}", model=model, seed=seeds, allow_missing=True)


def settings(model):
    """What decides a run of a model besides its data and seed, as JSON."""
    return lambda wildcards: json.dumps(CONFIG.settings(model, wildcards.method), sort_keys=True)


def identity(model):
    """What a run of a model is called in its metrics, but for the seed."""
    return lambda wildcards: json.dumps(
        {"dataset": wildcards.dataset, "model": model, "method": wildcards.method, "split": "test"}
    )


def teachers(model, seeds):
    """The models that teach a run, for methods with teachers."""

    def of(wildcards):
        teacher = resolve(wildcards.method).teacher
        if not teacher:
            return []
        return expand(f"{RUNS}/model.safetensors", dataset=wildcards.dataset, model=model, method=teacher, seed=seeds)

    return of


def sequences(paths):
    """Sequences of windows: deleted after their last use where the configuration does not keep them."""
    return paths if CONFIG.keep_sequences else temp(paths)


def option(name, values):
    """A command's option with several values, or nothing."""
    return [name, *values] if values else []


def runs_of(datasets, file, doses=True):
    """A file of every run of some datasets, or only of runs of `methods`."""
    return [
        path
        for dataset in datasets
        for model in CONFIG.models
        for path in expand(
            f"{RUNS}/{file}",
            dataset=dataset,
            model=model,
            method=PROJECT.methods[dataset] if doses else CONFIG.methods,
            seed=CONFIG.seeds_of(model),
        )
    ]
