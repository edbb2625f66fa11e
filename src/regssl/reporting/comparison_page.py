"""Write the page "Is it the homologs?": SSL, SL, controls and baselines compared; and the answer alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from regssl.errors import DataError
from regssl.evaluation.comparison import ComparisonTables
from regssl.evaluation.families import adjust_pvalues, findings
from regssl.evaluation.settings import ComparisonSettings
from regssl.evaluation.significance import compare_across_datasets, conclusions
from regssl.evaluation.summary import DisplayNames
from regssl.io.tsv import require_columns, write_tsv
from regssl.methods import resolve
from regssl.reporting.comparison_words import (
    computed,
    limits,
    over_datasets,
    pooled,
    question,
    verdicts,
    without_controls,
)
from regssl.reporting.document import Block, Document, Drawing, Heading, Points, paragraphs
from regssl.reporting.fewer_windows import conclude_on_fewer, fewer_windows
from regssl.reporting.format import percent
from regssl.reporting.html import write_document
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
ANSWER = "The answer"


def write_comparison_page(
    tables: ComparisonTables, names: DisplayNames, settings: ComparisonSettings, out: str | Path
) -> None:
    """Write the page, the figure `out.svg` and `out.png`, the conclusions in `out.tsv`, and `out_*.tsv`.

    The page is `out.html` and `out.json`; what it concludes of each dataset, and what it cannot find, is
    `out_answer.json` too.

    Args:
        tables: of one or more datasets.
        names: what to display, in which order; of ablations only those of fewer human windows are displayed.
        settings: what the comparisons were made with.
        out: path without suffix.

    Raises:
        DataError: no dataset with SSL and another method.
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
    on_fewer = conclude_on_fewer(tables.methods, adjusted, names, settings)
    written = {"": concluded, "_methods": tables.methods, "_differences": adjusted, "_findings": found,
               "_tests": tests, "_exposure": tables.exposure, "_fewer_windows": on_fewer}  # fmt: skip
    for suffix, table in written.items():
        write_tsv(table, f"{out}{suffix}.tsv", digits=6)
    forest_plot(adjusted, controlled, settings.confidence_level, f"{out}.svg", f"{out}.png")
    cannot, counted = paragraphs(limits(concluded, names, settings)), paragraphs(over_datasets(found, names))
    judged = [*paragraphs(["Each dataset, judged alone:"]), Points(items=pooled(concluded, names))]
    rows = verdicts(concluded, adjusted, names, settings)
    answer: list[Block] = [*judged, _beside(rows, f"{out}.tsv"), *counted, *cannot]
    Document(title=ANSWER, blocks=answer).write(f"{out}_answer.json")
    further = other_scores_table(tables.methods, names, settings)
    every = differences_table(adjusted, names, settings)
    of_datasets = conclusions_table(concluded, tables.methods, adjusted, names, settings)
    by_kind = methods_table(sort_rows(concluded, controlled), tables.methods, adjusted, controlled, settings)
    against: list[Block] = [
        Heading(text="Against every control"),
        *paragraphs(without_controls(names, controlled)),
        _beside(by_kind, f"{out}_methods.tsv"),
        Drawing(svg=f"{out}.svg", caption=_forest_caption(settings), data=f"{out}_differences.tsv"),
    ]
    body: list[Block] = [
        *paragraphs([question(names, fewer=not on_fewer.empty)]),
        *cannot,
        *judged,
        *counted,
        _beside(of_datasets, f"{out}.tsv"),
        *(against if any(resolve(method).kind != "paper" for method in names.methods) else []),
        *fewer_windows(on_fewer, tables._replace(differences=adjusted), names, settings, str(out)),
        Heading(text="The same in other scores"),
        _beside(further, f"{out}_methods.tsv"),
        Heading(text="Every difference, with both intervals apart"),
        _beside(every, f"{out}_differences.tsv"),
        Heading(text="Over all datasets"),
        *(_beside(block, f"{out}_findings.tsv") for block in findings_table(found, names, settings)),
        _beside(tests_table(tests, names, settings), f"{out}_tests.tsv"),
        Heading(text="Were they matched?"),
        _beside(exposure_table(tables.exposure, names), f"{out}_exposure.tsv"),
        Heading(text="How this was computed"),
        *paragraphs(computed(concluded, names, settings)),
    ]
    write_document(Document(title=TITLE, blocks=body), out)


def _beside(block: Block, path: str) -> Block:
    """The same block, with its table for programs."""
    return block.model_copy(update={"data": path})


def _forest_caption(settings: ComparisonSettings) -> str:
    return (
        f"AUPR of SSL less that of each other method. Thin: {percent(settings.confidence_level)} interval of seeds and "
        "test blocks together; thick: of the test blocks alone. Hollow: SSL cannot be told from the method in this "
        "dataset, judged alone. Each panel has its scale."
    )
