"""A network as one that takes one-hot code, for programs that explain networks, such as tangermeme."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from regssl.models.baselines import GCLogistic, KmerLogistic, MotifScan, RandomScores
from regssl.models.inputs import encode_inputs
from regssl.models.predict import forward_batch
from regssl.sequences.encoding import N, one_hot


class OneHotNetwork(nn.Module):
    """A network of one-hot code. Its logits are those that `predict` returns.

    Gradients reach the input of networks of bases. Not of those of tokens and of baselines: they read byte codes alone.

    Args:
        network: byte codes to logits, as `regssl.load` returns it.
        both_strands: average over both strands.
    """

    def __init__(self, network: nn.Module, both_strands: bool = True) -> None:
        super().__init__()
        self.network, self.both_strands = network, both_strands

    def forward(self, sequences: Tensor) -> Tensor:
        """Map one-hot code (batch, 4, width), bases A, C, G, T and N as zeros, to logits, float (batch, 1)."""
        codes = as_codes(sequences)
        is_exact = not sequences.requires_grad and bool((one_hot(codes) == sequences).all())
        if is_exact or not takes_weighted_bases(self.network):
            inputs = encode_inputs(self.network, codes, self.both_strands)
            return forward_batch(self.network, inputs, torch.arange(len(codes)), self.both_strands).unsqueeze(-1)
        channels = sequences.float()
        logits: Tensor = self.network(channels)
        if self.both_strands and not getattr(self.network, "strand_invariant", False):
            logits = (logits + self.network(channels.flip(1, 2))) / 2
        return logits.unsqueeze(-1)


def as_one_hot(network: nn.Module, both_strands: bool = True) -> OneHotNetwork:
    """Wrap a network for programs that work with one-hot code.

    Whatever changes sequences and looks at the logits works, such as tangermeme's `saturation_mutagenesis` and
    `marginalize`, and captum's `Saliency`. DeepLIFT/SHAP does not: it needs every ReLU and max pool to be a layer.

    Args:
        network: as `regssl.load` returns it.
        both_strands: average logits over both strands, as `predict` does.

    Returns:
        A network that maps one-hot code (batch, 4, width), bases in the order A, C, G, T, to logits (batch, 1).

    Examples:
        >>> network = regssl.as_one_hot(regssl.load("model.safetensors"))
        >>> network(torch.zeros(3, 4, 200)).shape
        torch.Size([3, 1])
    """
    return OneHotNetwork(network, both_strands).eval()


def as_codes(sequences: Tensor) -> Tensor:
    """Read one-hot code (..., 4, width) as byte codes, uint8 (..., width): the largest of each column; of none N."""
    largest, base = sequences.detach().max(-2)
    return torch.where(largest > 0, base, N).to(torch.uint8)


def takes_weighted_bases(network: nn.Module) -> bool:
    """Whether a network takes weighted bases, float (batch, 4, width), besides byte codes."""
    is_baseline = isinstance(network, RandomScores | GCLogistic | MotifScan | KmerLogistic)
    return not (is_baseline or hasattr(network, "encode_inputs"))
