"""DNABERT-2 against tensors of the published implementation, and against its description."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn.functional import cross_entropy

from helpers.mixed_precision import check_exact_head
from regssl.models.dnabert2.encoder import BertConfig, alibi_slopes
from regssl.models.dnabert2.model import DNABERT2Classifier
from regssl.models.ensemble import Ensemble

TOLERANCE = {"atol": 2e-5, "rtol": 1e-5}
SMALL = BertConfig(vocab_size=50, hidden_size=24, num_hidden_layers=2, num_attention_heads=6, intermediate_size=40)


@pytest.fixture(scope="module")
def golden(shared: Path) -> Path:
    folder = shared / "dnabert2/golden"
    if not folder.is_dir():
        pytest.skip(f"no reference tensors at {folder}")
    return folder


@pytest.fixture(scope="module")
def reference(golden: Path) -> tuple[DNABERT2Classifier, dict[str, Any], dict[str, Any]]:
    """The network with the reference's weights, the inputs, the outputs."""
    network = DNABERT2Classifier(BertConfig.of(json.loads((golden / "config.json").read_text())), num_labels=2)
    network.load_state_dict(torch.load(golden / "tiny_state_dict.pt", weights_only=True))
    inputs, outputs = (torch.load(golden / f"{name}.pt", weights_only=True) for name in ("inputs", "outputs"))
    return network.eval(), inputs, outputs


def small(seed: int = 0) -> DNABERT2Classifier:
    torch.manual_seed(seed)
    return DNABERT2Classifier(SMALL).eval()


def ids(*shape: int) -> torch.Tensor:
    return torch.randint(4, 50, shape, generator=torch.Generator().manual_seed(5))


def test_every_layer_computes_what_the_published_model_computes(reference: Any) -> None:
    network, inputs, outputs = reference
    mask = inputs["attention_mask"].bool()
    with torch.inference_mode():
        embedded = network.bert.embeddings(inputs["input_ids"])
        torch.testing.assert_close(embedded[mask], outputs["embedding_output"][mask], **TOLERANCE)
        states, bias = embedded, network.bert.encoder.bias(mask)
        for layer, expected in zip(network.bert.encoder.layer, outputs["per_layer_unpadded"], strict=True):
            states = layer(states, bias)
            torch.testing.assert_close(states[mask], expected, **TOLERANCE)
        torch.testing.assert_close(states[mask], outputs["last_hidden_state"][mask], **TOLERANCE)
        torch.testing.assert_close(network.bert.pooler(states), outputs["pooler_output"], **TOLERANCE)
        logits = network(inputs["input_ids"], inputs["attention_mask"])
        torch.testing.assert_close(logits, outputs["logits"], **TOLERANCE)
        torch.testing.assert_close(network(inputs["input_ids"]), logits, rtol=0, atol=0)  # the mask is where [PAD] is
        alone = network(inputs["input_ids"][2:3, : inputs["attention_mask"][2].sum()])
        torch.testing.assert_close(alone, outputs["single_logits_row2"], **TOLERANCE)
        torch.testing.assert_close(network.bert.encoder.bias(torch.ones(1, 16, dtype=torch.bool)), outputs["alibi"])


def test_in_double_precision_too(reference: Any) -> None:
    network, inputs, outputs = reference
    double = DNABERT2Classifier(network.config, num_labels=2).eval()
    double.load_state_dict(network.state_dict())
    logits = double.double()(inputs["input_ids"])
    torch.testing.assert_close(logits.double(), outputs["logits_float64"], atol=1e-6, rtol=1e-6)


def test_loss_and_gradients_are_those_of_the_published_model(reference: Any) -> None:
    network, inputs, outputs = reference
    network.zero_grad()
    loss = cross_entropy(network(inputs["input_ids"]), inputs["labels"])
    torch.testing.assert_close(loss, outputs["loss"], **TOLERANCE)
    loss.backward()
    parameters = dict(network.named_parameters())
    for name, expected in outputs["grads"].items():
        torch.testing.assert_close(parameters[name].grad, expected, **TOLERANCE)
    words = "bert.embeddings.word_embeddings.weight"
    for name, expected in outputs["grad_norms"].items():
        gradient = parameters[name].grad
        norm = (gradient[1:] if name == words else gradient).norm()  # there row 0, [UNK], has none by its padding index
        assert norm.item() == pytest.approx(expected, rel=1e-4), name


