"""The commands `explain motifs`, `explain sequence` and `report learned`, on the network whose motif is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.planted import FACTOR, World, plant, write
from regssl.cli import main
from regssl.io.json_object import write_json_object
from regssl.models.serialization import read_card, save_failed
from regssl.reporting.figures import contributions
from regssl.sequences.encoding import decode
from regssl.sequences.motifs import read_meme


@pytest.fixture(scope="module")
def learned(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("learned")
    failed = out / "failed.safetensors"
    card = read_card(world.model)
    save_failed({"architecture": card.architecture, "params": card.params, "width": card.width}, "no positives", failed)
    models, folders = [str(world.model), str(failed)], [f"{out}/0", f"{out}/1"]
    words = ["explain", "motifs", *models, "--windows", str(world.windows), "--out", *folders, "--factor", "ctcf"]
    assert main([*words, "--min-windows", "15"]) == 0
    return out


def test_motifs_writes_a_table_motifs_and_logos(learned: Path) -> None:
    table = pd.read_csv(learned / "0" / "filters.tsv", sep="\t")
    motifs = read_meme(learned / "0" / "motifs.meme")
    assert list(motifs) == [f"filter{row}" for row in table.loc[table["information"].notna(), "filter"]]
    assert (table["windows"][table["information"].isna()] < 15).all()
    best = table.loc[table["own_q"].idxmin()]
    svg = (learned / "0" / "filters.svg").read_text()
    assert f"CTCF {FACTOR.id}" in svg
    assert len(motifs[f"filter{best['filter']}"].frequencies) == 14


def test_a_model_without_weights_has_learned_nothing(learned: Path) -> None:
    assert pd.read_csv(learned / "1" / "filters.tsv", sep="\t").empty
    assert "0 of 0 filters fire" in (learned / "1" / "filters.svg").read_text()


def test_the_report_of_a_dataset(learned: Path) -> None:
    names = {"datasets": {"ctcf": "CTCF"}, "models": {"cnn": "CNN"}, "methods": {"sl": "SL", "ssl": "SSL"}}
    write_json_object(learned / "names.json", names)
    folders = ["0", "1", "0"]
    words = ["--models", *["cnn"] * 3, "--methods", "sl", "sl", "ssl", "--seeds", "0", "1", "0", "--dataset", "ctcf"]
    files = [[f"{learned}/{folder}/{name}" for folder in folders] for name in ("filters.tsv", "motifs.meme")]
    out = ["--names", str(learned / "names.json"), "--out", str(learned / "ctcf")]
    assert main(["report", "learned", "--filters", *files[0], "--learned", *files[1], *words, *out]) == 0
    tidy = pd.read_csv(learned / "ctcf.tsv", sep="\t")
    assert tidy["own"].tolist()[::2] == [tidy["own"][0]] * 2
    assert tidy["active"][1] == 0
    assert tidy["is_best"].tolist() == [True, False, True]
    svg = (learned / "ctcf.svg").read_text()
    assert all(text in svg for text in ("SSL", "known", "best seed", "median seed", FACTOR.id))
    assert "What the filters learned: CTCF." in (learned / "ctcf.html").read_text()


def test_sequence_writes_scores_a_track_and_pictures(world: World, tmp_path: Path) -> None:
    fasta = tmp_path / "in.fa"
    fasta.write_text(f">one\n{decode(world.held_out.codes[1])}\n>two\n{decode(np.tile(world.held_out.codes[3], 2))}\n")
    out = tmp_path / "out"
    words = ["explain", "sequence", str(world.model), str(world.model), "--sequences", str(fasta), "--out", str(out)]
    assert main([*words, "--pictures", "1"]) == 0
    scores = pd.read_csv(out / "scores.tsv", sep="\t")
    assert scores["sequence"].value_counts().to_dict() == {"two": 120, "one": 60}
    assert (out / "contributions.bedGraph").read_text().startswith("one\t0\t1\t")
    assert "mean of 2 networks" in (out / "sequence1.svg").read_text()
    assert (out / "sequence1.png").exists()
    assert not (out / "sequence2.svg").exists()


def test_a_second_run_leaves_no_picture_of_the_first(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, fasta = tmp_path / "out", tmp_path / "in.fa"
    words = ["explain", "sequence", str(world.model), "--sequences", str(fasta), "--out", str(out), "--pictures"]
    text = decode(world.held_out.codes[1])
    fasta.write_text("".join(f">{name}\n{text[: 60 - name]}\n" for name in range(2)))
    assert main([*words, "2"]) == 0
    assert ", 1 padded (shorter than the window of 60 bp: N around)" in capsys.readouterr().out
    (out / "sequence3.svg").write_text("of the user")
    assert main([*words, "1"]) == 0
    assert sorted(path.name for path in out.glob("sequence*")) == [
        "sequence1.png",
        "sequence1.svg",
        "sequence3.svg",
    ]
    with pytest.raises(SystemExit):
        main([*words, "-1"])
    assert "--pictures: '-1' is not a whole number from 0 on" in capsys.readouterr().err


def test_a_sequence_too_long_for_a_picture_has_numbers(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contributions, "MOST_BASES", 60)
    text, out = decode(world.held_out.codes[1]), tmp_path / "out"
    (tmp_path / "in.fa").write_text(f">long\n{text}A\n>short\n{text}\n")
    assert main(["explain", "sequence", str(world.model), "--sequences", f"{tmp_path}/in.fa", "--out", str(out)]) == 0
    assert "no picture of 1 sequences longer than 60 bp" in capsys.readouterr().out
    assert sorted(path.name for path in out.glob("sequence*")) == ["sequence2.png", "sequence2.svg"]
    assert len((out / "scores.tsv").read_text().splitlines()) == 122


def test_windows_that_were_trained_on_are_told(world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    trained = plant(400, 1)  # as `train_ssl` does
    windows = write(tmp_path / "again.npy", trained.codes, trained.labels)
    words = ["explain", "motifs", str(world.model), "--max-windows", "5", "--out", str(tmp_path / "out"), "--windows"]
    assert main([*words, str(world.windows)]) == 0
    assert not any("not held out" in message for message in caplog.messages)
    assert main([*words, str(windows)]) == 0
    assert f"{world.model}: {windows} are windows that it was trained on or" in " ".join(caplog.messages)


def test_a_factor_without_a_motif_is_told(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["explain", "motifs", str(world.model), "--windows", str(world.windows), "--out", str(tmp_path / "out")]
    assert main([*words, "--factor", "CTFC", "--max-windows", "5"]) == 0
    said = capsys.readouterr().out
    assert "no known motif is called 'CTFC'" in said and "like one of CTFC" not in said
    assert "by 10 known motifs p-values are rough" in said


def test_regions_need_their_genome(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in.bed").write_text("chr1\t0\t60\n")
    words = ["explain", "sequence", str(world.model), "--bed", str(tmp_path / "in.bed"), "--out", str(tmp_path / "o")]
    assert main(words) == 1
    assert "--genome: is given with --bed" in capsys.readouterr().err
