"""The workflow from elsewhere: another directory, as a module, from the web, without a home, from a read-only copy."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from helpers.checkout import SMALL
from helpers.paths import names_in
from helpers.plans import copy_workflow, count_jobs
from helpers.warm import warm_environment

MODULE = """
configfile: "mine.yaml"

module regssl:
    snakefile: "{there}/Snakefile"
    config: config["regssl"]

use rule * from regssl as {name}*
"""


DEPLOYED = """
configfile: "config/config.yaml"

module regssl:
    snakefile:
        github("team/regssl", path="Snakefile", tag="v1")
    config:
        config

use rule * from regssl
"""  # as snakedeploy writes it


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the workflow that cannot be written."""
    there = tmp_path_factory.mktemp("there")
    copy_workflow(there)
    for path in [there, *there.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    return there


def snakemake(here: Path, *arguments: object, **variables: object) -> subprocess.CompletedProcess[str]:
    environment = warm_environment()
    environment.pop("HOME", None)
    environment.update({name: str(value) for name, value in variables.items()})
    return subprocess.run(
        ["snakemake", "--dry-run", "--cores", "1", *map(str, arguments)],
        cwd=here, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def mine(here: Path, **values: object) -> Path:
    """A file of a few lines: what the defaults do not say."""
    path = here / "mine.yaml"
    path.write_text(yaml.safe_dump(values))
    return path


def test_from_another_directory(tmp_path: Path, there: Path) -> None:
    mine(tmp_path, **SMALL)
    configs = ["--configfile", there / "config/demo.yaml", "mine.yaml"]
    here = snakemake(tmp_path, "-s", there / "Snakefile", *configs)
    assert here.returncode == 0, here.stdout
    assert f"key `datasets`: config/demo/datasets.tsv is not in {tmp_path}; reading {there}/config/demo" in here.stdout
    assert count_jobs(here.stdout)["train_deepbind"] == 6
    moved = snakemake(tmp_path, "-s", there / "Snakefile", "-d", tmp_path / "wd", *configs)
    assert count_jobs(moved.stdout) == count_jobs(here.stdout)


def test_the_paper_in_five_lines(tmp_path: Path, there: Path) -> None:
    mine(tmp_path, run_models=["deepbind"], seeds=[0], select_datasets=["ctcf"], select_genomes=["mm10"], snps=None)
    done = snakemake(tmp_path, "-s", there / "Snakefile", "--configfile", "mine.yaml")
    assert done.returncode == 0, done.stdout
    assert count_jobs(done.stdout)["download"] == 6, "two genomes, a chain, peaks, the blacklist, mouse peaks"


def test_captions_of_the_report_have_the_keys_that_a_file_leaves_to_the_defaults(tmp_path: Path, there: Path) -> None:
    """They read `config`, which Snakemake itself fills from that file alone."""
    mine(tmp_path, select_datasets=["ctcf"], seeds=[7])
    captions = " ".join(path.read_text() for path in (there / "workflow/report").glob("*.rst"))
    keys = sorted(set(re.findall(r'snakemake\.config(?:\["|\.get\(")(\w+)', captions)))
    assert "splits" in keys
    (tmp_path / "Snakefile").write_text(
        f"include: {str(there / 'Snakefile')!r}\nprint(*(f'{{key}}={{config[key]}}' for key in {keys}), sep='\\n')\n"
    )
    done = snakemake(tmp_path, "--configfile", "mine.yaml")
    assert done.returncode == 0, done.stdout
    assert "seeds=[7]\n" in done.stdout and "'test': ['chr8', 'chr9']" in done.stdout


@pytest.mark.parametrize("name", ["", "other_"])
def test_as_a_module(tmp_path: Path, there: Path, name: str) -> None:
    (tmp_path / "Snakefile").write_text(MODULE.format(there=there, name=name))
    demo = yaml.safe_load((there / "config/demo.yaml").read_text())
    mine(tmp_path, regssl={**demo, **SMALL, "models": {}})
    done = snakemake(tmp_path)
    assert done.returncode == 0, done.stdout
    assert count_jobs(done.stdout)[f"{name}train_deepbind"] == 6
    mine(tmp_path, regssl={**demo, **SMALL, "homologs": {"min_match": 7}})
    done = snakemake(tmp_path)
    assert done.returncode != 0
    assert "mine.yaml: key `homologs.min_match`: input should be" in done.stdout


def test_as_a_module_whose_rules_are_changed(tmp_path: Path, there: Path) -> None:
    text = MODULE.format(there=there, name="")
    changed = "use rule train_deepbind from regssl as train_deepbind with:\n    resources: runtime=7\n"
    (tmp_path / "Snakefile").write_text(f"{text}\n{changed}")
    mine(tmp_path, regssl={**yaml.safe_load((there / "config/demo.yaml").read_text()), **SMALL})
    done = snakemake(tmp_path)
    assert done.stdout.count("runtime=7") == 6, done.stdout
    (tmp_path / "Snakefile").write_text(text.replace("    config:", "    prefix: 'other'\n    config:"))
    assert "regssl: the workflow takes no `prefix` of a module" in snakemake(tmp_path).stdout


def test_as_a_module_without_config(tmp_path: Path, there: Path) -> None:
    """Its configuration is that of the command line; a file of the outer workflow does not reach it, which is said."""
    text = MODULE.format(there=there, name="").replace('    config: config["regssl"]\n', "")
    (tmp_path / "Snakefile").write_text(text)
    mine(tmp_path, **{**yaml.safe_load((there / "config/demo.yaml").read_text()), **SMALL})
    done = snakemake(tmp_path)
    assert "note: planned by the defaults, not by mine.yaml: the module has no `config:`" in done.stdout
    done = snakemake(tmp_path, "--configfile", "mine.yaml")
    assert count_jobs(done.stdout)["train_deepbind"] == 6


@pytest.mark.skipif(not shutil.which("git"), reason="no git")
def test_as_a_module_of_a_repository_on_the_web(tmp_path: Path) -> None:
    """First five lines of configuration, all else fetched; then with the files that snakedeploy copies."""
    remote, here = tmp_path / "web/team/regssl", tmp_path / "here"
    remote.mkdir(parents=True)
    copy_workflow(remote)
    git = ["git", "-c", "user.name=team", "-c", "user.email=team@example.org", "-C", str(remote)]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "all"], ["tag", "v1"]):
        subprocess.run([*git, *command], check=True)
    web = {
        "GIT_CONFIG_COUNT": 1, "GIT_CONFIG_KEY_0": f"url.file://{tmp_path}/web/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/", "XDG_CACHE_HOME": tmp_path / "cache",
    }  # fmt: skip
    here.mkdir()
    (here / "Snakefile").write_text(DEPLOYED.replace("config/config.yaml", "mine.yaml"))
    mine(here, run_models=["deepbind"], seeds=[0], select_datasets=["ctcf"], select_genomes=["mm10"], snps=None)
    done = snakemake(here, **web)
    assert done.returncode == 0, done.stdout
    assert count_jobs(done.stdout)["download"] == 6 and names_in(here) == [".snakemake", "Snakefile", "mine.yaml"]
    (here / "Snakefile").write_text(DEPLOYED)
    shutil.copytree(remote / "config", here / "config")
    mine(here, **SMALL)
    done = snakemake(here, "--configfile", "config/demo.yaml", "mine.yaml", **web)
    assert done.returncode == 0 and "is not in" not in done.stdout, done.stdout
    assert count_jobs(done.stdout)["train_deepbind"] == 6


def test_the_file_that_holds_the_key_is_blamed(tmp_path: Path, there: Path) -> None:
    wrong, start = mine(tmp_path, homologs={"min_match": 7}), ["-s", there / "Snakefile", "--configfile"]
    done = snakemake(tmp_path, *start, there / "config/demo.yaml", wrong)
    assert f"regssl: {wrong}: key `homologs.min_match`" in done.stdout
    done = snakemake(tmp_path, *start, there / "config/demo.yaml", "--config", "human=hg3")
    assert "regssl: --config: key `human`: 'hg3' is not in" in done.stdout
    wrong.write_text("seeds: [0]\nseeds: [1]\n")
    done = snakemake(tmp_path, *start, there / "config/demo.yaml", wrong)
    assert "mine.yaml: line 2: key `seeds` is also in line 1" in done.stdout
    assert done.returncode != 0
