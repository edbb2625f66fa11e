"""The page "Is it the homologs?": what a reader gets, and what programs get."""

from __future__ import annotations

import json
import math
import re
from dataclasses import asdict, replace
from html.parser import HTMLParser

import pandas as pd
import pytest

from helpers.evidence import AUPR, CONTROLS, NAMES, P_FLOOR, evidence
from regssl.cli import main
from regssl.errors import DataError
from regssl.evaluation.comparison import ComparisonTables
from regssl.evaluation.settings import ComparisonSettings
from regssl.evaluation.summary import DisplayNames
from regssl.reporting.comparison_page import write_comparison_page
from regssl.reporting.completeness import check_comparison

DISPLAY = DisplayNames({"ctcf": "CTCF", "max": "MAX", "rest": "REST"}, {"deepbind": "CNN-27K"},
              {method: NAMES[method] for method in AUPR["ctcf"]})  # fmt: skip
WITH_ABLATION = {**AUPR, "ctcf": AUPR["ctcf"] | {"ssl-nearest1": 0.15}}


class Tables(HTMLParser):
    """The cells of every table, row by row; checks that tags close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tables: list[list[list[str]]] = []
        self.bold: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "link"):
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if {"td", "th"} & set(self.open):
            self.tables[-1][-1][-1] += data.strip("\n")
        if "strong" in self.open and "td" in self.open:
            self.bold.append(data)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    write_comparison_page(evidence(WITH_ABLATION), DISPLAY, ComparisonSettings(), folder / "page")
    return folder


def rows_of(folder, number):
    return Tables((folder / "page.html").read_text()).tables[number][2:]


def test_the_conclusions_come_first(folder):
    rows = rows_of(folder, 0)
    assert [row[0] for row in rows] == ["CTCF", "MAX", "REST"], "in the order of the names"
    assert rows[0][1] == "Helps beyond every control: +100 % (+90 to +110) against SL."
    assert rows[1][1] == "No difference: +0 % (−3 to +4) against SL, all within ±10 %."
    assert rows[2][1].endswith("Cannot be told from the baseline “GC and CpG”.")
    assert rows[0][2:] == [
        "200 (2 %)", "0.100 (0.090 to 0.110)", "0.200 (0.190 to 0.210)",
        "+0.100 (0.090 to 0.110)", "+100 (90 to 110)", "0.0004", "0.0012", "14", "0.0004", "0.0008",
    ]  # fmt: skip
    text = (folder / "page.html").read_text()
    assert "<strong>The homologs help beyond every control that was run:</strong> CTCF." in text
    assert "<strong>No difference between SSL and SL:</strong> MAX." in text


def test_every_method_has_its_column_and_what_ssl_does_not_beat_is_bold(folder):
    tables = Tables((folder / "page.html").read_text())
    head, rows = tables.tables[1][1], tables.tables[1][2:]
    assert head == ["Dataset", "SL", "SSL", *(NAMES[method] for method in CONTROLS), "GC and CpG"]
    assert rows[1] == ["MAX", "0.300 (0.290 to 0.310)", "0.301 (0.291 to 0.311)", *["–"] * (len(CONTROLS) + 1)]
    assert tables.bold[:3] == ["0.300", "0.138", "0.135"]
    caption = (folder / "page.html").read_text()
    assert "–: not run, or no score (no motif of this factor is known)." in caption


def test_runs_that_have_not_converged_are_marked_and_notes_on_models_given(tmp_path):
    """In the table of conclusions and in that of methods."""
    tables = evidence(AUPR)
    tables.methods.loc[(tables.methods["dataset"] == "ctcf") & (tables.methods["method"] == "ssl"), "not_converged"] = 3
    names = replace(DISPLAY, model_notes={"deepbind": "a small one"})
    write_comparison_page(tables, names, ComparisonSettings(), tmp_path / "page")
    text = (tmp_path / "page.html").read_text()
    conclusions, methods = Tables(text).tables[:2]
    assert conclusions[2][4] == methods[2][2] == "0.200 ‡3 (0.190 to 0.210)" and "‡" not in conclusions[3][4]
    assert text.count("‡n: n of the runs have not converged") == 2 and "CNN-27K: a small one." in text


def test_ablations_are_in_the_tables_for_programs_only(folder):
    assert "nearest" not in (folder / "page.html").read_text()
    differences = pd.read_csv(folder / "page_differences.tsv", sep="\t")
    ablation = differences[differences["baseline"] == "ssl-nearest1"]
    assert len(ablation) == 4
    findings = pd.read_csv(folder / "page_findings.tsv", sep="\t")
    assert not findings["question"].str.contains("-").any()
    assert "ssl-nearest1" in set(pd.read_csv(folder / "page_methods.tsv", sep="\t")["method"])


def test_fewer_human_windows_have_conclusions_of_their_own(tmp_path):
    """Against the methods of as many windows: a control that explains the gain there explains it there alone."""
    half = {"sl": 0.05, "ssl": 0.1, "sl_mutated": 0.099}
    scores = {"ctcf": AUPR["ctcf"] | {f"{method}-train50": value for method, value in half.items()}}
    names = replace(DISPLAY, datasets={"ctcf": "CTCF"})
    for data, folder in ((scores, tmp_path / "with"), ({"ctcf": AUPR["ctcf"]}, tmp_path / "without")):
        write_comparison_page(evidence(data), names, ComparisonSettings(), folder / "page")
    found = pd.read_csv(tmp_path / "with/page_fewer_windows.tsv", sep="\t")
    assert found[["train_percent", "dataset", "conclusion"]].values.tolist() == [[50, "ctcf", "explained_by_control"]]
    assert (tmp_path / "with/page.tsv").read_text() == (tmp_path / "without/page.tsv").read_text()
    assert len(pd.read_csv(tmp_path / "without/page_fewer_windows.tsv", sep="\t")) == 0
    text = (tmp_path / "with/page.html").read_text()
    assert "On 50 % of the human training windows" in text and "train50" not in text
    of_half = Tables(text).tables[2:4]
    assert of_half[0][2][3:5] == ["0.050 (0.040 to 0.060)", "0.100 (0.090 to 0.110)"]
    assert of_half[1][1] == ["Dataset", "SL", "SSL", "SL, mutated"]


def test_fewer_windows_without_a_pair_to_compare(tmp_path):
    """One method alone, or none with a score: the page is written, and says what it lacks."""
    names = replace(DISPLAY, datasets={"ctcf": "CTCF"}, methods={"sl": "SL", "ssl": "SSL"})
    both = {"sl": 0.1, "ssl": 0.2}
    for number, half in enumerate(({"sl-train50": 0.05}, {"sl-train50": math.nan, "ssl-train50": math.nan})):
        write_comparison_page(evidence({"ctcf": both | half}), names, ComparisonSettings(), tmp_path / f"{number}")
        found = pd.read_csv(tmp_path / f"{number}_fewer_windows.tsv", sep="\t")["conclusion"].tolist()
        assert found == ["no_score"]


def test_controls_on_fewer_windows_alone_are_no_controls_of_all(tmp_path):
    names = replace(DISPLAY, datasets={"ctcf": "CTCF"}, methods={"sl": "SL", "ssl": "SSL"})
    both = {"sl": 0.1, "ssl": 0.2}
    half = {f"{method}-train50": value for method, value in {**both, "sl_noise": 0.1}.items()}
    write_comparison_page(evidence({"ctcf": both | half}), names, ComparisonSettings(), tmp_path / "page")
    text = (tmp_path / "page.html").read_text()
    assert "no control was run with all human windows." in text and "Helps beyond every control" in text
    assert all(f'"page_{name}.tsv"' in text for name in ("fewer_windows", "methods", "exposure"))


def test_a_method_that_a_dataset_lacks_is_explained(tmp_path):
    scores = {"ctcf": {"sl": 0.1, "ssl": 0.2, "sl_noise": 0.1}, "rest": {"sl": 0.1, "ssl": 0.2}}
    methods = {method: NAMES[method] for method in scores["ctcf"]}
    names = replace(DISPLAY, datasets={"ctcf": "CTCF", "rest": "REST"}, methods=methods)
    write_comparison_page(evidence(scores), names, ComparisonSettings(), tmp_path / "page")
    assert "–: not run." in (tmp_path / "page.html").read_text()


def test_tables_for_programs(folder):
    conclusions = pd.read_csv(folder / "page.tsv", sep="\t").set_index("dataset")
    found = conclusions["conclusion"].to_dict()
    assert found == {
        "ctcf": "improves",
        "max": "equivalent",
        "rest": "explained_by_control",
    }
    tests = pd.read_csv(folder / "page_tests.tsv", sep="\t")
    assert {"hedges_g", "rank_biserial", "p", "p_holm"} <= set(tests)
    findings = pd.read_csv(folder / "page_findings.tsv", sep="\t").set_index(["question", "dataset"])
    assert findings.loc[("every_control", "ctcf"), ["p", "p_holm"]].tolist() == [0.0004, 0.0008]
    assert findings.loc[("every_control", "ctcf"), "corrected"] == "better"
    two_phases = 2 * (1 + len(CONTROLS))
    assert len(pd.read_csv(folder / "page_exposure.tsv", sep="\t")) == 2 * (1 + two_phases) + 1 + 2 + 2


def test_budgets_are_held_against_ssls(folder):
    rows = Tables((folder / "page.html").read_text()).tables[6][1:]
    assert rows[0] == ["SL", "train", "3,000", "5.00 %", "−50.0 %", "+0.00 points"]
    assert rows[2] == ["SL, two phases", "pretrain + finetune", "6,000", "5.00 %", "+0.0 %", "+0.00 points"]


def test_an_extension_stands_beside_the_papers_methods(tmp_path):
    scores = {"ctcf": {"sl": 0.1, "ssl": 0.2, "ssl_ns": 0.21, "ssl_filtered": 0.25, "sl_mutated": 0.1}}
    names = replace(DISPLAY, datasets={"ctcf": "CTCF"}, methods={method: NAMES[method] for method in scores["ctcf"]})
    write_comparison_page(evidence(scores), names, ComparisonSettings(), tmp_path / "page")
    text = (tmp_path / "page.html").read_text()
    tables = Tables(text).tables
    assert tables[1][0] == ["", "AUPR: methods of the paper", "AUPR: extensions", "AUPR: controls"]
    assert tables[1][1] == ["Dataset", "SL", "SSL", "SSL-NS", "SSL, filtered", "SL, mutated"]
    assert tables[0][2][1].endswith("“SSL, filtered” does better.")
    kept = {row[0]: row[-2:] for row in tables[6]}
    assert kept["Method"] == ["Positive homologs kept", "Negative homologs kept"]
    assert kept["SSL, filtered"] == ["100 of 400; 25 %", "1,800 of 2,000; 90 %"] and kept["SSL"] == ["–", "–"]
    assert "whether SSL can be bettered" in re.sub(r"\s+", " ", text)
    assert "extension of SSL" in (tmp_path / "page.svg").read_text()


def test_how_it_was_computed_is_explained(folder):
    text = re.sub(r"\s+", " ", (folder / "page.html").read_text())
    assert "A conclusion is of its dataset alone" in text and "with one family per question" in text
    assert "not below 0.0002, the smallest that so many resamples can give" in text
    assert (
        "the same 100,000 bp of a chromosome are a block" in text and "(70 hold a positive window, by dataset)" in text
    )
    assert "Raise `replicates`" not in text


def opening(path):
    """The text before the first table."""
    return re.sub(r"\s+", " ", path.read_text().partition("<table>")[0])


def test_what_cannot_be_found_comes_first(folder):
    text = opening(folder / "page.html")
    assert "found in four of five cases if it is at least 5 % (MAX) to 14 % (REST) of SL" in text
    assert text.index("What these runs can find") < text.index("The homologs help")
    assert "Nothing can be found" not in text


def test_a_dataset_of_which_nothing_can_be_found_is_named_before(tmp_path):
    tables = evidence(AUPR)
    unknown = ["ci_low", "ci_high", "p", "smallest_detectable"]
    tables.differences.loc[tables.differences["dataset"] == "max", unknown] = math.nan
    tables.methods.loc[tables.methods["dataset"] == "max", "blocks"] = 4
    write_comparison_page(tables, DISPLAY, ComparisonSettings(), tmp_path / "page")
    text = opening(tmp_path / "page.html")
    words = "Nothing can be found, however large it is, for MAX (positives in 4 blocks of test windows, where 10"
    assert words in text and "SSL beats SL in 2 of 2" in text


def test_of_one_seed_nothing_is_found_and_no_number_of_datasets_said(tmp_path):
    tables = evidence(AUPR)
    tables.differences[["ci_low", "ci_high", "p", "smallest_detectable"]] = math.nan
    tables.methods["seeds"] = 1
    write_comparison_page(tables, DISPLAY, ComparisonSettings(), tmp_path / "page")
    text = opening(tmp_path / "page.html")
    assert "for CTCF (one seed), MAX (one seed), REST (one seed)." in text
    assert "SSL beats SL in" not in text and "What these runs can find" not in text
    assert "In how many datasets" not in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize(
    ("replicates", "words"),
    [
        (100, "no p is below 0.02: nothing can be found after correction over 3 datasets"),
        (10_000, ""),
    ],
)
def test_too_few_resamples_are_reported(tmp_path, replicates, words):
    write_comparison_page(evidence(AUPR), DISPLAY, ComparisonSettings(replicates=replicates), tmp_path / "page")
    text = opening(tmp_path / "page.html")
    assert (words in text) and ("no p is below" in text) == bool(words)


def test_a_level_that_resamples_cannot_reach_is_reported(tmp_path):
    coarse = ComparisonSettings(replicates=100, confidence_level=0.99)
    write_comparison_page(evidence(AUPR), DISPLAY, coarse, tmp_path / "page")
    assert "no p is below 0.02: nothing can be found at all" in opening(tmp_path / "page.html")


def test_in_how_many_datasets(folder):
    text = opening(folder / "page.html")
    after = "after Holm&#39;s correction"
    assert f"SSL beats SL in 2 of 3 judged alone (CTCF, REST), and in 2 {after} (CTCF, REST)." in text
    assert "SL beats SSL in none of 3." in text
    assert f"and every control that was run in 1 of 2 judged alone (CTCF), and in 1 {after} (CTCF)." in text
    rows = {row[0]: row[1:] for row in rows_of(folder, 4)}
    assert list(rows)[:2] == ["SL", "SL and every control"]
    assert rows["SL"] == ["3", "2", "2", "0", "0"] and rows["SL and every control"] == ["2", "1", "1", "0", "0"]


def test_the_smallest_p_of_the_resamples_is_a_bound(tmp_path):
    write_comparison_page(evidence(AUPR, p=P_FLOOR), DISPLAY, ComparisonSettings(), tmp_path / "page")
    rows = rows_of(tmp_path, 0)
    assert [row[7:9] for row in rows] == [["≤ 0.0002", "≤ 0.0006"], ["0.5", "0.5"], ["≤ 0.0002", "≤ 0.0006"]]
    assert rows[0][10:] == ["≤ 0.0002", "≤ 0.0004"] and rows[2][10:] == ["0.5", "0.5"]


def test_one_dataset_has_nothing_said_of_several(tmp_path):
    names = replace(DISPLAY, datasets={"ctcf": "CTCF"})
    write_comparison_page(evidence({"ctcf": AUPR["ctcf"]}), names, ComparisonSettings(), tmp_path / "page")
    assert "SSL beats SL in" not in opening(tmp_path / "page.html")


def test_the_page_is_self_contained(folder):
    text = (folder / "page.html").read_text()
    assert "src=" not in text and "@import" not in text and not re.search(r'href="(?!#|data:)', text), (
        "nothing to fetch"
    )
    assert text.count("<svg") == 1 and (folder / "page.png").read_bytes()[:4] == b"\x89PNG"


def test_the_same_evidence_gives_the_same_bytes(folder, tmp_path):
    write_comparison_page(evidence(WITH_ABLATION), DISPLAY, ComparisonSettings(), tmp_path / "page")
    for name in ("page.html", "page.svg", "page.png", "page.tsv"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_two_models_have_rows_of_their_own(tmp_path):
    tables = [evidence({"ctcf": AUPR["ctcf"]}, model=model) for model in ("deepbind", "deepsea")]
    both = ComparisonTables(*(pd.concat(pair, ignore_index=True) for pair in zip(*tables, strict=True)))
    names = DisplayNames({"ctcf": "CTCF"}, {"deepbind": "CNN-27K", "deepsea": "DeepSEA"}, DISPLAY.methods)
    write_comparison_page(both, names, ComparisonSettings(), tmp_path / "page")
    rows = rows_of(tmp_path, 0)
    assert [row[:2] for row in rows] == [["CTCF", "CNN-27K"], ["CTCF", "DeepSEA"]]
    assert "CTCF (CNN-27K); CTCF (DeepSEA)." in (tmp_path / "page.html").read_text()


def test_a_model_that_is_only_compared_has_a_verdict_and_no_row_of_controls(tmp_path):
    every = {dataset: AUPR[dataset] for dataset in ("ctcf", "rest")}
    alone = {dataset: {method: scores[method] for method in ("sl", "ssl")} for dataset, scores in every.items()}
    tables = [evidence(every), evidence(alone, model="old")]
    both = ComparisonTables(*(pd.concat(pair, ignore_index=True) for pair in zip(*tables, strict=True)))
    of_old = {"old/sl": "SL", "old/ssl": "SSL"}
    names = DisplayNames({"ctcf": "CTCF", "rest": "REST"}, {"deepbind": "CNN-27K", "old": "Old"}, DISPLAY.methods,
                         model_methods=of_old)  # fmt: skip
    check_comparison(both.methods.assign(failure=""), both.differences, both.exposure, names)
    write_comparison_page(both, names, ComparisonSettings(), tmp_path / "page")
    verdicts = {tuple(row[:2]): row[2] for row in rows_of(tmp_path, 0)}
    assert len(verdicts) == 4
    assert verdicts["CTCF", "Old"] == "Better than SL, +100 % (+90 to +110), but no control was run."
    assert [row[0] for row in rows_of(tmp_path, 1)] == ["CTCF", "REST"], "of one model, which needs no column"
    text = (tmp_path / "page.html").read_text()
    assert "<strong>SSL gains, and no control was run:</strong> CTCF, REST (Old)." in text
    assert "Of CNN-27K. Run without a control or baseline, and so in the other tables only: Old." in text
    assert "Old" not in (tmp_path / "page.svg").read_text()


def test_a_dataset_without_a_score_has_its_reason_and_no_panel(tmp_path):
    reason = "no motif of this factor is known"
    write_comparison_page(
        evidence({**AUPR, "max": {"sl": math.nan, "ssl": math.nan}}),
        DISPLAY,
        ComparisonSettings(),
        tmp_path / "page",
    )
    rows = rows_of(tmp_path, 0)
    assert rows[1] == ["MAX", f"No score: {reason}.", "200 (2 %)", *["–"] * 9]
    assert ">MAX<" not in (tmp_path / "page.svg").read_text() and ">CTCF<" in (tmp_path / "page.svg").read_text()


def test_mcc_stands_among_the_other_scores_where_it_was_asked_for(tmp_path):
    tables = evidence({"ctcf": AUPR["ctcf"]})
    asked = tables.methods[tables.methods["metric"] == "aupr"].assign(metric="mcc_tuned", value=0.4567)
    display = replace(DISPLAY, datasets={"ctcf": "CTCF"})
    pages = []
    for name, methods in (("without", tables.methods), ("with", pd.concat([tables.methods, asked]))):
        write_comparison_page(tables._replace(methods=methods), display, ComparisonSettings(), tmp_path / name)
        pages.append((tmp_path / f"{name}.html").read_text())
    assert "MCC" not in pages[0] and "0.457" not in pages[0]
    assert "MCC at the threshold of validation" in pages[1] and "0.457" in pages[1] and "logit of 0" not in pages[1]


def test_nothing_to_compare(tmp_path):
    alone = evidence({"ctcf": {"ssl": 0.1, "gc_logistic": math.nan}})
    with pytest.raises(DataError, match="has nothing to compare"):
        write_comparison_page(alone, DISPLAY, ComparisonSettings(), tmp_path / "page")


def test_the_command(folder, tmp_path):
    tables = evidence({dataset: WITH_ABLATION[dataset] for dataset in ("ctcf", "rest")})
    display = replace(DISPLAY, datasets={"ctcf": "CTCF", "rest": "REST"})
    write_comparison_page(tables, display, ComparisonSettings(), tmp_path / "direct/page")
    for name, table in zip(("methods", "differences", "exposure"), tables, strict=True):
        table.to_csv(tmp_path / f"{name}.tsv", sep="\t", index=False)
    names = tmp_path / "names.json"
    names.write_text(json.dumps(asdict(display)))
    inputs = [
        word for name in ("methods", "differences", "exposure") for word in (f"--{name}", tmp_path / f"{name}.tsv")
    ]
    arguments = ["report", "comparison", *inputs, "--names", names, "--out", tmp_path / "page"]
    assert main([str(argument) for argument in arguments]) == 0
    for name in ("page.json", "page_answer.json"):
        assert (tmp_path / name).read_text() == (tmp_path / "direct" / name).read_text()
