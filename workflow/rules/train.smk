# In: the training and validation windows of a dataset. Out: one trained model per model, method and seed.
# One rule per model and job of seeds (`seeds_per_job`): train_deepbind, and where there are more jobs train_deepbind_2 …

if PROJECT.generated_models():

    rule init_weights:
        output:
            expand(
                "{results}/pretrained/{{random}}/{file}",
                results=RESULTS,
                file=["config.json", "tokenizer.json", "model.safetensors"],
            ),
        wildcard_constraints:
            random="|".join(PROJECT.generated_models()),
        params:
            folder=subpath(output[0], parent=True),
        log:
            f"{RESULTS}/logs/init_weights/{{random}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/init_weights/{{random}}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(2000),
            runtime=10,
        shell:
            "regssl step init-weights {params.folder:q} > {log:q} 2>&1"


for job in PROJECT.seed_jobs():

    rule:
        name:
            job.rule("train")
        input:
            human=f"{RESULTS}/datasets/{{dataset}}/human/train.npy",
            validation=f"{RESULTS}/datasets/{{dataset}}/human/validation.npy",
            homologs=lambda wildcards: PROJECT.extra_windows(wildcards.dataset, wildcards.method),
            counts=lambda wildcards, job=job: PROJECT.training_counts(job.model, wildcards.method, wildcards.dataset),
            teachers=lambda wildcards, job=job: PROJECT.teachers(wildcards.dataset, wildcards.method, job),
            pretrained=(
                given(PROJECT.pretrained[job.model])
                if job.model not in PROJECT.generated_models()
                else PROJECT.pretrained[job.model]
            ),
            divergence=lambda wildcards: PROJECT.divergence_tables(wildcards.dataset, wildcards.method),
            motifs=given(lambda wildcards: PROJECT.motif_files(wildcards.method)),
        output:
            models=PROJECT.job_files(job, "model.safetensors"),
            histories=PROJECT.job_files(job, "history.csv"),
            records=PROJECT.job_files(job, "run.json"),
        params:
            folder=f"{RESULTS}/runs/{{dataset}}/{job.model}/{{method}}",
            settings=lambda wildcards, job=job: CONFIG.settings_json(job.model, wildcards.method),
            seeds=job.seeds,
            homologs=lambda wildcards, input: option("--homologs", input.homologs),
            counts=lambda wildcards, input: option("--training-windows", input.counts),
            genomes=lambda wildcards, input: option("--genomes", PROJECT.genomes if input.divergence else []),
            teachers=lambda wildcards, input: option("--teachers", input.teachers),
            pretrained=lambda wildcards, input: option("--pretrained", input.pretrained),
            divergence=lambda wildcards, input: option("--divergence", input.divergence),
            clades=lambda wildcards, input: option(
                "--clades", [row.clade for row in PROJECT.genomes.values()] if input.divergence else []
            ),
            motif=lambda wildcards: [
                f"--motif={name}" for name in PROJECT.motif_names(wildcards.dataset, wildcards.method)
            ],
            motifs=lambda wildcards, input: option("--motifs", input.get("motifs", [])),
            contents=lambda wildcards, job=job: contents(PROJECT.training_files(job.model, wildcards.method)),
        log:
            f"{RESULTS}/logs/train/{{dataset}}/{job.model}/{{method}}/{job.number}.log",
        benchmark:
            f"{RESULTS}/benchmarks/train/{{dataset}}/{job.model}/{{method}}/{job.number}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: CONFIG.models[job.model].resources.threads
        resources:
            mem_mb=memory(CONFIG.models[job.model].resources.mem_mb),
            runtime=CONFIG.models[job.model].resources.runtime,
            gpu=lambda wildcards, job=job: CONFIG.gpus_of(job.model, wildcards.method),
        shell:
            "regssl train {params.folder:q} --settings {params.settings:q} --method {wildcards.method} --seeds {params.seeds}"
            " --human {input.human:q} --validation {input.validation:q} {params.homologs:q} {params.counts:q} {params.genomes:q} {params.teachers:q}"
            " {params.pretrained:q} {params.divergence:q} {params.clades:q} {params.motif:q} {params.motifs:q}"
            " --threads {threads} > {log:q} 2>&1"
