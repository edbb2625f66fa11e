"""Keys of the configuration: what is refused, and with which words; the manual names each."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest

from helpers.minimal import MINIMAL, model
from regssl.config.layers import Layer, Layers
from regssl.config.load import json_schema, validate_config
from regssl.errors import ConfigError
from regssl.methods.settings import Training


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("trainig", {}, "key `trainig`: no such key; did you mean 'training'?"),
        ("training", {"batchsize": 64}, "key `training.batchsize`: no such key; did you mean 'batch_size'?"),
        ("training", {"patience": "six"}, "key `training.patience`: input should be a valid integer"),
        ("training", {"patience": 0}, "(value: 0)"),
        ("simulation", {"site_turnover": float("inf")}, "key `simulation.site_turnover`: input should be a finite"),
        ("bins", {"width": 200, "min_overlap": 201}, "min_overlap 201 is larger than the bin width 200"),
        ("variants", {"shifts": [10, 100]}, "moved by 100 bp, a window of 200 bp does not hold its variant"),
        (
            "splits",
            {"train": ["chr1", "chr3"], "validation": ["chr2"], "test": ["chr3"]},
            "'chr3' is in both train and test",
        ),
        (
            "splits",
            {"train": ["chr*"], "validation": ["chr2"], "test": ["x"]},
            "'chr*' is in both train and validation",
        ),
        ("methods", ["sll"], "motif_scan); did you mean 'sl'? (value: ['sll'])"),
        (
            "methods",
            ["sl-nearest4"],
            "unknown method 'sl-nearest4': 'nearest4' is not a subset of 'sl' (such as ssl-nearest4",
        ),
        ("methods", ["ssl-train100"], "unknown method 'ssl-train100': 'train100' is not a subset of 'ssl'"),
        ("methods", ["sl-train0"], "unknown method 'sl-train0': 'train0' is not a subset of 'sl'"),
        ("methods", ["ssl-permuted0"], "unknown method 'ssl-permuted0': 'permuted0' is not a subset of 'ssl'"),
        ("methods", ["ssl-permuted100"], "unknown method 'ssl-permuted100': 'permuted100' is not a subset of 'ssl'"),
        ("methods", ["ssl-nearest0"], "unknown method 'ssl-nearest0': 'nearest0' is not a subset of 'ssl'"),
        ("ablations", {"permuted_label_percent": [100]}, "key `ablations.permuted_label_percent.0`: input should be"),
        ("ablations", {"permuted_label_percent": [0]}, "key `ablations.permuted_label_percent.0`: input should be gr"),
        ("ablations", {"farthest_genomes": [0]}, "key `ablations.farthest_genomes.0`: input should be greater than 0"),
        (
            "ablations",
            {"train_percent": [100]},
            "key `ablations.train_percent.0`: input should be less than or equal to",
        ),
        ("ablations", {"train_methods": []}, "key `ablations.train_methods`: list should have at least 1 item"),
        ("ablations", {"train_methods": ["sl", "sl_augmentd"]}, "did you mean 'sl_augmented'?"),
        ("ablations", {"train_methods": ["sl-train25"]}, "unknown method 'sl-train25'"),
        ("ablations", {"train_methods": ["gc_logistic"]}, "'gc_logistic' cannot be run on fewer human windows"),
        ("run_models", ["deepbnd"], "key `run_models`: unknown model 'deepbnd'; known: cnn"),
        ("seeds", [], "at least 1 item"),
        ("homologs", {"min_match": 1.5}, "key `homologs.min_match`: input should be less than or equal to 1 (value"),
        ("models", {"cnn": {"architecture": "deepbond", "name": "x"}}, "unknown architecture 'deepbond'"),
        (
            "models",
            {"cnn": {"architecture": "no.module:Net", "name": "x"}},
            "unknown architecture 'no.module:Net'",
        ),
        ("models", {"cnn": {"architecture": "deepbind", "name": "x", "training": {"epoch": 1}}}, "epoch"),
        ("human", None, "key `human`: input should be a valid string"),
        ("models", ["cnn"], "models are defined here, by id; `run_models` lists those to train (value: ['cnn'])"),
        ("models", model(methods=["sll"]), "key `models.cnn.methods`: unknown method 'sll'"),
        ("models", model(methods=[]), "at least 1 item"),
        ("models", model(methods=["sl-fold1"]), "key `models.cnn.methods`: 'sl-fold1' is a teacher"),
        (
            "models",
            model(methods=["ssl", "random"]),
            "key `methods`: `models.cnn.methods` has none of them, but ssl, rand",
        ),
        ("models", model(seeds=[]), "at least 1 item"),
        ("models", model(pretrained="weights"), "architecture 'deepbind' starts from no files"),
        ("models", model("dnabert2", pretrained="https://hub.example/x"), "a folder cannot be a URL"),
        ("models", model(resources={"mem": 1}), "key `models.cnn.resources.mem`: no such key"),
        ("models", model(training={"optimizer": "sgd"}), "'adam' or 'adamw'"),
        (
            "models",
            model(params={"dropout": float("nan")}),
            "`models.cnn.params.dropout`: is no finite number",
        ),
        ("models", model(params={"dropout": [0.1, None]}), "or list of numbers (value: [0.1, None])"),
        ("training", {"learning_rate": float("inf")}, "key `training.learning_rate`: input should be a finite number"),
    ],
)
def test_one_clear_line_for_each_mistake(key: str, value: object, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        validate_config({**MINIMAL, key: value})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


SPLITS = {"train": ["chr4"], "validation": ["chr5"], "test": ["chr6"]}
SEARCH = {"draws": 1, "params": {"dropout": [0, 0.5]}, "rounds": [{"datasets": ["d"], "seeds": [0], "keep": 1}]}
SIZED = model(params={"filters": 8, "filter_width": 24, "hidden": 10})
SEARCHED = {"models": SIZED, "methods": ["sl", "ssl"], "recipes": SEARCH}
LISTS: dict[str, tuple[list[Any], dict[str, Any]]] = {
    **{key: (["a", "b", "a"], {}) for key in ("select_datasets", "select_genomes", "locate.leave_out")},
    **{key: (["sl", "ssl", "sl"], {}) for key in ("methods", "explain.methods", "models.cnn.methods")},
    **{key: ([0, 1, 1], {}) for key in ("seeds", "models.cnn.seeds")},
    "run_models": (["cnn", "cnn"], {}),
    "further_metrics": (["mcc", "mcc_tuned", "mcc"], {}),
    "models.cnn.pretrained": (["a/config.json", "a/config.json"], {"models": model("dnabert2")}),
    **{f"{key}.{split}": (["chr7", "chr7"], {"further_splits": {"other": SPLITS}})
       for key in ("splits", "further_splits.other") for split in SPLITS},
    "align.pairs": (["chr7 *", "chr8 *", "chr7 *"], {}),
    "align.lastz_options": (["step=10", "step=10"], {}),
    **{f"ablations.{key}": ([1, 2, 1], {})
       for key in ("nearest_genomes", "farthest_genomes", "train_percent", "permuted_label_percent")},
    "ablations.datasets": (["a", "b", "a"], {}),
    "ablations.train_methods": (["sl", "ssl", "sl"], {}),
    "noisy_student.distance_decays": ([0, 1, 0.0], {}),
    "augmentation.strengths": ([1, 2, 1.0], {}),
    "measured_labels.min_match": ([0.5, 0.9, 0.5], {}),
    "variants.shifts": ([10, 20, 10], {}),
    "mpra.elements": (["TERT", "TERT"], {"mpra": {"table": "elements.tsv"}}),
    "recipes.rounds.0.datasets": (["d", "e", "d"], SEARCHED),
    "recipes.rounds.0.seeds": ([0, 0], SEARCHED),
}  # fmt: skip
"""Lists that name each entry once, with one that does not and what else such a configuration needs."""
ASCENDING = {"leakage.strata", "measured_labels.divergence_edges", "measured_labels.motif_edges"}
MAY_REPEAT = {"recipes.rounds", "recipes.params.*", "recipes.training.*", "models.*.params.*"}
"""Rounds; choices, of which one that is named twice is drawn more often; sizes of layers."""


@pytest.mark.parametrize("key", [*LISTS, "run_models of a search"])
def test_what_is_listed_twice_is_named_with_file_and_key(key: str) -> None:
    name, _, search = key.partition(" of a ")
    value, changes = LISTS[name]
    values: dict[str, Any] = copy.deepcopy({**MINIMAL, "explain": {}, **(SEARCHED if search else changes)})
    block: Any = values
    *blocks, last = [int(part) if part.isdigit() else part for part in name.split(".")]
    for part in blocks:
        block = block[part] if isinstance(block, list) else block.setdefault(part, {})
    block[last] = value
    layers = Layers([Layer("defaults.yaml", MINIMAL), Layer("mine.yaml", values)])
    with pytest.raises(ConfigError) as caught:
        validate_config(layers.values, layers)
    repeated = next(item for item in value if value.count(item) > 1)
    message = str(caught.value)
    assert re.fullmatch(
        rf"mine\.yaml: key `{name}`: '{re.escape(str(repeated))}(\.0)?' is listed twice \(value: .*\)", message
    )


@pytest.mark.parametrize("key", sorted(ASCENDING))
def test_edges_of_strata_ascend(key: str) -> None:
    group, _, field = key.partition(".")
    with pytest.raises(ConfigError, match=f"key `{key}`: .*(ascend|above the one before)"):
        validate_config({**MINIMAL, group: {field: [0.1, 0.5, 0.5]}})


def test_every_list_of_the_configuration_is_of_one_of_these_kinds() -> None:
    schema = json.loads(json_schema())

    def lists(node: dict[str, Any], path: str) -> set[str]:
        if name := node.get("$ref", "").rpartition("/")[2]:
            node = schema["$defs"][name]
        inner = {f"{path}.{key}": value for key, value in node.get("properties", {}).items()}
        if more := node.get("additionalProperties") or node.get("items"):
            inner[f"{path}.*"] = more
        found = {each for key, value in inner.items() for each in lists(value, key)}
        found |= {each for value in node.get("anyOf", []) for each in lists(value, path)}
        return found | ({path.lstrip(".")} if node.get("type") == "array" else set())

    known = {re.sub(r"\b(cnn|other|0)\b", "*", key) for key in LISTS}
    assert lists(schema, "") == known | ASCENDING | MAY_REPEAT


def test_a_choice_of_a_search_may_be_named_more_often() -> None:
    recipes = {**SEARCH, "params": {"pooling": ["max", "max", "max_and_mean"]}, "training": {"batch_size": [64, 64]}}
    assert validate_config({**MINIMAL, **SEARCHED, "recipes": recipes}).recipes is not None


def test_settings_hold_only_what_a_method_uses() -> None:
    config = validate_config({**MINIMAL, "methods": ["sl", "ssl"], "training": {"patience": 3}})
    assert "finetuning" not in json.loads(config.settings_json("cnn", "sl"))
    assert json.loads(config.settings_json("cnn", "ssl"))["finetuning"] == {"learning_rate_factor": 0.1}
    assert config.settings("cnn", "sl").training.patience == 3
    assert config.settings("cnn", "ssl").finetuning == config.finetuning


def test_settings_as_text_are_as_the_configuration_has_them() -> None:
    """The text is a parameter of a rule: another one, even 0.0 for 0, would train everything again."""
    own = {"weight_decay": 0, "learning_rate": "3e-5"}  # YAML reads 3e-5 as a text
    config = validate_config({**MINIMAL, "models": model(params={"filters": 8}, training=own)})
    assert config.settings("cnn", "sl").training.learning_rate == 3e-5
    training = {**Training().model_dump(), **own}
    written = {"architecture": "deepbind", "params": {"filters": 8}, "budget": 1.0, "training": training}
    assert config.settings_json("cnn", "sl") == json.dumps(written, sort_keys=True)
    written["finetuning"] = {"learning_rate_factor": 0.1}
    assert config.settings_json("cnn", "ssl") == json.dumps(written, sort_keys=True)


def test_a_model_may_differ_in_training() -> None:
    model = {"cnn": {"architecture": "deepbind", "name": "CNN", "training": {"batch_size": 128}}}
    config = validate_config({**MINIMAL, "models": model})
    assert config.settings("cnn", "sl").training.batch_size == 128


def test_a_model_may_have_seeds_of_its_own() -> None:
    both = {"cnn": {**model()["cnn"], "seeds_per_job": 2}, "own": {**model(seeds=[7, 8, 9])["cnn"], "seeds_per_job": 1}}
    config = validate_config({**MINIMAL, "run_models": ["cnn", "own"], "seeds": [0, 1, 2], "models": both})
    assert config.seeds_of("cnn") == [0, 1, 2] and config.jobs("cnn") == [[0, 1], [2]]
    assert config.seeds_of("own") == [7, 8, 9] and config.jobs("own") == [[7], [8], [9]]


def test_gpus_of_a_model() -> None:
    both = {"cnn": model()["cnn"], "own": model(resources={"gpus": 1})["cnn"]}
    config = validate_config({**MINIMAL, "run_models": ["cnn", "own"], "models": both})
    assert (config.gpus_of("cnn", "ssl"), config.gpus_of("own", "ssl")) == (0, 1)
    assert config.gpus_of("own", "motif_scan") == 0
