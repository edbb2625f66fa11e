# In: trained models and the test windows, which nothing before this stage reads. Out: predictions and metrics.


for model, number, seeds in TRAINING_JOBS:

    rule:
        name:
            job_name("predict", model, number)
        input:
            models=runs(model, seeds, "model.safetensors"),
            windows=f"{RESULTS}/datasets/{{dataset}}/human/test.npy",
            table=f"{RESULTS}/datasets/{{dataset}}/human/test.parquet",
        output:
            runs(model, seeds, "predictions.parquet"),
        log:
            f"{RESULTS}/logs/predict/{{dataset}}/{model}/{{method}}/{number}.log",
        benchmark:
            f"{RESULTS}/benchmarks/predict/{{dataset}}/{model}/{{method}}/{number}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(CONFIG.model_settings[model].resources.mem_mb),
            runtime=120,
            gpu=CONFIG.gpus_of(model),
        shell:
            "regssl predict {input.windows:q} {input.models:q} --out {output:q} --threads {threads} > {log:q} 2>&1"

    rule:
        name:
            job_name("evaluate", model, number)
        input:
            runs(model, seeds, "predictions.parquet"),
        output:
            runs(model, seeds, "metrics.json"),
        params:
            identity=identity(model),
            seeds=seeds,
        localrule: True
        log:
            f"{RESULTS}/logs/evaluate/{{dataset}}/{model}/{{method}}/{number}.log",
        conda:
            "../../envs/regssl.yaml"
        shell:
            "regssl step evaluate {input:q} --out {output:q} --identity {params.identity:q} --seeds {params.seeds} > {log:q} 2>&1"


rule summarize:
    input:
        lambda wildcards: runs_of([wildcards.dataset], "metrics.json"),
    output:
        f"{RESULTS}/runs/{{dataset}}/summary.tsv",
    localrule: True
    log:
        f"{RESULTS}/logs/summarize/{{dataset}}.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "regssl step summarize {output:q} {input:q} > {log:q} 2>&1"


rule summarize_all:
    input:
        runs_of(PROJECT.datasets, "metrics.json"),
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
        "regssl step summarize {output:q} {input:q} > {log:q} 2>&1"
