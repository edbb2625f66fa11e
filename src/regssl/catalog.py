"""What one configuration works on: its datasets and genomes, where their files lie and where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from regssl.config import Config, did_you_mean
from regssl.errors import ConfigError
from regssl.sheets import AnyRow, Dataset, Genome, check_place, is_url, read_rows

RESERVED = frozenset(
    [
        *("all", "downloads", "tables", "figures"),
        *("download", "simulate", "index_genome", "bins", "find_homologs"),
        *("peaks", "label", "copy_labels", "lift_table"),
        *("summarize", "summarize_all"),
        *("table1", "table2", "agreement", "figure2", "lift_figure"),
    ]
)
"""Names of rules: each dataset's id is a target too, so it must differ from them."""
RESERVED_PREFIXES = ("train_", "predict_", "evaluate_")
"""Rules that are named after a model begin with these."""


@dataclass(frozen=True)
class Source:
    """Where a file comes from, and its checksum where one is known (else an empty string)."""

    url: str
    mirrors: tuple[str, ...] = ()
    md5: str = ""
    sha256: str = ""

    @classmethod
    def parse(cls, place: str, mirror: str = "") -> Source:
        """Take a URL and its checksum apart."""
        url, _, checksum = place.partition("#")
        algorithm, _, value = checksum.partition("=")
        return cls(url, (mirror,) if mirror else (), **({algorithm: value} if checksum else {}))

    def options(self) -> list[str]:
        """The options of `regssl download`."""
        options = [part for mirror in self.mirrors for part in ("--mirror", mirror)]
        for algorithm in ("md5", "sha256"):
            if checksum := getattr(self, algorithm):
                options += [f"--{algorithm}", checksum]
        return options


class Catalog:
    """The datasets and genomes of one configuration, and where their files are.

    Attributes:
        datasets: by id, in table order.
        human: the genome that carries the peaks.
        genomes: the others by id, in table order.
        downloads: what comes from the internet: its path here (as `path` gives it) and its source.
    """

    def __init__(self, config: Config) -> None:
        self._data_dir, self._downloads_dir = config.data_dir, config.downloads_dir
        datasets = {row.dataset: row for row in read_rows(config.datasets, Dataset)}
        genomes = {row.genome: row for row in read_rows(config.genomes, Genome)}
        if config.human not in genomes:
            raise ConfigError(
                f"key `human`: '{config.human}' is not in {config.genomes}{did_you_mean(config.human, genomes)}"
            )
        self.human = genomes.pop(config.human)
        if self.human.chain:
            raise ConfigError(f"{config.genomes}: '{config.human}' is the human genome and must have no chain")
        for dataset in datasets:
            if dataset in RESERVED or dataset.startswith(RESERVED_PREFIXES):
                raise ConfigError(f"{config.datasets}: '{dataset}' is the name of a target", "choose another id")
        self.datasets = _select(datasets, config.select_datasets, "select_datasets", config.datasets)
        self.genomes = _select(genomes, config.select_genomes, "select_genomes", config.genomes)
        for row in self.genomes.values():
            if not row.chain:
                raise ConfigError(f"{config.genomes}: genome '{row.genome}' has no chain", "fill the column `chain`")
        self.downloads = self._downloads(config)

    def path(self, place: str) -> str:
        """Where a file of the tables lies here: a URL's place under downloads, a relative path's under data_dir.

        `https://host/folder/file?query#sha256=…` is kept as `<downloads_dir>/host/folder/file`.
        """
        if is_url(place):
            url = urlsplit(place)
            return f"{self._downloads_dir}/{url.hostname or 'localhost'}{url.path}"
        return place if self._data_dir is None or Path(place).is_absolute() else f"{self._data_dir}/{place}"

    def _downloads(self, config: Config) -> dict[str, Source]:
        places = [(row.sequence, row.sequence_archive) for row in (self.human, *self.genomes.values())]
        places += [(row.chain, row.chain_archive) for row in self.genomes.values()]
        for dataset in self.datasets.values():
            places += zip(dataset.peaks, dataset.archive or [""] * len(dataset.peaks), strict=True)
        if config.blacklist:
            try:
                places.append((check_place(config.blacklist), ""))
            except ValueError as error:
                raise ConfigError(f"key `blacklist`: {error} (value: '{config.blacklist}')") from None
        found: dict[str, Source] = {}
        for place, mirror in places:
            if is_url(place):
                path, source = self.path(place), Source.parse(place, mirror)
                if found.setdefault(path, source) != source:
                    raise ConfigError(
                        f"{source.url} and {found[path].url} are both kept as {path}, but are described differently",
                        "give both the same URL, archive and checksum, or fetch one by hand and name its path",
                    )
        return found


def _select(rows: dict[str, AnyRow], wanted: Sequence[str] | None, key: str, table: str) -> dict[str, AnyRow]:
    if wanted is None:
        return rows
    for name in wanted:
        if name not in rows:
            raise ConfigError(f"key `{key}`: '{name}' is not in {table}{did_you_mean(name, rows)}")
    return {name: row for name, row in rows.items() if name in wanted}
