"""What the page "Is it the homologs?" says in words: what it can find, what it has found, how that was computed."""

from __future__ import annotations

import pandas as pd

from regssl.evaluation.comparison import MIN_BLOCKS
from regssl.evaluation.conclusions import Kind
from regssl.evaluation.families import EVERY_CONTROL, Finding
from regssl.evaluation.settings import ComparisonSettings
from regssl.evaluation.summary import DisplayNames
from regssl.methods import resolve
from regssl.reporting.document import Verdict, Verdicts
from regssl.reporting.format import percent
from regssl.reporting.tables.base import records
from regssl.reporting.tables.comparison import sentences

POOLED: dict[Kind, str] = {
    "improves": "The homologs help beyond every control that was run:",
    "explained_by_control": "SSL gains, but a control without the homologs' labels explains it:",
    "not_separated": "SSL gains, but cannot be told from every control:",
    "no_control": "SSL gains, and no control was run:",
    "equivalent": "No difference between SSL and SL:",
    "inconclusive": "SSL cannot be told from SL:",
    "worsens": "SSL hurts:",
    "insufficient_data": "Not enough data:",
    "no_score": "No score:",
}
"""Kinds of conclusions in the order of the opening list, and the words of each there."""


def question(names: DisplayNames, fewer: bool = False) -> str:
    """Write what the page asks; `fewer`: of a part of the human windows too."""
    text = (
        "SSL trains first on human windows and on their homologs in other mammals, to which the human label was "
        "copied, and then on human windows alone. "
    )
    kinds = {resolve(method).kind for method in names.methods}
    if "control" not in kinds:
        where = " with all human windows" if fewer else ""
        return text + f"Whether a gain is due to the homologs cannot be told here: no control was run{where}."
    text += (
        "If it beats supervised learning (SL), that may be because of "
        "the homologs, or because of what comes with them: a second phase of training, positives that are sampled "
        "more often, sequences that vary at all. Each control has one of these and not the homologs with their "
        "labels (phylogenetic augmentation has them, and uses them otherwise). Only where SSL beats every control "
        "is it the homologs. What each method was trained on is below."
    )
    if "extension" in kinds:
        text += " Extensions of SSL have homologs with their labels as well: they ask whether SSL can be bettered."
    return text


def limits(concluded: pd.DataFrame, names: DisplayNames, settings: ComparisonSettings) -> list[str]:
    """Write what runs of this size cannot find, before anything is concluded: a paragraph each.

    Args:
        concluded: of `significance.conclusions`.
        names: display names.
        settings: the settings of the comparison.
    """
    known = concluded.dropna(subset=["smallest_detectable"]).sort_values("smallest_detectable", kind="stable")
    paragraphs = []
    if len(known):
        ends = dict.fromkeys([0, len(known) - 1])
        sizes = (f"{known['smallest_detectable'].iloc[at]:.0f} % ({_labels(known.iloc[[at]], names)})" for at in ends)
        paragraphs.append(
            "What these runs can find: a true gain of SSL over SL is found in four of five cases if it is at least "
            f"{' to '.join(sizes)} of SL; a smaller one is more often missed. The table of conclusions has them all."
        )
    lacking = concluded[concluded["conclusion"] == "insufficient_data"]
    if len(lacking):
        reasons = (f"{_labels(lacking.iloc[[at]], names)} ({_lacks(row)})" for at, row in enumerate(records(lacking)))
        paragraphs.append(f"Nothing can be found, however large it is, for {', '.join(reasons)}.")
    smallest, alpha = 2 / (settings.replicates + 1), 1 - settings.confidence_level
    if smallest >= alpha:
        too_few = "nothing can be found at all"
    elif len(known) * smallest >= alpha:
        too_few = f"nothing can be found after correction over {len(known)} {_units(names)}"
    else:
        return paragraphs
    return [
        *paragraphs,
        f"With {settings.replicates:,} resamples no p is below {smallest:.2g}: {too_few}. Raise `replicates`.",
    ]


def pooled(concluded: pd.DataFrame, names: DisplayNames) -> list[tuple[str, str]]:
    """List the kinds of conclusions with their datasets."""
    kinds = ((words, concluded[concluded["conclusion"] == kind]) for kind, words in POOLED.items())
    return [(words, f"{_labels(rows, names)}.") for words, rows in kinds if len(rows)]


def verdicts(
    concluded: pd.DataFrame, adjusted: pd.DataFrame, names: DisplayNames, settings: ComparisonSettings
) -> Verdicts:
    """Set the conclusion of each dataset and model beside its gain.

    Args:
        concluded: of `significance.conclusions`, sorted.
        adjusted: of `families.adjust_pvalues`.
        names: display names.
        settings: the settings of the comparison.
    """
    of_sl = adjusted[(adjusted["metric"] == "aupr") & (adjusted["method"] == "ssl") & (adjusted["baseline"] == "sl")]
    columns = ["relative_difference_percent", "relative_ci_low", "relative_ci_high"]
    gains = {
        (row["dataset"], row["model"]): tuple(row[name] for name in columns)
        for row in records(of_sl.dropna(subset=columns))
    }
    level, margin = percent(settings.confidence_level), settings.equivalence_margin_percent
    caption = (
        f"Gain of SSL over SL, in percent of SL's AUPR, with the {level} interval of seeds and test blocks together. "
        f"Grey band: ±{margin:g} %. Filled: the homologs help (green), make no difference (blue) or hurt (red). Ring: "
        "SSL is better than SL, and a control may be why, or none was run (green); it cannot be told from SL (grey)."
    )
    return Verdicts(
        caption=caption,
        rows=[
            Verdict(
                name=_labels(concluded.iloc[[at]], names),
                conclusion=row["conclusion"],
                text=sentences(row),
                gain=gains.get((row["dataset"], row["model"])),
            )
            for at, row in enumerate(records(concluded))
        ],
        margin=margin,
    )


