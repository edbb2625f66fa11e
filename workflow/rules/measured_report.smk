# In: tables on measured labels of all datasets and genomes, differences between methods. Out: the page, figure and table
# "Are the copied labels true?".

if PROJECT.measured_rows:

    rule measured_report:
        input:
            rates=PROJECT.measured_tables("rates"),
            discrimination=PROJECT.measured_tables("discrimination"),
            own=PROJECT.measured_tables("own"),
            own_summary=PROJECT.measured_tables("own_summary"),
            filtered=PROJECT.measured_tables("filter"),
            differences=expand(
                "{results}/runs/{dataset}/comparison/differences.tsv",
                results=RESULTS,
                dataset=PROJECT.measured_datasets() if PROJECT.has_comparison else [],
            ),
            names=rules.display_names.output,
        output:
            tsv=f"{RESULTS}/measured.tsv",
            json=f"{RESULTS}/measured.json",
            html=report(
                f"{RESULTS}/measured.html",
                category="Are the copied labels true?",
                labels={"page": "Words and tables"},
                caption="../report/measured.rst",
            ),
            svg=report(
                f"{RESULTS}/measured.svg",
                category="Are the copied labels true?",
                labels={"figure": "Bound copies, scores, own windows, gain"},
                caption="../report/measured_figure.rst",
            ),
            png=f"{RESULTS}/measured.png",
        log:
            f"{RESULTS}/logs/measured_report.log",
        localrule: True
        conda:
            "../../envs/regssl.yaml"
        params:
            out=subpath(output.tsv, strip_suffix=".tsv"),
            optional=lambda wildcards, input: [
                word for name in ("filtered", "differences") for word in option(f"--{name}", input.get(name, []))
            ],
        shell:
            "regssl report measured --rates {input.rates:q} --discrimination {input.discrimination:q} --own {input.own:q}"
            " --own-summary {input.own_summary:q} {params.optional:q} --names {input.names:q} --out {params.out:q}"
            " > {log:q} 2>&1"
