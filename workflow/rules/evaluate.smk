# In: trained models and the test windows, which nothing before this stage reads. Out: predictions and metrics.


rule predict:
    input:
        model=rules.train.output.model,
        windows=f"{RESULTS}/datasets/{{dataset}}/human/test.npy",
        table=f"{RESULTS}/datasets/{{dataset}}/human/test.parquet",
    output:
        f"{RUNS}/predictions.parquet",
    log:
        f"{RESULTS}/logs/predict/{{dataset}}/{{model}}/{{method}}/seed{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/predict/{{dataset}}/{{model}}/{{method}}/seed{{seed}}.tsv"
    conda:
        "../../envs/regssl.yaml"
    threads: 1
    resources:
        mem_mb=8000,
        runtime=120,
        gpu=CONFIG.gpus,
    shell:
        "regssl predict {input.model:q} {input.windows:q} {output:q} --threads {threads} > {log:q} 2>&1"


rule evaluate:
    input:
        rules.predict.output,
    output:
        f"{RUNS}/metrics.json",
    params:
        identity=lambda wildcards: json.dumps({**wildcards, "seed": int(wildcards.seed), "split": "test"}),
    localrule: True
    log:
        f"{RESULTS}/logs/evaluate/{{dataset}}/{{model}}/{{method}}/seed{{seed}}.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "regssl evaluate {input:q} {output:q} --identity {params.identity:q} > {log:q} 2>&1"


rule summarize:
    input:
        lambda wildcards: runs_of(wildcards.dataset, "metrics.json"),
    output:
        f"{RESULTS}/runs/{{dataset}}/summary.tsv",
    localrule: True
    log:
        f"{RESULTS}/logs/summarize/{{dataset}}.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "regssl summarize {output:q} {input:q} > {log:q} 2>&1"


rule summarize_all:
    input:
        runs_of(CATALOG.datasets, "metrics.json"),
    output:
        report(
            f"{RESULTS}/summary.tsv",
            category="Tables",
            labels={"table": "All runs: one row per run"},
            caption="../report/summary.rst",
        ),
    localrule: True
    log:
        f"{RESULTS}/logs/summarize_all.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "regssl summarize {output:q} {input:q} > {log:q} 2>&1"
