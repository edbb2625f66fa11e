# In: the configuration and its tables. Out: the display names of all ids, which every table and figure reads.


rule display_names:
    output:
        f"{RESULTS}/display_names.json",
    log:
        f"{RESULTS}/logs/display_names.log",
    localrule: True
    conda:
        "../../envs/regssl.yaml"
    params:
        names=lambda wildcards: json_text(PROJECT.display_names(), indent=None),  # braces are no wildcards
    shell:
        "printf '%s' {params.names:q} > {output:q} 2> {log:q}"
