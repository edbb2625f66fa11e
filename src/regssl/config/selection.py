"""Which rows of the tables a configuration uses."""

from __future__ import annotations

from collections.abc import Sequence

from regssl.config.schema import Config
from regssl.config.table_files import AnyRow
from regssl.config.tables import DatasetRow
from regssl.config.validators import did_you_mean
from regssl.data.settings import Splits
from regssl.errors import ConfigError


def rows_with_files(rows: dict[str, DatasetRow], config: Config) -> tuple[dict[str, DatasetRow], list[str]]:
    """Return the rows with peaks or sequences, and one line per other row, which it is an error to select by name."""
    pending = []
    for name, row in rows.items():
        if not row.peaks and not row.sequences:
            where = f"{config.datasets}, row '{name}', column peaks: is empty (status: {row.status or 'not given'})"
            if config.select_datasets is not None:
                raise ConfigError(f"key `select_datasets`: {where}", "give a path or URL there, or leave the row out")
            pending.append(f"{where}: {row.name} is left out; give a path or URL there")
    found = {name: row for name, row in rows.items() if row.peaks or row.sequences}
    if rows and not found:
        raise ConfigError(f"{config.datasets}: no row has peaks", "fill the column `peaks`, or `sequences`")
    return found, pending


def used_splits(rows: dict[str, DatasetRow], config: Config) -> dict[str, Splits]:
    """Return the splits that rows of peaks use, by id."""
    known = config.all_splits
    for row in rows.values():
        if row.sequences and row.dataset in known:
            where = f"{config.datasets}, row '{row.dataset}', column dataset"
            raise ConfigError(f"{where}: '{row.dataset}' is also the id of splits", "rename one of them")
        if row.splits not in known:
            raise ConfigError(
                f"{config.datasets}, row '{row.dataset}', column splits: '{row.splits}' is not in `further_splits`"
                f"{did_you_mean(row.splits, known)}",
                f"known: {', '.join(known)}",
            )
    used = {row.splits for row in rows.values() if row.peaks}
    return {name: splits for name, splits in known.items() if name in used}


def select_rows(rows: dict[str, AnyRow], wanted: Sequence[str] | None, key: str, table: str) -> dict[str, AnyRow]:
    """Return the rows that a key selects, in table order; all where it is None.

    Raises:
        ConfigError: a name that is in no row.
    """
    if wanted is None:
        return rows
    for name in wanted:
        if name not in rows:
            raise ConfigError(f"key `{key}`: '{name}' is not in {table}{did_you_mean(name, rows)}")
    return {name: row for name, row in rows.items() if name in wanted}
