"""What of docs/results is made of docs/results/controls: where a page has a mark, the table or quotation below it.

A mark is `<!-- methods: ctcf -->`, the methods of one run; `<!-- factors: max rest -->`, SL and SSL of several;
`<!-- auroc: max rest -->`, the same by another score; `<!-- uses: ctcf -->`, gains by other uses of homologs;
`<!-- networks: ctcf -->`, gains of the first version's network; `<!-- conclusion: ctcf -->`, what the page of that run
concludes; or `<!-- replicates: ctcf -->`, other training data. `methods` and `conclusion` take the human windows that
are trained on too: `<!-- methods: ctcf_fewer train50 -->`.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from helpers.doses_tables import doses_table
from helpers.page_cells import Row, difference, factor_names, gain, not_converged, p_value, score
from helpers.paths import ROOT
from helpers.replicates_tables import replicates_table
from regssl.evaluation.pairs import at_subset, train_subsets
from regssl.evaluation.settings import ComparisonSettings
from regssl.evaluation.significance import conclusions
from regssl.methods import METHODS
from regssl.methods.subsets import parse_subset

RUNS = ROOT / "docs/results/controls"
MARK = re.compile(
    r"(<!-- (methods|factors|auroc|uses|networks|conclusion|replicates|doses): (.+?) -->\n\n)((?:[|>].*\n)+)(?=\n)"
)
"""A mark, its kind, its runs, and the table or quotation below it, up to a line without text."""
COMMENT = re.compile(r"<!--")
"""What begins a mark, rightly written or not."""
BASELINES = {"gc_logistic": "GC and CpG", "kmer_logistic": "Counts of 6 to 8 bases", "motif_scan": "JASPAR's motif"}
FIRST_VERSION = "deepbind_256"
Rows = dict[tuple[str, str, str], Row]
"""Rows of AUPR by network, method and what it is compared with."""


def read(run: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables of methods and differences of a run, or of a part of it: `ctcf`, `ctcf_fewer train50`."""
    run, _, part = run.partition(" ")
    scores, differences = (pd.read_csv(RUNS / run / f"{name}.tsv", sep="\t") for name in ("methods", "differences"))
    assert {*scores["dataset"], *differences["dataset"]} == {run.partition("_")[0]}, run
    if part:
        subset = parse_subset(part)
        assert subset in train_subsets(scores["method"]), part
        scores, differences = (at_subset(table, subset) for table in (scores, differences))
    return scores, differences


def tables(run: str, metric: str = "aupr") -> tuple[Rows, Rows]:
    """Scores and differences of a run, by one metric."""
    scores, differences = (table[table["metric"] == metric] for table in read(run))
    return _by_method(scores.assign(baseline="")), _by_method(differences)


def _by_method(table: pd.DataFrame) -> Rows:
    return {(row["model"], row["method"], row["baseline"]): row for _, row in table.iterrows()}


def methods_table(runs: str) -> list[str]:
    """Every method of a run: AUPR, its gain over SL, and what SSL has more."""
    scores, differences = tables(runs)
    lines = ["| method | AUPR | gain over SL | p | SSL less it | p |", "|---|---|---|---|---|---|"]
    for (model, method, _), row in scores.items():
        if method == "random":
            continue
        over_sl = None if method in BASELINES else differences.get((model, method, "sl"))
        less = differences.get((model, "ssl", method)) if model != FIRST_VERSION else None
        name = BASELINES.get(method, METHODS[method].name) + ", the first version's network" * (model == FIRST_VERSION)
        cells = [score(row), "–", "–", "–", "–"]
        if over_sl is not None:
            cells[1:3] = gain(over_sl), p_value(over_sl)
        if less is not None:
            cells[3:] = difference(less), p_value(less)
        if (model, method) == ("deepbind", "ssl"):
            name, cells[1] = f"**{name}**", f"**{cells[1]}**"
        lines.append(f"| {' | '.join([name + not_converged(row), *cells])} |")
    return lines


