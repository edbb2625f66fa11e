"""Is it the homologs? One dataset's answer in plain words, from SSL's differences to every other method.

The rules, on AUPR. SSL **beats** a method X if the 95 % interval of SSL - X (both doubts) lies above 0 and its p, after
Holm's correction over all comparisons of the page, is below 0.05; X **beats** SSL if the interval lies below 0 and
the p is as small. Else the two **cannot be told apart**. A control **gains** if the interval of X - SL lies above 0 and
X makes at least half of SSL's gain: (X - SL) / (SSL - SL) ≥ 1/2. The first that fits is the verdict:

| verdict | rule |
|---|---|
| `untested` | SL or SSL has no score |
| `unknown`: not enough data to tell | no interval of both doubts: one seed, or too few blocks with a positive |
| `hurts` | SL beats SSL |
| `none`: no difference | neither beats the other, and the interval of SSL / SL lies within 1 ± `equivalent` percent |
| `undecided` | neither beats the other, and the interval is wider than that |
| `uncontrolled` | SSL beats SL, and no control has a score |
| `explained` | SSL beats SL; it does not beat a control that gains |
| `unseparated` | SSL beats SL; it does not beat a control, though none of these gains |
| `helps` | SSL beats SL and every control |

So "no difference" is said only where a difference of more than ± 10 % is ruled out, "explained" only where a control
does gain, and "helps" only of the controls that were run. Controls that explain are those without the homologs' right
labels (EXPLANATIONS). Phylogenetic augmentation and SSL-NS use the same labels otherwise, so they explain nothing away:
where SSL does not beat them, a remark says so, as it does of floors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

EXPLANATIONS = {
    "sl_finetuned": "a second training phase",
    "sl_oversampled": "oversampling",
    "sl_mutated": "random mutations",
    "ssl_shuffled": "homologs with any label",
}
"""What a control puts in the place of the homologs and their labels."""
LARGE_PART = 0.5
"""Of SSL's gain: a control that makes less explains it in part, and the verdict does not say it does."""
Kind = Literal["untested", "unknown", "hurts", "none", "undecided", "uncontrolled", "explained", "unseparated", "helps"]


class Difference(NamedTuple):
    """SSL less another method.

    Attributes:
        difference, low, high: of AUPR, with the interval of both doubts.
        p: after correction.
        gain, gain_low, gain_high: percent of the other method, with the same interval.
        gains: whether the other method is seen to be above SL, interval and all.
    """

    difference: float
    low: float
    high: float
    p: float
    gain: float = math.nan
    gain_low: float = math.nan
    gain_high: float = math.nan
    gains: bool = False


class Verdict(NamedTuple):
    """The kind of verdict, the sentence, and what a reader must know besides (empty: nothing)."""

    kind: Kind
    text: str
    remark: str = ""


def verdict(
    differences: Mapping[str, Difference],
    names: Mapping[str, str],
    floors: Sequence[str] = ("random", "gc_logistic", "motif_scan"),
    equivalent: float = 10.0,
    alpha: float = 0.05,
    problem: str = "",
) -> Verdict:
    """Judge one dataset and model.

    Args:
        differences: SSL less each other method by its id; those without a score are left out.
        names: display names of methods.
        floors: the ids of floors.
        equivalent: percent of SL within which a difference is none.
        alpha: largest p of a finding.
        problem: why SL or SSL has no score.
    """
    of_sl = differences.get("sl")
    if problem or of_sl is None:
        return Verdict("untested", f"no score: {problem or 'SL or SSL was not run'}")
    if math.isnan(of_sl.low) or math.isnan(of_sl.p):
        return Verdict("unknown", "not enough data to tell: one seed, or too few blocks of the test chromosomes")
    kind, text = _judged(differences, names, equivalent, alpha)
    remarks = [_remark_on_others(differences, names, alpha, kind), _remark_on_floors(differences, names, floors, alpha)]
    return Verdict(kind, text, " ".join(remark for remark in remarks if remark))


