# In: trained models and a table of saturation mutagenesis, which has the sequences of its elements. Out: scores, and per
# dataset a table of correlations, element by element. Only where the key `mpra` asks for it.

if CONFIG.mpra:

    rule prepare_mpra:
        input:
            table=given(PROJECT.mpra_tables()),
            training=lambda wildcards: PROJECT.seen_windows(wildcards.dataset),
        output:
            codes=sequences(f"{RESULTS}/datasets/{{dataset}}/mpra.npy"),
            table=f"{RESULTS}/datasets/{{dataset}}/mpra.parquet",
            counts=f"{RESULTS}/datasets/{{dataset}}/mpra.tsv",
        params:
            settings=options_of(CONFIG.mpra, exclude=["table"]),
            contents=lambda wildcards: contents(PROJECT.mpra_tables()),
        log:
            f"{RESULTS}/logs/prepare_mpra/{{dataset}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/prepare_mpra/{{dataset}}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(4000),
            runtime=30,
        shell:
            "regssl step prepare-mpra {input.table:q} {output.codes:q} --dataset {wildcards.dataset}"
            " --training {input.training:q} {params.settings:q} > {log:q} 2>&1"

    for job in PROJECT.seed_jobs():

        rule:
            name:
                job.rule("score_mpra")
            input:
                models=PROJECT.job_files(job, "model.safetensors"),
                codes=f"{RESULTS}/datasets/{{dataset}}/mpra.npy",
                table=f"{RESULTS}/datasets/{{dataset}}/mpra.parquet",
            output:
                PROJECT.job_files(job, "mpra.parquet"),
            params:
                model=job.model,
                seeds=job.seeds,
                own=option("--architecture", CONFIG.models[job.model].own_architecture),
            log:
                f"{RESULTS}/logs/score_mpra/{{dataset}}/{job.model}/{{method}}/{job.number}.log",
            benchmark:
                f"{RESULTS}/benchmarks/score_mpra/{{dataset}}/{job.model}/{{method}}/{job.number}.tsv"
            conda:
                "../../envs/regssl.yaml"
            threads: 1
            resources:
                mem_mb=memory(CONFIG.models[job.model].resources.mem_mb),
                runtime=60,
                gpu=lambda wildcards, job=job: CONFIG.gpus_of(job.model, wildcards.method),
            shell:
                "regssl step score-variant-set {input.codes:q} {input.models:q} --out {output:q} --seeds {params.seeds}"
                " --dataset {wildcards.dataset} --model {params.model} --method {wildcards.method} {params.own:q}"
                " --threads {threads} > {log:q} 2>&1"

    rule correlate_mpra:
        input:
            lambda wildcards: PROJECT.mpra_scores(wildcards.dataset),
        output:
            effects=f"{RESULTS}/runs/{{dataset}}/mpra_effects.tsv",
            means=f"{RESULTS}/runs/{{dataset}}/mpra_scores.tsv",
        log:
            f"{RESULTS}/logs/correlate_mpra/{{dataset}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/correlate_mpra/{{dataset}}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(4000),
            runtime=60,
        shell:
            "regssl step correlate-variants {input:q} --effects {output.effects:q} --means {output.means:q} > {log:q} 2>&1"

    rule mpra_table:
        input:
            effects=rules.correlate_mpra.output.effects,
            counts=rules.prepare_mpra.output.counts,
            names=rules.display_names.output,
        output:
            tsv=f"{RESULTS}/runs/{{dataset}}/mpra.tsv",
            json=f"{RESULTS}/runs/{{dataset}}/mpra.json",
            html=report(
                f"{RESULTS}/runs/{{dataset}}/mpra.html",
                category="Saturation mutagenesis",
                labels={"table": "{dataset}"},
                caption="../report/mpra.rst",
            ),
        params:
            out=subpath(output.tsv, strip_suffix=".tsv"),
        localrule: True
        log:
            f"{RESULTS}/logs/mpra_table/{{dataset}}.log",
        conda:
            "../../envs/regssl.yaml"
        shell:
            "regssl report mpra --effects {input.effects:q} --counts {input.counts:q} --names {input.names:q}"
            " --out {params.out:q} > {log:q} 2>&1"


rule mpra:
    input:
        expand("{results}/runs/{dataset}/mpra.html", results=RESULTS, dataset=PROJECT.mpra_datasets()),
    localrule: True
