"""Networks of transformers as classifiers: the same states as transformers', and nothing but numbers from a file."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

import regssl
from helpers.language_models import FAMILIES, write_language_model
from regssl.errors import ConfigError, DataError
from regssl.models import build
from regssl.models.ensemble import Ensemble
from regssl.models.huggingface.native import build_base, check_sizes, check_states
from regssl.models.predict import predict
from regssl.models.serialization import _checksum, read_card, save
from regssl.sequences.encoding import decode, reverse_complement

pytest.importorskip("transformers")
WIDTH = 60
CODES = torch.from_numpy(
    np.random.default_rng(0).choice(5, (12, WIDTH), p=[0.24, 0.24, 0.24, 0.24, 0.04]).astype(np.uint8)
)
MISTRAL_DNA = (
    "mirror/raw.githubusercontent.com/raphaelmourad/Mistral-DNA/700996f23699dac45022cd4d588a247e1306d2b7/data/models/"
    "Mistral-DNA-v1-1M-hg38-finetuned-tf0"
)


@pytest.fixture(scope="module", params=FAMILIES)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_language_model(tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture
def mistral(tmp_path: Path) -> Path:
    return write_language_model(tmp_path / "mistral", "mistral")


@pytest.fixture
def dnabert(tmp_path: Path) -> Path:
    return write_language_model(tmp_path / "dnabert", "dnabert")


def network_of(folder: Path, **params: Any) -> Any:
    torch.manual_seed(1)
    return build("huggingface", WIDTH, {"pretrained": str(folder), **params}).eval()


def words_of(folder: Path) -> Callable[[str], list[int]]:
    """Token ids of a sequence, by transformers' tokenizer of a folder."""
    from transformers import BertTokenizer, EsmTokenizer, PreTrainedTokenizerFast

    if (folder / "tokenizer.json").is_file():
        fast = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))
        return lambda text: fast(text)["input_ids"]
    if "[CLS]" in (folder / "vocab.txt").read_text():
        kmers = BertTokenizer(vocab=str(folder / "vocab.txt"), do_lower_case=False)
        return lambda text: kmers(" ".join(text[at : at + 3] for at in range(len(text) - 2)))["input_ids"]
    esm = EsmTokenizer(str(folder / "vocab.txt"), eos_token=None)
    return lambda text: esm(text)["input_ids"]


def obvious_logits(folder: Path, head: nn.Linear, codes: torch.Tensor, around: tuple[int, int]) -> list[float]:
    """Each sequence alone, so without padding, by transformers' own model of a folder, averaged over its tokens.

    Args:
        folder: of the published model.
        head: state to logit.
        codes: of the sequences.
        around: number of special tokens before and after a sequence.
    """
    from transformers import AutoModel

    theirs, words = AutoModel.from_pretrained(str(folder), dtype=torch.float32).eval(), words_of(folder)
    logits = []
    for row in codes.numpy():
        ids = words(decode(row))
        states = theirs(input_ids=torch.tensor([ids])).last_hidden_state[0]
        logits.append(head(states[around[0] : len(ids) - around[1]].mean(0)).item())
    return logits


@pytest.mark.filterwarnings("ignore")  # what transformers says of heads that are not loaded
def test_logits_are_those_of_transformers_and_a_mean(folder: Path) -> None:
    network = network_of(folder)
    nn.init.normal_(network.classifier.weight)
    around = (1, 0) if folder.name.startswith("nucleotide") else (1, 1)
    with torch.inference_mode():
        expected = obvious_logits(folder, network.classifier, CODES, around)
        np.testing.assert_allclose(network(CODES).numpy(), expected, atol=1e-5)
        for row, one in zip(CODES, expected, strict=True):
            assert network(row[None]).item() == pytest.approx(one, abs=1e-5), "whatever the company"


@pytest.mark.filterwarnings("ignore")
def test_mistral_dna_with_its_own_weights(shared: Path, tmp_path: Path) -> None:
    folder = shared / MISTRAL_DNA
    if not folder.is_dir():
        pytest.skip("Mistral-DNA is not in the mirror")
    network = build("huggingface", 200, {"pretrained": str(folder)}).eval()
    own = sum(tensor.numel() for tensor in load_file(folder / "model.safetensors").values())
    assert own == 723_648 == sum(one.numel() for one in network.base.parameters()) + 2 * 64, "but for its head of two"
    assert network.positions == 256 and network.tokenizer.special == [1, 2, 3]
    codes = torch.from_numpy(np.random.default_rng(1).integers(0, 4, (20, 200), dtype=np.uint8))
    with torch.inference_mode():
        expected = obvious_logits(folder, network.classifier, codes, (1, 1))
        np.testing.assert_allclose(network(codes).numpy(), expected, atol=1e-5)
    lengths = network.encode_inputs(codes).lengths
    assert 30 <= int(lengths.min()) <= int(lengths.max()) <= 64, "as DNABERT-2, whose tokenizer it has"


