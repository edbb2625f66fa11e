"""Functional binding sites: gain, loss and purifying selection."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regssl.sequences.encoding import COMPLEMENT
from regssl.sequences.motifs import Motif
from regssl.simulate.genomes import BaseIds, can_break_at, create_bases
from regssl.simulate.parameters import SimulationParameters


@dataclass(frozen=True, eq=False)
class BindingSite:
    """A binding site; its number is its index in `Sites.records`.

    Attributes:
        dataset: index into SimulationParameters.datasets.
        minus: strand relative to the origin of its bases.
        min_score: log-odds below which selection removes changes.
        branch: tree node on whose branch it arose.
        origins: ids of its bases when it arose, int32 (width,).
    """

    dataset: int
    minus: bool
    min_score: float
    branch: str
    origins: np.ndarray


class Sites:
    """All binding sites that ever arose in a simulation."""

    def __init__(self, parameters: SimulationParameters) -> None:
        self.parameters = parameters
        self.records: list[BindingSite] = []
        self.min_scores = [motif.quantile(parameters.strength) for motif in parameters.motifs]

    def motif(self, number: int) -> Motif:
        """Return the motif of a site."""
        return self.parameters.motifs[self.records[number].dataset]

    def gain(self, contigs: list[np.ndarray], dataset: int, count: int, branch: str, rng: np.random.Generator) -> None:
        """Write `count` new sites of a dataset over free positions of regulatory elements (in place).

        Fewer arise if there is no free position left.
        """
        motif, element = self.parameters.motifs[dataset], self.parameters.element
        rooms = [_free_starts((c["composition"] == element) & (c["site"] < 0), motif.width) for c in contigs]
        room = np.concatenate(rooms)
        contig_of = np.repeat(np.arange(len(contigs)), [len(r) for r in rooms])
        words = motif.sample(count, rng, self.min_scores[dataset])
        order = iter(rng.permutation(len(room)))
        for word, reverse in zip(words, rng.random(count) < 0.5, strict=True):
            for choice in order:
                bases = contigs[contig_of[choice]][room[choice] : room[choice] + motif.width]
                # free still, and not across the edge of an old inversion: a site has one strand
                if (bases["site"] < 0).all() and (bases["minus"] == bases["minus"][0]).all():
                    break
            else:
                return
            bases["code"] = COMPLEMENT[word[::-1]] if reverse else word
            bases["site"] = len(self.records)
            min_score = float(motif.score(word)) - self.parameters.tolerance
            self.records.append(
                BindingSite(dataset, bool(reverse ^ bases["minus"][0]), min_score, branch, bases["origin"].copy())
            )

    def lose(self, contigs: list[np.ndarray], fraction: float, rng: np.random.Generator) -> None:
        """Lose a random fraction of the sites of a genome (in place): their bases then evolve neutrally."""
        dead = np.append(rng.random(len(self.records)) < fraction, False)
        for contig in contigs:
            contig["site"][dead[contig["site"]]] = -1

    def select(self, bases: np.ndarray, places: np.ndarray, proposed: np.ndarray, rng: np.random.Generator) -> None:
        """Apply those substitutions inside functional sites that selection does not remove, in random order (in place).

        Args:
            bases: BASE (n,), a contig.
            places: integer (m,), positions in functional sites.
            proposed: uint8 (m,), the new code at each position.
            rng: random stream.
        """
        starts = {number: (start, minus) for number, start, _, minus in self.functional(bases)}
        scores: dict[int, float] = {}
        for i in rng.permutation(len(places)):
            place, number = places[i], int(bases["site"][places[i]])
            motif, (start, minus) = self.motif(number), starts[number]
            table = motif.reverse_log_odds if minus else motif.log_odds
            if number not in scores:
                scores[number] = float(table[np.arange(motif.width), bases["code"][start : start + motif.width]].sum())
            change = table[place - start, proposed[i]] - table[place - start, bases["code"][place]]
            harmful = change < 0 and scores[number] + change < self.records[number].min_score
            if not (harmful and rng.random() < self.parameters.selection):
                bases["code"][place] = proposed[i]
                scores[number] += float(change)

    def functional(self, bases: np.ndarray) -> list[tuple[int, int, int, bool]]:
        """Return the functional sites of a sequence in order of position: number, start, end, on the minus strand."""
        inside = np.flatnonzero(bases["site"] >= 0)
        numbers, first = np.unique(bases["site"][inside], return_index=True)
        found = []
        for number, start in sorted(
            zip(numbers.tolist(), inside[first].tolist(), strict=True), key=lambda pair: pair[1]
        ):
            minus = self.records[number].minus ^ bool(bases["minus"][start])
            found.append((number, start, start + self.motif(number).width, minus))
        return found


def insert_decoy_motifs(
    bases: np.ndarray, count: int, parameters: SimulationParameters, base_ids: BaseIds, rng: np.random.Generator
) -> np.ndarray:
    """Insert `count` unbound matches to every motif, of any strength, outside elements."""
    for motif in parameters.motifs:
        allowed = np.flatnonzero(can_break_at(bases)[:-1] & (bases["composition"] != parameters.element))
        words = motif.sample(count if len(allowed) else 0, rng)
        reverse = rng.random(len(words)) < 0.5
        words[reverse] = COMPLEMENT[words[reverse, ::-1]]
        where = np.repeat(rng.choice(allowed, len(words)), motif.width) if len(words) else np.empty(0, np.int64)
        bases = np.insert(bases, where, create_bases(words.ravel(), bases["composition"][where], base_ids))
    return bases


def _free_starts(free: np.ndarray, width: int) -> np.ndarray:
    """Return the starts of the windows of `width` in which every position is free."""
    before = np.concatenate([[0], np.cumsum(free)])
    return np.flatnonzero(before[width:] - before[:-width] == width)
