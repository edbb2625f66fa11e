"""Files that models start from: which, and where they are."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Any

import pytest

from helpers.tables import SHA256, config, write_tables
from regssl.config.checks import check_files
from regssl.config.project import Project
from regssl.config.schema import Config
from regssl.errors import ConfigError


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    return write_tables(tmp_path)


HUB = "https://hub.example/m/resolve/abc"
FILES = [f"{HUB}/config.json", f"{HUB}/pytorch_model.bin#sha256={SHA256}", f"{HUB}/tokenizer.json"]


def with_model(folder: Path, models: list[str], **values: Any) -> Config:
    settings = {
        "deepbind": {"architecture": "deepbind", "name": "CNN-27K"},
        "bert": {"architecture": "dnabert2", "name": "DNABERT-2", **values},
        "tiny": {"architecture": "dnabert2_tiny", "name": "tiny"},
    }
    return config(folder, run_models=models, models=settings)


def test_weights_are_downloaded_only_for_models_that_are_trained(tables: Path) -> None:
    without, with_it = (Project(with_model(tables, models, pretrained=FILES)) for models in (["deepbind"], ["bert"]))
    more = {path: source for path, source in with_it.downloads.items() if path not in without.downloads}
    folder = "downloads/hub.example/m/resolve/abc"
    assert list(more) == with_it.pretrained["bert"] == [
        f"{folder}/config.json", f"{folder}/pytorch_model.bin", f"{folder}/tokenizer.json",
    ]  # fmt: skip
    assert more[f"{folder}/pytorch_model.bin"].sha256 == SHA256
    assert without.pretrained == {"deepbind": []}


def test_weights_in_a_folder_or_made_here(tables: Path, tmp_path: Path) -> None:
    project = Project(with_model(tables, ["bert", "tiny"], pretrained=str(tmp_path)))
    assert project.pretrained["bert"][-1] == f"{tmp_path}/pytorch_model.bin"
    assert project.pretrained["tiny"] == [
        f"results/pretrained/tiny/{name}" for name in ("config.json", "tokenizer.json", "model.safetensors")
    ]
    (tmp_path / "model.safetensors").touch()
    assert (
        Project(with_model(tables, ["bert"], pretrained=str(tmp_path))).pretrained["bert"][-1].endswith("safetensors")
    )


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (FILES[:2], "name config.json, tokenizer.json and model.safetensors or pytorch_model.bin"),
        ([*FILES[:2], "https://other.example/tokenizer.json"], "in one folder"),
        ([*FILES[:2], "ftp://hub.example/tokenizer.json"], "ftp:// is not supported"),
    ],
)
def test_weights_that_are_not_three_files_of_one_folder_are_refused(
    tables: Path, files: list[str], message: str
) -> None:
    with pytest.raises(ConfigError, match=r"key `models\.bert\.pretrained`") as caught:
        Project(with_model(tables, ["bert"], pretrained=files))
    assert message in str(caught.value)


def test_a_language_model_may_have_a_vocabulary_in_place_of_a_tokenizer(tables: Path, tmp_path: Path) -> None:
    def files_of(pretrained: Any) -> list[str]:
        project = Project(with_model(tables, ["bert"], architecture="huggingface", pretrained=pretrained))
        return [Path(file).name for file in project.pretrained["bert"]]

    assert files_of(str(tmp_path)) == ["config.json", "tokenizer.json", "pytorch_model.bin"]
    for name in ("vocab.txt", "tokenizer_config.json", "model.safetensors"):
        (tmp_path / name).touch()
    assert files_of(str(tmp_path)) == ["config.json", "vocab.txt", "tokenizer_config.json", "model.safetensors"]
    (tmp_path / "tokenizer.json").touch()
    assert files_of(str(tmp_path))[1] == "tokenizer.json"
    assert files_of([f"{HUB}/{name}" for name in ("config.json", "vocab.txt", "model.safetensors")])[1] == "vocab.txt"
    with pytest.raises(ConfigError, match=r"name config\.json, tokenizer\.json or vocab\.txt and model\.safetensors"):
        files_of([f"{HUB}/{name}" for name in ("config.json", "tokenizer_config.json", "model.safetensors")])


def test_a_missing_package_is_told_before_any_job(
    tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    settings = with_model(tables, ["bert"], architecture="huggingface", pretrained=str(tmp_path))
    with pytest.raises(
        ConfigError, match=r"key `models\.bert`: architecture 'huggingface' needs transformers 5"
    ) as caught:
        check_files(settings, Project(settings))
    assert "pip install 'regssl[lm]'" in str(caught.value)
