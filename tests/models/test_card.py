"""Model files made to attack: their cards choose among registered networks, and nothing else happens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

import regssl
from helpers.paths import ROOT
from regssl.cli import main
from regssl.errors import ConfigError, DataError
from regssl.models import REGISTERED, build
from regssl.models.card import MAX_BYTES
from regssl.models.serialization import _checksum, read_card, save

PARAMS = {"filters": 4, "filter_width": 8, "hidden": 3}
WIDTH = 20

OWN = """
from pathlib import Path
import torch
Path({proof!r}).touch()
class MyNet(torch.nn.Module):
    def __init__(self, width, units=2, label="x"):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(units))
    def forward(self, codes):
        return codes.float().mean(1) * self.weight.sum()
"""


def write(path: Path, tensors: dict[str, Tensor] | None = None, **changes: Any) -> Path:
    """Write a model file of a small DeepBind with a changed card, whose checksum is right, as a stranger can."""
    tensors = build("deepbind", WIDTH, PARAMS).state_dict() if tensors is None else tensors
    values = {"architecture": "deepbind", "params": PARAMS, "width": WIDTH} | changes
    values |= {"checksum": _checksum(values, tensors)}
    save_file(tensors, path, metadata={"regssl": json.dumps(values, sort_keys=True)})
    return path


@pytest.fixture
def proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that exists once the module `attacker`, which is there to be imported, has run."""
    (tmp_path / "attacker.py").write_text(OWN.format(proof=str(tmp_path / "proof")))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "attacker", raising=False)
    return tmp_path / "proof"


@pytest.mark.parametrize(
    "architecture",
    [
        "attacker:MyNet",
        "torch.hub:load",
        "os:system",
        "builtins:exec",
        "regssl.io.atomic:write_text",
        "regssl.models.deepbind:DeepBind",  # in the package, but not by its registered name
        ":MyNet",
        "attacker",
        "deepbind:",
        "../attacker:MyNet",
        "deepbind\0",
        "x" * 10_000,
        "",
        7,
        None,
        ["deepbind"],
        {"deepbind": 1},
    ],
    ids=lambda value: str(value)[:30].replace("\0", "NUL"),
)
def test_a_card_names_a_registered_architecture_or_is_refused(tmp_path: Path, proof: Path, architecture: Any) -> None:
    path = write(tmp_path / "m.safetensors", architecture=architecture)
    with pytest.raises(DataError, match=r"m\.safetensors: ") as caught:
        regssl.load(path)
    assert not proof.exists() and len(str(caught.value)) < 600 and "\n" not in str(caught.value)


HOSTILE_PARAMS: dict[str, Any] = {
    "a file to read": {"pretrained": "/etc"},
    "another file": {**PARAMS, "pretrained": None},
    "no such argument": {**PARAMS, "forward": 1},
    "a dunder": {**PARAMS, "__class__": "x"},
    "the width twice": {**PARAMS, "width": 30},
    "more memory than there is": {**PARAMS, "filters": 2**31 - 1, "hidden": 2**31 - 1},
    "too large for any number": {**PARAMS, "filters": 10**400},
    "negative": {**PARAMS, "filters": -1},
    "nothing": {**PARAMS, "filters": 0},
    "a fraction": {**PARAMS, "filters": 1.5},
    "NaN": {**PARAMS, "dropout": float("nan")},
    "infinite": {**PARAMS, "dropout": float("inf")},
    "an object": {**PARAMS, "filters": {"a": 1}},
    "a list of lists": {**PARAMS, "filters": [[1]]},
    "a long text": {**PARAMS, "filters": "1" * 5000},
    "a text": {**PARAMS, "filters": "4"},
    "no object": [1, 2],
    "a depth that ends no recursion": "deep",
}


@pytest.mark.parametrize("params", HOSTILE_PARAMS.values(), ids=HOSTILE_PARAMS)
def test_parameters_out_of_their_limits_are_refused(tmp_path: Path, params: Any) -> None:
    path = write(tmp_path / "m.safetensors", params=params)
    if params == "deep":
        tensors = build("deepbind", WIDTH, PARAMS).state_dict()
        save_file(tensors, path, metadata={"regssl": '{"params":' + "[" * 100_000 + "]" * 100_000 + "}"})
    with pytest.raises(DataError, match=r"m\.safetensors: ") as caught:
        regssl.load(path)
    assert len(str(caught.value)) < 900 and "\n" not in str(caught.value)


