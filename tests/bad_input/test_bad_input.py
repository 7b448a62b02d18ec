"""Every kind of wrong input: exit code 2, one message of three parts, no traceback, nothing left behind."""

import errno
import gzip
import os
import stat
import subprocess
import sys

import numpy as np
import pytest

COLUMNS = {
    "l": lambda rng, n: rng.uniform(0, 360, n),
    "b": lambda rng, n: rng.choice([-1, 1], n) * rng.uniform(40, 85, n),
    "distance": lambda rng, n: rng.uniform(12, 40, n),
    "distance_error": lambda rng, n: rng.uniform(1, 3, n),
    "v_helio": lambda rng, n: rng.normal(0, 120, n),
    "v_helio_error": lambda rng, n: rng.uniform(3, 9, n),
    "feh": lambda rng, n: rng.normal(-1.6, 0.2, n),
}


@pytest.fixture
def stars():
    rng = np.random.default_rng(7)
    return {name: make(rng, 400) for name, make in COLUMNS.items()}


def write_csv(path, columns):
    names = list(columns)
    rows = zip(*(columns[n] for n in names), strict=True)
    path.write_text("\n".join([",".join(names), *(",".join(str(v) for v in row) for row in rows)]) + "\n")
    return path


@pytest.fixture
def refused(haloscale, tmp_path):
    """Run `weigh` on a catalogue that must be refused; returns the message."""

    def run(catalogue, *words, survey="generic", says=()):
        out = tmp_path / "out"
        done = haloscale("weigh", catalogue, "--survey", survey, "-o", out, *words)
        assert done.code == 2, done
        assert "Traceback" not in done.err
        assert done.err.count("expected:") == 1
        assert done.err.count("what to do:") == 1
        for word in says:
            assert word in done.err, done.err
        assert not out.exists()
        return done.err

    return run


def test_a_sound_catalogue_is_accepted(haloscale, stars, tmp_path):
    done = haloscale("check", write_csv(tmp_path / "stars.csv", stars), "--survey", "generic")
    assert done.code == 0, done.err
    assert "|z|" in done.out


def test_missing_file(refused, tmp_path):
    refused(tmp_path / "none.csv", says=["none.csv"])


def test_empty_file(refused, tmp_path):
    path = tmp_path / "empty.csv"
    path.touch()
    refused(path, says=["empty"])


def test_header_without_rows(refused, tmp_path):
    path = tmp_path / "header.csv"
    path.write_text(",".join(COLUMNS) + "\n")
    refused(path, says=["header.csv"])


def test_directory(refused, tmp_path):
    folder = tmp_path / "folder.fits"
    folder.mkdir()
    refused(folder, says=["folder.fits"])


def test_truncated_fits(refused, stars, tmp_path):
    from astropy.table import Table

    Table(stars).write(tmp_path / "whole.fits")
    path = tmp_path / "cut.fits"
    path.write_bytes((tmp_path / "whole.fits").read_bytes()[:9000])
    refused(path, says=["cut.fits"])


def test_truncated_gzip(refused, stars, tmp_path):
    whole = gzip.compress(write_csv(tmp_path / "stars.csv", stars).read_bytes())
    path = tmp_path / "stars.csv.gz"
    path.write_bytes(whole[: len(whole) // 2])
    refused(path, says=["stars.csv.gz"])


def test_truncated_parquet(refused, stars, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table(stars), tmp_path / "whole.parquet")
    path = tmp_path / "cut.parquet"
    path.write_bytes((tmp_path / "whole.parquet").read_bytes()[:5000])
    refused(path, says=["cut.parquet"])


def test_picture_named_csv(refused, tmp_path):
    path = tmp_path / "stars.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    refused(path, says=["stars.csv"])


def test_unknown_survey_offers_the_nearest(refused, stars, tmp_path):
    refused(write_csv(tmp_path / "s.csv", stars), survey="segue_kgiant", says=["segue_kgiants"])


def test_no_survey(haloscale, stars, tmp_path):
    done = haloscale("weigh", write_csv(tmp_path / "s.csv", stars), "-o", tmp_path / "out")
    assert done.code == 2
    assert "--survey" in done.err


def test_missing_column(refused, stars, tmp_path):
    stars["velocity"] = stars.pop("v_helio")
    refused(write_csv(tmp_path / "s.csv", stars), says=["v_helio", "--columns"])


def test_missing_distance_column(refused, stars, tmp_path):
    del stars["distance"]
    refused(write_csv(tmp_path / "s.csv", stars), says=["distance"])


def test_duplicate_column(refused, stars, tmp_path):
    path = write_csv(tmp_path / "s.csv", stars)
    path.write_text(path.read_text().replace("feh", "b", 1))
    refused(path, says=["'b'"])


def test_unit_of_the_wrong_kind(refused, stars, tmp_path):
    from astropy.table import Table

    table = Table(stars)
    table["distance"].unit = "K"
    table.write(tmp_path / "s.ecsv")
    refused(tmp_path / "s.ecsv", says=["distance", "K"])


def test_all_values_nan(refused, stars, tmp_path):
    stars["v_helio"] = np.full(400, np.nan)
    refused(write_csv(tmp_path / "s.csv", stars), says=["v_helio"])


@pytest.mark.parametrize("value", [-3.0, 0.0])
def test_distances_not_positive(refused, stars, tmp_path, value):
    stars["distance"][5] = value
    refused(write_csv(tmp_path / "s.csv", stars), says=["distance", "5"])


def test_latitude_out_of_range(refused, stars, tmp_path):
    stars["b"][3] = 97.0
    refused(write_csv(tmp_path / "s.csv", stars), says=["b", "97"])


def test_velocities_in_metres_a_second(refused, stars, tmp_path):
    stars["v_helio"] *= 1000
    refused(write_csv(tmp_path / "s.csv", stars), says=["m/s"])


def test_distances_in_parsecs(refused, stars, tmp_path):
    stars["distance"] *= 1000
    refused(write_csv(tmp_path / "s.csv", stars), says=["pc"])


def test_all_labels_missing(refused, stars, tmp_path):
    stars["feh"] = np.full(400, -9999)
    refused(write_csv(tmp_path / "s.csv", stars), says=["[Fe/H]", "every value is missing"])


def test_words_in_a_number_column(refused, stars, tmp_path):
    stars["distance"] = stars["distance"].astype(object)
    stars["distance"][10] = "far"
    refused(write_csv(tmp_path / "s.csv", stars), says=["distance", "far"])


def test_no_star_left_names_the_cut(refused, stars, tmp_path):
    refused(write_csv(tmp_path / "s.csv", stars), "--set", "selection.feh_max=-4", says=["[Fe/H]"])


def test_all_velocity_errors_missing_or_infinite(refused, stars, tmp_path):
    stars["v_helio_error"] = np.full(400, np.inf)
    refused(write_csv(tmp_path / "s.csv", stars), says=["velocity error"])
    del stars["v_helio_error"]
    refused(write_csv(tmp_path / "s.csv", stars), says=["velocity error"])


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("selection.zmin=5", ["z_min"]),
        ("selecton.z_min=5", ["selection"]),
        ('mass.halo.m_vir={prior="uniform",low=2e12,high=1e12}', ["m_vir", "low"]),
        ("mass.halo.c=-3", ["c"]),
        ("anisotropy.beta=1.5", ["beta"]),
        ("tracer.log_slope=0", ["log_slope"]),
        ("tracer.log_slope=2", ["log_slope"]),
        ("dispersion.edges=[5,10,8]", ["edges"]),
        ("sampler.n_steps=0", ["n_steps"]),
        ("sampler.n_steps=-5", ["n_steps"]),
        ("sampler.name=emce", ["emcee"]),
        ("mass.halo.profile=nfww", ["nfw"]),
        ("jeans.projection=sideways", ["projection"]),
        ("selection.z_min=high", ["z_min"]),
        ("frame.r0=-8", ["r0"]),
        ("nonsense", ["--set"]),
    ],
)
def test_settings(refused, stars, tmp_path, setting, says):
    refused(write_csv(tmp_path / "s.csv", stars), "--set", setting, says=says)