def test_the_published_weights_fit_by_name_and_shape(shared: Path) -> None:
    rows = [line.split("\t") for line in (shared / "dnabert2/state_dict_keys.txt").read_text().splitlines()]
    published = {name: shape for name, shape, *_ in rows if not name.startswith("cls.")}
    with torch.device("meta"):
        own = {name: str(tuple(tensor.shape)) for name, tensor in DNABERT2Classifier().state_dict().items()}
    assert {name for name in own if name not in published} == {
        "bert.pooler.dense.weight", "bert.pooler.dense.bias", "classifier.weight", "classifier.bias",
    }  # fmt: skip
    assert all(own[name] == shape for name, shape in published.items())


def test_the_published_layout_loads_from_its_folder(shared: Path, golden: Path, tmp_path: Path, reference: Any) -> None:
    """The masked language model's file, without pooler and classifier, in both formats."""
    _, inputs, outputs = reference
    shutil.copy(golden / "config.json", tmp_path)
    shutil.copy(shared / "dnabert2/tokenizer.json", tmp_path)
    shutil.copy(golden / "tiny_mlm_state_dict.pt", tmp_path / "pytorch_model.bin")
    torch.manual_seed(1)
    first = DNABERT2Classifier.from_pretrained(tmp_path).eval()
    states, _ = first.bert(inputs["input_ids"], inputs["attention_mask"].bool())
    mask = inputs["attention_mask"].bool()
    torch.testing.assert_close(states[mask], outputs["last_hidden_state"][mask], **TOLERANCE)
    assert first(inputs["input_ids"]).shape == (6, 1)
    torch.manual_seed(1)
    again = DNABERT2Classifier.from_pretrained(tmp_path)
    assert torch.equal(first.classifier.weight, again.classifier.weight), "what the file lacks is sampled from the seed"


def test_slopes_of_twelve_heads() -> None:
    expected = [2.0**-k for k in range(1, 9)] + [2**-0.5, 2**-1.5, 2**-2.5, 2**-3.5]
    assert alibi_slopes(12) == pytest.approx(expected, rel=1e-12)
    assert alibi_slopes(8) == [2.0**-k for k in range(1, 9)]
    assert alibi_slopes(6) == [2.0**-2, 2.0**-4, 2.0**-6, 2.0**-8, 2.0**-1, 2.0**-3]
    assert alibi_slopes(1) == [2.0**-8]


def test_other_sequences_of_the_batch_do_not_matter() -> None:
    network, tokens = small(), ids(3, 20)
    tokens[1, 12:] = 3
    together = network(tokens)
    torch.testing.assert_close(together[1:2], network(tokens[1:2, :12]), rtol=1e-5, atol=1e-6)
    padded = torch.cat([tokens, torch.full((3, 12), 3)], dim=1)
    torch.testing.assert_close(network(padded), together, rtol=1e-5, atol=1e-6)


def test_positions_matter_through_distance_alone() -> None:
    """Turning a sequence round but for its first token changes the logit; without slopes it would not."""
    network, tokens = small(), ids(4, 15)
    turned = torch.cat([tokens[:, :1], tokens[:, 1:].flip(1)], dim=1)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(10)  # far from the linear regime of tiny weights
        assert (network(tokens) - network(turned)).abs().max() > 1e-3
        network.bert.encoder.slopes.zero_()
        torch.testing.assert_close(network(tokens), network(turned), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden_size": 100}, "not a multiple of 12 heads"),
        ({"num_hidden_layers": 0}, "num_hidden_layers is 0"),
        ({"hidden_size": "768"}, "hidden_size is '768'"),
        ({"hidden_dropout_prob": -0.1}, "hidden_dropout_prob is -0.1"),
    ],
)
def test_impossible_sizes_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BertConfig.of(change)


def test_unknown_keys_of_a_config_do_not_matter() -> None:
    assert (
        BertConfig.of({"hidden_size": 24, "num_attention_heads": 6, "auto_map": {"AutoModel": "x.py"}}).hidden_size
        == 24
    )


def test_in_mixed_precision_logits_are_those_of_full_precision_but_for_rounding() -> None:
    """And they are not themselves rounded to 8 bits, which would make windows tie."""
    check_exact_head(small(), ids(200, 20))


@pytest.mark.slow
def test_a_compiled_stack_computes_the_same() -> None:
    """As on a GPU, where the whole step may be compiled; batches have several lengths."""
    ensemble = Ensemble([small(0), small(1)]).train()
    ensemble.set_noise(0.1)
    keys = torch.randint(2**31, (2, len(ensemble.seeded_layers)))
    compiled = torch.compile(lambda tokens, keys: ensemble(tokens, keys), backend="aot_eager")
    for length in (8, 16):
        tokens = ids(2, 3, length)
        torch.testing.assert_close(compiled(tokens, keys), ensemble(tokens, keys))
