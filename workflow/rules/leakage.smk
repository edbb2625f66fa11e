# In: training and held-out windows of a dataset, homologs, chains; predictions. Out: the leakage audit. No training needs it.


rule clear_homologs:
    input:
        bins=PROJECT.bins(),
        homologs=rules.find_homologs.output.homologs,
        chain=PROJECT.chain_index("{genome}"),
    output:
        PROJECT.homologs("cleared.parquet"),
    log:
        f"{RESULTS}/logs/clear_homologs/{{splits}}/{{genome}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/clear_homologs/{{splits}}/{{genome}}.tsv"
    conda:
        "../../envs/regssl.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=60,
    shell:
        "regssl step clear-homologs {input.bins:q} {input.homologs:q} {input.chain:q} {output:q} > {log:q} 2>&1"


rule audit_leakage:
    input:
        bins=lambda wildcards: PROJECT.bins_of(wildcards.dataset),
        human=expand(f"{RESULTS}/datasets/{{dataset}}/human/{{split}}.npy", split=SPLITS, allow_missing=True),
        tables=expand(f"{RESULTS}/datasets/{{dataset}}/human/{{split}}.parquet", split=SPLITS, allow_missing=True),
        homologs=lambda wildcards: PROJECT.training_windows(wildcards.dataset, "homologs", "npy"),
        mutated=lambda wildcards: PROJECT.training_windows(wildcards.dataset, "mutated", "npy"),
        negatives=lambda wildcards: PROJECT.training_windows(wildcards.dataset, "negatives", "npy"),
        set_tables=lambda wildcards: [
            path
            for kind in ("homologs", "mutated", "negatives")
            for path in PROJECT.training_windows(wildcards.dataset, kind, "parquet")
        ],
        homolog_tables=lambda wildcards: [
            PROJECT.homologs_of(wildcards.dataset, genome)
            for genome in PROJECT.lifted_training_genomes(wildcards.dataset)
        ],
        chains=lambda wildcards: [
            PROJECT.chain_index(genome) for genome in PROJECT.lifted_training_genomes(wildcards.dataset)
        ],
        cleared=lambda wildcards: [
            PROJECT.homologs_of(wildcards.dataset, genome, "cleared.parquet")
            for genome in PROJECT.lifted_training_genomes(wildcards.dataset)
        ],
    output:
        counts=f"{RESULTS}/datasets/{{dataset}}/leakage/counts.tsv",
        examples=f"{RESULTS}/datasets/{{dataset}}/leakage/examples.tsv",
        similarity=f"{RESULTS}/datasets/{{dataset}}/leakage/similarity.parquet",
    params:
        folder=subpath(output.counts, parent=True),
        human=HUMAN,
        settings=options_of(CONFIG.leakage, exclude=["strata"]),
        genomes=lambda wildcards: [
            word
            for name, kind in (("genome", "homologs"), ("mutated", "mutated"))
            for word in option(f"--{name}-ids", PROJECT.training_genomes(wildcards.dataset, kind))
        ],
        sets=lambda wildcards, input: [
            word
            for name in ("homologs", "homolog_tables", "chains", "cleared", "mutated", "negatives")
            for word in option(f"--{name.replace('_', '-')}", input.get(name, []))
        ],
    log:
        f"{RESULTS}/logs/audit_leakage/{{dataset}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/audit_leakage/{{dataset}}.tsv"
    conda:
        "../../envs/regssl.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=240,
    shell:
        "regssl step audit-leakage {params.folder:q} --dataset {wildcards.dataset} --human-id {params.human} --bins {input.bins:q}"
        " --train {input.human[0]:q} --validation {input.human[1]:q} --test {input.human[2]:q} {params.genomes:q}"
        " {params.sets:q} {params.settings:q} > {log:q} 2>&1"


rule leakage_strata:
    input:
        similarity=rules.audit_leakage.output.similarity,
        predictions=lambda wildcards: PROJECT.run_files(
            "predictions.parquet", wildcards.dataset, PROJECT.full_methods(wildcards.dataset)
        ),
    output:
        f"{RESULTS}/runs/{{dataset}}/leakage_strata.tsv",
    params:
        runs=lambda wildcards: run_options(PROJECT.full_runs(wildcards.dataset)),
        edges=CONFIG.leakage.strata,
    log:
        f"{RESULTS}/logs/leakage_strata/{{dataset}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/leakage_strata/{{dataset}}.tsv"
    conda:
        "../../envs/regssl.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=30,
    shell:
        "regssl step stratify {output:q} {input.predictions:q} --similarity {input.similarity:q} --edges {params.edges}"
        " --dataset {wildcards.dataset} {params.runs:q} > {log:q} 2>&1"


rule leakage_table:
    input:
        counts=expand(rules.audit_leakage.output.counts, dataset=PROJECT.datasets),
        examples=expand(rules.audit_leakage.output.examples, dataset=PROJECT.datasets),
        strata=expand(rules.leakage_strata.output, dataset=PROJECT.datasets),
        names=rules.display_names.output,
    output:
        tsv=f"{RESULTS}/leakage.tsv",
        json=f"{RESULTS}/leakage.json",
        html=report(
            f"{RESULTS}/leakage.html",
            category="Leakage audit",
            labels={"table": "Training windows against held-out ones"},
            caption="../report/leakage.rst",
        ),
        strata_tsv=f"{RESULTS}/leakage_strata.tsv",
        strata_json=f"{RESULTS}/leakage_strata.json",
        strata_html=report(
            f"{RESULTS}/leakage_strata.html",
            category="Leakage audit",
            labels={"table": "AUPR by similarity to the nearest training window"},
            caption="../report/leakage_strata.rst",
        ),
    params:
        out=subpath(output.tsv, strip_suffix=".tsv"),
    localrule: True
    log:
        f"{RESULTS}/logs/leakage_table.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "regssl report leakage --counts {input.counts:q} --examples {input.examples:q} --strata {input.strata:q}"
        " --names {input.names:q} --out {params.out:q} > {log:q} 2>&1"
