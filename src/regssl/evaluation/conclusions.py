"""Is it the homologs? Conclude for one dataset, in plain words, from SSL's differences to every other method.

The rules, on AUPR. SSL **beats** a method X if the 95 % interval of SSL - X (seeds and test windows together) lies
above 0 and its p is below 0.05; X **beats** SSL if the interval lies below 0 and the p is as small. Else SSL **cannot
be told from** X. A control **improves** if the interval of X - SL lies above 0 and X makes at least half of SSL's gain:
(X - SL) / (SSL - SL) ≥ 1/2. The first rule that fits is the conclusion:

| conclusion | rule |
|---|---|
| `no_score` | SL or SSL has no score |
| `insufficient_data` | no interval of both sources: one seed, or too few blocks with a positive |
| `worsens` | SL beats SSL |
| `equivalent` | neither beats the other, and the interval of SSL / SL lies within 1 ± the margin |
| `inconclusive` | neither beats the other, and the interval is wider than that |
| `no_control` | SSL beats SL, and no control has a score |
| `explained_by_control` | SSL beats SL, but not a control that improves |
| `not_separated` | SSL beats SL, but not a control, though none of these improves |
| `improves` | SSL beats SL and every control |

No p is corrected here: a conclusion rests on SL, SSL and the controls of its dataset and model alone, and nothing that
stands on the page beside them changes it. It needs no correction either: `improves` is an intersection-union test
(Berger 1982), in which each of several differences must be found at the level, so that the chance to claim it wrongly
is at most the level however many controls there are; more controls make it harder, never easier. What is said of
several datasets is corrected for their number: `families`.

So `equivalent` is concluded only where a difference of more than ± 10 % is excluded, `explained_by_control` only where
a control does improve, and `improves` only of the controls that were run. Controls that explain are those without the
homologs' right labels (EXPLANATIONS). Phylogenetic augmentation, SSL-NS, `ssl_filtered` and SSL with the homologs of
one label use those labels otherwise, so they explain nothing away: where SSL does not beat one of OTHER_USES, a remark
reports it, as for baselines.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

EXPLANATIONS = {
    "sl_finetuned": "a second training phase",
    "sl_all_negatives": "a second training phase with all negatives",
    "sl_oversampled": "oversampling",
    "sl_mutated": "random mutations",
    "sl_augmented": "augmentation",
    "sl_noise": "noise",
    "ssl_shuffled": "homologs with any label",
}
"""What a control puts in the place of the homologs and their labels."""
OTHER_USES = ("ssl_filtered", "ssl_positives", "ssl_negatives", "phylo_augmentation")
"""Methods that use the homologs with their labels otherwise than SSL, and are remarked upon."""
LARGE_FRACTION = 0.5
"""Of SSL's gain: a control that makes less explains it in part only, which is not `explained_by_control`."""
Kind = Literal[
    "no_score",
    "insufficient_data",
    "worsens",
    "equivalent",
    "inconclusive",
    "no_control",
    "explained_by_control",
    "not_separated",
    "improves",
]


class Difference(NamedTuple):
    """SSL less another method.

    Attributes:
        difference, low, high: of AUPR, with the interval of seeds and test windows together.
        p: two-sided, not corrected.
        percent, percent_low, percent_high: relative to the other method, with the same interval.
        improves: whether the interval of the other method less SL lies above 0.
        p_is_bound: whether `p` is the smallest that the resamples can give.
        fraction: bounds of the fraction of SSL's gain over SL that the other method makes; None where they are unknown.
    """

    difference: float
    low: float
    high: float
    p: float
    percent: float = math.nan
    percent_low: float = math.nan
    percent_high: float = math.nan
    improves: bool = False
    p_is_bound: bool = False
    fraction: tuple[float, float] | None = None


class PValue(NamedTuple):
    """A p-value, NaN where it is unknown, and whether the true one may be smaller."""

    value: float
    is_bound: bool = False


class Conclusion(NamedTuple):
    """The kind of conclusion, its sentence, and what a reader must know besides (empty: nothing)."""

    kind: Kind
    text: str
    remark: str = ""


def conclude(
    differences: Mapping[str, Difference],
    names: Mapping[str, str],
    baselines: Sequence[str] = ("random", "gc_logistic", "kmer_logistic", "motif_scan"),
    margin: float = 10.0,
    alpha: float = 0.05,
    failure: str = "",
) -> Conclusion:
    """Conclude for one dataset and model.

    Args:
        differences: SSL less each other method by its id; those without a score are left out.
        names: display names of methods.
        baselines: ids of the baselines.
        margin: percent of SL within which SSL is equivalent.
        alpha: largest p of a significant difference.
        failure: why SL or SSL has no score.
    """
    of_sl = differences.get("sl")
    if failure or of_sl is None:
        return Conclusion("no_score", f"no score: {failure or 'SL or SSL was not run'}")
    if math.isnan(of_sl.low) or math.isnan(of_sl.p):
        return Conclusion("insufficient_data", "not enough data: one seed, or too few blocks of test windows")
    kind, text = _kind_and_text(differences, names, margin, alpha)
    remarks = [
        _remark_on_other_uses(differences, names, alpha, kind),
        _remark_on_baselines(differences, names, baselines, alpha),
    ]
    return Conclusion(kind, text, " ".join(remark for remark in remarks if remark))


