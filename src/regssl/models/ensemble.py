"""Several networks of one architecture as one: what trains the seeds of a cell together."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from functools import partial

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from regssl.models.dropout import Dropout, Noise


class Stack(nn.Module):
    """Networks that differ in nothing but their numbers, evaluated side by side.

    The parameters and buffers of the networks are laid one on the other, along a new first axis, and the forward pass
    is mapped over that axis: a GPU then runs one large kernel where it ran many small ones. A stack of one is the
    network itself, run as it is.

    Networks do not touch one another: each computes, and is trained to, what it would be alone, up to rounding. For
    that its zeros must come from `models.dropout.Dropout`; those of torch's own layer differ with the company.

    Args:
        networks: at least one; none is changed.

    Attributes:
        keyed: names of the layers whose random numbers come from a key: `Dropout` and `Noise`.
    """

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.size = len(networks)
        self.network = copy.deepcopy(networks[0])
        self.keyed = [name for name, layer in self.network.named_modules() if isinstance(layer, Dropout | Noise)]
        if self.size > 1:
            tensors = [_tensors(network) for network in networks]
            for name, tensor in _tensors(self.network).items():
                tensor.data = torch.stack([one[name].detach() for one in tensors])

    def forward(self, sequences: Tensor, keys: Tensor | None = None) -> Tensor:
        """Sequences to logits (networks, batch).

        Args:
            sequences: what one network takes, with a first axis for the networks, or without one: the same for all.
                Byte codes are uint8 (networks, batch, width) or (batch, width), token ids likewise, weighted bases
                float (networks, batch, 4, width).
            keys: int64 (networks, keyed layers), where dropout and noise take their numbers from.
        """
        own = sequences.ndim == (4 if sequences.is_floating_point() else 3)
        if self.size == 1:
            if keys is not None:
                for name, key in zip(self.keyed, keys[0], strict=True):
                    self.network.get_submodule(name).key = key
            return self.network(sequences[0] if own else sequences).unsqueeze(0)
        tensors = _tensors(self.network)
        if keys is not None:
            tensors |= {f"{name}.key": key for name, key in zip(self.keyed, keys.unbind(1), strict=True)}
        call = partial(functional_call, self.network)
        return vmap(call, in_dims=(0, 0 if own else None), randomness="different")(tensors, sequences)

    def set_noise(self, sd: float) -> bool:
        """Set the noise of networks that say where it belongs; False if these do not, and nothing was set."""
        layers = [layer for layer in self.network.modules() if isinstance(layer, Noise)]
        for layer in layers:
            layer.sd = sd
        return bool(layers)

    def weights(self, network: int) -> dict[str, Tensor]:
        """A copy of the state of one network, on the device where it is."""
        state = self.network.state_dict()
        if self.size == 1:
            return {name: tensor.detach().clone() for name, tensor in state.items()}
        return {name: tensor[network].detach().clone() for name, tensor in state.items()}

    def load_weights(self, weights: Sequence[Mapping[str, Tensor]]) -> None:
        """Give every network its state, as `weights` gave it."""
        names = weights[0]
        stacked = {name: torch.stack([one[name] for one in weights]) for name in names}
        self.network.load_state_dict({name: stacked[name][0] for name in names} if self.size == 1 else stacked)


def _tensors(network: nn.Module) -> dict[str, Tensor]:
    return {**dict(network.named_parameters()), **dict(network.named_buffers())}
