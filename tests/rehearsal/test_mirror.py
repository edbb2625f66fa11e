"""The mirror, served and fetched as a user fetches it: every file, in spite of connections that break off."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
import requests
from rehearsal.assays import human_peaks
from rehearsal.mirror import Mirror
from rehearsal.server import serving
from rehearsal.world import POSITIVES, World

from regssl.config.load import load_config
from regssl.config.project import Project
from regssl.download import http
from regssl.download.fetch import download
from regssl.io.bigbed import read_bigbed
from rehearsal import server


def test_every_file_of_the_configuration_is_served_and_verified(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(http, "MIN_WAIT", 0.01)
    monkeypatch.setattr(server, "SMALLEST", 1 << 14)
    monkeypatch.setattr(server, "SHARE", 0.5)
    with serving(mirror.folder / "mirror", 0) as url, caplog.at_level("INFO"):
        path = mirror.configure(tmp_path, url)
        project = Project(load_config(["config/config.yaml", path]))
        assert {source.url for source in project.downloads.values()} == {
            place.partition("#")[0] for place in mirror.urls()
        }
        for out, source in project.downloads.items():
            done = download(source.url, out, mirror=url, **{known.kind: known.value for known in source.known()})
            assert done.url.startswith(url), "none is asked of the internet"
            assert Path(out).read_bytes() == mirror.path(source.url).read_bytes()
    assert "the connection broke off" in caplog.text
    assert caplog.text.count("md5 from http://127.0.0.1") >= 5, "lists of UCSC, records of ENCODE"


def test_the_server_knows_ranges_and_breaks_off_the_same_way_each_time(tmp_path: Path) -> None:
    body = bytes(range(256)) * 2_000
    for name in "abcdefgh":
        (tmp_path / name).write_bytes(body)
    (tmp_path.parent / "outside").write_text("not served")
    with serving(tmp_path, 0) as url:
        whole = requests.get(f"{url}/a", headers={"Range": "bytes=500000-"})
        assert whole.status_code == 206 and whole.content == body[500_000:]
        assert whole.headers["Content-Range"] == f"bytes 500000-511999/{len(body)}"
        other = {"Range": "bytes=500000-", "If-Range": '"other"'}
        with requests.get(f"{url}/a", headers=other, stream=True) as changed:
            assert changed.status_code == 200 and changed.headers["Content-Length"] == str(len(body))
        assert requests.get(f"{url}/a", headers={"Range": "bytes=600000-"}).status_code == 416
        assert requests.get(f"{url}/../outside").status_code == 404
        assert requests.get(f"{url}/%2e%2e/outside").status_code == 404
        lengths = [[received(f"{url}/{name}") for name in "abcdefgh"] for _ in range(2)]
    assert lengths[0] == lengths[1]
    assert len(body) in lengths[0] and min(lengths[0]) < len(body)


def received(url: str) -> int:
    """Bytes of a body until its end, or until it breaks off."""
    total = 0
    with requests.get(url, stream=True) as answer, suppress(requests.exceptions.ChunkedEncodingError):
        for chunk in answer.iter_content(1 << 12):
            total += len(chunk)
    return total


def test_peaks_have_the_positive_bins_that_are_asked_for() -> None:
    world = World(1, 300)
    for dataset in POSITIVES:
        covered: dict[tuple[str, int], int] = {}
        for chrom, start, end, _ in human_peaks(world, dataset):
            for number in range(start // 200, (end - 1) // 200 + 1):
                shared = min(end, 200 * number + 200) - max(start, 200 * number)
                covered[chrom, number] = covered.get((chrom, number), 0) + shared
        positive = sum(bases >= 100 for bases in covered.values())
        assert positive == pytest.approx(world.positives(dataset), rel=0.1)


def test_bigbed_holds_the_peaks(mirror: Mirror) -> None:
    found = read_bigbed(mirror.path(mirror.peaks["atf3"]), mirror.world.sizes)
    made = {(chrom, start, end, *rest.split("\t")) for chrom, start, end, rest in human_peaks(mirror.world, "atf3")}
    assert {(peak.chrom, peak.start, peak.end, *peak.rest) for peak in found} == made


def test_a_folder_with_another_world_is_refused(mirror: Mirror) -> None:
    with pytest.raises(SystemExit, match="give another --folder"):
        Mirror(mirror.folder, World(2, 4)).make(1)