def test_unknown_recipe(refused, stars, tmp_path):
    refused(write_csv(tmp_path / "s.csv", stars), "--recipe", "zhai2081", says=["zhai2018"])


def test_too_few_walkers(refused, stars, tmp_path):
    refused(write_csv(tmp_path / "s.csv", stars), "--set", "sampler.n_walkers=2", says=["n_walkers"])


def test_strict_refuses_a_cut_without_column(refused, stars, tmp_path):
    del stars["feh"]
    refused(write_csv(tmp_path / "s.csv", stars), "--strict", says=["feh"])


def test_survey_without_distances(refused, tmp_path):
    path = tmp_path / "dr5.csv"
    path.write_text(
        "obsid|ra|dec|rv|rv_err|feh|teff|logg\n"
        + "".join(f"{i}|{i}.5|20.0|{i - 50}|5|-1.5|4500|1.5\n" for i in range(1, 99))
    )
    refused(path, survey="lamost_dr5", says=["distance"])


def test_folder_with_foreign_files_is_left_alone(haloscale, stars, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.tex").write_text("precious")
    done = haloscale("weigh", write_csv(tmp_path / "s.csv", stars), "--survey", "generic", "-o", folder)
    assert done.code == 2
    assert [p.name for p in folder.iterdir()] == ["thesis.tex"]


def test_output_is_a_file(haloscale, stars, tmp_path):
    path = write_csv(tmp_path / "s.csv", stars)
    done = haloscale("weigh", path, "--survey", "generic", "-o", path)
    assert done.code == 2
    assert "Traceback" not in done.err


WEIGH = [sys.executable, "-m", "haloscale.cli", "weigh"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to become another user")
def test_no_permission_to_write(stars, tmp_path):
    catalogue = write_csv(tmp_path / "s.csv", stars)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o755)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == 0 and folder != folder.parent and not folder.stat().st_mode & stat.S_IXOTH:
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH | stat.S_IROTH)
    become = (
        "import os, haloscale.api, haloscale.cli as c; os.setgroups([]); os.setgid(65534); os.setuid(65534); c.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", become, "weigh", str(catalogue), "--survey", "generic", "-o", str(closed / "run")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2, done.stderr
    assert "permission" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(closed.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to mount a tiny disk")
def test_disk_full(stars, tmp_path):
    catalogue = write_csv(tmp_path / "s.csv", stars)
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48k", "tmpfs", str(disk)], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"needs root that may mount a tmpfs: {mounted.stderr.strip()}")
    try:
        done = subprocess.run(
            [*WEIGH, str(catalogue), "--survey", "generic", "-o", str(disk / "run")], capture_output=True, text=True
        )
        assert done.returncode == 2, done.stderr
        assert "full" in done.stderr
        assert "Traceback" not in done.stderr
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_every_operating_system_refusal_is_told_in_one_message(tmp_path):
    from haloscale.errors import RunFolderError
    from haloscale.folder import claimed

    for code in (errno.ENOSPC, errno.EACCES, errno.EIO):
        folder = tmp_path / errno.errorcode[code]
        with pytest.raises(RunFolderError), claimed(folder, {"config": {}, "catalogue_sha256": ""}):
            raise OSError(code, os.strerror(code))
        assert not folder.exists()
