"""Write the page *Are the copied labels true?*: words, figure and tables."""

from __future__ import annotations

from pathlib import Path

from regssl.evaluation.summary import DisplayNames
from regssl.io.tsv import write_tsv
from regssl.reporting.document import Block, Document, Drawing, Heading, Points, make_cells, paragraphs
from regssl.reporting.html import write_document
from regssl.reporting.measured_evidence import MeasuredTables, tidy_table
from regssl.reporting.measured_words import describe_gains, describe_place, place_title
from regssl.reporting.tables.measured import filter_table, overview_table, own_table, scores_table, strata_table

TITLE = "Are the copied labels true?"


FIGURE_CAPTION = (
    "Copied labels against measured ones. a: share of copies that are bound in the other species. Filled: copied "
    "positives; hollow: copied negatives; Wilson's 95 % intervals; beneath each level the number of copied positives. "
    "b: AUROC with which scores put "
    "bound copied positives above others, mean over seeds, with Newcombe's interval over copies; hollow: copies of "
    "validation and test windows alone, on which nothing was trained. c: AUPR on the species' own windows, without "
    "those to which any base of a human training window is aligned; dashed: prevalence. d: AUPR of SSL less that of "
    "SL, on human test windows and on own windows, against the share in a; numbers are those of the rows."
)
OVERVIEW = (
    "Copied labels against measured ones, in percent with Wilson's 95 % intervals. Sites of peaks: human peaks of all "
    "files, joined, 200 bp about the summit, lifted as they are. AUROC: of bound above other copied positives; of SL, "
    "held-out ones alone. AUPR: mean over seeds, interval over seeds and blocks; prevalence is the AUPR "
    "of a random ranking."
)
STRATA = (
    "Copies that are bound, in percent with Wilson's 95 % intervals. A homolog whose divergence or motif is not known "
    "is in none of these strata."
)
SCORES = (
    "AUROC of bound above other copies, mean over seeds, with Newcombe's 95 % interval over copies. Bound, not: their "
    "numbers. Held out: copies of validation and test windows. SSL and its like were trained on the copies of "
    "training windows with the copied label, SL on their human windows; all copies include these."
)
OWN = (
    "Consecutive windows of the other genome, labelled by its own peaks; mean over seeds, interval over seeds and "
    "blocks. Apart from training: without those to which any base of a human training window is aligned, which are "
    "the homologs of training windows. Homologs of validation windows, whose human labels chose the best epoch, stay."
)
FILTERED = (
    "What the filter of homologs keeps of the copies in training, and how many of these are true: positives that are "
    "bound, negatives that are not. Means over seeds; kept less given up, in points, with an interval over copies and "
    "seeds together, because the teacher of each seed is another filter."
)
LIMITS = (
    (
        "Peaks are of some cells under some conditions, and their lists miss sites. A copy that is not bound there may "
        "be bound in other cells: shares of bound copies are lower bounds. Where the human peaks are of cells without "
        "a counterpart in the other species, the cells differ as well as the species."
    ),
    (
        "Copies lie near one another and genomes share ancestors, so that copies are less independent than Wilson's "
        "intervals take them to be. Each interval is a 95 % one, not corrected for their "
        "number. Nothing on this page was used in training, in stopping early or in choosing a setting."
    ),
)
"""Captions of the figure and of the tables; what must be known besides."""


def write_measured_page(tables: MeasuredTables, names: DisplayNames, out: str | Path) -> None:
    """Write the page, `out.html` and `out.json`, the figure `out.svg` and `out.png`, and every number in `out.tsv`.

    Args:
        tables: of one or more datasets.
        names: what to display, in which order.
        out: path without suffix.

    Raises:
        DataError: no named dataset and genome has measured labels.
    """
    from regssl.reporting.figures.measured import measured_figure  # matplotlib

    measured_figure(tables, names, f"{out}.svg", f"{out}.png")
    write_tsv(tidy_table(tables), f"{out}.tsv", digits=6)
    gains = describe_gains(tables, names)
    body: list[Block] = [
        *paragraphs([_question(tables)]),
        *(
            part
            for place in tables.places(names)
            for part in (
                Heading(text=place_title(names, place)),
                Points(items=describe_place(tables, names, place)),
            )
        ),
        Heading(text="All together"),
        *paragraphs(filter(None, [gains])),
        Drawing(svg=f"{out}.svg", caption=FIGURE_CAPTION, data=f"{out}.tsv"),
        make_cells(overview_table(tables, names), OVERVIEW),
        *_folded(tables, names),
        Heading(text="What these numbers are not"),
        *paragraphs(LIMITS),
    ]
    write_document(Document(title=TITLE, blocks=body), out)


def _question(tables: MeasuredTables) -> str:
    return (
        "SSL copies the label of a human window to its homologs in other species. Where the same protein or mark was "
        "measured in another species, the copied label can be held against it. A copied positive is true if the "
        "homolog is bound there: if measured peaks cover it as human peaks must cover a positive window. A copied "
        f"negative is true if it is not. Homologs are found with at least {tables.min_match:g} of the window aligned."
    )


def _folded(tables: MeasuredTables, names: DisplayNames) -> list[Block]:
    """Make the tables that a reader opens."""
    parts = [
        (strata_table(tables, names), STRATA, "By aligned fraction, peak files, divergence and motif"),
        (scores_table(tables, names), SCORES, "Which scores tell bound copies from others"),
        (own_table(tables, names), OWN, "Every method on the species' own windows"),
    ]
    if len(tables.filtered):
        parts.append((filter_table(tables, names), FILTERED, "What filtering keeps"))
    return [make_cells(table, caption, folded=words) for table, caption, words in parts if len(table)]
