"""Paths among the arguments of a command: each is declared as read or written, and all are checked together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from regssl.cli.parser import Options
from regssl.errors import ConfigError

GENOME = ("{path}", "{path}.fai", "{path}.gzi")
"""A genome, with the indexes of FASTA."""
WINDOWS = ("{path}", "{stem}.parquet")
"""A set of windows, as it is read."""
WRITTEN_WINDOWS = (*WINDOWS, "{stem}.fa.gz")
"""A set of windows, as it is written."""
LABELLED = (
    *(
        f"{{path}}/{split}{suffix}"
        for split in ("train", "validation", "test")
        for suffix in (".npy", ".parquet", ".fa.gz")
    ),
    "{path}/counts.tsv",
)
"""What `step label-windows` writes."""
RUN = tuple(f"{{path}}/seed{{seed}}/{name}" for name in ("model.safetensors", "history.csv", "run.json"))
"""What `train` writes for each seed."""
PRETRAINED = tuple(f"{{path}}/{name}" for name in ("config.json", "tokenizer.json", "model.safetensors"))
"""What `step init-weights` writes."""
COMPARED = tuple(f"{{path}}/{name}.tsv" for name in ("methods", "differences", "exposure"))
"""What `step compare` writes."""
MEASURED_SCORES = tuple(f"{{path}}/{name}.tsv" for name in ("discrimination", "own", "own_summary"))
"""What `step score-measured` writes."""
AUDITED = ("{path}/counts.tsv", "{path}/examples.tsv", "{path}/similarity.parquet")
"""What `step audit-leakage` writes."""

FILTERS = tuple(f"{{path}}/{name}" for name in ("filters.tsv", "motifs.meme", "filters.svg", "filters.png"))
"""What `explain motifs` writes."""
EXPLAINED = ("{path}/scores.tsv", "{path}/contributions.bedGraph")
"""What `explain sequence` writes, and pictures."""


class PathArgument(str):
    """A path as typed, with the files that the command reads or writes there (see `reads`)."""

    files: tuple[str, ...]
    written: bool
    replaced: bool


class PathType:
    """The type of an argument that is a path; attributes as of PathArgument."""

    def __init__(self, files: tuple[str, ...], *, written: bool, replaced: bool) -> None:
        self.files, self.written, self.replaced = files or ("{path}",), written, replaced

    def __call__(self, text: str) -> PathArgument:
        """Parse a path."""
        argument = PathArgument(text)
        argument.files, argument.written, argument.replaced = self.files, self.written, self.replaced
        return argument


def reads(*files: str) -> PathType:
    """Make the type of an argument that names an input.

    Args:
        files: what is read, if not the path itself: `{path}` stands for the path, `{stem}` for the path without its
            suffix, `{seed}` for each of the command's `--seeds`.
    """
    return PathType(files, written=False, replaced=False)


def writes(*files: str) -> PathType:
    """Make the type of an argument that names an output; `files` as in `reads`."""
    return PathType(files, written=True, replaced=True)


def adds(*files: str) -> PathType:
    """Make the type of an argument that names an output which, where it is there already, may be left as it is."""
    return PathType(files, written=True, replaced=False)


def check_paths(options: Options) -> bool:
    """Check the outputs of a command, all at once, before it begins (see `regssl.io.atomic.check_outputs`).

    Returns:
        Whether an output goes to standard output, where no message may be then.

    Raises:
        ConfigError, DataError: as `check_outputs`; an output without a name.
    """
    from regssl.io.atomic import check_distinct, check_writable, is_standard_output

    values = [item for value in vars(options).values() for item in (value if isinstance(value, list) else [value])]
    arguments = [value for value in values if isinstance(value, PathArgument)]
    if any(one.written and not one for one in arguments):
        raise ConfigError("an output has an empty name", "is a variable of the shell not set?")
    seeds = getattr(options, "seeds", [])
    inputs = [file for one in arguments if one and not one.written for file in _files(one, seeds)]
    outputs = [file for one in arguments if one.written for file in _files(one, seeds)]
    check_distinct(outputs, inputs)
    check_writable(file for one in arguments if one.replaced for file in _files(one, seeds))
    return any(map(is_standard_output, outputs))


def _files(argument: PathArgument, seeds: list[int]) -> Iterator[str]:
    path = unquote(urlsplit(argument).path) if argument.startswith("file:") else str(argument)
    for file in argument.files:
        for seed in seeds if "{seed}" in file else [0]:
            yield file.format(path=path, stem=path.removesuffix(Path(path).suffix), seed=seed)