def factors_table(runs: str) -> list[str]:
    """SL and SSL of several runs, with what a run of its size can find."""
    names = factor_names()
    head = "bound training windows | prevalence | SL | SSL | SSL over SL | p | a gain found in four of five"
    lines = [f"| | {head} | {' | '.join(BASELINES.values())} |", "|---" * (8 + len(BASELINES)) + "|"]
    for run in runs.split():
        scores, differences = tables(run)
        counts = pd.read_csv(RUNS / run / "counts.tsv", sep="\t", index_col="split")
        sl, ssl = (scores["deepbind", method, ""] for method in ("sl", "ssl"))
        found = differences["deepbind", "ssl", "sl"]
        cells = [names[run], str(counts.at["train", "positives"]), f"{sl['prevalence']:.4f}"]
        cells += [score(row) + not_converged(row) for row in (sl, ssl)]
        cells += [gain(found), p_value(found), f"{100 * found['smallest_detectable'] / sl['value']:.0f} %"]
        baselines = (scores.get(("deepbind", method, "")) for method in BASELINES)
        cells += ["–" if row is None or math.isnan(row["value"]) else score(row) for row in baselines]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def auroc_table(runs: str) -> list[str]:
    """AUROC of SL, SSL and baselines of several runs, and its differences."""
    names, shown = factor_names(), {"gc_logistic": "GC and CpG", "kmer_logistic": "counts of 6 to 8 bases"}
    head = ["SL", "SSL", "SSL less SL", "p", *(f"SSL less {name}" for name in shown.values())]
    lines = [f"| | {' | '.join(head)} |", "|---" * (1 + len(head)) + "|"]
    for run in runs.split():
        scores, differences = tables(run, "auroc")
        found = differences["deepbind", "ssl", "sl"]
        cells = [f"{scores['deepbind', method, '']['value']:.3f}" for method in ("sl", "ssl")]
        cells += [difference(found), p_value(found)]
        others = (differences.get(("deepbind", "ssl", method)) for method in shown)
        cells += ["–" if row is None else difference(row) for row in others]
        lines.append(f"| {names[run]} | {' | '.join(cells)} |")
    return lines


def uses_table(runs: str) -> list[str]:
    """The gain over SL of SSL and of other methods with homologs, and what SSL-NS has more than SSL."""
    names, uses = factor_names(), ["ssl", "ssl_ns", "ssl_filtered", "phylo_augmentation"]
    shown = " | ".join(f"{METHODS[use].name} | p" for use in uses)
    lines = [f"| | {shown} | SSL less SSL-NS | p |", "|---" * (3 + 2 * len(uses)) + "|"]
    for run in runs.split():
        scores, differences = tables(run)
        cells = [names[run]]
        for use in uses:
            over_sl = differences["deepbind", use, "sl"]
            cells += [gain(over_sl) + not_converged(scores["deepbind", use, ""]), p_value(over_sl)]
        less = differences["deepbind", "ssl", "ssl_ns"]
        lines.append(f"| {' | '.join([*cells, difference(less), p_value(less)])} |")
    return lines


def networks_table(runs: str) -> list[str]:
    """SL, SSL and the gain of two networks."""
    names = factor_names()
    networks = "the first version's network", "the present one"
    head = " | ".join(f"{name}: SL | SSL | SSL over SL | p" for name in networks)
    lines = [f"| | {head} |", "|---" * 9 + "|"]
    for run in runs.split():
        scores, differences = tables(run)
        cells = [names[run]]
        for model in (FIRST_VERSION, "deepbind"):
            found = differences[model, "ssl", "sl"]
            values = (scores[model, method, ""] for method in ("sl", "ssl"))
            cells += [score(row) + not_converged(row) for row in values] + [gain(found), p_value(found)]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def conclusion(run: str) -> list[str]:
    """What a run's page concludes, as a quotation."""
    names = {method: known.name for method, known in METHODS.items()}
    rows = conclusions(*read(run), names, ComparisonSettings()).set_index("model")
    text, remark = rows.loc["deepbind", ["text", "remark"]].astype(str)
    return textwrap.wrap(f"**{text[0].upper()}{text[1:]}.** {remark}", 120, initial_indent="> ", subsequent_indent="> ")


KINDS: dict[str, Callable[[str], list[str]]] = {
    "methods": methods_table,
    "factors": factors_table,
    "conclusion": conclusion,
    "auroc": auroc_table,
    "uses": uses_table,
    "networks": networks_table,
    "replicates": replicates_table,
    "doses": doses_table,
}


def with_tables(page: str) -> str:
    """The text of a page with what is below each mark made again."""
    return MARK.sub(lambda found: found[1] + "\n".join(KINDS[found[2]](found[3])) + "\n", page)


def marked_pages() -> list[Path]:
    return [page for page in sorted((ROOT / "docs/results").glob("*.md")) if COMMENT.search(page.read_text())]
