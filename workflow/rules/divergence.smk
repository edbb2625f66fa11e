# In: homologs of the training bins, and chains. Out: each genome's divergence, human windows mutated to it, and for
# simulated data how many labels are wrong.


rule estimate_divergence:
    input:
        bins=PROJECT.bins(),
        homologs=rules.find_homologs.output.homologs,
        chain=PROJECT.chain_index("{genome}"),
        human=f"{RESULTS}/genomes/{HUMAN}.2bit",
        genome=f"{RESULTS}/genomes/{{genome}}.2bit",
    output:
        PROJECT.homologs("divergence.tsv"),
    params:
        settings=options_of(CONFIG.divergence),
    log:
        f"{RESULTS}/logs/estimate_divergence/{{splits}}/{{genome}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/estimate_divergence/{{splits}}/{{genome}}.tsv"
    conda:
        "../../envs/regssl.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=60,
    shell:
        "regssl step estimate-divergence {input.bins:q} {input.homologs:q} {input.chain:q} {input.human:q} {input.genome:q} {output:q}"
        " --genome-id {wildcards.genome} {params.settings:q} > {log:q} 2>&1"


rule divergence_table:
    input:
        divergence=[PROJECT.homologs("divergence.tsv", genome) for genome in PROJECT.genomes],
        names=rules.display_names.output,
    output:
        tsv=PROJECT.divergence(),
        json=f"{RESULTS}/divergence/{{splits}}.json",
        html=report(
            f"{RESULTS}/divergence/{{splits}}.html",
            category="Lift-over",
            labels={"table": "Divergence of each genome from the human one, splits: {splits}"},
            caption="../report/divergence.rst",
        ),
    params:
        clades=[row.clade for row in PROJECT.genomes.values()],
        tree=[str(row.substitutions_per_site).lower() for row in PROJECT.genomes.values()],
        out=subpath(output.tsv, strip_suffix=".tsv"),
    localrule: True
    log:
        f"{RESULTS}/logs/divergence_table/{{splits}}.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "regssl report divergence {input.divergence:q} --clades {params.clades:q} --tree-distances {params.tree:q}"
        " --names {input.names:q} --out {params.out:q} > {log:q} 2>&1"


rule mutate:
    input:
        train=f"{RESULTS}/datasets/{{dataset}}/human/train.parquet",
        human=f"{RESULTS}/genomes/{HUMAN}.2bit",
        homologs=[PROJECT.windows("homologs", genome, "parquet") for genome in PROJECT.genomes],
        divergence=lambda wildcards: [
            PROJECT.homologs_of(wildcards.dataset, genome, "divergence.tsv") for genome in PROJECT.genomes
        ],
    output:
        windows=[PROJECT.windows("mutated", genome, "parquet") for genome in PROJECT.genomes],
        codes=sequences([PROJECT.windows("mutated", genome, "npy") for genome in PROJECT.genomes]),
        fasta=sequences([PROJECT.windows("mutated", genome, "fa.gz") for genome in PROJECT.genomes]),
    params:
        genomes=list(PROJECT.genomes),
    log:
        f"{RESULTS}/logs/mutate/{{dataset}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/mutate/{{dataset}}.tsv"
    conda:
        "../../envs/regssl.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=60,
    shell:
        "regssl step mutate {input.train:q} {input.human:q} --dataset {wildcards.dataset} --genome-ids {params.genomes:q}"
        " --homologs {input.homologs:q} --divergence {input.divergence:q} --out {output.codes:q} > {log:q} 2>&1"


if CONFIG.simulation is not None:

    rule label_errors:
        input:
            sites=rules.simulate.output.sites,
            train=f"{RESULTS}/datasets/{{dataset}}/human/train.parquet",
            homologs=expand(
                "{results}/datasets/{{dataset}}/homologs/{genome}.parquet", results=RESULTS, genome=PROJECT.genomes
            ),
            names=rules.display_names.output,
        output:
            tsv=f"{RESULTS}/datasets/{{dataset}}/label_errors.tsv",
            json=f"{RESULTS}/datasets/{{dataset}}/label_errors.json",
            html=report(
                f"{RESULTS}/datasets/{{dataset}}/label_errors.html",
                category="Label errors",
                labels={"table": "Label errors: {dataset}"},
                caption="../report/label_errors.rst",
            ),
        params:
            out=subpath(output.tsv, strip_suffix=".tsv"),
            genomes=list(PROJECT.genomes),
        localrule: True
        log:
            f"{RESULTS}/logs/label_errors/{{dataset}}.log",
        conda:
            "../../envs/regssl.yaml"
        shell:
            "regssl report label-errors {input.sites:q} {input.train:q} {input.homologs:q} --genome-ids {params.genomes:q}"
            " --dataset {wildcards.dataset} --names {input.names:q} --out {params.out:q} > {log:q} 2>&1"
