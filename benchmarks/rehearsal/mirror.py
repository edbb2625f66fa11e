"""The files of a world as the internet would have them: under hosts and paths of the default tables, with checksums.

What is there already is not made again; every file is whole or absent.
"""

from __future__ import annotations

import hashlib
import json
import re
from concurrent.futures import ProcessPoolExecutor
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import yaml

from regssl.config.load import load_config
from regssl.config.table_files import read_table
from regssl.config.tables import DatasetRow, GenomeRow, MeasuredRow, VariantSetRow
from regssl.download.publishers import checksum_list_url
from regssl.download.sources import host_and_path
from regssl.io.atomic import write_text
from rehearsal import assays
from rehearsal.human import write_human
from rehearsal.relatives import Relative
from rehearsal.world import HUMAN, MEASURED, POSITIVES, ROOT, SNP_DATASET, World

TABLES = ("datasets", "genomes", "snps", "measured")
MAKERS = ("world", "human", "relatives", "alignment", "chain_file", "assays", "_bases")  # other code, another world
METHODS = ["sl", "ssl", "ssl_ns"]
SEEDS = [0, 1]
EPOCHS, STEPS, LEAST_STEPS = 2, 4_000, 20  # the budget, in steps of a batch: not the paper's, which takes days


class Mirror:
    """A folder with the mirror of a world, and the configuration with which the workflow reads it.

    Attributes:
        folder: the mirror is `mirror` below it.
        world: what is in it.
    """

    def __init__(self, folder: Path, world: World) -> None:
        self.folder, self.world = folder, world

    @cached_property
    def _config(self) -> Any:
        return load_config([ROOT / "config/config.yaml"])

    def _rows(self, table: str, row_class: Any) -> Any:
        return read_table(str(ROOT / getattr(self._config, table)), row_class)

    @cached_property
    def genomes(self) -> dict[str, GenomeRow]:
        """The rows of the default table."""
        return {row.genome: row for row in self._rows("genomes", GenomeRow)}

    @cached_property
    def peaks(self) -> dict[str, str]:
        """The URL of the peaks of each dataset."""
        rows = {row.dataset: row.peaks[0] for row in self._rows("datasets", DatasetRow)}
        return {dataset: rows[dataset] for dataset in POSITIVES}

    @cached_property
    def measured(self) -> str:
        """The URL of the measured peaks."""
        rows = {(row.dataset, row.genome): row.peaks[0] for row in self._rows("measured", MeasuredRow)}
        return rows[MEASURED]

    @cached_property
    def snps(self) -> str:
        """The URL of the SNPs."""
        return next(row.file for row in self._rows("snps", VariantSetRow) if row.dataset == SNP_DATASET)

    def path(self, url: str) -> Path:
        """Return where the mirror has the file of a URL."""
        return self.folder / "mirror" / host_and_path(url)

    def make(self, processes: int) -> None:
        """Make what is not there: genomes side by side in so many processes, of 2 GB each at full size."""
        self._check_world()
        human = self.path(self.genomes[HUMAN].sequence)
        if not human.exists():
            write_human(self.world, human)
        missing = [genome for genome in self.world.genomes if not all(path.exists() for path in self._files_of(genome))]
        if missing:
            with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
                for line in pool.map(self.make_relative, missing):
                    print(line, flush=True)
        for dataset, url in self.peaks.items():
            self._write_peaks(self.path(url), assays.human_peaks(self.world, dataset), self.world.sizes)
        if not (blacklist := self.path(self._config.blacklist)).exists():
            assays.write_blacklist(self.world, blacklist)
        if not (snps := self.path(self.snps)).exists():
            assays.write_snps(self.world, human, snps)
        self._write_checksums()

    def make_relative(self, genome: str) -> str:
        """Make a genome, its chains and its peaks; return a line about it."""
        relative = Relative(self.world, genome, self.path(self.genomes[HUMAN].sequence))
        sequence, chains, *peaks = self._files_of(genome)
        line = relative.write(sequence, chains)
        for path in peaks:
            found = assays.relative_peaks(self.world, genome, MEASURED[0], relative.bound, relative.sizes)
            self._write_peaks(path, found, relative.sizes)
        return line

    def _files_of(self, genome: str) -> list[Path]:
        row = self.genomes[genome]
        return [self.path(row.sequence), self.path(row.chain), *([self.path(self.measured)] * (genome == MEASURED[1]))]

    def _write_peaks(self, path: Path, peaks: list[assays.Peak], sizes: dict[str, int]) -> None:
        if path.exists():
            return
        if path.suffix == ".bigBed":
            assays.write_bigbed(path, peaks, sizes)
        else:
            assays.write_bed(path, peaks)

    def _check_world(self) -> None:
        """Refuse a folder with another world, or one that other code made."""
        code = b"".join(Path(__file__).with_name(f"{name}.py").read_bytes() for name in MAKERS)
        digest = hashlib.sha256(code).hexdigest()[:16]
        content = {"megabases": self.world.megabases, "seed": self.world.seed, "code": digest}
        path = self.folder / "world.json"
        if path.exists() and (found := json.loads(path.read_text())) != content:
            raise SystemExit(f"{path}: {found}, not {content}: delete {self.folder}, or give another --folder")
        write_text(path, json.dumps(content))

    def urls(self) -> list[str]:
        """List the URL of every file."""
        rows = [self.genomes[genome] for genome in (HUMAN, *self.world.genomes)]
        genomes = [url for row in rows for url in (row.sequence, row.chain) if url]
        measured = [self.measured] if MEASURED[1] in self.world.genomes else []
        return [*genomes, *self.peaks.values(), *measured, self._config.blacklist, self.snps]

    def _write_checksums(self) -> None:
        """Write what UCSC and ENCODE publish: `md5sum.txt` of each folder, a record of each file."""
        lists: dict[Path, list[Path]] = {}
        for url in self.urls():
            if listing := checksum_list_url(url):
                name = "index.json" if listing.endswith("?format=json") else ""
                lists.setdefault(self.path(listing) / name, []).append(self.path(url))
        for listing, files in lists.items():
            if listing.name == "index.json":
                record = {"md5sum": _digest(files[0], "md5"), "file_size": files[0].stat().st_size}
                write_text(listing, json.dumps(record))
            else:
                lines = [f"{_digest(file, 'md5')}  {file.name}\n" for file in files]
                write_text(listing, "".join(lines))

    def configure(self, run: Path, mirror: str) -> Path:
        """Write the default tables with the checksums of these files, and the keys that differ from the default."""
        cells = {}
        for url in self.urls():
            place, _, checksum = url.partition("#")
            if checksum:
                kind = checksum.partition("=")[0]
                cells[url] = f"{place}#{kind}={_digest(self.path(place), kind)}"
        tables = {}
        for name in TABLES:
            source = ROOT / getattr(self._config, name)
            tables[name] = str(run / "tables" / source.name)
            write_text(tables[name], _replaced(source.read_text(), cells))
        steps = max(self.world.number(STEPS), LEAST_STEPS)
        values = {
            **tables,
            "blacklist": cells.get(self._config.blacklist, self._config.blacklist),
            "mirror": mirror,
            "results_dir": str(run / "results"),
            "downloads_dir": str(run / "downloads"),
            "select_datasets": list(POSITIVES),
            "select_genomes": self.world.genomes,
            "run_models": ["deepbind"],
            "methods": METHODS,
            "seeds": SEEDS,
            "paper_data": False,
            "training": {"min_passes": None, "steps_per_epoch": steps, "max_epochs": EPOCHS},
        }
        write_text(path := run / "rehearsal.yaml", yaml.safe_dump(values, sort_keys=False))
        return path


def _replaced(text: str, cells: dict[str, str]) -> str:
    """Replace cells of a table."""
    return re.sub("|".join(map(re.escape, cells)) or "(?!)", lambda found: cells[found[0]], text)


def _digest(path: Path, kind: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()
