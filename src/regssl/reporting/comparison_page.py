"""Write the page "Is it the homologs?": how SSL compares with SL, the controls and the baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from markupsafe import Markup

from regssl.errors import DataError
from regssl.evaluation.comparison import DIFFERENCES_COLUMNS, EXPOSURE_COLUMNS, FILTER_COLUMNS, METHODS_COLUMNS
from regssl.evaluation.families import adjust_pvalues, findings
from regssl.evaluation.settings import ComparisonSettings
from regssl.evaluation.significance import compare_across_datasets, conclusions
from regssl.evaluation.summary import DisplayNames
from regssl.io.atomic import write_text
from regssl.io.tsv import read_tsv, require_columns, write_tsv
from regssl.methods import resolve
from regssl.reporting.comparison_words import computed, limits, over_datasets, pooled, question, without_controls
from regssl.reporting.format import percent
from regssl.reporting.sections import (
    embed,
    embed_image,
    render_article,
    render_heading,
    render_list,
    render_paragraphs,
)
from regssl.reporting.tables.comparison import (
    conclusions_table,
    differences_table,
    exposure_table,
    methods_table,
    other_scores_table,
    sort_rows,
    with_controls,
)
from regssl.reporting.tables.over_datasets import findings_table, tests_table

TITLE = "Is it the homologs?"
SECTIONS = {
    "ablations": "From which species, how many",
    "measured": "Are the copied labels true?",
    "label_errors": "How many pseudo-labels are wrong",
    "gain_components": "With other training regions and negatives",
    "leakage": "Leakage audit",
}
"""Further sections of the page and their headings."""


class ComparisonTables(NamedTuple):
    """The tables of `evaluation.comparison`, all datasets one below the other."""

    methods: pd.DataFrame
    differences: pd.DataFrame
    exposure: pd.DataFrame

    @classmethod
    def read(
        cls, methods: Sequence[str | Path], differences: Sequence[str | Path], exposure: Sequence[str | Path]
    ) -> ComparisonTables:
        """Read the tables from TSV files, one of each per dataset.

        Raises:
            DataError: a file that cannot be read, or lacks a column.
        """
        return cls(
            read_tsv(methods, METHODS_COLUMNS),
            read_tsv(differences, DIFFERENCES_COLUMNS),
            read_tsv(exposure, EXPOSURE_COLUMNS, FILTER_COLUMNS),
        )


def write_comparison_page(
    tables: ComparisonTables,
    names: DisplayNames,
    settings: ComparisonSettings,
    sections: Mapping[str, Sequence[str | Path]],
    out: str | Path,
) -> None:
    """Write `out.html`, the figure `out.svg` and `out.png`, the conclusions in `out.tsv`, and `out_*.tsv`.

    Args:
        tables: of one or more datasets.
        names: what to display, in which order; ablations are left out.
        settings: what the comparisons were made with.
        sections: files of further sections by the keys of SECTIONS: drawings (SVG), pages of one table, and articles.
        out: path without suffix.

    Raises:
        DataError: no dataset with SSL and another method, or a file that cannot be embedded.
    """
    from regssl.reporting.figures.forest import forest_plot  # matplotlib

    require_columns(tables.methods, ["dataset", "model", "method", "metric", "value"], "the table of methods")
    full = {method: name for method, name in names.methods.items() if not resolve(method).subset}
    names = replace(names, methods=full)
    controlled = with_controls(names)
    if tables.differences.empty:
        raise DataError(f'"{TITLE}" has nothing to compare', "run `ssl` and another method")
    adjusted = adjust_pvalues(tables.differences)
    concluded = sort_rows(conclusions(tables.methods, tables.differences, names.methods, settings), names)
    found = sort_rows(findings(concluded, adjusted, settings.confidence_level), names)
    tests = compare_across_datasets(tables.methods, settings.confidence_level)
    written = {"": concluded, "_methods": tables.methods, "_differences": adjusted, "_findings": found,
               "_tests": tests, "_exposure": tables.exposure}  # fmt: skip
    for suffix, table in written.items():
        write_tsv(table, f"{out}{suffix}.tsv", digits=6)
    forest_plot(adjusted, controlled, settings.confidence_level, f"{out}.svg", f"{out}.png")
    body = [
        render_paragraphs(question(names), *limits(concluded, names, settings), "Each dataset, judged alone:"),
        render_list(pooled(concluded, names)),
        render_paragraphs(*over_datasets(found, names)),
        conclusions_table(concluded, tables.methods, adjusted, names, settings),
        render_heading("Against every control"),
        render_paragraphs(*without_controls(names, controlled)),
        methods_table(sort_rows(concluded, controlled), tables.methods, adjusted, controlled, settings),
        embed_image(f"{out}.svg", _forest_caption(settings)),
        render_heading("The same in other scores"),
        other_scores_table(tables.methods, names, settings),
        render_heading("Every difference, with both intervals apart"),
        differences_table(adjusted, names, settings),
        render_heading("Over all datasets"),
        findings_table(found, names, settings),
        tests_table(tests, names, settings),
        render_heading("Were they matched?"),
        exposure_table(tables.exposure, names),
        *_further(sections),
        render_heading("How this was computed"),
        render_paragraphs(*computed(concluded, names, settings)),
    ]
    write_text(f"{out}.html", render_article(TITLE, body))


def _forest_caption(settings: ComparisonSettings) -> str:
    return (
        f"AUPR of SSL less that of each other method. Thin: {percent(settings.confidence_level)} interval of seeds and "
        "test blocks together; thick: of the test blocks alone. Hollow: SSL cannot be told from the method in this "
        "dataset, judged alone. Each panel has its scale."
    )


def _further(sections: Mapping[str, Sequence[str | Path]]) -> list[Markup]:
    return [
        section
        for key, title in SECTIONS.items()
        if sections.get(key)
        for section in (
            render_heading(title),
            *(embed(path, f"{title}: {at} of {len(sections[key])}") for at, path in enumerate(sections[key], start=1)),
        )
    ]
