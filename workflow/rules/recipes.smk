# In: trained models of all recipes. Out: ranks after each round, by validation alone; of the recipe that is left, and of
# the models that took part, their ranks on all datasets of the last round, and scores on the test set; a table and a
# figure.
def left(number):
    """The models that are trained in a round, counted from 1: all, or those that the round before has kept."""
    if number == 1:
        return CONFIG.run_models
    with checkpoints.rank_recipes.get(round=number - 1).output.ranks.open() as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    return [row[rows[0].index("model")] for row in rows[1:] if row[rows[0].index("kept")] == "True"]


def round_runs(wildcards):
    """The runs of a round."""
    return PROJECT.round_runs(int(wildcards.round), left(int(wildcards.round)))


def tested():
    """The runs for which the test set is read: of the models that took part, and the recipe that is left."""
    last = len(CONFIG.recipes.rounds)
    known = [model for model in CONFIG.run_models if model not in PROJECT.drawn_recipes()]
    return PROJECT.round_runs(last, list(dict.fromkeys([*known, *left(last + 1)])))


def files_of(runs, file):
    """A file of each run."""
    return [PROJECT.run_file(file, model, seed, dataset, method) for dataset, model, method, seed in runs]


def identity_options(runs):
    """Options with what each run was trained on, and how, in the order of `files_of`."""
    names = zip(["--datasets", "--recipes", "--methods", "--seeds"], zip(*runs))
    return [word for name, ids in names for word in [name, *ids]]


rule recipes_json:
    output:
        f"{RESULTS}/recipes/recipes.json",
    params:
        recipes=lambda wildcards: json_text(PROJECT.recipe_settings(), indent=None),  # braces are no wildcards
    localrule: True
    log:
        f"{RESULTS}/logs/recipes_json.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "printf '%s' {params.recipes:q} > {output:q} 2> {log:q}"


checkpoint rank_recipes:
    input:
        lambda wildcards: files_of(round_runs(wildcards), "model.safetensors"),
    output:
        ranks=f"{RESULTS}/recipes/round{{round}}.tsv",
        scores=f"{RESULTS}/recipes/round{{round}}_scores.tsv",
    wildcard_constraints:
        round=r"\d+",
    params:
        runs=lambda wildcards: identity_options(round_runs(wildcards)),
        keep=lambda wildcards: CONFIG.recipes.rounds[int(wildcards.round) - 1].keep,
    localrule: True
    log:
        f"{RESULTS}/logs/rank_recipes/{{round}}.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "regssl step rank-recipes {output.ranks:q} {input:q} --scores {output.scores:q} --keep {params.keep:q}"
        " {params.runs:q} > {log:q} 2>&1"


rule rank_tested:
    input:
        lambda wildcards: files_of(tested(), "model.safetensors"),
    output:
        ranks=f"{RESULTS}/recipes/tested.tsv",
        scores=f"{RESULTS}/recipes/tested_scores.tsv",
    params:
        runs=lambda wildcards: identity_options(tested()),
    localrule: True
    log:
        f"{RESULTS}/logs/rank_tested.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "regssl step rank-recipes {output.ranks:q} {input:q} --scores {output.scores:q} --keep 1 {params.runs:q}"
        " > {log:q} 2>&1"


rule summarize_recipes:
    input:
        lambda wildcards: files_of(tested(), "metrics.json"),
    output:
        f"{RESULTS}/recipes/test.tsv",
    localrule: True
    log:
        f"{RESULTS}/logs/summarize_recipes.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "regssl step summarize {output:q} {input:q} > {log:q} 2>&1"


rule recipes:
    input:
        recipes=rules.recipes_json.output,
        ranks=expand(rules.rank_recipes.output.ranks, round=range(1, len(CONFIG.recipes.rounds) + 1)),
        scores=expand(rules.rank_recipes.output.scores, round=range(1, len(CONFIG.recipes.rounds) + 1)),
        tested=rules.rank_tested.output.scores,
        test=rules.summarize_recipes.output,
        audits=expand(  # a leak stops here
            rules.audit_leakage.output.counts,
            dataset=sorted({name for own in CONFIG.recipes.rounds for name in own.datasets}),
        ),
        names=rules.display_names.output,
    output:
        tsv=f"{RESULTS}/recipes.tsv",
        json=f"{RESULTS}/recipes.json",
        html=report(
            f"{RESULTS}/recipes.html",
            category="Recipes",
            labels={"table": "Recipes, ranked on validation"},
            caption="../report/recipes.rst",
        ),
        svg=report(
            f"{RESULTS}/recipes_gain.svg",
            category="Recipes",
            labels={"table": "SSL's gain against the strength of the baseline"},
            caption=f"{CAPTIONS}/recipes_gain.rst",
        ),
        png=f"{RESULTS}/recipes_gain.png",
        gains=f"{RESULTS}/recipes_gain.tsv",
    params:
        out=subpath(output.tsv, strip_suffix=".tsv"),
    localrule: True
    log:
        f"{RESULTS}/logs/recipes.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "regssl report recipes --recipes {input.recipes:q} --ranks {input.ranks:q} --scores {input.scores:q} {input.tested:q}"
        " --test {input.test:q} --names {input.names:q} --out {params.out:q} > {log:q} 2>&1"
