# In: published files, as downloaded (the table `sources`). Out: the genomes, peaks and variants of config/encode_regions.yaml,
# below the folder of downloads. Only where the configuration has no data_dir, which would hold them.

if PROJECT.made:

    from regssl.config.made_data import GENOME, MEASURED, MEASURED_IN, PEAKS, PLACES, VARIANTS

    MADE = PROJECT.made
    MEASURED_GENOMES = {place: row.genome for row in PROJECT.measured_rows.values() for place in row.peaks}

    def made(form):
        """The path of what is made, with a wildcard for its name."""
        return MADE.path(form.replace("{}", "{made}"))

    def names_of(form, *others):
        """A regular expression of the names of what is made, except some."""
        names = MADE.names(form, PROJECT.made_places())
        return "|".join(re.escape(name) for name in names if name not in others) or "(?!)"

    def published(form, role, name=""):
        """The downloads that something is made from."""
        return lambda wildcards: ancient(MADE.paths(form.format(wildcards.made), role, name))

    def sums(form):
        """Their checksums, as a param: they decide, not the time of the files."""
        return lambda wildcards: [row.sha256 for row in MADE.sources(form.format(wildcards.made))]

    rule assemble_human:
        input:
            regions=ancient(CONFIG.regions),
            sequences=ancient(MADE.paths(GENOME.format(HUMAN), "sequence")),
            contigs=ancient(MADE.paths(GENOME.format(HUMAN), "contigs")),
        output:
            genome=MADE.path(GENOME.format(HUMAN)),
            places=MADE.path(PLACES.format(HUMAN)),
        params:
            names=[row.name for row in MADE.sources(GENOME.format(HUMAN), "sequence")],
            contigs=lambda wildcards, input: option("--contigs", input.get("contigs", [])),
            human=HUMAN,
            sums=[row.sha256 for row in MADE.sources(GENOME.format(HUMAN))],
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
            published(GENOME, "sequence"),
        output:
            made(GENOME),
        wildcard_constraints:
            made=names_of(GENOME, HUMAN),
        params:
            names=lambda wildcards: [row.name for row in MADE.sources(GENOME.format(wildcards.made), "sequence")],
            sums=sums(GENOME),
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
            regions=ancient(CONFIG.regions),
            peaks=published(PEAKS, "peaks"),
            chain=published(PEAKS, "chain"),
        output:
            made(PEAKS),
        wildcard_constraints:
            made=names_of(PEAKS),
        params:
            human=HUMAN,
            chain=lambda wildcards, input: option("--chain", input.get("chain", [])),
            sums=sums(PEAKS),
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
            regions=ancient(CONFIG.regions),
            peaks=published(MEASURED, "measured"),
        output:
            peaks=made(MEASURED),
            measured_in=made(MEASURED_IN),
        wildcard_constraints:
            made=names_of(MEASURED),
        params:
            label=lambda wildcards: MADE.sources(MEASURED.format(wildcards.made), "measured")[0].name,
            genome=lambda wildcards: MEASURED_GENOMES[MEASURED.format(wildcards.made)],
            sums=sums(MEASURED),
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
            " --label {params.label:q} --genome-id {params.genome} > {log:q} 2>&1"

    rule add_contexts:
        input:
            regions=ancient(CONFIG.regions),
            genome=rules.assemble_human.output.genome,
            variants=published(VARIANTS, "variants"),
            chain=published(VARIANTS, "chain", "hg19_to_hg16"),
            variants_chain=published(VARIANTS, "chain", "hg38_to_hg19"),
            intervals=published(VARIANTS, "windows", "intervals"),
            sequences=published(VARIANTS, "windows", "sequences"),
        output:
            made(VARIANTS),
        wildcard_constraints:
            made=names_of(VARIANTS),
        params:
            format=lambda wildcards: MADE.sources(VARIANTS.format(wildcards.made), "variants")[0].name,
            variants_chain=lambda wildcards, input: option("--variants-chain", input.get("variants_chain", [])),
            human=HUMAN,
            sums=sums(VARIANTS),
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
            " --format {params.format} --chain {input.chain:q} {params.variants_chain:q}"
            " --intervals {input.intervals:q} --sequences {input.sequences:q} --genome-id {params.human} > {log:q} 2>&1"
