# In: nothing. Out: the files that the configuration names by URL, and the simulated data if it asks for them.
import re


rule downloads:
    input:
        list(PROJECT.downloads),
    localrule: True


if PROJECT.downloads:

    rule download:
        output:
            # what is there is not deleted but verified: another workflow may have fetched it since this one was planned
            update(f"{CONFIG.downloads_dir}/{{place}}"),
        wildcard_constraints:
            place="|".join(re.escape(path.removeprefix(f"{CONFIG.downloads_dir}/")) for path in PROJECT.downloads),
        params:
            # functions of the output, so that another fallback, mirror or checksum does not fetch the file again
            url=lambda wildcards, output: PROJECT.downloads[output[0]].url,
            options=lambda wildcards, output: [
                *PROJECT.downloads[output[0]].options(),
                *["--lockfile", CONFIG.lockfile_path],
                *option("--mirror", [CONFIG.mirror] if CONFIG.mirror else []),
            ],
        localrule: True
        resources:
            downloads=1,  # the profile limits how many run at once
        log:
            f"{RESULTS}/logs/download/{{place}}.log",
        conda:
            "../../envs/regssl.yaml"
        shell:
            "regssl download {params.url:q} {output:q} {params.options:q} 2>&1 | tee {log:q}"


if CONFIG.simulation is not None:

    rule simulate:
        output:
            world=f"{CONFIG.data_dir}/simulation.json",
            sites=f"{CONFIG.data_dir}/truth/sites.tsv.gz",
            files=PROJECT.simulated_files(),
        params:
            folder=subpath(output.world, parent=True),
            seed=CONFIG.simulation.seed,
            size=CONFIG.simulation.size,
            turnover=option("--site-turnover", [rate for rate in [CONFIG.simulation.site_turnover] if rate is not None]),
        log:
            f"{RESULTS}/logs/simulate.log",
        benchmark:
            f"{RESULTS}/benchmarks/simulate.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(2000),
            runtime=10,
        shell:
            "regssl simulate {params.folder:q} --seed {params.seed} --size {params.size} {params.turnover:q} > {log:q} 2>&1"
