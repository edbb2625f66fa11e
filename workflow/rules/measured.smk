# In: peaks measured in other species, homologs, trained models. Out: how many copied labels are true, which scores tell
# them apart, and how well the species' own windows are ranked. Only where the configuration names such peaks. No
# training waits for any of it.

if PROJECT.measured_rows:

    rule measure_copies:
        input:
            windows=[f"{RESULTS}/datasets/{{dataset}}/human/{split}.parquet" for split in SPLITS],
            homologs=lambda wildcards: PROJECT.homologs_of(wildcards.dataset, wildcards.genome),
            chain=PROJECT.chain_index("{genome}"),
            human=f"{RESULTS}/genomes/{HUMAN}.2bit",
            genome=f"{RESULTS}/genomes/{{genome}}.2bit",
            measured=given(lambda wildcards: PROJECT.measured_peaks(wildcards.dataset, wildcards.genome)),
            regions=given(lambda wildcards: PROJECT.measured_regions(wildcards.dataset, wildcards.genome)),
            peaks=given(lambda wildcards: PROJECT.peaks(wildcards.dataset)),
            merged=rules.load_peaks.output.bed,
            assembly_chain=lambda wildcards: PROJECT.assembly_chain(wildcards.dataset),
            motifs=given(PROJECT.motif_files("motif_scan")),
        output:
            codes=sequences(f"{RESULTS}/datasets/{{dataset}}/measured/{{genome}}/copies.npy"),
            copies=f"{RESULTS}/datasets/{{dataset}}/measured/{{genome}}/copies.parquet",
            sites=f"{RESULTS}/datasets/{{dataset}}/measured/{{genome}}/sites.parquet",
        params:
            min_overlap=CONFIG.bins.min_overlap,
            min_match=CONFIG.homologs.min_match,
            peaks=lambda wildcards: options_of(PROJECT.peak_settings(wildcards.dataset), exclude=["min_support"]),
            files=lambda wildcards, input: [
                word
                for name in ("regions", "assembly_chain", "motifs")
                for word in option(f"--{name.replace('_', '-')}", input.get(name, []))
            ],
            motif=lambda wildcards: [f"--motif={name}" for name in PROJECT.motif_names(wildcards.dataset, "motif_scan")],
            contents=lambda wildcards: contents(PROJECT.measured_files(wildcards.dataset, wildcards.genome)),
        log:
            f"{RESULTS}/logs/measure_copies/{{dataset}}/{{genome}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/measure_copies/{{dataset}}/{{genome}}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(16000),
            runtime=60,
        shell:
            "regssl step measure-copies {output.codes:q} {output.sites:q} --windows {input.windows:q}"
            " --homologs {input.homologs:q} --chain {input.chain:q} --human {input.human:q} --genome {input.genome:q}"
            " --genome-id {wildcards.genome} --measured {input.measured:q} --peaks {input.peaks:q}"
            " --merged {input.merged:q} --min-overlap {params.min_overlap} --homolog-min-match {params.min_match:q}"
            " {params.peaks:q} {params.files:q} {params.motif:q} > {log:q} 2>&1"

    rule count_true_copies:
        input:
            copies=rules.measure_copies.output.copies,
            sites=rules.measure_copies.output.sites,
        output:
            f"{RESULTS}/datasets/{{dataset}}/measured/{{genome}}/rates.tsv",
        params:
            files=lambda wildcards: len(PROJECT.peaks(wildcards.dataset)),
            min_match=CONFIG.homologs.min_match,
            settings=options_of(CONFIG.measured_labels, exclude=SAMPLE),
        log:
            f"{RESULTS}/logs/count_true_copies/{{dataset}}/{{genome}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/count_true_copies/{{dataset}}/{{genome}}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(4000),
            runtime=10,
        shell:
            "regssl step count-true-copies {output:q} {input.copies:q} {input.sites:q} --dataset {wildcards.dataset}"
            " --genome-id {wildcards.genome} --files {params.files:q} --homolog-min-match {params.min_match:q}"
            " {params.settings:q} > {log:q} 2>&1"

    rule measure_own_windows:
        input:
            windows=[f"{RESULTS}/datasets/{{dataset}}/human/{split}.parquet" for split in SPLITS],
            homologs=lambda wildcards: PROJECT.homologs_of(wildcards.dataset, wildcards.genome),
            chain=PROJECT.chain_index("{genome}"),
            human=f"{RESULTS}/genomes/{HUMAN}.2bit",
            genome=f"{RESULTS}/genomes/{{genome}}.2bit",
            measured=given(lambda wildcards: PROJECT.measured_peaks(wildcards.dataset, wildcards.genome)),
            regions=given(lambda wildcards: PROJECT.measured_regions(wildcards.dataset, wildcards.genome)),
        output:
            codes=sequences(f"{RESULTS}/datasets/{{dataset}}/measured/{{genome}}/own.npy"),
            table=f"{RESULTS}/datasets/{{dataset}}/measured/{{genome}}/own.parquet",
        params:
            min_overlap=CONFIG.bins.min_overlap,
            peaks=lambda wildcards: options_of(PROJECT.measured_peak_settings(wildcards.dataset)),
            regions=lambda wildcards, input: option("--regions", input.get("regions", [])),
            settings=options_of(CONFIG.measured_labels, exclude=EDGES),
            contents=lambda wildcards: contents(
                [
                    *PROJECT.measured_peaks(wildcards.dataset, wildcards.genome),
                    *PROJECT.measured_regions(wildcards.dataset, wildcards.genome),
                ]
            ),
        log:
            f"{RESULTS}/logs/measure_own_windows/{{dataset}}/{{genome}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/measure_own_windows/{{dataset}}/{{genome}}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(16000),
            runtime=60,
        shell:
            "regssl step measure-own-windows {output.codes:q} --windows {input.windows:q} --homologs {input.homologs:q}"
            " --chain {input.chain:q} --human {input.human:q} --genome {input.genome:q} --genome-id {wildcards.genome}"
            " --measured {input.measured:q} --min-overlap {params.min_overlap} {params.peaks:q} {params.regions:q}"
            " {params.settings:q} > {log:q} 2>&1"

    for job in PROJECT.seed_jobs():

        rule:
            name:
                job.rule("predict_measured")
            input:
                models=PROJECT.job_files(job, "model.safetensors"),
                copies=rules.measure_copies.output.codes,
                own=rules.measure_own_windows.output.codes,
                tables=[rules.measure_copies.output.copies, rules.measure_own_windows.output.table],
            output:
                PROJECT.job_files(job, "measured/{genome}.copies.parquet"),
                PROJECT.job_files(job, "measured/{genome}.own.parquet"),
            params:
                own=option("--architecture", CONFIG.models[job.model].own_architecture),
            log:
                f"{RESULTS}/logs/predict_measured/{{dataset}}/{job.model}/{{method}}/{{genome}}.{job.number}.log",
            benchmark:
                f"{RESULTS}/benchmarks/predict_measured/{{dataset}}/{job.model}/{{method}}/{{genome}}.{job.number}.tsv"
            conda:
                "../../envs/regssl.yaml"
            threads: 1
            resources:
                mem_mb=memory(CONFIG.models[job.model].resources.mem_mb),
                runtime=120,
                gpu=lambda wildcards, job=job: CONFIG.gpus_of(job.model, wildcards.method),
            shell:
                "regssl step predict-sets {input.copies:q} {input.own:q} --models {input.models:q} --out {output:q}"
                " {params.own:q} --threads {threads}"
                " > {log:q} 2>&1"

    rule score_measured:
        input:
            copies=rules.measure_copies.output.copies,
            sites=rules.measure_copies.output.sites,
            own=rules.measure_own_windows.output.table,
            of_copies=lambda wildcards: PROJECT.measured_predictions(
                "copies", wildcards.dataset, wildcards.genome, PROJECT.full_runs(wildcards.dataset)
            ),
            of_own=lambda wildcards: PROJECT.measured_predictions(
                "own", wildcards.dataset, wildcards.genome, PROJECT.full_runs(wildcards.dataset)
            ),
        output:
            discrimination=f"{RESULTS}/runs/{{dataset}}/measured/{{genome}}/discrimination.tsv",
            own=f"{RESULTS}/runs/{{dataset}}/measured/{{genome}}/own.tsv",
            summary=f"{RESULTS}/runs/{{dataset}}/measured/{{genome}}/own_summary.tsv",
        params:
            folder=subpath(output.own, parent=True),
            runs=lambda wildcards: run_options(PROJECT.full_runs(wildcards.dataset)),
            settings=options_of(CONFIG.comparison, exclude=["equivalence_margin_percent", "recall_for_precision"]),
        log:
            f"{RESULTS}/logs/score_measured/{{dataset}}/{{genome}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/score_measured/{{dataset}}/{{genome}}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 2
        resources:
            mem_mb=memory(8000),
            runtime=120,
        shell:
            "regssl step score-measured {params.folder:q} --copies {input.copies:q} --sites {input.sites:q} --own {input.own:q}"
            " --copy-predictions {input.of_copies:q} --own-predictions {input.of_own:q} {params.runs:q}"
            " --dataset {wildcards.dataset} --genome-id {wildcards.genome} {params.settings:q} --threads {threads}"
            " > {log:q} 2>&1"

    rule filter_copies:
        input:
            copies=rules.measure_copies.output.copies,
            predictions=lambda wildcards: PROJECT.measured_predictions(
                "copies", wildcards.dataset, wildcards.genome, PROJECT.filter_teachers()
            ),
            homologs=[PROJECT.windows("homologs", genome, "parquet") for genome in PROJECT.genomes],
            human=f"{RESULTS}/datasets/{{dataset}}/human/train.parquet",
        output:
            f"{RESULTS}/runs/{{dataset}}/measured/{{genome}}/filter.tsv",
        params:
            runs=lambda wildcards: run_options(PROJECT.filter_teachers()),
            settings=options_of(CONFIG.filtering) + options_of(CONFIG.cross_fitting),
        log:
            f"{RESULTS}/logs/filter_copies/{{dataset}}/{{genome}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/filter_copies/{{dataset}}/{{genome}}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(8000),
            runtime=30,
        shell:
            "regssl step filter-copies {output:q} {input.copies:q} {input.predictions:q} --homologs {input.homologs:q}"
            " --human {input.human:q} {params.runs:q} --dataset {wildcards.dataset} --genome-id {wildcards.genome} {params.settings:q}"
            " > {log:q} 2>&1"


rule measured_labels:
    input:
        [path for dataset in PROJECT.measured_datasets() for path in PROJECT.measured_results(dataset)],
    localrule: True