def test_scores_are_the_mean_of_both_strands(folder: Path) -> None:
    network = network_of(folder)
    with torch.inference_mode():
        other = torch.from_numpy(reverse_complement(CODES.numpy()))
        expected = (network(CODES) + network(other)) / 2
    np.testing.assert_allclose(predict(network, CODES.numpy()), expected.numpy(), atol=1e-6)


def test_a_trained_model_needs_none_of_the_files_it_started_from(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "files")
    params = {"pretrained": str(tmp_path / "files"), "dropout": 0.25}
    torch.manual_seed(2)
    network = build("huggingface", WIDTH, params).eval()
    save(network, {"architecture": "huggingface", "params": params, "width": WIDTH}, tmp_path / "model.safetensors")
    shutil.rmtree(tmp_path / "files")
    again = regssl.load(tmp_path / "model.safetensors")
    assert torch.equal(network(CODES), again(CODES)) and again.dropout.rate == 0.25
    card = read_card(tmp_path / "model.safetensors")
    assert str(card.params["origin"]).startswith("model.safetensors sha256=") and str(tmp_path) not in str(card)


def test_the_noise_goes_on_the_embeddings_of_tokens_and_nowhere_else(folder: Path) -> None:
    network = network_of(folder)
    ensemble = Ensemble([network]).train()
    assert ensemble.set_noise(0.5) is True
    embedding = ensemble.network.base.get_input_embeddings()
    ids = torch.full((2000, 6), 9)
    noise = (embedding(ids) - embedding.weight[9]).detach()
    assert noise.std().item() == pytest.approx(0.5, rel=0.02) and noise.mean().item() == pytest.approx(0, abs=0.01)
    ensemble.eval()
    assert torch.equal(embedding(ids), embedding.weight[9].expand(2000, 6, -1))
    assert network.base.get_input_embeddings().noise.sd == 0, "a copy has noise of its own"


def test_windows_longer_than_the_network_takes_are_refused_or_cut(folder: Path) -> None:
    params = {"pretrained": str(folder)}
    codes = torch.from_numpy(np.random.default_rng(2).integers(0, 4, (3, 900), dtype=np.uint8))
    with pytest.raises((ConfigError, DataError), match=r"900 bp have up to \d+ tokens, .* takes at most 128") as caught:
        build("huggingface", 900, params)(codes)
    assert "tokens: 128" in str(caught.value)
    cut = build("huggingface", 900, {**params, "tokens": 128}).eval()
    assert cut.encode_inputs(codes).width == 128 and torch.isfinite(cut(codes)).all()
    for tokens, message in ((129, "takes at most 128"), (1, "no room")):
        with pytest.raises(ConfigError, match=message):
            build("huggingface", 900, {**params, "tokens": tokens})


def test_windows_shorter_than_a_word_are_refused(dnabert: Path) -> None:
    with pytest.raises(ConfigError, match="2 bp are shorter than a token of 3 bp"):
        build("huggingface", 2, {"pretrained": str(dnabert)})


def test_a_missing_package_is_named_with_the_extra_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for version, found in ((None, "it is not installed"), ("4.57.1", "version 4.57.1 is installed")):

        def fake(name: str, version: str | None = version) -> str:
            if version is None:
                raise importlib.metadata.PackageNotFoundError(name)
            return version

        monkeypatch.setattr(importlib.metadata, "version", fake)
        with pytest.raises(ConfigError, match=f"needs transformers 5, and {found}") as caught:
            build("huggingface", WIDTH, {"pretrained": "x"})
        assert "pip install 'regssl[lm]'" in str(caught.value)
        build("deepbind", WIDTH, {"filters": 4})


def change_config(folder: Path, **changes: Any) -> None:
    values = json.loads((folder / "config.json").read_text()) | changes
    (folder / "config.json").write_text(json.dumps(values))


def test_code_of_a_folder_is_never_run(dnabert: Path) -> None:
    (dnabert / "attack.py").write_text(f"from pathlib import Path\nPath({str(dnabert / 'ran')!r}).touch()\n")
    plain = network_of(dnabert)(CODES)
    change_config(dnabert, auto_map={"AutoModel": "attack.Net", "AutoConfig": "attack.Config"},
                  attn_implementation="somebody/kernels", _attn_implementation="somebody/kernels")  # fmt: skip
    assert torch.equal(network_of(dnabert)(CODES), plain)
    change_config(dnabert, model_type="caduceus")
    with pytest.raises(DataError, match=r"config\.json|has no sequence classification model of the type 'caduceus'"):
        network_of(dnabert)
    assert not (dnabert / "ran").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model_type": None}, "no `model_type`"),
        ({"model_type": "bart", "classifier_dropout": 0.0}, "two sequences"),
        ({"model_type": "canine"}, "no network of tokens of the type 'canine' can be built"),
        ({"model_type": "vit"}, "no sequence classification model of the type 'vit'"),
        ({"quantization_config": {"quant_method": "x"}}, "quantized weights are not supported"),
        ({"num_hidden_layers": 10**6}, "`num_hidden_layers` is 1000000"),
        ({"hidden_size": 2**31 + 1}, "`hidden_size` is 2147483649"),
        ({"hidden_size": 2**20, "intermediate_size": 2**20}, "no network of tokens of the type 'bert' can be built"),
        ({"hidden_act": "x" * 300}, "`hidden_act` is 'x"),
        ({"hidden_act": "os.system"}, "no network of tokens of the type 'bert' can be built"),
        ({"hidden_size": "many"}, "no network of tokens of the type 'bert' can be built"),
        ({"rope": {"a": {"b": {"c": {"d": 1}}}}}, "`c` is "),
        ({"vocab_size": 20}, "the tokenizer has 69 ids, the network 20"),
        ({"num_hidden_layers": 3}, "no weight encoder.layer.2"),
        ({"num_hidden_layers": 1}, r"encoder\.layer\.1\."),
        ({"intermediate_size": 25}, r"model\.safetensors: "),
    ],
    ids=str,
)
def test_configs_that_are_not_of_these_weights_are_refused(
    dnabert: Path, changes: dict[str, Any], message: str
) -> None:
    change_config(dnabert, **changes)
    with pytest.raises(DataError, match=message) as caught:
        network_of(dnabert)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 700


