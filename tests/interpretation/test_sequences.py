"""Windows over long sequences, gradients, tables and tracks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import regssl
from helpers.planted import World
from regssl.errors import DataError
from regssl.interpretation.mutagenesis import mutate
from regssl.interpretation.sequences import (
    Place,
    explain_sequences,
    read_regions,
    read_sequences,
    score_table,
    window_begins,
    write_bedgraph,
)
from regssl.sequences.encoding import decode, encode, one_hot


@pytest.mark.parametrize(
    ("length", "begins"), [(60, [0]), (50, [-5]), (61, [0, 1]), (100, [0, 15, 30, 40]), (75, [0, 15])]
)
def test_windows_cover_a_sequence(length: int, begins: list[int]) -> None:
    assert window_begins(length, 60).tolist() == begins


def test_each_base_is_of_the_window_in_whose_middle_it_lies(world: World) -> None:
    network, codes = regssl.load(world.model), np.concatenate(world.held_out.codes[:3])[:100]
    (one,) = explain_sequences([world.model], [Place("long", codes, "long", 0)])
    for place in (0, 20, 55, 99):
        distances = [abs(begin + 29.5 - place) for begin in (0, 15, 30, 40)]
        begin = (0, 15, 30, 40)[int(np.argmin(distances))]
        of_window = mutate(network, codes[None, begin : begin + 60])[0, :, place - begin]
        assert one.change[:, place] == pytest.approx(of_window, abs=1e-6)


def test_a_short_sequence_is_padded(world: World) -> None:
    codes = world.held_out.codes[1][:50]
    (one,) = explain_sequences([world.model], [Place("short", codes, "short", 0)])
    assert one.padded
    padded = np.concatenate([encode("NNNNN"), codes, encode("NNNNN")])
    assert one.change == pytest.approx(mutate(regssl.load(world.model), padded[None])[0, :, 5:55], abs=1e-6)


@pytest.mark.parametrize(("start", "end", "window"), [(100, 110, 75), (5, 6, 0), (230, 240, 180), (90, 150, 90)])
def test_a_narrow_region_is_seen_with_the_bases_around_it(
    world: World, tmp_path: Path, start: int, end: int, window: int
) -> None:
    text = decode(np.concatenate(world.held_out.codes[:4]))
    (tmp_path / "genome.fa").write_text(f">chr1\n{text}\n")
    (tmp_path / "in.bed").write_text(f"chr1\t{start}\t{end}\n")
    (one,) = explain_sequences([world.model], read_regions(tmp_path / "in.bed", tmp_path / "genome.fa", 60))
    own = slice(start - window, end - window)
    codes = encode(text[window : window + 60])
    assert one.change == pytest.approx(mutate(regssl.load(world.model), codes[None])[0, :, own], abs=1e-6)
    assert not one.padded
    scores = score_table([one])
    assert "".join(scores["base"]) == text[start:end] and scores["position"].tolist() == list(range(start, end))
    (whole,) = explain_sequences([world.model], [Place("whole", codes, "chr1", window)])
    assert whole.gradient is not None and one.gradient == pytest.approx(whole.gradient[:, own], abs=1e-6)
    assert one.logit == pytest.approx(whole.logit)


def test_a_region_of_another_genome_is_named(tmp_path: Path) -> None:
    (tmp_path / "genome.fa").write_text(f">chr1\n{60 * 'ACGT'}\n")
    (tmp_path / "in.bed").write_text("chr1\t0\t60\nchrZ\t1\t50\n")
    with pytest.raises(DataError, match=r"in\.bed: chrZ:1-50: .*genome\.fa has no 'chrZ'"):
        read_regions(tmp_path / "in.bed", tmp_path / "genome.fa", 60)


def test_sequences_have_names_of_their_own(world: World, tmp_path: Path) -> None:
    text = decode(world.held_out.codes[1])
    (tmp_path / "a.csv").write_text(f"id,sequence\nmy site,{text}\n,{text}\n")
    places = read_sequences(tmp_path / "a.csv")
    assert [place.name for place in places] == ["my site", "2"]
    write_bedgraph(score_table(explain_sequences([world.model], places)), tmp_path / "track.bedGraph")
    track = (tmp_path / "track.bedGraph").read_text().splitlines()
    assert {line.split("\t")[0] for line in track} == {"my_site", "2"}
    (tmp_path / "a.fa").write_text(f">one\n{text}\n>one\n{text[::-1]}\n")
    with pytest.raises(DataError, match=r"a\.fa: sequences 1 and 2 are both called 'one'"):
        read_sequences(tmp_path / "a.fa")


def test_gradients_are_slopes_less_their_mean(world: World) -> None:
    codes = world.held_out.codes[1]
    (one,) = explain_sequences([world.model], [Place("one", codes, "one", 0)])
    network, step = regssl.load(world.model).double(), 1e-4
    channels = one_hot(torch.from_numpy(codes)).double()[None]
    slopes = np.empty((4, len(codes)))
    for base, place in np.ndindex(slopes.shape):
        changed = channels.clone()
        changed[0, base, place] += step
        slopes[base, place] = (network(changed) - network(channels)).item() / step
    assert one.gradient == pytest.approx(slopes - slopes.mean(0), abs=1e-3)


def test_the_table_and_the_track(world: World, tmp_path: Path) -> None:
    genome = tmp_path / "genome.fa"
    genome.write_text(">chr1\n" + decode(np.concatenate(world.held_out.codes[:4])) + "\n")
    bed = tmp_path / "regions.bed"
    bed.write_text("chr1\t60\t120\nchr1\t70\t130\n")
    explained = explain_sequences([world.model], read_regions(bed, genome))
    scores = score_table(explained)
    assert list(scores) == ["sequence", "chrom", "position", "base", *"ACGT", "contribution", "gradient"]
    assert "".join(scores["base"][:60]) == decode(world.held_out.codes[1])
    row = scores.iloc[7]
    assert (row["position"], row[row["base"]]) == (67, 0)
    assert row["contribution"] == pytest.approx(-row[list("ACGT")].astype(float).mean())
    write_bedgraph(scores, tmp_path / "track.bedGraph")
    track = pd.read_csv(tmp_path / "track.bedGraph", sep="\t", names=["chrom", "start", "end", "value"])
    assert track["start"].tolist() == list(range(60, 130))
    assert (track["end"] - track["start"] == 1).all()
    both = scores[scores["position"] == 100]["contribution"]
    assert len(both) == 2
    assert track.set_index("start")["value"][100] == pytest.approx(both.mean(), rel=1e-4)
