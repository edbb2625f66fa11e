"""Commands that users type, about a configuration: check it and its downloads, its schema; and shell completion."""

from __future__ import annotations

from regssl.cli.parser import Command, Options, Parser
from regssl.cli.paths import reads
from regssl.errors import ConfigError, DataError


def _check(parser: Parser) -> None:
    parser.add_argument("config", type=reads(), nargs="+", help="configuration files; later ones override earlier ones")
    parser.add_argument("--data-dir", type=str, help="overrides the key data_dir")


def check(options: Options) -> None:
    """Check a configuration, its networks and its files.

    Nothing is run or downloaded. The workflow's defaults are below the files, as in the workflow.

    Example:
        regssl check config/config.yaml mine.yaml
    """
    from regssl.config.checks import check_files, check_networks, check_programs
    from regssl.config.load import load_as_workflow
    from regssl.config.project import Project

    config, layers, notes = load_as_workflow(options.config, {"data_dir": options.data_dir} if options.data_dir else {})
    with layers.named():
        project = Project(config)
        sequences = check_files(config, project)
        of_bins = [config.bins.width] if project.splits else []
        check_networks(config, dict.fromkeys([*of_bins, *(found.width for found in sequences.values())]))
    missing = []
    try:
        check_programs(project)
    except ConfigError as error:  # conda's environments may have it
        missing.append(str(error))
    for line in [*notes, *project.pending, *missing]:
        print(f"note: {line}")
    for dataset, found in sequences.items():
        print(f"{project.datasets[dataset].name}: {found.describe()}")
    print(f"datasets: {len(project.datasets)}, genomes beside {config.human}: {len(project.genomes)}; no problem found")


def _check_downloads(parser: Parser) -> None:
    parser.add_argument("config", type=reads(), nargs="+", help="configuration files; later ones override earlier ones")
    parser.add_argument("--data-dir", type=str, help="overrides the key data_dir")
    parser.add_argument("--mirror", type=str, help="overrides the key mirror")
    parser.add_argument("--timeout", type=float, default=20, help="seconds to wait for one URL")


def check_downloads(options: Options) -> None:
    """Check whether every URL of a configuration answers.

    Nothing is downloaded. The exit code is 1 if a file is available nowhere.

    Example:
        regssl check-downloads config/config.yaml mine.yaml
    """
    from regssl.config.load import load_as_workflow
    from regssl.config.project import Project
    from regssl.download.availability import check_availability
    from regssl.sequences.twobit import list_names

    given = {"data_dir": options.data_dir, "mirror": options.mirror}
    config, layers, notes = load_as_workflow(options.config, {key: value for key, value in given.items() if value})
    with layers.named():
        project = Project(config)
    files = check_availability(project.downloads, config.mirror or "", options.timeout)
    for line in [*(file.line for file in files), *(f"note: {note}" for note in [*notes, *project.pending])]:
        print(line)
    nowhere = [file.path for file in files if not file.exists]
    size = sum(file.size or 0 for file in files)
    unknown = sum(file.size is None for file in files)
    print(
        f"{len(files)} files, {len(files) - len(nowhere)} available: {size / 1e9:.2f} GB"
        + (f" and {unknown} of unknown size" if unknown else "")
    )
    if nowhere:
        raise DataError(
            f"{len(nowhere)} of {len(files)} files are available nowhere: {list_names(nowhere)}",
            "try again later, put another URL into the table, or put the file there by hand",
        )


def schema(_: Options) -> None:
    """Print the JSON schema of the configuration.

    Example:
        regssl schema > config.schema.json
    """
    from regssl.config.load import json_schema

    print(json_schema(), end="")


def _completion(parser: Parser) -> None:
    from shtab import SUPPORTED_SHELLS

    parser.add_argument("shell", choices=SUPPORTED_SHELLS, help="the shell that reads it")


def completion(options: Options) -> None:
    """Print a script for the completion of a shell.

    It completes commands, options, their choices and paths, and starts no program for it. Write it again after an
    update.

    Example:
        regssl completion bash > ~/.local/share/bash-completion/completions/regssl
    """
    from regssl.cli.commands import build_parser
    from regssl.cli.completion import completion_script

    print(completion_script(build_parser(), options.shell))


COMMANDS = [
    Command(check, _check),
    Command(check_downloads, _check_downloads),
    Command(schema),
    Command(completion, _completion),
]
