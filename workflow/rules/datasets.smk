# In: bins, homologs and the peaks of a dataset. Out: its labelled human windows and pseudo-labelled homologs, packed.
# Human windows of a dataset of sequences, and homologs that are given as sequences: sequences.smk.
OF_PEAKS = any_of(name for name, row in PROJECT.all_datasets.items() if row.peaks)


rule load_peaks:
    input:
        genome=f"{RESULTS}/genomes/{HUMAN}.2bit",
        peaks=given(lambda wildcards: PROJECT.peaks(wildcards.dataset)),
        chain=lambda wildcards: PROJECT.assembly_chain(wildcards.dataset),
    output:
        bed=f"{RESULTS}/datasets/{{dataset}}/peaks.bed",
        few=f"{RESULTS}/datasets/{{dataset}}/peaks_in_few_files.bed",
        counts=f"{RESULTS}/datasets/{{dataset}}/peaks.tsv",
    wildcard_constraints:
        dataset=OF_PEAKS,
    params:
        settings=lambda wildcards: options_of(PROJECT.peak_settings(wildcards.dataset)),
        chain=lambda wildcards, input: option("--chain", [input.chain] if input.chain else []),
        contents=lambda wildcards: contents(PROJECT.peaks(wildcards.dataset)),
    log:
        f"{RESULTS}/logs/load_peaks/{{dataset}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/load_peaks/{{dataset}}.tsv"
    conda:
        "../../envs/regssl.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=10,
    shell:
        "regssl step load-peaks {input.genome:q} {output.bed:q} {output.counts:q} {input.peaks:q} --few {output.few:q}"
        " --dataset {wildcards.dataset} {params.settings:q} {params.chain:q} > {log:q} 2>&1"


rule label_windows:
    input:
        bins=lambda wildcards: PROJECT.bins_of(wildcards.dataset),
        peaks=rules.load_peaks.output.bed,
        few=rules.load_peaks.output.few,
        genome=f"{RESULTS}/genomes/{HUMAN}.2bit",
    output:
        windows=[f"{RESULTS}/datasets/{{dataset}}/human/{split}.parquet" for split in SPLITS],
        sequences=sequences(
            [f"{RESULTS}/datasets/{{dataset}}/human/{split}.{kind}" for split in SPLITS for kind in ("npy", "fa.gz")]
        ),
        counts=f"{RESULTS}/datasets/{{dataset}}/human/counts.tsv",
    wildcard_constraints:
        dataset=OF_PEAKS,
    params:
        folder=subpath(output.counts, parent=True),
        human=HUMAN,
        labels=options_of(CONFIG.bins, exclude=["width"]),
        sampling=lambda wildcards: options_of(PROJECT.sampling_of(wildcards.dataset)),
    log:
        f"{RESULTS}/logs/label_windows/{{dataset}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/label_windows/{{dataset}}.tsv"
    conda:
        "../../envs/regssl.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=60,
    shell:
        "regssl step label-windows {input.bins:q} {input.peaks:q} {input.genome:q} {params.folder:q} --dataset {wildcards.dataset}"
        " --genome-id {params.human} --few {input.few:q} {params.labels:q} {params.sampling:q} > {log:q} 2>&1"


rule extract_negatives:
    input:
        bins=lambda wildcards: PROJECT.bins_of(wildcards.dataset),
        peaks=rules.load_peaks.output.bed,
        few=rules.load_peaks.output.few,
        genome=f"{RESULTS}/genomes/{HUMAN}.2bit",
        train=f"{RESULTS}/datasets/{{dataset}}/human/train.parquet",
    output:
        codes=sequences(f"{RESULTS}/datasets/{{dataset}}/negatives/{HUMAN}.npy"),
        windows=f"{RESULTS}/datasets/{{dataset}}/negatives/{HUMAN}.parquet",
        fasta=sequences(f"{RESULTS}/datasets/{{dataset}}/negatives/{HUMAN}.fa.gz"),
    wildcard_constraints:
        dataset=OF_PEAKS,
    params:
        human=HUMAN,
        labels=options_of(CONFIG.bins, exclude=["width"]),
    log:
        f"{RESULTS}/logs/extract_negatives/{{dataset}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/extract_negatives/{{dataset}}.tsv"
    conda:
        "../../envs/regssl.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=60,
    shell:
        "regssl step extract-negatives {input.bins:q} {input.peaks:q} {input.genome:q} {input.train:q} {output.codes:q}"
        " --genome-id {params.human} --few {input.few:q} {params.labels:q} > {log:q} 2>&1"


