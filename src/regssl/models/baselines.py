"""Baseline scorers as modules: random scores, GC and CpG content, a motif scan. Each maps byte codes to logits."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import conv1d, one_hot

from regssl.sequences.encoding import N

BASES = 5
"""A, C, G, T and N."""


class RandomScores(nn.Module):
    """Pseudo-random scores, a function of sequence and seed; uniform between -1 and 1.

    Args:
        width: length of the sequences in bp.
        seed: of the scores.
    """

    factors: Tensor

    def __init__(self, width: int, seed: int = 0) -> None:
        super().__init__()
        stream = torch.Generator().manual_seed(seed)
        factors = torch.randint(-(2**62), 2**62, (width, BASES), generator=stream)
        self.register_buffer("factors", factors)

    def forward(self, sequences: Tensor) -> Tensor:
        """Map byte codes, uint8 (batch, width), to scores, float (batch,)."""
        positions = torch.arange(sequences.shape[-1], device=sequences.device)
        digest = self.factors[positions, sequences.long()].sum(-1)  # modulo 2**64
        return (digest >> 40).float() / 2**23


class GCLogistic(nn.Module):
    """Logistic regression on two features: the fraction of G and C, and CpG dinucleotides per position.

    Args:
        width: length of the sequences in bp.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        if width < 2:
            raise ValueError(f"sequences of {width} bp have no dinucleotides")
        self.logit = nn.Linear(2, 1)

    def forward(self, sequences: Tensor) -> Tensor:
        """Map byte codes, uint8 (batch, width), to logits, float (batch,)."""
        logits: Tensor = self.logit(gc_and_cpg(sequences))
        return logits.squeeze(-1)


def gc_and_cpg(codes: Tensor) -> Tensor:
    """Return the fraction of G and C, and of positions with C before G: float (batch, 2); N is neither."""
    cytosine, guanine = codes == 1, codes == 2
    gc = (cytosine | guanine).float().mean(-1)
    cpg = (cytosine[..., :-1] & guanine[..., 1:]).float().mean(-1)
    return torch.stack([gc, cpg], dim=-1)


class MotifScan(nn.Module):
    """The best match of a motif on either strand, in bits over a uniform background; N scores as the worst base.

    Args:
        width: length of the sequences in bp.
        motif_width: length of the motif.
    """

    log_odds: Tensor

    def __init__(self, width: int, motif_width: int) -> None:
        super().__init__()
        if width < motif_width:
            raise ValueError(f"sequences of {width} bp are shorter than the motif, {motif_width} bp")
        self.register_buffer("log_odds", torch.zeros(2, BASES, motif_width))  # on both strands

    def forward(self, sequences: Tensor) -> Tensor:
        """Map byte codes, uint8 (batch, width), to bits, float (batch,)."""
        columns = one_hot(sequences.clamp(max=N).long(), BASES).mT.to(self.log_odds.dtype)
        return conv1d(columns, self.log_odds).amax((-2, -1))
