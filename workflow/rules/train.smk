# In: the training and validation windows of a dataset. Out: one trained model per model, method and seed.
# One rule per model and job of seeds (`seeds_per_job`): train_deepbind, and where there are more jobs train_deepbind_2 …


for model, number, seeds in TRAINING_JOBS:

    rule:
        name:
            job_name("train", model, number)
        input:
            human=f"{RESULTS}/datasets/{{dataset}}/human/train.npy",
            validation=f"{RESULTS}/datasets/{{dataset}}/human/validation.npy",
            homologs=homolog_sets,
            teachers=teachers(model, seeds),
        output:
            models=runs(model, seeds, "model.safetensors"),
            histories=runs(model, seeds, "history.csv"),
            records=runs(model, seeds, "run.json"),
        params:
            code=code("train", model),
            folder=f"{RESULTS}/runs/{{dataset}}/{model}/{{method}}",
            settings=settings(model),
            seeds=seeds,
            homologs=lambda wildcards, input: option("--homologs", input.homologs),
            teachers=lambda wildcards, input: option("--teachers", input.teachers),
        log:
            f"{RESULTS}/logs/train/{{dataset}}/{model}/{{method}}/{number}.log",
        benchmark:
            f"{RESULTS}/benchmarks/train/{{dataset}}/{model}/{{method}}/{number}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(8000),
            runtime=720,
            gpu=CONFIG.gpus,
        shell:
            "regssl train {params.folder:q} --settings {params.settings:q} --method {wildcards.method} --seeds {params.seeds}"
            " --human {input.human:q} --validation {input.validation:q} {params.homologs:q} {params.teachers:q}"
            " --threads {threads} > {log:q} 2>&1"