rule pseudo_label:
    input:
        train=f"{RESULTS}/datasets/{{dataset}}/human/train.parquet",
        homologs=lambda wildcards: [PROJECT.homologs_of(wildcards.dataset, genome) for genome in PROJECT.genomes],
        genomes=[f"{RESULTS}/genomes/{genome}.2bit" for genome in PROJECT.genomes],
    output:
        windows=[PROJECT.windows("homologs", genome, "parquet") for genome in PROJECT.genomes],
        codes=sequences([PROJECT.windows("homologs", genome, "npy") for genome in PROJECT.genomes]),
        fasta=sequences([PROJECT.windows("homologs", genome, "fa.gz") for genome in PROJECT.genomes]),
    wildcard_constraints:
        dataset=any_of(PROJECT.lifted_datasets),
    params:
        genomes=list(PROJECT.genomes),
    log:
        f"{RESULTS}/logs/pseudo_label/{{dataset}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/pseudo_label/{{dataset}}.tsv"
    conda:
        "../../envs/regssl.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=60,
    shell:
        "regssl step pseudo-label {input.train:q} --genome-ids {params.genomes:q} --homologs {input.homologs:q}"
        " --genomes {input.genomes:q} --out {output.codes:q} > {log:q} 2>&1"


rule count_windows:
    input:
        human=f"{RESULTS}/datasets/{{dataset}}/human/train.parquet",
        homologs=lambda wildcards: [
            PROJECT.windows("homologs", genome, "parquet", wildcards.dataset)
            for genome in PROJECT.genomes_for(wildcards.dataset)
        ],
    output:
        f"{RESULTS}/datasets/{{dataset}}/training_windows.tsv",
    params:
        genomes=lambda wildcards: [HUMAN, *PROJECT.genomes_for(wildcards.dataset)],
    localrule: True
    log:
        f"{RESULTS}/logs/count_windows/{{dataset}}.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "regssl step count-windows {output:q} {input:q} --genome-ids {params.genomes:q} > {log:q} 2>&1"


rule lift_status_table:
    input:
        train=f"{RESULTS}/datasets/{{dataset}}/human/train.parquet",
        homologs=lambda wildcards: [PROJECT.homologs_of(wildcards.dataset, genome) for genome in PROJECT.genomes],
        peaks=lambda wildcards: PROJECT.peak_counts(wildcards.dataset),
        names=rules.display_names.output,
    output:
        tsv=f"{RESULTS}/datasets/{{dataset}}/lift_status.tsv",
        json=f"{RESULTS}/datasets/{{dataset}}/lift_status.json",
        html=report(
            f"{RESULTS}/datasets/{{dataset}}/lift_status.html",
            category="Lift-over",
            labels={"table": "Homologs of the training windows: {dataset}"},
            caption="../report/lift_status.rst",
        ),
    params:
        out=subpath(output.tsv, strip_suffix=".tsv"),
        genomes=list(PROJECT.genomes),
    localrule: True
    log:
        f"{RESULTS}/logs/lift_status_table/{{dataset}}.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "regssl report lift-status {input.train:q} {input.homologs:q} --genome-ids {params.genomes:q}"
        " --peaks {input.peaks:q} --dataset {wildcards.dataset} --names {input.names:q} --out {params.out:q} > {log:q} 2>&1"
