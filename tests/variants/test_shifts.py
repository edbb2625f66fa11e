"""Windows moved to either side of a variant, cut out of a wide one, against the text itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from regssl.models import build
from regssl.models.serialization import save
from regssl.sequences.encoding import decode, encode
from regssl.variants.dataset import VariantDataset, save_variant_dataset
from regssl.variants.effects import score_variant_set
from regssl.variants.scoring import score_effects
from regssl.variants.shifts import cut_windows, wide_enough

RNG = np.random.default_rng(6)
WIDTH, SHIFTS = 20, (3, 8)


def wide_variants(offsets: list[int]) -> VariantDataset:
    """Variants in windows of 36 bp, at these places."""
    codes = RNG.integers(0, 4, (len(offsets), wide_enough(WIDTH, SHIFTS))).astype(np.uint8)
    ref = codes[np.arange(len(offsets)), offsets]
    table = pd.DataFrame(
        {"chrom": "chr8", "pos": np.arange(len(offsets)), "ref": list(decode(ref)), "alt": list(decode((ref + 1) % 4)),
         "effect": 0.5, "balanced": False, "split": "test", "offset": offsets}
    )  # fmt: skip
    return VariantDataset(table, codes, {"test": len(offsets)})


def test_the_windows_of_a_variant_are_the_middle_and_both_sides() -> None:
    wide = wide_variants([18])
    found, text = cut_windows(wide, WIDTH, SHIFTS), decode(wide.codes[0])
    starts = [8, 5, 11, 0, 16]
    assert [decode(row) for row in found.codes] == [text[start : start + WIDTH] for start in starts]
    assert found.table["offset"].tolist() == [18 - start for start in starts]
    assert found.counts == wide.counts, "of variants"
    same = wide.codes[np.arange(1), [18]]
    assert (found.codes[np.arange(5), found.table["offset"]] == same).all()


def test_a_window_that_does_not_hold_its_variant_is_left_out() -> None:
    """A sequence of its own puts a variant off the middle: at every place it is in one window at least."""
    found = cut_windows(wide_variants(list(range(36))), WIDTH, SHIFTS)
    windows = found.table.groupby("pos").size()
    inside = [sum(start <= at < start + WIDTH for start in (8, 5, 11, 0, 16)) for at in range(36)]
    assert windows.tolist() == inside and min(inside) == 1
    assert found.table["offset"].between(0, WIDTH - 1).all()


def test_without_shifts_nothing_changes() -> None:
    codes = RNG.integers(0, 4, (3, wide_enough(WIDTH, ()))).astype(np.uint8)
    table = pd.DataFrame({"pos": [1, 2, 3], "offset": [10, 0, 19]})
    found = cut_windows(VariantDataset(table, codes, {}), WIDTH, ())
    assert np.array_equal(found.codes, codes)
    pd.testing.assert_frame_equal(found.table, table)


def test_a_score_is_the_mean_over_the_windows_of_a_variant(tmp_path: Path) -> None:
    wide = wide_variants([18, 2, 30])
    found = cut_windows(wide, WIDTH, SHIFTS)
    save_variant_dataset(found, tmp_path / "set.npy")
    torch.manual_seed(0)
    params = {"filters": 4, "filter_width": 5, "hidden": 3}
    network = build("deepbind", WIDTH, params).eval()
    model = tmp_path / "model.safetensors"
    save(network, {"architecture": "deepbind", "params": params, "width": WIDTH}, model)
    (scored,) = score_variant_set([model], tmp_path / "set.npy", [4], {"method": "sl", "variant_set": "shi"})
    assert scored["pos"].tolist() == [0, 1, 2] and "offset" not in scored and (scored["seed"] == 4).all()
    single = score_effects(network, found.codes, found.table["offset"].to_numpy(), encode("".join(found.table["alt"])))
    for pos, score in zip(scored["pos"], scored["score"], strict=True):
        assert score == pytest.approx(single[found.table["pos"] == pos].mean())