def _judged(
    differences: Mapping[str, Difference], names: Mapping[str, str], equivalent: float, alpha: float
) -> tuple[Kind, str]:
    of_sl = differences["sl"]
    if _sign(of_sl, alpha) < 0:
        return "hurts", f"hurts: {_percent(of_sl)} against SL"
    if _sign(of_sl, alpha) == 0:
        if of_sl.gain_low >= -equivalent and of_sl.gain_high <= equivalent:
            return "none", f"no difference: {_percent(of_sl)} against SL, all within ±{equivalent:g} %"
        corrected = of_sl.low > 0 or of_sl.high < 0
        reason = "not significant after correction" if corrected else "the interval holds 0"
        return "undecided", f"cannot be told from SL: {_percent(of_sl)}, {reason}"
    controls = [method for method in EXPLANATIONS if method in differences]
    if not controls:
        return "uncontrolled", f"better than SL, {_percent(of_sl)}, but no control was run"
    unbeaten = [method for method in controls if _sign(differences[method], alpha) <= 0]
    shares = {method: 1 - differences[method].difference / of_sl.difference for method in unbeaten}
    gaining = [method for method in unbeaten if differences[method].gains and shares[method] >= LARGE_PART]
    if gaining:
        words = _listed([f"{EXPLANATIONS[method]} ({100 * shares[method]:.0f} % of the gain)" for method in gaining])
        return "explained", f"explained by {words}: {_percent(of_sl)} against SL"
    if unbeaten:
        words = _listed([_named(method, names) for method in unbeaten], "or")
        return "unseparated", f"better than SL, {_percent(of_sl)}, but cannot be told from {words}"
    missing = [EXPLANATIONS[method] for method in EXPLANATIONS if method not in differences]
    every = "every control" if not missing else f"every control that was run (not run: {_listed(missing)})"
    return "helps", f"helps beyond {every}: {_percent(of_sl)} against SL"


def _sign(difference: Difference, alpha: float) -> int:
    """1: SSL beats the other; -1: the other beats SSL; 0: they cannot be told apart."""
    if math.isnan(difference.low) or not difference.p < alpha:
        return 0
    return 1 if difference.low > 0 else -1 if difference.high < 0 else 0


def _remark_on_others(differences: Mapping[str, Difference], names: Mapping[str, str], alpha: float, kind: Kind) -> str:
    """Phylogenetic augmentation, which sees the same homologs with the same labels: told where it is news."""
    other = differences.get("phylo_augmentation")
    sign = _sign(other, alpha) if other else 1
    if other is None or sign > 0 or (sign == 0 and kind in ("none", "undecided", "hurts")):
        return ""
    name = _named("phylo_augmentation", names)
    return f"{name} {'does better' if sign < 0 else 'cannot be told from SSL'}."


def _remark_on_floors(
    differences: Mapping[str, Difference], names: Mapping[str, str], floors: Sequence[str], alpha: float
) -> str:
    parts = []
    for sign, words in ((-1, "Below the floor"), (0, "Does not beat the floor")):
        found = [
            _named(floor, names)
            for floor in floors
            if floor in differences and _sign(differences[floor], alpha) == sign
        ]
        if found:
            parts.append(f"{words}{'s' if len(found) > 1 else ''} {_listed(found)}.")
    return " ".join(parts)


def _named(method: str, names: Mapping[str, str]) -> str:
    return f"“{names.get(method, method)}”"


def _percent(difference: Difference) -> str:
    """Such as `+83 % (+52 to +120)`."""
    numbers = [f"{x:+.0f}".replace("-", "−") for x in (difference.gain, difference.gain_low, difference.gain_high)]
    return f"{numbers[0]} % ({numbers[1]} to {numbers[2]})"


def _listed(words: Sequence[str], last: str = "and") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
