# In: the training and validation windows of a dataset. Out: one trained model per model, method and seed.
# One rule per model and job of seeds (`seeds_per_job`): train_deepbind, and where there are more jobs train_deepbind_2 …

from regssl.config.pretrained import is_generated

RANDOM = [model for model in CONFIG.models if is_generated(CONFIG.model_settings[model])]

if RANDOM:

    rule random_weights:
        output:
            expand(
                "{results}/pretrained/{{random}}/{file}",
                results=RESULTS,
                file=["config.json", "tokenizer.json", "model.safetensors"],
            ),
        wildcard_constraints:
            random="|".join(RANDOM),
        params:
            folder=subpath(output[0], parent=True),
        log:
            f"{RESULTS}/logs/random_weights/{{random}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/random_weights/{{random}}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(2000),
            runtime=10,
        shell:
            "regssl step init-weights {params.folder:q} > {log:q} 2>&1"


for model, number, seeds in TRAINING_JOBS:

    rule:
        name:
            job_name("train", model, number)
        input:
            human=f"{RESULTS}/datasets/{{dataset}}/human/train.npy",
            validation=f"{RESULTS}/datasets/{{dataset}}/human/validation.npy",
            homologs=homolog_sets,
            teachers=teachers(model, seeds),
            pretrained=PROJECT.pretrained[model],
            divergence=genome_order,
            motifs=lambda wildcards: [PROJECT.motifs] if wildcards.method == "motif_scan" and PROJECT.motifs else [],
        output:
            models=runs(model, seeds, "model.safetensors"),
            histories=runs(model, seeds, "history.csv"),
            records=runs(model, seeds, "run.json"),
        params:
            folder=f"{RESULTS}/runs/{{dataset}}/{model}/{{method}}",
            settings=settings(model),
            seeds=seeds,
            homologs=lambda wildcards, input: option("--homologs", input.homologs),
            teachers=lambda wildcards, input: option("--teachers", input.teachers),
            pretrained=lambda wildcards, input: option("--pretrained", input.pretrained),
            divergence=lambda wildcards, input: option("--divergence", input.divergence),
            motif=motif,
        log:
            f"{RESULTS}/logs/train/{{dataset}}/{model}/{{method}}/{number}.log",
        benchmark:
            f"{RESULTS}/benchmarks/train/{{dataset}}/{model}/{{method}}/{number}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(CONFIG.model_settings[model].resources.mem_mb),
            runtime=CONFIG.model_settings[model].resources.runtime,
            gpu=CONFIG.gpus_of(model),
        shell:
            "regssl train {params.folder:q} --settings {params.settings:q} --method {wildcards.method} --seeds {params.seeds}"
            " --human {input.human:q} --validation {input.validation:q} {params.homologs:q} {params.teachers:q}"
            " {params.pretrained:q} {params.divergence:q} {params.motif:q}"
            " --threads {threads} > {log:q} 2>&1"