def claim_pvalue(differences: Mapping[str, Difference]) -> PValue:
    """Compute the p of the claim that SSL beats SL and every control: the largest of theirs.

    It is 1 where SSL is not above one of them, and unknown without a control or where one of the p is. For SL 0.001 and
    two controls, 0.02 and 0.004, all below SSL, it is 0.02.

    Args:
        differences: as for `conclude`.
    """
    claimed = [differences[method] for method in ("sl", *EXPLANATIONS) if method in differences]
    if "sl" not in differences or len(claimed) < 2 or any(math.isnan(other.p) for other in claimed):
        return PValue(math.nan)
    if any(other.difference <= 0 for other in claimed):
        return PValue(1.0)
    largest = max(claimed, key=lambda other: other.p)
    return PValue(largest.p, largest.p_is_bound)


def _kind_and_text(
    differences: Mapping[str, Difference], names: Mapping[str, str], margin: float, alpha: float
) -> tuple[Kind, str]:
    of_sl = differences["sl"]
    if _sign(of_sl, alpha) < 0:
        return "worsens", f"hurts: {_percent(of_sl)} against SL"
    if _sign(of_sl, alpha) == 0:
        if of_sl.percent_low >= -margin and of_sl.percent_high <= margin:
            return "equivalent", f"no difference: {_percent(of_sl)} against SL, all within ±{margin:g} %"
        p = f"p {'≤' if of_sl.p_is_bound else '='} {of_sl.p:.2g}"
        return "inconclusive", f"cannot be told from SL: {_percent(of_sl)}, {p}"
    controls = [method for method in EXPLANATIONS if method in differences]
    if not controls:
        return "no_control", f"better than SL, {_percent(of_sl)}, but no control was run"
    unbeaten = [method for method in controls if _sign(differences[method], alpha) <= 0]
    fractions = {method: 1 - differences[method].difference / of_sl.difference for method in unbeaten}
    large = [method for method in unbeaten if differences[method].improves and fractions[method] >= LARGE_FRACTION]
    if large:
        made = {method: _fraction(fractions[method], differences[method].fraction) for method in large}
        words = _listed([f"{EXPLANATIONS[method]} ({made[method]})" for method in large])
        rest = [_quoted(method, names) for method in unbeaten if method not in large]
        others = f"; nor can SSL be told from {_listed(rest, 'or')}" if rest else ""
        return "explained_by_control", f"explained by {words}: {_percent(of_sl)} against SL{others}"
    if unbeaten:
        words = _listed([_quoted(method, names) for method in unbeaten], "or")
        return "not_separated", f"better than SL, {_percent(of_sl)}, but cannot be told from {words}"
    missing = [EXPLANATIONS[method] for method in EXPLANATIONS if method not in differences]
    every = "every control" if not missing else f"every control that was run (not run: {_listed(missing)})"
    return "improves", f"helps beyond {every}: {_percent(of_sl)} against SL"


def _sign(difference: Difference, alpha: float) -> int:
    """1: SSL beats the other; -1: the other beats SSL; 0: they cannot be told apart."""
    if math.isnan(difference.low) or not difference.p < alpha:
        return 0
    return 1 if difference.low > 0 else -1 if difference.high < 0 else 0


def _remark_on_other_uses(
    differences: Mapping[str, Difference], names: Mapping[str, str], alpha: float, kind: Kind
) -> str:
    """Remark on methods that use the homologs otherwise; where SSL gains nothing, on those alone that do better."""
    parts = []
    for sign, verbs in ((-1, ("does better", "do better")), (0, ("cannot be told from SSL",) * 2)):
        found = [
            _quoted(method, names)
            for method in OTHER_USES
            if method in differences and _sign(differences[method], alpha) == sign
        ]
        if found and not (sign == 0 and kind in ("equivalent", "inconclusive", "worsens")):
            parts.append(f"{_listed(found)} {verbs[len(found) > 1]}.")
    return " ".join(parts)


def _remark_on_baselines(
    differences: Mapping[str, Difference], names: Mapping[str, str], baselines: Sequence[str], alpha: float
) -> str:
    parts = []
    for sign, words in ((-1, "Below the baseline"), (0, "Cannot be told from the baseline")):
        found = [
            _quoted(baseline, names)
            for baseline in baselines
            if baseline in differences and _sign(differences[baseline], alpha) == sign
        ]
        if found:
            parts.append(f"{words}{'s' if len(found) > 1 else ''} {_listed(found)}.")
    return " ".join(parts)


def _quoted(method: str, names: Mapping[str, str]) -> str:
    return f"“{names.get(method, method)}”"


def _percent(difference: Difference) -> str:
    """Such as `+83 % (+52 to +120)`."""
    bounds = difference.percent, difference.percent_low, difference.percent_high
    value, low, high = (f"{x:+.0f}".replace("-", "−") for x in bounds)
    return f"{value} % ({low} to {high})"


def _fraction(value: float, bounds: tuple[float, float] | None) -> str:
    """Such as `60 % of the gain, 9 to 114`."""
    interval = "" if bounds is None else ", {:.0f} to {:.0f}".format(*(100 * bound for bound in bounds))
    return f"{100 * value:.0f} % of the gain{interval}".replace("-", "−")


def _listed(words: Sequence[str], last: str = "and") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
