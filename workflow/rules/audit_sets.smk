# In: the methods of all datasets. Out: which sets the leakage audit looks at; no rule.
AUDIT = f"{RESULTS}/datasets/{{dataset}}/audit"


def audited(sets):
    """The genomes whose windows of one kind, `homologs` or `mutated`, any method trains on: all or none."""
    used = {resolve(method).extra_windows for methods in PROJECT.methods.values() for method in methods}
    return list(PROJECT.genomes) if sets in used else []


def training_sets(sets, kind):
    """Files of those windows; the dataset stays a wildcard."""
    return expand(f"{RESULTS}/datasets/{{dataset}}/{sets}/{{genome}}.{kind}", genome=audited(sets), allow_missing=True)


def predictions_of(wildcards):
    """Predictions of every run of a dataset, but for subsets, which are no further methods."""
    return [
        path
        for model in CONFIG.models
        for path in expand(
            f"{RUNS}/predictions.parquet",
            dataset=wildcards.dataset,
            model=model,
            method=[method for method in PROJECT.methods[wildcards.dataset] if resolve(method).subset is None],
            seed=CONFIG.seeds_of(model),
        )
    ]
