"""Which methods the settings of ablations stand for."""

from __future__ import annotations

from regssl.config.ablations import AblationSettings, ablation_methods

NONE = {"nearest_genomes": [], "farthest_genomes": [], "genome_groups": False, "train_percent": []}


def test_the_subsets_of_a_set_of_genomes() -> None:
    """Subsets of all genomes are SSL itself, and groups without a genome are left out."""
    clades = {"chimp": "primate", "macaque": "primate", "mouse": "glire"}
    settings = AblationSettings(
        nearest_genomes=[1, 2, 4], farthest_genomes=[1, 3], train_percent=[25], permuted_label_percent=[50]
    )
    assert ablation_methods(settings, clades) == [
        *("ssl-nearest1", "ssl-nearest2", "ssl-farthest1", "ssl-primates", "ssl-placentals"),
        *("sl-train25", "ssl-train25", "ssl-permuted50"),
    ]
    groups = AblationSettings(**NONE | {"genome_groups": True})
    assert ablation_methods(groups, {"chimp": "primate"}) == []


def test_methods_on_fewer_human_windows() -> None:
    settings = AblationSettings(**NONE | {"train_percent": [50, 25]}, train_methods=["sl", "sl_augmented"])
    assert ablation_methods(settings, {}) == [
        *("sl-train50", "sl_augmented-train50"),
        *("sl-train25", "sl_augmented-train25"),
    ]
