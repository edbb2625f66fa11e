# In: nothing. Out: the embedded world, where the configuration asks for one.


if CONFIG.simulate is not None:

    rule simulate:
        output:
            [
                CATALOG.path(place)
                for place in [
                    CATALOG.human.sequence,
                    *[row.sequence for row in CATALOG.genomes.values()],
                    *[row.chain for row in CATALOG.genomes.values()],
                    *[peaks for row in CATALOG.datasets.values() for peaks in row.peaks],
                    *([CONFIG.blacklist] if CONFIG.blacklist else []),
                ]
            ],
        params:
            folder=CONFIG.data_dir,
            seed=CONFIG.simulate.seed,
            size=CONFIG.simulate.size,
        log:
            f"{RESULTS}/logs/simulate.log",
        benchmark:
            f"{RESULTS}/benchmarks/simulate.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=2000,
            runtime=10,
        shell:
            "regssl simulate {params.folder:q} --seed {params.seed} --size {params.size} > {log:q} 2>&1"
