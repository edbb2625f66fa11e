"""Baseline scorers as modules: random scores, GC and CpG, a motif scan, k-mer counts. Each maps codes to logits."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import conv1d, one_hot

from regssl.sequences.encoding import N

BASES = 5
"""A, C, G, T and N."""
MAX_K = 10
"""Longest k-mers; there are four times as many with every base."""


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

    strand_invariant = True

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

    strand_invariant = True
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


class KmerLogistic(nn.Module):
    """Logistic regression on the counts of k-mers: those of both strands together, none across an N.

    Args:
        width: length of the sequences in bp.
        k: length of the k-mers in bp.
    """

    strand_invariant = True

    def __init__(self, width: int, k: int) -> None:
        super().__init__()
        if not 1 <= k <= min(width, MAX_K):
            raise ValueError(
                f"k-mers of {k} bp in sequences of {width} bp: give 1 to {MAX_K} bp, and no more than these"
            )
        self.k = k
        self.scores = nn.Parameter(torch.zeros(4**k + 1))  # the last is of those with an N: 0
        self.bias = nn.Parameter(torch.zeros(()))

    def forward(self, sequences: Tensor) -> Tensor:
        """Map byte codes, uint8 (batch, width), to logits, float (batch,)."""
        return self.scores[canonical_kmers(sequences, self.k)].sum(-1) + self.bias


def canonical_kmers(codes: Tensor, k: int) -> Tensor:
    """Number the k-mers of sequences, the same for a k-mer and its reverse complement.

    The number is the smaller of both as digits of base 4, A, C, G, T; that of a k-mer with an N is 4**k. `CA` and `TG`
    are both 4 = min(1 × 4 + 0, 3 × 4 + 2).

    Args:
        codes: byte codes, uint8 (n, width).
        k: length of the k-mers.

    Returns:
        int64 (n, width - k + 1).
    """
    places = codes.shape[-1] - k + 1
    forward = torch.zeros((*codes.shape[:-1], places), dtype=torch.int64, device=codes.device)
    reverse, unknown = torch.zeros_like(forward), torch.zeros_like(forward, dtype=torch.bool)
    for place in range(k):
        base = codes[..., place : place + places].long()
        forward = 4 * forward + base
        reverse += (3 - base) << (2 * place)
        unknown |= base >= N
    return torch.minimum(forward, reverse).masked_fill_(unknown, 4**k)
