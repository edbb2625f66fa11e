# regssl: semi-supervised learning with cross-species pseudo-labels. What depends on what; the work is in src/regssl.
#
#   snakemake --cores 2 --configfile config/demo.yaml     one benchmark
#   snakemake ctcf --cores 2 --configfile …               one dataset
#   snakemake --list                                      every target
from snakemake.utils import min_version

min_version("9.20")


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/messages.smk"
include: "workflow/rules/display_names.smk"
include: "workflow/rules/download.smk"
include: "workflow/rules/encode_regions.smk"
include: "workflow/rules/genomes.smk"
include: "workflow/rules/alignment.smk"
include: "workflow/rules/sequences.smk"
include: "workflow/rules/datasets.smk"
include: "workflow/rules/divergence.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/leakage.smk"
include: "workflow/rules/variants.smk"
include: "workflow/rules/mpra.smk"
include: "workflow/rules/measured.smk"
include: "workflow/rules/measured_report.smk"
include: "workflow/rules/explain.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/ablations.smk"
include: "workflow/rules/comparison.smk"
include: "workflow/rules/gain_components.smk"
include: "workflow/rules/figures.smk"


if CONFIG.recipes:

    include: "workflow/rules/recipes.smk"


include: "workflow/rules/page.smk"


rule all:
    default_target: True
    input:
        rules.recipes.output
        if CONFIG.recipes
        else [
            rules.tables.input,
            rules.figures.input,
            rules.measured_labels.input,
            rules.explain.input,
            rules.mpra.input,
            rules.comparison_page.output.html if PROJECT.has_comparison else [],
            f"{RESULTS}/summary.tsv",
        ],
        rules.results_page.output,
    localrule: True


# last: of two rules of one name the second is refused
for dataset in PROJECT.all_datasets:
    with refuse_name_of_a_rule(dataset):

        rule:
            name:
                dataset
            input:
                PROJECT.dataset_results(dataset),
            localrule: True
