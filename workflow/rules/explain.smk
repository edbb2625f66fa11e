# In: trained networks and the test windows. Out: the motifs of their filters, and per dataset a table and logos. Only
# where the key `explain` asks for it; no training waits for any of it.

if CONFIG.explain:

    for job in PROJECT.seed_jobs():

        rule:
            name:
                job.rule("explain_motifs")
            input:
                models=PROJECT.job_files(job, "model.safetensors"),
                windows=f"{RESULTS}/datasets/{{dataset}}/human/test.npy",
                table=f"{RESULTS}/datasets/{{dataset}}/human/test.parquet",
                motifs=given(PROJECT.known_files()),
            output:
                filters=PROJECT.job_files(job, "learned/filters.tsv"),
                motifs=PROJECT.job_files(job, "learned/motifs.meme"),
                svg=PROJECT.job_files(job, "learned/filters.svg"),
                png=PROJECT.job_files(job, "learned/filters.png"),
            log:
                f"{RESULTS}/logs/explain_motifs/{{dataset}}/{job.model}/{{method}}/{job.number}.log",
            benchmark:
                f"{RESULTS}/benchmarks/explain_motifs/{{dataset}}/{job.model}/{{method}}/{job.number}.tsv"
            conda:
                "../../envs/regssl.yaml"
            threads: 1
            resources:
                mem_mb=memory(4000),
                runtime=30,
            params:
                folders=lambda wildcards, output: [os.path.dirname(path) for path in output.filters],
                known=lambda wildcards, input: option("--motifs", input.get("motifs", [])),
                factor=lambda wildcards: PROJECT.factor(wildcards.dataset),
                settings=options_of(CONFIG.explain, exclude=NOT_OF_FILTERS),
                contents=lambda wildcards: contents(PROJECT.known_files()),
            shell:
                "regssl explain motifs {input.models:q} --windows {input.windows:q} --out {params.folders:q} {params.known:q}"
                " --factor {params.factor:q} {params.settings:q} --threads {threads} > {log:q} 2>&1"

    rule explain_dataset:
        input:
            filters=lambda wildcards: PROJECT.explained_files("filters.tsv", wildcards.dataset),
            learned=lambda wildcards: PROJECT.explained_files("motifs.meme", wildcards.dataset),
            motifs=given(PROJECT.known_files()),
            names=rules.display_names.output,
        output:
            tsv=f"{RESULTS}/runs/{{dataset}}/learned.tsv",
            json=f"{RESULTS}/runs/{{dataset}}/learned.json",
            html=report(
                f"{RESULTS}/runs/{{dataset}}/learned.html",
                category="What the networks learned",
                labels={"table": "{dataset}"},
                caption="../report/learned.rst",
            ),
            svg=report(
                f"{RESULTS}/runs/{{dataset}}/learned.svg",
                category="What the networks learned",
                labels={"figure": "{dataset}"},
                caption=f"{CAPTIONS}/learned_figure.rst",
            ),
            png=f"{RESULTS}/runs/{{dataset}}/learned.png",
        log:
            f"{RESULTS}/logs/explain_dataset/{{dataset}}.log",
        localrule: True
        conda:
            "../../envs/regssl.yaml"
        params:
            out=subpath(output.tsv, strip_suffix=".tsv"),
            known=lambda wildcards, input: option("--motifs", input.get("motifs", [])),
            runs=lambda wildcards: run_options(PROJECT.explained_runs(wildcards.dataset)),
            max_q=CONFIG.explain.max_q,
            contents=lambda wildcards: contents(PROJECT.known_files()),
        shell:
            "regssl report learned --filters {input.filters:q} --learned {input.learned:q} {params.known:q}"
            " --dataset {wildcards.dataset} {params.runs:q} --max-q {params.max_q:q} --names {input.names:q}"
            " --out {params.out:q} > {log:q} 2>&1"


rule explain:
    input:
        expand("{results}/runs/{dataset}/learned.html", results=RESULTS, dataset=PROJECT.explained_datasets()),
    localrule: True
