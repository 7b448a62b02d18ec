"""Files appear whole or not at all."""

import os
import resource
import signal
from pathlib import Path

import numpy as np
import pytest

from haloscale.errors import RunFolderError
from haloscale.records import StarTable
from haloscale.tables import atomic_path, atomic_write, write_star_table

NAMES = ("a.fits", "a.csv", "a.ecsv", "a.vot", "a.parquet")


def stars(n: int) -> StarTable:
    columns = {name: np.linspace(1, 2, n) for name in ("l", "b", "distance", "v_helio")}
    return StarTable({"row": np.arange(n), **columns}, "generic")


def test_writes_text_and_bytes_as_they_are(tmp_path: Path) -> None:
    atomic_write(tmp_path / "a", "é\r\n")
    atomic_write(tmp_path / "b", b"\x00\xff")
    assert (tmp_path / "a").read_bytes() == "é\r\n".encode()
    assert (tmp_path / "b").read_bytes() == b"\x00\xff"


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    atomic_write(tmp_path / "a", "old")

    def write_half() -> None:
        with atomic_path(tmp_path / "a") as aside:
            aside.write_text("half")
            assert (tmp_path / "a").read_text() == "old"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "old"


def test_what_a_killed_process_left_is_replaced(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "a") as aside:
        aside.write_text("old")
    aside.write_text("half")
    atomic_write(tmp_path / "a", "new")
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="its folder does not exist"):
        atomic_write(tmp_path / "no" / "a", "x")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="there is no /proc here")
def test_a_folder_that_takes_no_files() -> None:
    with pytest.raises(RunFolderError, match="cannot be written: nothing can be created there"):
        atomic_write("/proc/x.csv", "x")


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(RunFolderError, match="a folder of that name stands in the way"):
        atomic_write(tmp_path / "a", "x")
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("name", NAMES)
def test_the_limit_of_the_disk_is_reached(tmp_path: Path, name: str) -> None:
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    write_star_table(tmp_path / f"warm-{name}", stars(3))  # imports write their caches without the limit
    (tmp_path / f"warm-{name}").unlink()
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(RunFolderError, match="cannot be written"):
            write_star_table(tmp_path / name, stars(5000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
def test_same_stars_same_bytes(tmp_path: Path, name: str) -> None:
    write_star_table(tmp_path / name, stars(50))
    first = (tmp_path / name).read_bytes()
    write_star_table(tmp_path / name, stars(50))
    assert (tmp_path / name).read_bytes() == first


def test_an_extension_that_names_no_format(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"'\.xlsx'"):
        write_star_table(tmp_path / "a.xlsx", stars(2))


def test_no_write_permission(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(0o755)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        with pytest.raises(RunFolderError, match="no permission to write there"):
            atomic_write(folder / "a", "x")
    finally:
        if root:
            os.seteuid(0)
