# In: files of labelled sequences, and of their homologs. Out: human windows, and homologs labelled as these, packed; the
# table of the sequences, in the place of bins, with their places in the human genome where they are located.


rule locate_sequences:
    input:
        sequences=given(lambda wildcards: PROJECT.sequences(wildcards.dataset)),
        genome=f"{RESULTS}/genomes/{HUMAN}.2bit",
    output:
        PROJECT.located(),
    wildcard_constraints:
        dataset=any_of(PROJECT.located_datasets),
    params:
        human=HUMAN,
        files=lambda wildcards: PROJECT.sequence_file_options(wildcards.dataset),
        settings=lambda wildcards: PROJECT.sequence_options(wildcards.dataset),
        leave_out=options_of(CONFIG.locate),
        contents=lambda wildcards: contents(PROJECT.sequences(wildcards.dataset)),
    log:
        f"{RESULTS}/logs/locate_sequences/{{dataset}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/locate_sequences/{{dataset}}.tsv"
    conda:
        "../../envs/regssl.yaml"
    threads: 2
    resources:
        mem_mb=memory(4000),
        runtime=30,
    shell:
        "regssl step locate-sequences {input.sequences:q} {params.files:q} {params.settings:q} --genome {input.genome:q}"
        " --out {output:q} --genome-id {params.human} {params.leave_out:q} --threads {threads} > {log:q} 2>&1"


rule read_sequences:
    input:
        sequences=given(lambda wildcards: PROJECT.sequences(wildcards.dataset)),
        located=lambda wildcards: PROJECT.located_tables(wildcards.dataset),
    output:
        bins=PROJECT.bins("{dataset}"),
        windows=[f"{RESULTS}/datasets/{{dataset}}/human/{split}.parquet" for split in SPLITS],
        sequences=sequences(
            [f"{RESULTS}/datasets/{{dataset}}/human/{split}.{kind}" for split in SPLITS for kind in ("npy", "fa.gz")]
        ),
        human=f"{RESULTS}/datasets/{{dataset}}/human/counts.tsv",
        negatives=f"{RESULTS}/datasets/{{dataset}}/negatives/{HUMAN}.parquet",
        negative_sequences=sequences(
            [f"{RESULTS}/datasets/{{dataset}}/negatives/{HUMAN}.{kind}" for kind in ("npy", "fa.gz")]
        ),
        counts=f"{RESULTS}/datasets/{{dataset}}/sequences.tsv",
    wildcard_constraints:
        dataset=any_of(PROJECT.sequence_datasets),
    params:
        folder=subpath(output.human, parent=True),
        human=HUMAN,
        files=lambda wildcards: PROJECT.sequence_file_options(wildcards.dataset),
        settings=lambda wildcards: PROJECT.sequence_options(wildcards.dataset),
        splits=lambda wildcards: options_of(PROJECT.splits_of(wildcards.dataset), "{}-chroms"),
        sampling=lambda wildcards: options_of(PROJECT.sampling_of(wildcards.dataset)),
        published=lambda wildcards: PROJECT.published_options(wildcards.dataset),
        located=lambda wildcards, input: option("--located", input.get("located", [])),
        contents=lambda wildcards: contents(PROJECT.sequences(wildcards.dataset)),
    log:
        f"{RESULTS}/logs/read_sequences/{{dataset}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/read_sequences/{{dataset}}.tsv"
    conda:
        "../../envs/regssl.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=30,
    shell:
        "regssl step read-sequences {input.sequences:q} {params.files:q} {params.settings:q} --bins {output.bins:q}"
        " --human {params.folder:q} --negatives {output.negative_sequences[0]:q} --counts {output.counts:q}"
        " --dataset {wildcards.dataset} --genome-id {params.human} {params.splits:q} {params.sampling:q} {params.located:q}"
        " {params.published:q} > {log:q} 2>&1"


for dataset in PROJECT.given_datasets:

    rule:
        name:
            f"read_homologs_{dataset}"
        input:
            homologs=given(PROJECT.given_homologs(dataset)),
            bins=PROJECT.bins(dataset),
            train=f"{RESULTS}/datasets/{dataset}/human/train.parquet",
        output:
            tables=[PROJECT.homologs_of(dataset, genome) for genome in PROJECT.genomes],
            windows=[PROJECT.windows("homologs", genome, "parquet", dataset) for genome in PROJECT.genomes],
            codes=sequences([PROJECT.windows("homologs", genome, "npy", dataset) for genome in PROJECT.genomes]),
            fasta=sequences([PROJECT.windows("homologs", genome, "fa.gz", dataset) for genome in PROJECT.genomes]),
            counts=f"{RESULTS}/datasets/{dataset}/homologs.tsv",
        params:
            dataset=dataset,
            human=HUMAN,
            genomes=list(PROJECT.genomes),
            settings=PROJECT.sequence_options(dataset),
            filters=options_of(CONFIG.homologs, exclude=["min_match"]),
            contents=lambda wildcards, dataset=dataset: contents(PROJECT.given_homologs(dataset)),
        log:
            f"{RESULTS}/logs/read_homologs/{dataset}.log",
        benchmark:
            f"{RESULTS}/benchmarks/read_homologs/{dataset}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(8000),
            runtime=60,
        shell:
            "regssl step read-homologs {input.homologs:q} {params.settings:q} --bins {input.bins:q} --train {input.train:q}"
            " --human-id {params.human} --genome-ids {params.genomes:q} --tables {output.tables:q} --out {output.codes:q}"
            " --counts {output.counts:q} --dataset {params.dataset:q} {params.filters:q} > {log:q} 2>&1"
