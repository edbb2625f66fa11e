"""An ensemble of networks of one architecture, evaluated and trained together: the seeds of one training job."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from functools import partial

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from regssl.models.dropout import Dropout, Noise


class Ensemble(nn.Module):
    """Networks of one architecture, evaluated side by side.

    Parameters and buffers of the members are stacked along a new first axis, and the forward pass is mapped over it: a
    GPU then runs one large kernel where it ran many small ones. An ensemble of one member is that network itself.

    Members are independent: each computes, and is trained to, what it would be alone, up to rounding. This requires
    `models.dropout.Dropout`; the zeros of torch's own layer depend on the other members.

    Args:
        networks: at least one; copied.

    Attributes:
        seeded_layers: names of the layers with a random seed: `Dropout` and `Noise`.
        strand_invariant: whether the networks say that their logits are the same on both strands.
    """

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.size = len(networks)
        self.network = copy.deepcopy(networks[0])
        self.strand_invariant = bool(getattr(self.network, "strand_invariant", False))
        layers = self.network.named_modules()
        self.seeded_layers = [name for name, layer in layers if isinstance(layer, Dropout | Noise)]
        if self.size > 1:
            tensors = [_tensors(network) for network in networks]
            for name, tensor in _tensors(self.network).items():
                tensor.data = torch.stack([one[name].detach() for one in tensors])

    def forward(self, sequences: Tensor, seeds: Tensor | None = None) -> Tensor:
        """Compute logits (members, batch).

        Args:
            sequences: the input of one network, with a first axis for the members, or without one: the same for all.
                Byte codes are uint8 (members, batch, width) or (batch, width), token ids likewise, weighted bases float
                (members, batch, 4, width).
            seeds: int64 (members, seeded layers), of dropout and noise.
        """
        own = sequences.ndim == (4 if sequences.is_floating_point() else 3)
        if self.size == 1:
            if seeds is not None:
                for name, seed in zip(self.seeded_layers, seeds[0], strict=True):
                    self.network.get_submodule(name).seed = seed
            alone: Tensor = self.network(sequences[0] if own else sequences)
            return alone.unsqueeze(0)
        tensors = _tensors(self.network)
        if seeds is not None:
            tensors |= {f"{name}.seed": seed for name, seed in zip(self.seeded_layers, seeds.unbind(1), strict=True)}
        call = partial(functional_call, self.network)
        logits: Tensor = vmap(call, in_dims=(0, 0 if own else None), randomness="different")(tensors, sequences)
        return logits

    def set_noise(self, sd: float) -> bool:
        """Set the standard deviation of `Noise` layers; return False if there are none."""
        layers = [layer for layer in self.network.modules() if isinstance(layer, Noise)]
        for layer in layers:
            layer.sd = sd
        return bool(layers)

    def member_state_dict(self, member: int) -> dict[str, Tensor]:
        """Copy the state of one member, on its device."""
        state = self.network.state_dict()
        if self.size == 1:
            return {name: tensor.detach().clone() for name, tensor in state.items()}
        return {name: tensor[member].detach().clone() for name, tensor in state.items()}

    def load_members(self, states: Sequence[Mapping[str, Tensor]]) -> None:
        """Load the state of every member, as `member_state_dict` returns it."""
        names = states[0]
        stacked = {name: torch.stack([state[name] for state in states]) for name in names}
        self.network.load_state_dict({name: stacked[name][0] for name in names} if self.size == 1 else stacked)


def _tensors(network: nn.Module) -> dict[str, Tensor]:
    return {**dict(network.named_parameters()), **dict(network.named_buffers())}