def test_networks_without_a_state_for_each_token_are_refused() -> None:
    """X-MOD must be told a language before it is asked."""
    sizes = {"model_type": "xmod", "vocab_size": 30, "hidden_size": 8, "num_hidden_layers": 1}
    base = build_base(check_sizes({**sizes, "num_attention_heads": 2, "intermediate_size": 8}))
    with pytest.raises(DataError, match="of the type 'xmod' has no state for each token: Input language unknown"):
        check_states(base)


def test_the_files_have_the_names_of_published_weights(mistral: Path) -> None:
    """Experts each with matrices of their own, which transformers 5 joins to one."""
    names = set(load_file(mistral / "model.safetensors"))
    assert {f"model.layers.1.block_sparse_moe.experts.3.w{part}.weight" for part in (1, 2, 3)} <= names


def test_pickled_weights_and_positions_that_are_no_weights(dnabert: Path) -> None:
    logits, tensors = network_of(dnabert)(CODES), load_file(dnabert / "model.safetensors")
    (dnabert / "model.safetensors").unlink()
    tensors["bert.embeddings.position_ids"] = torch.arange(128)[None]  # as older versions write them
    torch.save(tensors, dnabert / "pytorch_model.bin")
    assert torch.equal(network_of(dnabert)(CODES), logits)


class Trap:
    """What unpickles into a command."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple:
        return Path.touch, (self.witness,)


@pytest.mark.parametrize("what", ["missing", "shape", "NaN", "code", "none"])
def test_weights_that_are_not_of_the_network_are_refused(dnabert: Path, what: str) -> None:
    path, tensors = dnabert / "model.safetensors", dict(load_file(dnabert / "model.safetensors"))
    name = "bert.encoder.layer.0.output.dense.bias"
    if what in ("code", "none"):
        path.unlink()
    if what == "code":
        torch.save({name: Trap(dnabert / "ran")}, dnabert / "pytorch_model.bin")
    elif what != "none":
        changed = {"shape": torch.zeros(17), "NaN": tensors.pop(name) * float("nan")}.get(what)
        save_file(tensors | ({} if changed is None else {name: changed}), path)
    messages = {
        "missing": "no weight encoder.layer.0.output.dense.bias",
        "shape": "model.safetensors: ",
        "NaN": "not an array of finite numbers",
        "code": "holds more than weights",
        "none": "no such file",
    }
    with pytest.raises(DataError, match=messages[what]) as caught:
        network_of(dnabert)
    assert "\n" not in str(caught.value) and not (dnabert / "ran").exists()


HOSTILE: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no such class": lambda params: params["sizes"].update(model_type="os"),
    "layers without end": lambda params: params["sizes"].update(num_hidden_layers=10**9),
    "more memory than there is": lambda params: params["sizes"].update(hidden_size=2**30),
    "positions without end": lambda params: params["sizes"].update(max_position_embeddings=2**31 - 1),
    "code": lambda params: params["sizes"].update(quantization_config={"quant_method": "x"}),
    "another size": lambda params: params["sizes"].update(intermediate_size=25),
    "no tokenizer": lambda params: params.update(tokenizer={}),
    "a pattern": lambda params: params["tokenizer"].update(normalizer={"pattern": {"Regex": "(a+)+$"}}),
    "a file": lambda params: params.update(pretrained="/etc"),
    "tokens without end": lambda params: params.update(tokens=10**9),
}


@pytest.mark.parametrize("attack", HOSTILE.values(), ids=HOSTILE)
def test_model_files_made_to_attack_are_refused(dnabert: Path, attack: Callable[[dict[str, Any]], Any]) -> None:
    network, path = network_of(dnabert), dnabert / "m.safetensors"
    params = json.loads(json.dumps(network.exportable_params()))
    attack(params)
    tensors = network.state_dict()
    values = {"architecture": "huggingface", "params": params, "width": WIDTH}
    values |= {"checksum": _checksum(values, tensors)}
    save_file(tensors, path, metadata={"regssl": json.dumps(values, sort_keys=True)})
    with pytest.raises(DataError, match=r"m\.safetensors: ") as caught:
        regssl.load(path)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 900
