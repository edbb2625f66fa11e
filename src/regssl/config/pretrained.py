"""The files that pre-trained models start from: which, where they lie, and where they come from. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from regssl.config.cells import check_path_or_url
from regssl.config.models import Model
from regssl.download.sources import is_url
from regssl.errors import ConfigError
from regssl.models import PRETRAINED, RANDOMLY_INITIALIZED
from regssl.models.layout import CONFIG, TOKENIZER, WEIGHTS, Layout, layout_of


def is_generated(model: Model) -> bool:
    """Check whether the workflow makes the files itself: random weights are not published."""
    return model.architecture in RANDOMLY_INITIALIZED and model.pretrained is None


def pretrained_files(model_id: str, model: Model, path: Callable[[str], str], results_dir: str) -> list[str]:
    """List the local files a model starts from: sizes, tokenizer and weights; none for most architectures.

    Args:
        model_id: id of the model.
        model: its settings.
        path: from path or URL to local path, as `Project.local_path`.
        results_dir: of the configuration.

    Raises:
        ConfigError: a file is not named, or they would not lie in one folder.
    """
    if is_generated(model):
        return [f"{results_dir}/pretrained/{model_id}/{name}" for name in (CONFIG, TOKENIZER, WEIGHTS[0])]
    layout = layout_of(model.architecture)
    if isinstance(model.pretrained, str):
        folder = Path(model.pretrained)
        present = [name for name in layout.tokenizers if (folder / name).is_file()]
        optional = [name for name in layout.optional if (folder / name).is_file()]
        weights = [name for name in WEIGHTS if (folder / name).is_file()] or [WEIGHTS[1]]
        chosen = (CONFIG, *(present or layout.tokenizers)[:1], *optional, weights[0])
        return [f"{model.pretrained}/{name}" for name in chosen]
    files = [path(place) for place in pretrained_sources(model_id, model)]
    names = {PurePosixPath(file).name for file in files}
    if files and (len({PurePosixPath(file).parent for file in files}) > 1 or not _complete(names, layout)):
        raise ConfigError(
            f"key `models.{model_id}.pretrained`: {', '.join(files)}",
            f"name {layout.describe()}, which must end in one folder",
        )
    return files


def pretrained_sources(model_id: str, model: Model) -> list[str]:
    """List the paths and URLs of a model's files; none where it names a folder.

    Raises:
        ConfigError: a URL that cannot be fetched.
    """
    places = model.pretrained if isinstance(model.pretrained, list) else []
    for place in places:
        try:
            check_path_or_url(place)
        except ValueError as error:
            raise ConfigError(f"key `models.{model_id}.pretrained`: {error} (value: '{place}')") from None
    return places


def check_pretrained(model_id: str, model: Model, files: list[str]) -> None:
    """Check that the files which are neither downloaded nor generated exist.

    Raises:
        ConfigError: one does not; the message names it.
    """
    needed = model.architecture in PRETRAINED - set(RANDOMLY_INITIALIZED) and "pretrained" not in model.params
    if needed and not model.pretrained:
        raise ConfigError(
            f"key `models.{model_id}.pretrained`: is missing; architecture '{model.architecture}' starts from files",
            f"name a folder, or the files: see {_page(model)}",
        )
    listed = pretrained_sources(model_id, model) or files
    for place, file in zip(listed, files, strict=True):
        if not is_generated(model) and not is_url(place) and not Path(file).is_file():
            raise ConfigError(
                f"key `models.{model_id}.pretrained`: no file {file}",
                f"put it there; for the source of the files see {_page(model)}",
            )


def _page(model: Model) -> str:
    """Return the page of the manual that tells about a model's files."""
    return "docs/own/language-model.md" if model.architecture == "huggingface" else "docs/how/networks.md"


def _complete(names: set[str], layout: Layout) -> bool:
    return CONFIG in names and bool(names & set(layout.tokenizers)) and len(names & set(WEIGHTS)) == 1