@pytest.mark.parametrize("width", [0, -1, 2**40, 10**400, 20.0, "20", None, True], ids=lambda value: str(value)[:20])
def test_a_width_out_of_its_limits_is_refused(tmp_path: Path, width: Any) -> None:
    with pytest.raises(DataError, match=r"m\.safetensors: .*`width`"):
        read_card(write(tmp_path / "m.safetensors", width=width))


@pytest.mark.parametrize(
    "change",
    [{"precision": "os.system"}, {"reverse_complement": "no"}, {"failure": 1}, {"run": "rm"}, {"method": ["x"]}],
    ids=lambda change: next(iter(change)),
)
def test_other_keys_are_checked_or_unknown(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=f"`{next(iter(change))}`"):
        read_card(write(tmp_path / "m.safetensors", **change))


@pytest.mark.parametrize(
    ("architecture", "params"),
    [
        ("deepsea", {"channels": [8] * 65}),
        ("deepsea", {"channels": [2**31 - 1] * 3, "filter_width": 2}),
        ("random", {"seed": -1}),
        ("motif_scan", {"motif_width": 2**31}),
        ("dnabert2", {"sizes": {}, "tokenizer": {}}),
        ("dnabert2", {"sizes": {"num_hidden_layers": 10**9}, "tokenizer": {}}),
        ("dnabert2", {"sizes": [], "tokenizer": {}}),
        ("dnabert2_tiny", {"sizes": {"vocab_size": 2**16, "hidden_size": 2**16}}),
        ("dnabert2_tiny", {"sizes": {"num_hidden_layers": 10**9}}),
        ("dnabert2_tiny", {"tokenizer": {"model": {"type": "BPE", "vocab": ["A"], "merges": []}}, "sizes": {}}),
        ("dnabert2_tiny", {"tokenizer": {"model": {"vocab": {"A": "x"}, "merges": [["A"]]}}, "sizes": {}}),
        ("dnabert2_tiny", {"tokens": 10**9}),
    ],
)
def test_every_registered_network_refuses_what_does_not_fit(
    tmp_path: Path, architecture: str, params: dict[str, Any]
) -> None:
    with pytest.raises(DataError, match=r"m\.safetensors: "):
        regssl.load(write(tmp_path / "m.safetensors", architecture=architecture, params=params))


@pytest.mark.parametrize(
    "change",
    [
        {"architecture": "\x1b[2J\nx"},
        {"params": {**PARAMS, "\x1b[2J\nx": 1}},
        {"\x1b[2J\nx": 1},
        {"failure": "no peaks\n\x1b[2J"},
        {"failure": "x" * 2000},
        {"failure": "\ud800"},
    ],
    ids=lambda change: next(iter(change))[-9:].strip("\n[x"),
)
def test_no_message_shows_what_a_terminal_would_obey(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=r"m\.safetensors: ") as caught:
        regssl.load(write(tmp_path / "m.safetensors", **change))
    assert str(caught.value).isprintable() and len(str(caught.value)) < 900


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "m.safetensors")  # nobody will write into it
    with pytest.raises(DataError, match=r"m\.safetensors: not a trained model: a pipe"):
        read_card(tmp_path / "m.safetensors")


@pytest.mark.parametrize("change", ["missing", "too many", "shape", "type"])
def test_weights_that_are_not_of_the_network_are_refused(tmp_path: Path, change: str) -> None:
    tensors = build("deepbind", WIDTH, PARAMS).state_dict()
    if change == "missing":
        del tensors["logit.bias"]
    elif change == "too many":
        tensors["logit.more"] = torch.zeros(1)
    else:
        tensors["logit.bias"] = torch.zeros(2) if change == "shape" else torch.zeros(1, dtype=torch.float64)
    with pytest.raises(DataError, match=r"m\.safetensors: its weights are not of 'deepbind': logit\.\w+ is"):
        regssl.load(write(tmp_path / "m.safetensors", tensors))


