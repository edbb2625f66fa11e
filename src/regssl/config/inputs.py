"""The datasets and genomes that a configuration works on, where their files lie and where they come from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from regssl.config.ablations import check_subsets
from regssl.config.cells import check_fallback_url, check_path_or_url
from regssl.config.dataset_kinds import DatasetKinds
from regssl.config.made_data import MadeData
from regssl.config.named_files import NamedFile, named_files
from regssl.config.pretrained import pretrained_files, pretrained_sources
from regssl.config.published import tasks_of_datasets
from regssl.config.replicates import METHODS, separate_replicates
from regssl.config.schema import Config
from regssl.config.selection import rows_with_files, select_rows, used_splits
from regssl.config.sequence_rows import check_methods_of_sequences
from regssl.config.table_files import read_table
from regssl.config.tables import ALIGN, DatasetRow, GenomeRow, MeasuredRow, VariantSetRow
from regssl.config.validators import did_you_mean
from regssl.download.sources import Sources, is_url
from regssl.errors import ConfigError
from regssl.methods import resolve


class ProjectInputs(DatasetKinds):
    """The datasets and genomes of one configuration, and the paths of their files.

    Attributes:
        config: the configuration.
        datasets: by id, in table order: those that have peaks or sequences and are no replicates.
        replicates: rows that vary the training region or the negatives of one of these, by id.
        published: the published task that each dataset's test set is of, for those that name one.
        splits: those by which bins are made, by id, in the order of the configuration: those of datasets of peaks.
        pending: one line for each row that is left out, because its file or its dataset is not known; and one for the
            methods that no model runs, or of which nothing is explained.
        human: the genome that carries the peaks.
        genomes: the others by id, in table order, if any dataset has homologs.
        methods: the ids of the methods of each dataset, ablations included, and of each replicate.
        motifs: local path of the MEME file of the method `motif_scan`; None: the matrices of the package.
        known_motifs: local path of the MEME file with which the motifs of filters are compared; None: likewise.
        variant_rows: sets of variants of the selected datasets by id, in table order.
        measured_rows: measured peaks of the selected genomes by dataset and genome, in table order.
        assembly_chains: for each other assembly that a dataset is on, local path of its chain file to the human genome.
        pretrained: the files that each model starts from, by its id.
        made: the files that the workflow makes from published ones.
        downloads: what comes from the internet: its source by local path.
    """

    def __init__(self, config: Config) -> None:
        self.config, self.made = config, MadeData(config)
        datasets = {row.dataset: row for row in read_table(config.datasets, DatasetRow)}
        genomes = {row.genome: row for row in read_table(config.genomes, GenomeRow)}
        if config.human not in genomes:
            raise ConfigError(
                f"key `human`: '{config.human}' is not in {config.genomes}{did_you_mean(config.human, genomes)}",
                f"it names a row there, such as {next(iter(genomes), 'hg38')}: the genome of the peaks",
            )
        self.human = genomes.pop(config.human)
        if self.human.chain:
            raise ConfigError(f"{config.genomes}: '{config.human}' is the human genome and must have no chain")
        selected = select_rows(datasets, config.select_datasets, "select_datasets", config.datasets)
        with_files, self.pending = rows_with_files(selected, config)
        self.splits = used_splits(with_files, config)
        self.datasets, self.replicates = separate_replicates(with_files, self.splits, config)
        self.published = tasks_of_datasets(self.datasets, config)
        if config.human in (config.select_genomes or []):
            raise ConfigError(
                f"key `select_genomes`: '{config.human}' is the human genome, always used", "leave it out"
            )
        others = select_rows(genomes, config.select_genomes, "select_genomes", config.genomes)
        self.genomes = others if self.homolog_datasets else {}
        if self.given_datasets and not others:
            where = f"{config.datasets}, row '{self.given_datasets[0]}', column homologs"
            raise ConfigError(f"{where}: no species is selected in {config.genomes}", "give each species a row there")
        if self.lifted_datasets:
            self._check_lifted(config)
        self.methods = self._methods(config)
        rounds = config.recipes.rounds if config.recipes else []
        for dataset in (name for round_ in rounds for name in round_.datasets):
            if dataset not in self.datasets:
                raise ConfigError(
                    f"key `recipes.rounds`: '{dataset}' is not selected{did_you_mean(dataset, self.datasets)}",
                    f"datasets: {', '.join(self.datasets)}",
                )
        self.variant_rows = self._variant_rows(config, datasets)
        self.measured_rows = self._measured_rows(config, datasets, genomes)
        self.downloads = Sources(config.downloads_dir)
        self.assembly_chains = {
            assembly: self._assembly_chain(row)
            for row in self.datasets.values()
            if (assembly := self.assembly(row)) != config.human
        }
        self.motifs = (
            self.add_download(
                _checked(check_path_or_url, config.motifs, "motifs"), kind="motifs", origin="key `motifs`"
            )
            if config.motifs
            else None
        )
        self.known_motifs = self.motifs
        if config.explain and (place := config.explain.motifs):
            _checked(check_path_or_url, place, "explain.motifs")
            self.known_motifs = self.add_download(place, kind="motifs", origin="key `explain.motifs`")
        self.mpra_table = ""
        if config.mpra:
            place = _checked(check_path_or_url, config.mpra.table, "mpra.table")
            self.mpra_table = self.add_download(place, kind="variants", origin="key `mpra.table`")
        models = {name: config.models[name] for name in config.run_models}
        self.pretrained = {
            name: pretrained_files(name, model, self.local_path, config.results_dir) for name, model in models.items()
        }
        self._add_downloads()

    def local_path(self, place: str) -> str:
        """Return the local path: URLs are kept under `downloads_dir`, relative paths are under `data_dir`.

        Where files are made (`made`), relative paths are theirs.
        """
        if is_url(place):
            return self.downloads.path(place)
        if Path(place).is_absolute():
            return place
        if self.made:
            return self.made.path(place)
        return place if self.config.data_dir is None else f"{self.config.data_dir}/{place}"

    def _check_lifted(self, config: Config) -> None:
        """Check that there is all that a lift-over needs."""
        if not self.human.sequence:
            raise ConfigError(f"{config.genomes}: '{config.human}' has no sequence", "fill the column `sequence`")
        for row in self.genomes.values():
            if not row.chain:
                raise ConfigError(
                    f"{config.genomes}: genome '{row.genome}' has no chain",
                    f"fill the column `chain`: a path, a URL, or `{ALIGN}` to have the genome aligned",
                )

    def _methods(self, config: Config) -> dict[str, list[str]]:
        """List the methods of each dataset and replicate, by id."""
        if config.ablations is not None:
            for dataset in config.ablations.datasets or []:
                if dataset not in self.datasets:
                    raise ConfigError(
                        f"key `ablations.datasets`: '{dataset}' is not selected{did_you_mean(dataset, self.datasets)}",
                        f"datasets: {', '.join(self.datasets)}",
                    )
        if left_out := [method for method in config.methods if method not in config.run_methods]:
            keys = ", ".join(f"`models.{model}.methods`" for model in config.run_models)
            self.pending.append(f"key `methods`: {', '.join(left_out)}: left out, not being in {keys}")
        if config.explain and not set(config.explain.methods) & set(config.methods):
            unused = ", ".join(config.explain.methods)
            self.pending.append(f"key `explain.methods`: {unused}: not in `methods`, so that nothing is explained")
        clades = {name: row.clade for name, row in self.genomes.items()}
        methods = {dataset: config.methods_on(dataset, clades) for dataset in self.datasets}
        ordered = {
            m for own in methods.values() for m in own if (subset := resolve(m).subset) and subset.selects_genomes
        }
        for dataset, row in self.datasets.items():
            if row.sequences and not row.locate:  # the figures of ordered genomes are of all datasets
                check_methods_of_sequences(row, [*methods[dataset], *sorted(ordered)], config)
        check_subsets(config.methods, clades, config.genomes)
        return methods | {replicate: list(METHODS) for replicate in self.replicates}

    def _variant_rows(self, config: Config, datasets: dict[str, DatasetRow]) -> dict[str, VariantSetRow]:
        """Read the sets of variants of the selected datasets; those of unknown datasets become `pending`."""
        rows = read_table(config.snps, VariantSetRow) if config.snps else []
        left_out = []
        for row in rows:
            where = f"{config.snps}, row '{row.snps}', column dataset: '{row.dataset}'"
            if row.dataset not in datasets:
                problem = f"is not in {config.datasets}{did_you_mean(row.dataset, datasets)}"
            elif row.dataset in self.sequence_datasets:
                problem = "is a dataset of sequences"
            else:
                continue
            left_out.append(f"{where} {problem}: {row.name} is left out")
        self._add_pending(left_out)
        return {row.snps: row for row in rows if row.dataset in self.peak_datasets}

    def _measured_rows(
        self, config: Config, datasets: dict[str, DatasetRow], genomes: dict[str, GenomeRow]
    ) -> dict[tuple[str, str], MeasuredRow]:
        """Read the measured peaks of the selected datasets and genomes; those of unknown ones become `pending`."""
        rows = read_table(config.measured, MeasuredRow) if config.measured else []
        left_out = []
        for row in rows:
            where = f"{config.measured}, row '{row.dataset} {row.genome}'"
            if row.genome == config.human:
                raise ConfigError(
                    f"{where}, column genome: '{row.genome}' is the human genome, whose labels are not copied",
                    f"its own peaks belong in {config.datasets}",
                )
            unknown = [
                f"{where}, column {column}: '{value}' is not in {table}{did_you_mean(value, known)}"
                for column, value, known, table in (
                    ("dataset", row.dataset, datasets, config.datasets),
                    ("genome", row.genome, genomes, config.genomes),
                )
                if value not in known
            ]
            left_out += [f"{problem}: its measured peaks are left out" for problem in unknown[:1]]
        self._add_pending(left_out)
        selected = [row for row in rows if row.dataset in self.peak_datasets and row.genome in self.genomes]
        if config.sources and config.data_dir:  # a folder of the user's may be older than these peaks
            for row in [
                row for row in selected if not all(map(self._is_there, filter(None, (*row.peaks, row.regions))))
            ]:
                where = f"{config.measured}, row '{row.dataset} {row.genome}'"
                self.pending.append(
                    f"{where}: its files are not in {config.data_dir}: these measured peaks are left out"
                )
                selected.remove(row)
        return {(row.dataset, row.genome): row for row in selected}

    def _add_pending(self, left_out: list[str]) -> None:
        """Add one line for all rows of a table that are left out: what is said of the first."""
        more = len(left_out) - 1
        others = f" (and {more} more such row{'s' * (more > 1)})" if more > 0 else ""
        self.pending += [f"{line}{others}" for line in left_out[:1]]

    def _is_there(self, place: str) -> bool:
        return is_url(place) or Path(self.local_path(place)).is_file()

    def assembly(self, row: DatasetRow) -> str:
        """Return the assembly of a dataset's peaks."""
        return row.assembly or self.config.human

    def peak_settings(self, dataset: str) -> dict[str, Any]:
        """Return the fields of PeakSettings that a dataset uses: changing the others then reruns nothing."""
        row, settings = self.all_datasets[dataset], dict[str, Any]()
        if row.peak_width is not None:
            settings |= {"width": row.peak_width, "centre": row.peak_centre}
        if row.min_support > 1:
            settings["min_support"] = row.min_support
        if (assembly := self.assembly(row)) in self.assembly_chains:
            lift = self.config.peak_liftover
            settings |= {"assembly": assembly, "min_match": lift.min_match, "max_length_ratio": lift.max_length_ratio}
        return settings

    def add_download(self, place: str, fallback: str = "", *, kind: str, origin: str, status: str = "") -> str:
        """Return the local path of a file, and add it to `downloads` if it is a URL.

        Args:
            place: path or URL, checked.
            fallback: path or URL of the same file, tried if the URL fails; empty: none.
            kind: of file, for people.
            origin: the table cell or key that names it, for people.
            status: how sure the URL is, for people.
        """
        if not is_url(place):
            return self.local_path(place)
        fallbacks = [fallback if is_url(fallback) else self.local_path(fallback)] if fallback else []
        return self.downloads.add(place, fallbacks, kind=kind, status=status, origin=origin)

    def _assembly_chain(self, row: DatasetRow) -> str:
        config = self.config
        chain = config.peak_liftover.chains.get(row.assembly)
        if chain is None:
            known = ", ".join([config.human, *config.peak_liftover.chains])
            raise ConfigError(
                f"{config.datasets}, row '{row.dataset}', column assembly: '{row.assembly}': no chain leads from it to "
                f"{config.human}{did_you_mean(row.assembly, [config.human, *config.peak_liftover.chains])}",
                f"known: {known}; name a chain file in `peak_liftover.chains`",
            )
        key = f"peak_liftover.chains.{row.assembly}"
        place = _checked(check_path_or_url, chain, key)
        fallback = config.peak_liftover.fallback_chains.get(row.assembly, "")
        if fallback:
            _checked(check_fallback_url, fallback, key.replace("chains", "fallback_chains"))
        return self.add_download(place, fallback, kind="chain", origin=f"key `{key}`")

    def _add_downloads(self) -> None:
        def cell(table: str | None, row: str, column: str) -> str:
            return f"{table}, row '{row}', column {column}"

        for genome in (self.human, *self.genomes.values()) if self.lifted_datasets else ():
            origin = cell(self.config.genomes, genome.genome, "sequence")
            self.add_download(genome.sequence, genome.sequence_fallback_url, kind="genome", origin=origin)
        for genome in self.genomes.values() if self.lifted_datasets else ():
            origin = cell(self.config.genomes, genome.genome, "chain")
            self.add_download(genome.chain, genome.chain_fallback_url, kind="chain", origin=origin)
        for dataset in self.datasets.values():
            origin = cell(self.config.datasets, dataset.dataset, "peaks")
            fallbacks = dataset.fallback_url or [""] * len(dataset.peaks)
            for peaks, fallback in zip(dataset.peaks, fallbacks, strict=True):
                self.add_download(peaks, fallback, kind="peaks", status=dataset.status, origin=origin)
            for column, files in (("sequences", dataset.sequence_files), ("homologs", dataset.homolog_files)):
                for file in files:
                    origin = cell(self.config.datasets, dataset.dataset, column)
                    self.add_download(file.place, kind=column, status=dataset.status, origin=origin)
        for row in self.variant_rows.values():
            origin = cell(self.config.snps, row.snps, "file")
            self.add_download(row.file, row.fallback_url, kind="variants", origin=origin)
            origin = cell(self.config.snps, row.snps, "regions")
            self.add_download(row.regions, kind="regions of variants", origin=origin)
        for measured in self.measured_rows.values():
            row_name = f"{measured.dataset} {measured.genome}"
            origin = cell(self.config.measured, row_name, "peaks")
            fallbacks = measured.fallback_url or [""] * len(measured.peaks)
            for peaks, fallback in zip(measured.peaks, fallbacks, strict=True):
                self.add_download(peaks, fallback, kind="measured peaks", origin=origin)
            origin = cell(self.config.measured, row_name, "regions")
            self.add_download(measured.regions, kind="measured regions", origin=origin)
        for name in self.pretrained:
            for place in pretrained_sources(name, self.config.models[name]):
                self.add_download(place, kind="weights", origin=f"key `models.{name}.pretrained`")
        if self.config.blacklist and self.splits:
            blacklist = _checked(check_path_or_url, self.config.blacklist, "blacklist")
            self.add_download(blacklist, kind="blacklist", origin="key `blacklist`")
        for place in self.made_places():
            for source in self.made.sources(place):
                self.add_download(
                    f"{source.url}#sha256={source.sha256}", kind=source.role, origin=self.made.origin(source)
                )

    def made_places(self) -> list[str]:
        """List the relative paths of the tables that the workflow makes from published files."""
        places = [file.place for file in self.named_files()]
        return [place for place in dict.fromkeys(places) if self.made.makes(place)]

    def named_files(self) -> list[NamedFile]:
        """List every cell of the tables that names a file, in the order of the tables."""
        genomes = [self.human, *self.genomes.values()] if self.lifted_datasets else []
        rows = (self.datasets.values(), self.variant_rows.values(), self.measured_rows.values())
        return named_files(self.config, genomes, *rows)


def _checked(check: Callable[[str], str], place: str, key: str) -> str:
    """Check the value of a key that is a path or URL."""
    try:
        return check(place)
    except ValueError as error:
        raise ConfigError(f"key `{key}`: {error} (value: '{place}')") from None
