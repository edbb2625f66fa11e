"""Commands that deal with the internet: fetching a file, asking whether the files of a configuration can be had."""

from __future__ import annotations

import argparse

from regssl.cli.options import add_command
from regssl.errors import DataError


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add the commands of this module."""
    command = add_command(commands, download)
    command.add_argument("url", help="https, http or file URL, or a path")
    command.add_argument("out", help="file to write; until it is whole, OUT.part")
    command.add_argument("--archive", action="append", default=[], help="another place of the file; may be repeated")
    command.add_argument("--mirror", default="", help="folder or base URL asked first, for <mirror>/<host>/<path>")
    command.add_argument("--md5", default="", help="MD5 digest the file must have")
    command.add_argument("--sha256", default="", help="SHA-256 digest the file must have")
    command.add_argument("--size", type=int, help="bytes the file must have")
    command.add_argument("--lock", help="lock file: what it has of the URL must come again; what is new is noted there")
    command.add_argument("--retries", type=int, default=5, help="tries after the first one, of each URL")

    command = add_command(commands, check_sources)
    command.add_argument("config", nargs="+", help="config files; later ones over earlier ones")
    command.add_argument("--data-dir", help="overrides the key data_dir")
    command.add_argument("--mirror", help="overrides the key mirror")
    command.add_argument("--timeout", type=float, default=20, help="seconds for one place")


def download(options: argparse.Namespace) -> None:
    """Fetch a file, resuming what an earlier call began; it gets its name only when it is whole and verified."""
    from regssl.download.fetch import download

    fetched = download(
        options.url,
        options.out,
        archives=options.archive,
        mirror=options.mirror,
        md5=options.md5,
        sha256=options.sha256,
        size=options.size,
        lock=options.lock,
        retries=options.retries,
        progress=True,
    )
    print(f"{fetched.url or 'already there'}: {fetched.size:,} bytes, sha256 {fetched.sha256}")


def check_sources(options: argparse.Namespace) -> None:
    """Ask every URL of a configuration whether it answers, and print a table; exit code 1 if a file is nowhere."""
    from regssl.config.load import load_config
    from regssl.config.project import Project
    from regssl.download.availability import probe, table
    from regssl.sequences.twobit import shortlist

    given = {"data_dir": options.data_dir, "mirror": options.mirror}
    config = load_config(options.config, {key: value for key, value in given.items() if value})
    project = Project(config)
    files = probe(project.downloads, config.mirror or "", options.timeout)
    if files:
        print("\n".join(table(files)))
    for line in project.pending:
        print(f"note: {line}")
    nowhere = [file.path for file in files if not file.can_be_had]
    size = sum(file.size or 0 for file in files)
    unknown = sum(file.size is None for file in files)
    print(
        f"{len(files)} files, {len(files) - len(nowhere)} can be had: {size / 1e9:.2f} GB"
        + (f" and {unknown} of unknown size" if unknown else "")
    )
    if nowhere:
        raise DataError(
            f"{len(nowhere)} of {len(files)} files can be had from nowhere: {shortlist(nowhere)}",
            "try again later; put another URL into the table; or place the file there by hand",
        )