def test_a_card_of_gigantic_text_is_not_parsed(tmp_path: Path) -> None:
    save_file({}, tmp_path / "m.safetensors", metadata={"regssl": "[" + "0," * (MAX_BYTES // 2 + 1) + "0]"})
    with pytest.raises(DataError, match="its card has 16,777,"):
        read_card(tmp_path / "m.safetensors")


def test_every_changed_letter_of_a_card_is_noticed(tmp_path: Path) -> None:
    path = write(tmp_path / "m.safetensors")
    with safe_open(path, framework="pt") as file:
        text = file.metadata()["regssl"]
    tensors = build("deepbind", WIDTH, PARAMS).state_dict()
    for at in range(len(text)):
        save_file(tensors, path, metadata={"regssl": f"{text[:at]}~{text[at + 1 :]}"})
        with pytest.raises(DataError):
            read_card(path)
    save_file(
        tensors,
        path,
        metadata={"regssl": json.dumps({key: value for key, value in json.loads(text).items() if key != "checksum"})},
    )
    with pytest.raises(DataError, match="`checksum`"):
        read_card(path)


def test_a_network_of_the_users_own_needs_an_explicit_word(tmp_path: Path, proof: Path) -> None:
    path = write(
        tmp_path / "m.safetensors",
        {"weight": torch.full((3,), 2.0)},
        architecture="attacker:MyNet",
        params={"units": 3},
    )
    for word in (None, "deepbind", "os:system", "attacker:Other"):
        with pytest.raises(DataError, match="--architecture"):
            regssl.load(path, word)
    assert not proof.exists()
    codes = torch.full((2, WIDTH), 3, dtype=torch.uint8)
    assert regssl.load(path, architecture="attacker:MyNet")(codes).tolist() == [18, 18] and proof.exists()

    class MyNet(nn.Module):
        def __init__(self, width: int, units: int) -> None:
            super().__init__()
            self.weight, self.width = nn.Parameter(torch.zeros(units)), width

    network = regssl.load(path, architecture=MyNet)
    assert isinstance(network, MyNet) and network.width == WIDTH and network.weight.tolist() == [2, 2, 2]
    with pytest.raises(DataError, match="its weights are not of 'attacker:MyNet'"):
        regssl.load(path, architecture=nn.Identity)
    gone = write(tmp_path / "gone.safetensors", {}, architecture="no.such.module:Net", params={})
    with pytest.raises(ConfigError, match=r"no\.such\.module:Net"):
        regssl.load(gone, "no.such.module:Net")


def test_commands_take_the_word(tmp_path: Path, proof: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = write(
        tmp_path / "m.safetensors",
        {"weight": torch.ones(2)},
        architecture="attacker:MyNet",
        params={},
        reverse_complement=False,
    )
    plain = write(tmp_path / "plain.safetensors")
    (tmp_path / "g.fa").write_text(">1\n" + "ACGT" * 10 + "\n")
    (tmp_path / "v.vcf").write_text("1\t21\tv\tA\tT\n")
    command = [
        "score-variants",
        str(tmp_path / "v.vcf"),
        "--genome",
        str(tmp_path / "g.fa"),
        "--out",
        str(tmp_path / "o.tsv"),
    ]
    command += ["--model", str(model), str(plain)]
    assert main(command) != 0 and not proof.exists() and not (tmp_path / "o.tsv").exists()
    assert "attacker:MyNet" in capsys.readouterr().err
    assert not main([*command, "--architecture", "attacker:MyNet"]) and proof.exists()
    of_attacker = pd.read_csv(tmp_path / "o.tsv", sep="\t").iloc[0]
    assert of_attacker["model"] == "attacker:MyNet" and of_attacker["score"] == 0.3  # (T - A) / width × 2 weights


def test_registered_names_are_no_paths_and_save_writes_what_load_reads(tmp_path: Path) -> None:
    assert not any(":" in name for name in REGISTERED)
    network = build("deepbind", WIDTH, PARAMS)
    save(network, {"architecture": "deepbind", "params": PARAMS, "width": WIDTH}, tmp_path / "m.safetensors")
    codes = torch.randint(0, 5, (4, WIDTH), dtype=torch.uint8)
    assert torch.equal(regssl.load(tmp_path / "m.safetensors")(codes), network.eval()(codes))


def test_memory_stays_small_whatever_the_card_says(tmp_path: Path) -> None:
    path = write(tmp_path / "m.safetensors", params={**PARAMS, "filters": 2**31 - 1})
    code = (
        "import resource, sys, regssl, regssl.models.serialization as s\n"
        "import regssl.models.deepbind\n"
        "resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))\n"
        "try: s.load(sys.argv[1])\n"
        "except regssl.errors.DataError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, path], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "its weights are not of 'deepbind'" in done.stdout, done.stderr
