# In: the training and validation windows of a dataset. Out: one trained model per model, method and seed.


rule train:
    input:
        human=f"{RESULTS}/datasets/{{dataset}}/human/train.npy",
        validation=f"{RESULTS}/datasets/{{dataset}}/human/validation.npy",
        homologs=homolog_sets,
    output:
        model=f"{RUNS}/model.safetensors",
        history=f"{RUNS}/history.csv",
        record=f"{RUNS}/run.json",
    params:
        folder=subpath(output.model, parent=True),
        settings=lambda wildcards: json.dumps(CONFIG.settings(wildcards.model, wildcards.method), sort_keys=True),
        homologs=lambda wildcards, input: ["--homologs", *input.homologs] if input.homologs else [],
    log:
        f"{RESULTS}/logs/train/{{dataset}}/{{model}}/{{method}}/seed{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train/{{dataset}}/{{model}}/{{method}}/seed{{seed}}.tsv"
    conda:
        "../../envs/regssl.yaml"
    threads: 1
    resources:
        mem_mb=8000,
        runtime=720,
        gpu=CONFIG.gpus,
    shell:
        "regssl train {params.folder:q} --settings {params.settings:q} --method {wildcards.method} --seed {wildcards.seed}"
        " --human {input.human:q} --validation {input.validation:q} {params.homologs:q} --threads {threads} > {log:q} 2>&1"
