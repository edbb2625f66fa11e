# In: trained models of all recipes. Out: ranks after each round, by validation alone; of the recipe that is left, and of
# the models that took part, scores on the test set; a table and a figure.
def left(number):
    """The models that are trained in a round, counted from 1: all, or those that the round before has kept."""
    if number == 1:
        return CONFIG.run_models
    with checkpoints.rank_recipes.get(round=number - 1).output.ranks.open() as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    return [row[rows[0].index("model")] for row in rows[1:] if row[rows[0].index("kept")] == "True"]


def round_options(number):
    """Options with what the models of a round were trained on, and how, in the order of their files."""
    names = zip(["--datasets", "--recipes", "--methods", "--seeds"], zip(*PROJECT.round_runs(number, left(number))))
    return [word for name, ids in names for word in [name, *ids]]


def tested(file):
    """A file of the runs for which the test set is read: of the models that took part, and the recipe that is left."""
    last = len(CONFIG.recipes.rounds)
    known = [model for model in CONFIG.run_models if model not in PROJECT.drawn_recipes()]
    models = dict.fromkeys([*known, *left(last + 1)])
    return [
        PROJECT.run_file(file, model, seed, dataset, method)
        for dataset, model, method, seed in PROJECT.round_runs(last, list(models))
    ]


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
        lambda wildcards: [
            PROJECT.run_file("model.safetensors", model, seed, dataset, method)
            for dataset, model, method, seed in PROJECT.round_runs(int(wildcards.round), left(int(wildcards.round)))
        ],
    output:
        ranks=f"{RESULTS}/recipes/round{{round}}.tsv",
        scores=f"{RESULTS}/recipes/round{{round}}_scores.tsv",
    wildcard_constraints:
        round=r"\d+",
    params:
        runs=lambda wildcards: round_options(int(wildcards.round)),
        keep=lambda wildcards: CONFIG.recipes.rounds[int(wildcards.round) - 1].keep,
    localrule: True
    log:
        f"{RESULTS}/logs/rank_recipes/{{round}}.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "regssl step rank-recipes {output.ranks:q} {input:q} --scores {output.scores:q} --keep {params.keep:q}"
        " {params.runs:q} > {log:q} 2>&1"


rule summarize_recipes:
    input:
        lambda wildcards: tested("metrics.json"),
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
        test=rules.summarize_recipes.output,
        names=rules.display_names.output,
    output:
        tsv=f"{RESULTS}/recipes.tsv",
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
            caption="../report/recipes_gain.rst",
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
        "regssl report recipes --recipes {input.recipes:q} --ranks {input.ranks:q} --scores {input.scores:q}"
        " --test {input.test:q} --names {input.names:q} --out {params.out:q} > {log:q} 2>&1"
