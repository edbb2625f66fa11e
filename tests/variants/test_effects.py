"""From scores of variants to correlations, per run and over seeds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats

from helpers.variant_scores import made_up_scores, only
from regssl.errors import DataError
from regssl.models import build
from regssl.models.serialization import save
from regssl.sequences.encoding import decode
from regssl.variants.agreement import bootstrap, percentile_interval
from regssl.variants.dataset import VariantDataset, save_variant_dataset
from regssl.variants.effects import COLUMNS, MEASURES, correlation_table, mean_scores, score_variant_set
from regssl.variants.scoring import score_effects


def test_the_rows_of_runs_and_of_all_seeds() -> None:
    scores = made_up_scores()
    table = correlation_table(scores, n_bootstrap=200)
    assert table.columns.tolist() == list(COLUMNS)
    assert len(table) == 2 * 2 * 3 * len(MEASURES), "splits, methods, seeds and their mean"
    test = only(table, split="test")
    assert (test["n"] == 30).all()
    for method in ("sl", "ssl"):
        for measure, witness in (
            ("pearson", lambda x, y: stats.pearsonr(x, y).statistic),
            ("spearman", lambda x, y: stats.spearmanr(x, y).statistic),
            ("sign_concordance", lambda x, y: (np.sign(x) == np.sign(y)).mean()),
        ):
            values = []
            for seed in (0, 1):
                run = only(scores, split="test", method=method, seed=seed)
                row = only(test, method=method, measure=measure, seed=seed).iloc[0]
                assert row["value"] == pytest.approx(witness(run["score"], run["effect"]))
                assert row["low"] < row["value"] < row["high"]
                values.append(row["value"])
            mean = only(test, method=method, measure=measure, seed="all").iloc[0]
            assert mean["value"] == pytest.approx(np.mean(values))


def test_gains_are_differences_on_the_same_samples() -> None:
    scores = made_up_scores()
    table = only(correlation_table(scores, n_bootstrap=300, seed=5), split="test", measure="pearson")
    assert table.loc[table["method"] == "sl", ["baseline", "delta_vs_sl", "delta_vs_sl_low"]].isna().all(axis=None)
    rows = [only(scores, split="test", method=m, seed=s)["score"] for m in ("sl", "ssl") for s in (0, 1)]
    observed = only(scores, split="test", method="sl", seed=0)["effect"].to_numpy()
    samples = bootstrap(np.stack(rows), observed, 300, 5).pearson
    own = only(table, method="ssl", seed=1).iloc[0]
    assert (own["delta_vs_sl_low"], own["delta_vs_sl_high"]) == pytest.approx(
        percentile_interval(samples[:, 3] - samples[:, 1])
    )
    mean = only(table, method="ssl", seed="all").iloc[0]
    difference = (samples[:, 2] + samples[:, 3] - samples[:, 0] - samples[:, 1]) / 2
    assert (mean["delta_vs_sl_low"], mean["delta_vs_sl_high"]) == pytest.approx(percentile_interval(difference))
    assert (
        mean["delta_vs_sl"] == pytest.approx(mean["value"] - only(table, method="sl", seed="all").iloc[0]["value"])
        and mean["delta_vs_sl_low"] > 0
    )


def test_the_lead_of_ssl_over_every_method_is_paired_too() -> None:
    scores = made_up_scores(methods=("sl", "sl_mutated", "ssl"))
    table = only(correlation_table(scores, n_bootstrap=300, seed=5), split="test", measure="sign_concordance")
    assert (
        table.loc[table["method"] == "ssl", ["treated", "ssl_minus_method", "ssl_minus_method_low"]]
        .isna()
        .all(axis=None)
    )
    assert (table.loc[table["method"] != "ssl", "treated"] == "ssl").all()
    rows = [only(scores, split="test", method=m, seed=s)["score"] for m in ("sl_mutated", "ssl") for s in (0, 1)]
    observed = only(scores, split="test", method="sl", seed=0)["effect"].to_numpy()
    samples = bootstrap(np.stack(rows), observed, 300, 5).sign_concordance
    own = only(table, method="sl_mutated", seed=0).iloc[0]
    assert own["ssl_minus_method"] == pytest.approx(only(table, method="ssl", seed=0)["value"].iloc[0] - own["value"])
    assert (own["ssl_minus_method_low"], own["ssl_minus_method_high"]) == pytest.approx(
        percentile_interval(samples[:, 2] - samples[:, 0])
    )
    mean = only(table, method="sl_mutated", seed="all").iloc[0]
    difference = (samples[:, 2] + samples[:, 3] - samples[:, 0] - samples[:, 1]) / 2
    assert (mean["ssl_minus_method_low"], mean["ssl_minus_method_high"]) == pytest.approx(
        percentile_interval(difference)
    )
    sl = only(table, method="sl", seed="all").iloc[0]
    assert sl["ssl_minus_method"] == pytest.approx(only(table, method="ssl", seed="all")["delta_vs_sl"].iloc[0])
    assert sl["ssl_minus_method_low"] == pytest.approx(only(table, method="ssl", seed="all")["delta_vs_sl_low"].iloc[0])


def test_a_seed_without_its_partner_has_no_difference() -> None:
    scores = made_up_scores()
    table = correlation_table(scores[(scores["method"] == "ssl") | (scores["seed"] == 0)], n_bootstrap=20)
    ssl = only(table, method="ssl", split="test", measure="pearson").set_index("seed")
    assert ssl.loc[0, "delta_vs_sl"] == ssl.loc[0, "delta_vs_sl"] and np.isnan(ssl.loc[1, "delta_vs_sl"])
    assert ssl.loc["all", "baseline"] == "sl"


def test_methods_of_other_kinds_come_as_ids_and_need_no_baseline() -> None:
    table = correlation_table(made_up_scores(methods=("motif_scan", "gc_logistic")), n_bootstrap=20)
    assert set(table["method"]) == {"motif_scan", "gc_logistic"} and table[
        ["delta_vs_sl", "ssl_minus_method"]
    ].isna().all(axis=None)


def test_too_few_variants_and_equal_scores_have_no_correlation() -> None:
    scores = made_up_scores(12)
    table = correlation_table(scores, n_bootstrap=20)
    assert (only(table, split="train")["n"] == 3).all() and (only(table, split="test")["n"] == 9).all()
    assert table["value"].isna().all() and table["low"].isna().all(), "a correlation of nine is no evidence"
    flat = correlation_table(made_up_scores().assign(score=0.25), n_bootstrap=20)
    correlations = flat[flat["measure"].isin(["pearson", "spearman"])]
    assert correlations["value"].isna().all() and correlations["low"].isna().all()
    assert (only(flat, measure="sign_auroc", split="test")[["value", "low", "high"]] == 0.5).all(axis=None)
    assert only(flat, measure="sign_concordance", split="test")["value"].between(0, 1).all(), "a constant has a sign"


@pytest.mark.parametrize(("alternative", "known"), [(4, False), (5, True)])
def test_the_auroc_of_the_sign_needs_some_of_either_direction(alternative: int, known: bool) -> None:
    """With two against ten it would be 1, with an interval of 1 to 1."""
    n = 20
    effect = np.where(np.arange(n) < alternative, 1.0, -1.0)
    scores = only(made_up_scores(3 * n), split="test", method="sl", seed=0).head(n)
    assert len(scores) == n
    table = correlation_table(scores.assign(effect=effect, score=effect), n_bootstrap=20)
    assert only(table, measure="sign_auroc")["value"].notna().all() == known
    assert only(table, measure="sign_concordance")["value"].eq(1).all()


def test_balanced_variants_are_a_floor_and_count_nowhere_else() -> None:
    scores = made_up_scores()
    table = correlation_table(scores, n_bootstrap=50)
    assert only(table, measure="imbalance_auroc")["value"].isna().all() and (table["n_balanced"] == 0).all()

    rng = np.random.default_rng(4)
    more = scores[scores["pos"] < 30].assign(chrom="chr9", balanced=True)
    more["score"] = rng.normal(0, 0.5, len(more))
    with_floor = correlation_table(pd.concat([scores, more]), n_bootstrap=50)
    others = with_floor["measure"] != "imbalance_auroc"
    counts = ["n", "n_balanced"]
    pd.testing.assert_frame_equal(with_floor[others].drop(columns=counts), table[others].drop(columns=counts))
    assert (only(with_floor, split="test")[counts] == [30, 22]).all(axis=None)
    run = only(with_floor, split="test", method="ssl", seed=1, measure="imbalance_auroc").iloc[0]
    sizes, floor = (only(one, split="test", method="ssl", seed=1)["score"].abs() for one in (scores, more))
    witness = stats.mannwhitneyu(sizes, floor).statistic / (len(sizes) * len(floor))
    assert run["value"] == pytest.approx(witness) and run["low"] < witness < run["high"]
    assert only(with_floor, split="train", measure="imbalance_auroc")["value"].isna().all(), "eight are too few"


def test_how_many_prefer_the_reference() -> None:
    scores = made_up_scores()
    test = only(correlation_table(scores, n_bootstrap=20), split="test")
    effects = only(scores, split="test", method="sl", seed=0)["effect"]
    assert (test["n_reference"] == (effects < 0).sum()).all()


def test_runs_on_different_variants_are_not_compared() -> None:
    scores = made_up_scores()
    with pytest.raises(DataError, match="ctcf ctcf_a deepbind test: runs were scored on different variants"):
        correlation_table(scores.drop(index=[1]), n_bootstrap=20)
    with pytest.raises(DataError, match="a variant is listed twice"):
        correlation_table(pd.concat([scores, scores.iloc[:2]]), n_bootstrap=20)


def test_scores_averaged_over_seeds() -> None:
    scores = made_up_scores()
    means = mean_scores(scores)
    assert len(means) == 40 * 2 and (means["seeds"] == 2).all()
    row = only(means, method="ssl", pos=7).iloc[0]
    assert row["score"] == pytest.approx(only(scores, method="ssl", pos=7)["score"].mean())


def test_sets_are_scored_by_models_on_disk(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 4, (12, 20)).astype(np.uint8)
    offset = np.full(12, 10)
    alt = (codes[:, 10] + 1) % 4
    table = pd.DataFrame({"chrom": "chr8", "pos": np.arange(12), "ref": list(decode(codes[:, 10])),
                          "alt": list(decode(alt)), "effect": 0.5, "balanced": False, "split": "test",
                          "offset": offset})  # fmt: skip
    save_variant_dataset(VariantDataset(table, codes, {"rows": 12}), tmp_path / "set.npy")
    params = {"filters": 4, "filter_width": 5, "hidden": 3}
    networks = []
    for seed, both in ((0, True), (1, False)):
        torch.manual_seed(seed)
        networks.append(build("deepbind", 20, params).eval())
        metadata = {"architecture": "deepbind", "params": params, "width": 20, "reverse_complement": both}
        save(networks[-1], metadata, tmp_path / f"{seed}.safetensors")
    models = [tmp_path / "0.safetensors", tmp_path / "1.safetensors"]
    identity = {"dataset": "ctcf", "variant_set": "set", "model": "deepbind", "method": "sl"}
    tables = list(score_variant_set(models, tmp_path / "set.npy", [0, 1], identity))
    for seed, (scored, both) in enumerate(zip(tables, (True, False), strict=True)):
        assert scored["score"].tolist() == score_effects(networks[seed], codes, offset, alt, both).tolist()
        assert only(scored, seed=seed, method="sl", variant_set="set").shape[0] == 12
    assert len(correlation_table(pd.concat(tables), n_bootstrap=5)) == 3 * len(MEASURES), "two seeds and their mean"

    metadata["width"] = 30
    save(build("deepbind", 30, params), metadata, tmp_path / "wide.safetensors")
    with pytest.raises(DataError, match=r"wide.safetensors: made for 30 bp, but .* holds windows of 20 bp"):
        list(score_variant_set([tmp_path / "wide.safetensors"], tmp_path / "set.npy", [0], identity))
