# regssl: semi-supervised learning with cross-species pseudo-labels. What depends on what; the work is in src/regssl.
#
#   snakemake --cores 2 --configfile config/demo.yaml     one benchmark
#   snakemake ctcf --cores 2 --configfile …               one dataset
#   snakemake --list                                      every target
from snakemake.utils import min_version

min_version("9.0")


configfile: "config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/display_names.smk"
include: "workflow/rules/download.smk"
include: "workflow/rules/genomes.smk"
include: "workflow/rules/sequences.smk"
include: "workflow/rules/divergence.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/audit_sets.smk"
include: "workflow/rules/audit.smk"
include: "workflow/rules/snp_sets.smk"
include: "workflow/rules/variants.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/doses.smk"
include: "workflow/rules/comparison.smk"
include: "workflow/rules/figures.smk"


localrules:
    all,
    tables,
    figures,


rule all:
    default_target: True
    input:
        rules.tables.input,
        rules.figures.input,
        HOMOLOG_PAGE,
        expand("{results}/summary.tsv", results=RESULTS),


for dataset in PROJECT.datasets:

    rule:
        name:
            dataset
        localrule: True
        input:
            expand(
                "{results}/{item}",
                results=RESULTS,
                item=[f"runs/{dataset}/{file}" for file in ["summary.tsv", *COMPARISON, *snp_results(dataset)]]
                + [f"runs/{dataset}/audit_strata.tsv", f"datasets/{dataset}/lift.tsv"],
            ),
