"""Write the page "Is it the homologs?": how SSL compares with SL, the controls and the baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from markupsafe import Markup

from regssl.errors import DataError
from regssl.evaluation.comparison import DIFFERENCES_COLUMNS, EXPOSURE_COLUMNS, FILTER_COLUMNS, METHODS_COLUMNS
from regssl.evaluation.conclusions import Kind
from regssl.evaluation.settings import ComparisonSettings
from regssl.evaluation.significance import adjust_pvalues, compare_across_datasets, conclusions, family_size
from regssl.evaluation.summary import DisplayNames
from regssl.io.atomic import write_text
from regssl.io.tsv import read_tsv, require_columns, write_tsv
from regssl.methods import resolve
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
    tests_table,
)

TITLE = "Is it the homologs?"
POOLED: dict[Kind, str] = {
    "improves": "The homologs help beyond every control that was run:",
    "explained_by_control": "SSL gains, but a control without the homologs' labels explains it:",
    "not_separated": "SSL gains, but cannot be distinguished from every control:",
    "no_control": "SSL gains, and no control was run:",
    "equivalent": "No difference between SSL and SL:",
    "inconclusive": "SSL cannot be distinguished from SL:",
    "worsens": "SSL hurts:",
    "insufficient_data": "Not enough data:",
    "no_score": "No score:",
}
"""Kinds of conclusions in the order of the opening list, and the words of each there."""
SECTIONS = {
    "ablations": "From which species, how many",
    "measured": "Are the copied labels true?",
    "label_errors": "How many pseudo-labels are wrong",
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
    names = DisplayNames(names.datasets, names.models, full)
    if tables.differences.empty:
        raise DataError(f'"{TITLE}" has nothing to compare', "run `ssl` and another method")
    adjusted = adjust_pvalues(tables.differences)
    concluded = sort_rows(conclusions(tables.methods, adjusted, names.methods, settings), names)
    tests = compare_across_datasets(tables.methods, settings.confidence_level)
    written = {"": concluded, "_methods": tables.methods, "_differences": adjusted, "_tests": tests,
               "_exposure": tables.exposure}  # fmt: skip
    for suffix, table in written.items():
        write_tsv(table, f"{out}{suffix}.tsv", digits=6)
    forest_plot(adjusted, names, f"{out}.svg", f"{out}.png")
    body = [
        *_opening(concluded, names),
        conclusions_table(concluded, tables.methods, adjusted, names, settings),
        render_heading("Against every control"),
        methods_table(concluded, tables.methods, adjusted, names, settings),
        embed_image(f"{out}.svg", _forest_caption(settings)),
        render_heading("The same in other scores"),
        other_scores_table(tables.methods, names, settings),
        render_heading("Every difference, with both intervals apart"),
        differences_table(adjusted, names, settings),
        render_heading("Over all datasets"),
        tests_table(tests, names, settings),
        render_heading("Were they matched?"),
        exposure_table(tables.exposure, names),
        *_further(sections),
        render_heading("How this was computed"),
        _computed(concluded, adjusted, settings),
    ]
    write_text(f"{out}.html", render_article(TITLE, body))


def _opening(concluded: pd.DataFrame, names: DisplayNames) -> list[Markup]:
    several = concluded["model"].nunique() > 1
    found = []
    for kind, words in POOLED.items():
        rows = concluded[concluded["conclusion"] == kind]
        labels = [
            names.datasets[row["dataset"]] + (f" ({names.models[row['model']]})" if several else "")
            for _, row in rows.iterrows()
        ]
        if labels:
            found.append((words, f"{', '.join(labels)}."))
    question = (
        "SSL trains first on human windows and on their homologs in other mammals, to which the human label was "
        "copied, and then on human windows alone. If it beats supervised learning (SL), that may be because of "
        "the homologs, or because of what comes with them: a second phase of training, positives that are sampled "
        "more often, sequences that vary at all. Each control has one of these and not the homologs with their "
        "labels (phylogenetic augmentation has them, and uses them otherwise). Only where SSL beats every control "
        "is it the homologs. What each method was trained on is below."
    )
    if any(resolve(method).kind == "extension" for method in names.methods):
        question += " Extensions of SSL have homologs with their labels as well: they ask whether SSL can be bettered."
    return [render_paragraphs(question), render_list(found)]


def _forest_caption(settings: ComparisonSettings) -> str:
    return (
        f"AUPR of SSL less that of each other method. Thin: {percent(settings.confidence_level)} interval of seeds and "
        "test blocks together; thick: of the test blocks alone. Filled: significant after Holm's correction. Each "
        "panel has its scale."
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


def _computed(concluded: pd.DataFrame, adjusted: pd.DataFrame, settings: ComparisonSettings) -> Markup:
    level, family = percent(settings.confidence_level), family_size(adjusted)
    smallest = 2 / (settings.replicates + 1)
    few, many = int(concluded["blocks"].min()), int(concluded["blocks"].max())
    blocks = f"{few}" if few == many else f"{few} to {many}"
    resolution = (
        f"The smallest p that {settings.replicates:,} resamples can give is {smallest:.2g}; times {family} "
        f"comparisons, {family * smallest:.2g}."
    )
    if family * smallest >= 1 - settings.confidence_level:
        resolution += (
            " That is too coarse for this correction: nothing on this page can be significant. Raise `replicates`."
        )
    return render_paragraphs(
        "Every number is of all windows of the test chromosomes, which no training, no early stopping and no "
        "choice of a setting has used.",
        f"Seeds: Student's {level} interval of the mean over seeds. Blocks: test chromosomes were cut into blocks "
        f"of {settings.block_bp:,} bp ({blocks} of them hold a positive window, by dataset) and sampled with "
        f"replacement {settings.replicates:,} times, the same samples for all methods; the interval holds the "
        f"middle {level} of what the mean over seeds was. Both: each resample has Student's distribution of "
        "that resample's own seeds; the interval is that of their mixture. Differences are taken seed by seed and "
        "resample by resample. p is two-sided, from the mixture.",
        f"Holm's correction is over the {family} comparisons of SSL with another method on this page. {resolution}",
        "SSL beats a method if the interval of both lies above 0 and the corrected p is below "
        f"{1 - settings.confidence_level:.2g}. “Explained”: SSL beats SL, does not beat a control, and that control "
        "is itself above SL and makes at least half of the gain. “No difference”: the whole interval lies within "
        f"±{settings.equivalence_margin_percent:g} % of SL; where it is wider, SSL “cannot be distinguished from” "
        "SL, which does not mean that they are alike. Phylogenetic augmentation, SSL-NS and SSL with filtered homologs "
        "learn from the same labels on homologs, so they explain nothing away.",
    )
