"""The report of all reports: the page of results."""

from __future__ import annotations

from regssl.cli.parser import Command, Options, Parser
from regssl.cli.paths import reads, writes


def _page(parser: Parser) -> None:
    from regssl.reporting.results_page import SECTIONS

    for key, section in SECTIONS.items():
        parser.add_argument(
            f"--{key.replace('_', '-')}",
            type=reads(),
            nargs="*",
            default=[],
            help=f"documents {section.documents}, JSON",
        )
    parser.add_argument("--configuration", type=reads(), required=True, help="configuration.json of the workflow")
    parser.add_argument("--records", type=reads(), nargs="*", default=[], help="run.json of every run")
    parser.add_argument("--names", type=reads(), required=True, help="display names, display_names.json")
    parser.add_argument("--out", type=writes(), required=True, help="page to write, HTML")


def page(options: Options) -> None:
    """Make the page of all results.

    The answer comes first, then every table and figure, and what they were made with.
    """
    from regssl.cli.report_options import read_names
    from regssl.config.input_digests import FileDigests
    from regssl.download.lockfile import Lockfile
    from regssl.io.json_object import read_json_object
    from regssl.reporting.document import Document
    from regssl.reporting.results_page import SECTIONS, Provenance, write_results_page

    known = read_json_object(options.configuration, ["config", "inputs", "lockfile", "test_chromosomes"])
    inputs, rows = known["inputs"], Lockfile(known["lockfile"]).rows()
    own = [path for path, url in inputs.items() if not url]
    checksums = {path: rows[url].sha256 for path, url in inputs.items() if url in rows}
    checksums |= zip(own, FileDigests().digests(own), strict=True)
    records = [read_json_object(path) for path in options.records]
    documents = {key: [Document.read(path) for path in getattr(options, key)] for key in SECTIONS}
    provenance = Provenance(known["config"], records, inputs, checksums, known["test_chromosomes"])
    write_results_page(documents, read_names(options), provenance, options.out)


COMMANDS = [Command(page, _page)]
