# In: trained models and the test windows, which nothing before this stage reads. Out: predictions and metrics.


for job in PROJECT.seed_jobs():

    rule:
        name:
            job.rule("predict")
        input:
            models=PROJECT.job_files(job, "model.safetensors"),
            windows=f"{RESULTS}/datasets/{{dataset}}/human/test.npy",
            table=f"{RESULTS}/datasets/{{dataset}}/human/test.parquet",
        output:
            PROJECT.job_files(job, "predictions.parquet"),
        params:
            own=option("--architecture", CONFIG.models[job.model].own_architecture),
        log:
            f"{RESULTS}/logs/predict/{{dataset}}/{job.model}/{{method}}/{job.number}.log",
        benchmark:
            f"{RESULTS}/benchmarks/predict/{{dataset}}/{job.model}/{{method}}/{job.number}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(CONFIG.models[job.model].resources.mem_mb),
            runtime=120,
            gpu=lambda wildcards, job=job: CONFIG.gpus_of(job.model, wildcards.method),
        shell:
            "regssl predict {input.windows:q} {input.models:q} --out {output:q} {params.own:q} --threads {threads}"
            " > {log:q} 2>&1"

    rule:
        name:
            job.rule("evaluate")
        input:
            predictions=PROJECT.job_files(job, "predictions.parquet"),
            records=PROJECT.job_files(job, "run.json"),
        output:
            PROJECT.job_files(job, "metrics.json"),
        params:
            model=job.model,
            seeds=job.seeds,
        localrule: True
        log:
            f"{RESULTS}/logs/evaluate/{{dataset}}/{job.model}/{{method}}/{job.number}.log",
        conda:
            "../../envs/regssl.yaml"
        shell:
            "regssl step evaluate {input.predictions:q} --records {input.records:q} --out {output:q}"
            " --dataset {wildcards.dataset} --model {params.model} --method {wildcards.method} --seeds {params.seeds} > {log:q} 2>&1"


rule summarize:
    input:
        lambda wildcards: PROJECT.run_files("metrics.json", wildcards.dataset),
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
        PROJECT.all_run_files("metrics.json"),
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