def over_datasets(found: pd.DataFrame, names: DisplayNames) -> list[str]:
    """Write in how many datasets SSL beats SL, and SL and every control: a paragraph; none for one dataset.

    Args:
        found: of `families.findings`.
        names: display names.
    """
    rows = found[found["question"].isin(["sl", EVERY_CONTROL]) & (found["alone"] != "unknown")]
    of_sl, of_claim = rows[rows["question"] == "sl"], rows[rows["question"] == EVERY_CONTROL]
    if len(of_sl) < 2:
        return []
    said = [
        f"SSL beats SL in {_counted(of_sl, 'better', names)}.",
        f"SL beats SSL in {_counted(of_sl, 'worse', names)}.",
    ]
    if len(of_claim):
        said.append(f"SSL beats SL and every control that was run in {_counted(of_claim, 'better', names)}.")
    return [f"Over {_units(names)}: {' '.join(said)}"]


def without_controls(names: DisplayNames, controlled: DisplayNames) -> list[str]:
    """Write which models have no control or baseline, of those named: a paragraph; none where all have one.

    Args:
        names: display names.
        controlled: of `tables.comparison.with_controls`.
    """
    others = [name for model, name in names.models.items() if model not in controlled.models]
    if not others:
        return []
    shown = "; ".join(controlled.models.values())
    return [f"Of {shown}. Run without a control or baseline, and so in the other tables only: {'; '.join(others)}."]


def computed(concluded: pd.DataFrame, names: DisplayNames, settings: ComparisonSettings) -> list[str]:
    """Write how intervals, p and conclusions came about: a paragraph each.

    Arguments as for `limits`.
    """
    level, alpha = percent(settings.confidence_level), f"{1 - settings.confidence_level:.2g}"
    few, many = int(concluded["blocks"].min()), int(concluded["blocks"].max())
    blocks = f"{few}" if few == many else f"{few} to {many}"
    return [
        "Every number is of all test windows, which no training, no early stopping and no choice of a setting has "
        "used.",
        f"Seeds: Student's {level} interval of the mean over seeds. Blocks: test windows of the same "
        f"{settings.block_bp:,} bp of a chromosome are a block, a sequence without a place is one by itself; they "
        f"({blocks} hold a positive window, by dataset) were sampled with replacement {settings.replicates:,} times, "
        f"the same samples for all methods; the interval holds the middle {level} of what the mean over seeds was. "
        "Both: each resample has Student's distribution of that resample's own seeds; the interval is that of their "
        "mixture. Differences are taken seed by seed and resample by resample. p is two-sided, from the mixture, and "
        f"not below {2 / (settings.replicates + 1):.2g}, the smallest that so many resamples can give: “≤” stands "
        "where the true one may be smaller.",
        f"SSL beats a method if the interval of both lies above 0 and p is below {alpha}, and is beaten if it lies "
        "below 0; else it cannot be told from the method, which does not mean that they are alike. “Explained”: SSL "
        "beats SL, but not a control that is itself above SL and makes at least half of the gain, as estimated; its "
        "fraction of the gain stands with Fieller's interval. “No difference”: the "
        f"whole interval lies within ±{settings.equivalence_margin_percent:g} % of SL. Phylogenetic augmentation, "
        "SSL-NS, SSL with filtered homologs and SSL with the homologs of one label learn from the same labels on "
        "homologs, so they explain nothing away.",
        "A conclusion is of its dataset alone: nothing else on this page changes it, and no p behind it is corrected. "
        f"That SSL beats SL and every control is claimed where each of these differences is found with p below {alpha} "
        f"(an intersection-union test): the chance to claim it wrongly is at most {alpha}, however many controls there "
        "are. Its p is the largest of theirs.",
        f"What is said of several {_units(names)} uses p after Holm's correction, with one family per question: SSL "
        "against SL; SSL against each other method; SSL against SL and every control. A family has one comparison per "
        f"dataset{' and model' if _several(names) else ''}. Between questions nothing is corrected.",
    ]


def _counted(rows: pd.DataFrame, finding: Finding, names: DisplayNames) -> str:
    """Such as `3 of 7, judged alone (A, B, C), and in 1 after Holm's correction over the 7 (A)`."""
    alone, corrected = rows[rows["alone"] == finding], rows[rows["corrected"] == finding]
    if alone.empty:
        return f"none of {len(rows)}"
    after = f"{len(corrected)} after Holm's correction ({_labels(corrected, names)})"
    if corrected.empty:
        after = "none after Holm's correction"
    return f"{len(alone)} of {len(rows)} judged alone ({_labels(alone, names)}), and in {after}"


def _labels(rows: pd.DataFrame, names: DisplayNames) -> str:
    """The datasets of rows; where there are several models, those of each with its name."""
    of_models = [
        (name, ", ".join(names.datasets[dataset] for dataset in rows.loc[rows["model"] == model, "dataset"]))
        for model, name in names.models.items()
    ]
    return "; ".join(
        f"{datasets} ({name})" if _several(names) else datasets for name, datasets in of_models if datasets
    )


def _lacks(row: dict[str, object]) -> str:
    if row["seeds"] == 1:
        return "one seed"
    return f"positives in {row['blocks']} blocks of test windows, where {MIN_BLOCKS} are needed"


def _units(names: DisplayNames) -> str:
    return "datasets and models" if _several(names) else "datasets"


def _several(names: DisplayNames) -> bool:
    return len(names.models) > 1
