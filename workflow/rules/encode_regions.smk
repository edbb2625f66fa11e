# In: published files, as downloaded (the table `sources`). Out: the genomes, peaks and variants of config/encode_regions.yaml,
# below the folder of downloads. Only where the configuration has no data_dir, which would hold them.

if PROJECT.made:

    from regssl.config.made_data import CONTIGS, GENOME, MEASURED, MEASURED_IN, PEAKS, PLACES, VARIANTS

    MADE = PROJECT.made
    MEASURED_GENOMES = {place: row.genome for row in PROJECT.measured_rows.values() for place in row.peaks}
    MADE_PLACES = PROJECT.made_places()

    rule assemble_human:
        input:
            regions=given(CONFIG.regions),
            sequences=ancient(MADE.paths(GENOME.format(HUMAN), "sequence")),
            contigs=ancient([path for name in CONTIGS for path in MADE.paths(GENOME.format(HUMAN), "contigs", name)]),
        output:
            genome=MADE.path(GENOME.format(HUMAN)),
            places=MADE.path(PLACES.format(HUMAN)),
        params:
            names=[row.name for row in MADE.sources(GENOME.format(HUMAN), "sequence")],
            contigs=lambda wildcards, input: option("--contigs", input.get("contigs", [])),
            human=HUMAN,
            sums=MADE.sums(GENOME.format(HUMAN)),
            contents=lambda wildcards: contents([CONFIG.regions]),
        log:
            f"{RESULTS}/logs/assemble_human.log",
        benchmark:
            f"{RESULTS}/benchmarks/assemble_human.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(1000),
            runtime=10,
        shell:
            "regssl step assemble-human {output.genome:q} {output.places:q} {input.regions:q} {input.sequences:q}"
            " --names {params.names:q} {params.contigs:q} --genome-id {params.human} > {log:q} 2>&1"

    rule assemble_genome:
        input:
            lambda wildcards: ancient(MADE.paths(GENOME.format(wildcards.made), "sequence")),
        output:
            MADE.path(GENOME.format("{made}")),
        wildcard_constraints:
            made="|".join(name for name in MADE.names(GENOME, MADE_PLACES) if name != HUMAN) or "(?!)",
        params:
            names=lambda wildcards: [row.name for row in MADE.sources(GENOME.format(wildcards.made), "sequence")],
            sums=lambda wildcards: MADE.sums(GENOME.format(wildcards.made)),
        log:
            f"{RESULTS}/logs/assemble_genome/{{made}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/assemble_genome/{{made}}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(1000),
            runtime=10,
        shell:
            "regssl step assemble-genome {output:q} {input:q} --names {params.names:q} > {log:q} 2>&1"

    rule move_peaks:
        input:
            regions=given(CONFIG.regions),
            peaks=lambda wildcards: ancient(MADE.paths(PEAKS.format(wildcards.made), "peaks")),
            chain=lambda wildcards: ancient(MADE.paths(PEAKS.format(wildcards.made), "chain")),
        output:
            MADE.path(PEAKS.format("{made}")),
        wildcard_constraints:
            made="|".join(map(re.escape, MADE.names(PEAKS, MADE_PLACES))) or "(?!)",
        params:
            human=HUMAN,
            chain=lambda wildcards, input: option("--chain", input.get("chain", [])),
            sums=lambda wildcards: MADE.sums(PEAKS.format(wildcards.made)),
            contents=lambda wildcards: contents([CONFIG.regions]),
        log:
            f"{RESULTS}/logs/move_peaks/{{made}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/move_peaks/{{made}}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(1000),
            runtime=10,
        shell:
            "regssl step move-peaks {output:q} {input.regions:q} {input.peaks:q} {params.chain:q}"
            " --genome-id {params.human} > {log:q} 2>&1"

    rule move_measured_peaks:
        input:
            regions=given(CONFIG.regions),
            peaks=lambda wildcards: ancient(MADE.paths(MEASURED.format(wildcards.made), "measured")),
        output:
            peaks=MADE.path(MEASURED.format("{made}")),
            measured_in=MADE.path(MEASURED_IN.format("{made}")),
        wildcard_constraints:
            made="|".join(map(re.escape, MADE.names(MEASURED, MADE_PLACES))) or "(?!)",
        params:
            label=lambda wildcards: MADE.sources(MEASURED.format(wildcards.made), "measured")[0].name,
            genome=lambda wildcards: MEASURED_GENOMES[MEASURED.format(wildcards.made)],
            sums=lambda wildcards: MADE.sums(MEASURED.format(wildcards.made)),
            contents=lambda wildcards: contents([CONFIG.regions]),
        log:
            f"{RESULTS}/logs/move_measured_peaks/{{made}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/move_measured_peaks/{{made}}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(1000),
            runtime=10,
        shell:
            "regssl step move-measured-peaks {output.peaks:q} {output.measured_in:q} {input.regions:q} {input.peaks:q}"
            " --label {params.label:q} --genome-id {params.genome:q} > {log:q} 2>&1"

    rule add_contexts:
        input:
            regions=given(CONFIG.regions),
            genome=rules.assemble_human.output.genome,
            variants=lambda wildcards: ancient(MADE.paths(VARIANTS.format(wildcards.made), "variants")),
            chain=lambda wildcards: ancient(MADE.paths(VARIANTS.format(wildcards.made), "chain", "hg19_to_hg16")),
            variants_chain=lambda wildcards: ancient(
                MADE.paths(VARIANTS.format(wildcards.made), "chain", "hg38_to_hg19")
            ),
            intervals=lambda wildcards: ancient(MADE.paths(VARIANTS.format(wildcards.made), "windows", "intervals")),
            sequences=lambda wildcards: ancient(MADE.paths(VARIANTS.format(wildcards.made), "windows", "sequences")),
        output:
            MADE.path(VARIANTS.format("{made}")),
        wildcard_constraints:
            made="|".join(map(re.escape, MADE.names(VARIANTS, MADE_PLACES))) or "(?!)",
        params:
            format=lambda wildcards: MADE.sources(VARIANTS.format(wildcards.made), "variants")[0].name,
            variants_chain=lambda wildcards, input: option("--variants-chain", input.get("variants_chain", [])),
            human=HUMAN,
            sums=lambda wildcards: MADE.sums(VARIANTS.format(wildcards.made)),
            contents=lambda wildcards: contents([CONFIG.regions]),
        log:
            f"{RESULTS}/logs/add_contexts/{{made}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/add_contexts/{{made}}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(1000),
            runtime=10,
        shell:
            "regssl step add-contexts {output:q} {input.variants:q} {input.regions:q} {input.genome:q}"
            " --format {params.format:q} --chain {input.chain:q} {params.variants_chain:q}"
            " --intervals {input.intervals:q} --sequences {input.sequences:q} --genome-id {params.human} > {log:q} 2>&1"
