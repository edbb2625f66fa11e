# In: the human genome and one whose chain is `align`, as 2bit. Out: chains from the first to the second.

if PROJECT.aligned_genomes():

    rule align_genome:
        input:
            human=f"{RESULTS}/genomes/{HUMAN}.2bit",
            genome=f"{RESULTS}/genomes/{{genome}}.2bit",
        output:
            PROJECT.aligned_chain(),
        params:
            settings=options_of(CONFIG.align, exclude=["max_megabases"]),
        wildcard_constraints:
            genome="|".join(PROJECT.aligned_genomes()),
        log:
            f"{RESULTS}/logs/align_genome/{{genome}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/align_genome/{{genome}}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 2
        resources:
            mem_mb=memory(4000),
            runtime=720,
            max_megabases=CONFIG.align.max_megabases,  # no param: a higher limit aligns nothing again
        shell:
            "regssl align {input.human:q} {input.genome:q} {output:q} --threads {threads} {params.settings:q}"
            " --max-megabases {resources.max_megabases:q} > {log:q} 2>&1"
