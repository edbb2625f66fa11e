"""Commands that users type, to have data: download a file, simulate a world."""

from __future__ import annotations

from pathlib import Path

from regssl.cli.parser import Command, Options, Parser
from regssl.cli.paths import adds, reads, writes


def _download(parser: Parser) -> None:
    parser.add_argument("url", type=reads(), help="https, http or file URL, or a path")
    parser.add_argument("out", type=adds("{path}", "{path}.part"), help="file to write; OUT.part until it is complete")
    parser.add_argument(
        "--fallback-url", type=reads(), action="append", default=[], help="another URL or path of the file; repeatable"
    )
    parser.add_argument(
        "--mirror", type=str, default="", help="folder or base URL asked first, for <mirror>/<host>/<path>"
    )
    parser.add_argument("--md5", type=str, default="", help="MD5 digest the file must have")
    parser.add_argument("--sha256", type=str, default="", help="SHA-256 digest the file must have")
    parser.add_argument("--checksum-from", type=str, default="", help="where these digests are written, for messages")
    parser.add_argument("--size", type=int, help="bytes the file must have")
    parser.add_argument("--lockfile", type=adds(), help="a URL in it must give the same file again; a new URL is added")
    parser.add_argument("--retries", type=int, default=5, help="tries after the first one, of each URL")


def download(options: Options) -> None:
    r"""Download a file, resuming and verifying.

    The file gets its name only when it is complete and verified.

    Example:
        regssl download https://hgdownload.soe.ucsc.edu/goldenPath/hg38/liftOver/hg38ToMm10.over.chain.gz \
            hg38ToMm10.over.chain.gz
    """
    from regssl.download.fetch import download

    downloaded = download(
        options.url,
        options.out,
        fallback_urls=options.fallback_url,
        mirror=options.mirror,
        md5=options.md5,
        sha256=options.sha256,
        size=options.size,
        origin=options.checksum_from,
        lockfile=options.lockfile,
        retries=options.retries,
    )
    origin = f"from {downloaded.url}" if downloaded.url else "already there"
    print(f"{options.out}: {downloaded.size:,} bytes, {origin}, sha256 {downloaded.sha256}")


def _simulate(parser: Parser) -> None:
    parser.add_argument("out", type=writes("{path}/simulation.json"), help="folder to write")
    parser.add_argument("--seed", type=int, default=1, help="random seed")
    parser.add_argument("--size", choices=["default", "small"], default="default", help="small is for tests")
    parser.add_argument(
        "--site-turnover", type=float, help="losses per binding site and substitution per site; 0.8 by default"
    )


def simulate(options: Options) -> None:
    """Simulate genomes, chains, peaks and variants.

    The genomes evolve from one ancestor, so that homology and binding sites are known.

    Example:
        regssl simulate world --seed 1
    """
    from dataclasses import replace

    from regssl.simulate import SimulationParameters, simulate

    small = options.size == "small"
    parameters = SimulationParameters.small(options.seed) if small else SimulationParameters(seed=options.seed)
    if options.site_turnover is not None:
        parameters = replace(parameters, site_turnover=options.site_turnover)
    simulate(Path(options.out), parameters)
    print(
        f"{options.out}: {parameters.human} and {len(parameters.other_species)} other genomes, chains to them, "
        f"peaks of {', '.join(parameters.datasets)}, variants and the truth"
    )


COMMANDS = [Command(download, _download), Command(simulate, _simulate)]
