# In: the documents of all reports, records of all runs, the configuration. Out: the page of results, index.html.
PAGE_SECTIONS = (
    {"recipes": rules.recipes.output.json}
    if CONFIG.recipes
    else {
        "answer": documents("comparison_answer") if PROJECT.has_comparison else [],
        "windows": documents("table1", "table1_genomes", *(["lift"] if PROJECT.genomes else [])),
        "scores": documents("table2", "figure2"),
        "variants": (
            documents("figure3", "variant_effects", "variant_effects_directions", "variant_effects_counts")
            if PROJECT.variant_rows
            else []
        ),
        "mpra": documents(*(f"runs/{dataset}/mpra" for dataset in PROJECT.mpra_datasets())),
        "comparison": documents("comparison") if PROJECT.has_comparison else [],
        "ablations": documents(*(f"ablation_{kind}" for kind in PROJECT.ablation_kinds())),
        "measured": documents("measured") if PROJECT.measured_rows else [],
        "label_errors": (
            documents(*(f"datasets/{dataset}/label_errors" for dataset in PROJECT.peak_datasets))
            if CONFIG.simulation
            else []
        ),
        "gain_components": documents("gain_components", "gain_components_replicates") if PROJECT.replicates else [],
        "learned": documents(*(f"runs/{dataset}/learned" for dataset in PROJECT.explained_datasets())),
        "leakage": documents("leakage", "leakage_strata"),
        "agreement": documents("paper_comparison") if PROJECT.has_paper_numbers else [],
        "published": documents("published") if PROJECT.published else [],
    }
)
"""The documents of each section of the page."""


rule configuration:
    output:
        f"{RESULTS}/configuration.json",
    params:
        provenance=lambda wildcards: json_text(PROJECT.provenance(), indent=None),  # braces are no wildcards
    localrule: True
    log:
        f"{RESULTS}/logs/configuration.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "printf '%s' {params.provenance:q} > {output:q} 2> {log:q}"


rule results_page:
    input:
        **PAGE_SECTIONS,
        records=(
            (lambda wildcards: files_of(tested(), "run.json")) if CONFIG.recipes else PROJECT.all_run_files("run.json")
        ),
        configuration=rules.configuration.output,
        names=rules.display_names.output,
    output:
        report(
            f"{RESULTS}/index.html",
            category="The answer",
            labels={"page": "All results on one page"},
            caption="../report/page.rst",
        ),
    params:
        sections=lambda wildcards, input: [
            word for name in PAGE_SECTIONS for word in option(f"--{name.replace('_', '-')}", input.get(name, []))
        ],
    localrule: True
    log:
        f"{RESULTS}/logs/results_page.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "regssl report page {params.sections:q} --configuration {input.configuration:q} --records {input.records:q}"
        " --names {input.names:q} --out {output:q} > {log:q} 2>&1"
