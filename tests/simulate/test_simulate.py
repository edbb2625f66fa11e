"""The files of simulated data."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

from helpers.simulated import PARAMETERS
from regssl.simulate import SimulationParameters, _write_assays, simulate
from regssl.simulate.evolution import EvolutionHistory


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_equal_worlds_give_equal_bytes_and_other_seeds_other_ones(folder: Path, tmp_path: Path):
    simulate(tmp_path / "again", PARAMETERS)
    assert files(tmp_path / "again") == files(folder)
    simulate(tmp_path / "other", replace(PARAMETERS, seed=2))
    other = files(tmp_path / "other")
    assert other.keys() == files(folder).keys()
    assert all(content != other[name] for name, content in files(folder).items())


def test_the_files_of_a_world(folder: Path):
    relatives = PARAMETERS.other_species
    assert len(relatives) >= 6
    expected = {"blacklist.bed", "snps.tsv", "simulation.json", "truth/sites.tsv.gz", "truth/labels.tsv.gz"}
    expected |= {f"genomes/{name}.fa.gz" for name in ["simHuman", *relatives]}
    expected |= {f"chains/simHumanToS{name[1:]}.over.chain.gz" for name in relatives}
    expected |= {f"truth/{name}.homology.tsv.gz" for name in relatives}
    expected |= {f"peaks/{name}.narrowPeak" for name in ("ctcf.cellA", "rest", "max", "atf3")}
    expected |= {f"measured/{name}.narrowPeak" for name in ("ctcf.simMouse", "ctcf.simDog", "max.simMouse")}
    assert set(files(folder)) == expected | {"peaks/ctcf.cellB.narrowPeak.gz"}


def test_what_is_measured_in_other_species_changes_no_other_file(
    folder: Path, history: EvolutionHistory, tmp_path: Path, monkeypatch
):
    """Its random streams are its own."""
    monkeypatch.setattr("regssl.simulate.parameters.MEASURED", {})
    _write_assays(tmp_path, history)
    written = files(folder)
    assert len(files(tmp_path)) == 7 and not (tmp_path / "measured").exists()
    assert all(content == written[name] for name, content in files(tmp_path).items())


def test_world_json_rebuilds_the_world(folder: Path, sequences):
    described = json.loads((folder / "simulation.json").read_text())
    parameters = {k: tuple(v) if isinstance(v, list) else v for k, v in described["parameters"].items()}
    assert SimulationParameters(**parameters) == PARAMETERS
    assert described["motifs"]["ctcf"]["id"] == "MA0139.2"
    for name, genome in described["genomes"].items():
        assert genome["contigs"] == {contig: len(letters) for contig, letters in sequences[name].items()}


def test_genomes_hold_masked_repeats_and_one_run_of_n(sequences):
    for contigs in sequences.values():
        letters = "".join(contigs.values())
        assert set(letters) <= set("ACGTacgtN")
        assert any("N" * PARAMETERS.n_run in contig for contig in contigs.values())
        assert letters.count("N") == PARAMETERS.n_run
        assert 0.05 < sum(map(letters.count, "acgt")) / len(letters) < 0.4


def test_gzip_headers_carry_no_time(folder: Path):
    for path in folder.rglob("*.gz"):
        assert path.read_bytes()[4:8] == b"\0\0\0\0"
        assert gzip.decompress(path.read_bytes())
