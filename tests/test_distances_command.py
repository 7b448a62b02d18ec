"""`haloscale distances`: every row of the catalogue in order, in every format, with its posterior, or refused."""

import csv
from dataclasses import fields, replace

import numpy as np
import pytest
from astropy.table import Table

import haloscale as hs
from haloscale import mock, placing, tables
from haloscale.distance import GiantSettings, giant_posterior, giant_posteriors, giants_of
from haloscale.errors import ConfigError, RunFolderError
from haloscale.photometry import deredden
from haloscale.records import MODULI, Distances, StarTable

COLUMNS = ["row", "dm_p05", "dm_p16", "dm_p50", "dm_p84", "dm_p95", "dm_mean", "m_r", "distance", "distance_error"]
PS1 = {"distance.system": "ps1"}


@pytest.fixture(scope="module")
def simulated():
    return mock.simulate_spectra(mock.Truth(), np.random.default_rng(4), n_stars=2000)


@pytest.fixture(scope="module")
def catalogue(simulated, tmp_path_factory):
    path = tmp_path_factory.mktemp("catalogue") / "stars.parquet"
    tables.write_star_table(path, simulated)
    return path


@pytest.fixture(scope="module")
def found(catalogue):
    return hs.distances(catalogue, "generic", set=PS1)


def column(table, name):
    values = np.ma.filled(np.ma.asarray(table[name], float), np.nan)
    return np.asarray(values, float)


@pytest.mark.parametrize("extension", ["csv", "fits", "ecsv", "vot", "parquet"])
def test_every_row_in_order_in_every_format(haloscale, catalogue, found, tmp_path, extension):
    out = tmp_path / f"distances.{extension}"
    done = haloscale("distances", catalogue, "--survey", "generic", "--set", "distance.system=ps1", "-o", out)
    assert done.code == 0, done.err
    if extension == "csv":
        with out.open(newline="") as file:
            rows = list(csv.DictReader(file))
        written = {name: np.array([row[name] for row in rows]) for name in rows[0]}
        written |= {name: np.array([float(v or "nan") for v in written[name]]) for name in COLUMNS}
    else:
        written = Table.read(out, format="votable" if extension == "vot" else None)
        assert written["dm_p50"].unit == "mag"
        assert written["distance_error"].unit == "kpc"
    assert list(written.keys() if extension == "csv" else written.colnames) == [*COLUMNS, "flag"]
    np.testing.assert_array_equal(column(written, "row"), np.arange(2000))
    for name in COLUMNS[1:]:
        np.testing.assert_allclose(column(written, name), getattr(found, name), rtol=1e-12, err_msg=name)
    assert [str(v) for v in written["flag"]] == found.flag.tolist()


def test_a_star_has_a_distance_or_a_flag(found, simulated):
    assert len(found) == 2000
    for field in fields(Distances):
        if field.name != "flag":
            np.testing.assert_array_equal(np.isfinite(getattr(found, field.name)), found.ok, err_msg=field.name)
    lost = np.isnan(simulated["gmag"])
    assert lost.any()
    assert set(found.flag[lost]) == {"missing_band"}


def test_true_distances_lie_in_the_stated_intervals(found, simulated):
    halo = found.ok & ~simulated.raw["true_disk"].astype(bool)
    true = 5 * np.log10(simulated.raw["true_distance"]) + 10
    inside = (true > found.dm_p16) & (true < found.dm_p84)
    assert inside[halo].mean() == pytest.approx(0.68, abs=4 * np.sqrt(0.22 / halo.sum()))


def test_the_summary_counts_every_star(haloscale, catalogue, found, tmp_path):
    out = tmp_path / "d.csv"
    done = haloscale("distances", catalogue, "--survey", "generic", "--set", "distance.system=ps1", "-o", out)
    first, *counts, last = done.out.splitlines()
    assert first == f"{found.ok.sum()} of 2000 stars have a distance (giant_branch)"
    assert sum(int(line.split()[0]) for line in counts) == 2000 - found.ok.sum()
    assert all(line.split()[1].rstrip(":") in found.flag for line in counts)
    assert last == str(out)


def test_rows_of_a_published_catalogue(shared, haloscale, tmp_path):
    """The exam of the method, from the command line: 42 stars of Zhang et al. (2023)."""
    path, out = shared("data/giant-distances/zhang2023_validation_rows.csv"), tmp_path / "d.parquet"
    names = {"rmag0": "rmag", "rmag0_error": "e_rmag", "gr0": "gr", "gr0_error": "e_gr", "feh_error": "e_feh"}
    given = [word for name, own in names.items() for word in ("--columns", f"{name}={own}")]
    columns = [*given, "--columns", "v_helio=rv"]
    done = haloscale("distances", path, "--survey", "generic", *columns, "-o", out)
    assert done.code == 0, done.err
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    published = np.array([float(row["DM50"]) for row in csv.DictReader(lines)])
    difference = tables.read_distances(out).dm_p50 - published
    assert abs(np.median(difference)) <= 0.10
    assert np.sqrt(np.mean(difference**2)) <= 0.15


def test_neither_velocities_nor_distances_are_needed(simulated, found, tmp_path):
    bare = {k: v for k, v in simulated.columns.items() if not k.startswith(("v_helio", "teff", "logg", "pm"))}
    tables.write_star_table(tmp_path / "bare.fits", StarTable(bare, "generic"))
    again = hs.distances(tmp_path / "bare.fits", "generic", set=PS1)
    np.testing.assert_allclose(again.distance, found.distance, rtol=1e-12)


def test_distance_scale_moves_distances_moduli_and_magnitudes(catalogue, found):
    scaled = hs.distances(catalogue, "generic", set={**PS1, "catalogue.distance_scale": 1.1})
    np.testing.assert_allclose(scaled.distance, 1.1 * found.distance, rtol=1e-12)
    np.testing.assert_allclose(scaled.distance_error, 1.1 * found.distance_error, rtol=1e-12)
    for name in MODULI:
        np.testing.assert_allclose(getattr(scaled, name), getattr(found, name) + 5 * np.log10(1.1), rtol=1e-12)
    np.testing.assert_allclose(scaled.m_r + scaled.dm_mean, found.m_r + found.dm_mean, rtol=1e-12)


def test_options_need_no_method(catalogue, found):
    without = hs.distances(catalogue, "generic", set={**PS1, "distance.luminosity_slope": 0.0})
    assert np.nanmean(without.dm_mean - found.dm_mean) > 0.02


def test_the_catalogue_s_own_distances_are_no_answer():
    for settings in ({"distance.method": "catalogue"}, {"distance": {"method": "catalogue"}}):
        with pytest.raises(ConfigError, match="giant_branch"):
            placing.settings_of("zhai2018", settings)


def test_a_file_of_settings_may_name_the_method(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('[distance]\nmethod = "bhb"\n')
    assert placing.settings_of(path, {}) == {}
    path.write_text('[distance]\nmethod = "catalogue"\n')
    assert placing.settings_of(path, None) == {"distance.method": "giant_branch"}


def test_blue_horizontal_branch_stars(haloscale, tmp_path):
    rng = np.random.default_rng(1)
    gr0 = rng.uniform(-0.3, 0.1, 50)
    columns = {"row": np.arange(50), "l": rng.uniform(0, 360, 50), "b": rng.uniform(30, 80, 50), "gr0": gr0}
    columns |= {"gr0_error": np.full(50, 0.02), "rmag0": rng.uniform(15, 18, 50), "rmag0_error": np.full(50, 0.02)}
    tables.write_star_table(tmp_path / "blue.csv", StarTable(columns, "generic"))
    words = ("distances", tmp_path / "blue.csv", "--survey", "generic", "--set", "distance.method=bhb")
    done = haloscale(*words, "-o", tmp_path / "d.parquet")
    assert done.code == 0, done.err
    found = tables.read_distances(tmp_path / "d.parquet")
    np.testing.assert_array_equal(found.ok, (gr0 > -0.25) & (gr0 < 0))
    done = haloscale(*words, "-o", tmp_path / "d.parquet", "--posterior", tmp_path / "p.parquet")
    assert done.code == 2
    assert "--posterior" in done.err


@pytest.fixture(scope="module")
def written(catalogue, tmp_path_factory):
    folder = tmp_path_factory.mktemp("posterior")
    files = folder / "d.parquet", folder / "p.parquet"
    found = hs.distances(catalogue, "generic", out=files[0], posterior=files[1], set=PS1)
    return found, tables.read_posteriors(files[1])


def test_it_belongs_to_the_percentiles(written):
    found, posterior = written
    ok = found.ok
    assert posterior.flag.tolist() == found.flag.tolist()
    assert np.isnan(posterior.density[~ok]).all()
    dm, density = posterior.dm[ok], posterior.density[ok]
    step = dm[:, 1] - dm[:, 0]
    np.testing.assert_allclose(density.sum(axis=1) * step, 1.0, atol=1e-5)
    np.testing.assert_allclose((density * dm).sum(axis=1) * step, found.dm_mean[ok], atol=2e-3)
    below = (density * (dm < found.dm_p50[ok][:, None])).sum(axis=1) * step
    assert abs(below - 0.5).max() < 0.06  # half a step of 0.025 mag at the peak of the narrowest


def test_parts_are_the_whole():
    stars = giants_of(mock.simulate_giants(np.random.default_rng(1), 500))
    settings = GiantSettings(metallicity_prior="sample")
    whole = giant_posterior(stars, settings)
    for number, part in enumerate(giant_posteriors(stars, settings, 170)):
        rows = np.arange(170 * number, 170 * number + len(part))
        ok = part.flag == "ok"
        mean = (part.dm * part.density).sum(axis=1) / part.density.sum(axis=1)
        expected = (whole.dm[rows] * whole.density[rows]).sum(axis=1) / whole.density[rows].sum(axis=1)
        np.testing.assert_allclose(mean[ok], expected[ok], rtol=1e-6)
    assert rows[-1] == 499


def test_an_empty_and_a_flagged_part_survive_the_file(tmp_path):
    flagged = hs.records.DistancePosterior(np.full((2, 1), np.nan), np.full((2, 1), np.nan), np.array(["x", "y"]))
    dm = 15 + 0.025 * np.arange(5.0)
    good = hs.records.DistancePosterior(dm[None], np.array([[0.0, 10.0, 20.0, 10.0, 0.0]]), np.array(["ok"]))
    tables.write_posteriors(tmp_path / "p.parquet", [flagged, good, replace(flagged)])
    read = tables.read_posteriors(tmp_path / "p.parquet")
    assert read.flag.tolist() == ["x", "y", "ok", "x", "y"]
    np.testing.assert_allclose(read.dm[2], dm[1:4])
    np.testing.assert_allclose(read.density[2], [10.0, 20.0, 10.0])
    assert np.isnan(read.density[[0, 1, 3, 4]]).all()


def test_a_file_that_stands_there_is_replaced_whole_or_not_at_all(catalogue, tmp_path):
    out = tmp_path / "d.csv"
    out.write_text("precious")
    with pytest.raises(hs.errors.CatalogueError):
        hs.distances(catalogue, "generic", out=out, set={**PS1, "distance.feh_min": 0.45})
    assert out.read_text() == "precious"
    hs.distances(catalogue, "generic", out=out, set=PS1)
    assert out.read_text().startswith("row,dm_p05")
    assert [p.name for p in tmp_path.iterdir()] == ["d.csv"]


@pytest.mark.parametrize(
    ("name", "says"), [("d.txt", "extension"), ("none/d.csv", "does not exist"), ("folder.csv", "is a folder")]
)
def test_a_file_that_cannot_be_written_is_refused_beforehand(tmp_path, name, says):
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(RunFolderError, match=says):
        hs.distances("no such catalogue", "generic", out=tmp_path / name)
    with pytest.raises(RunFolderError, match=r"\.parquet"):
        hs.distances("no such catalogue", "generic", out=tmp_path / "d.csv", posterior=tmp_path / "p.csv")


@pytest.mark.parametrize("way", ["name", "symlink", "hard link"])
def test_the_catalogue_is_never_overwritten(haloscale, catalogue, tmp_path, way):
    before, out = catalogue.read_bytes(), catalogue if way == "name" else tmp_path / "linked.csv"
    if way == "symlink":
        out.symlink_to(catalogue)
    elif way == "hard link":
        out.hardlink_to(catalogue)
    done = haloscale("distances", catalogue, "--survey", "generic", "-o", out)
    assert done.code == 2
    assert "same file" in done.err
    assert catalogue.read_bytes() == before


SAID = "magnitudes taken as SDSS (distance.system); PS1 magnitudes need --set distance.system=ps1"


def test_a_system_that_is_not_stated_is_told(haloscale, catalogue, tmp_path):
    words = ("distances", catalogue, "--survey", "generic", "-o", tmp_path / "d.csv")
    assert haloscale(*words).err.count(SAID) == 1
    assert SAID not in haloscale(*words, "--set", "distance.system=sdss").err
    assert SAID not in haloscale(*words, "--set", "distance.system=ps1").err
    check = ("check", catalogue, "--survey", "generic", "--set", "distance.method=giant_branch")
    assert haloscale(*check).err.count(SAID) == 1
    assert SAID not in haloscale(*check, "--set", "distance.system=sdss").err


@pytest.mark.parametrize("name", ["gMeanPSFMag", "g_ps1", "PS1_g", "gPSFMag", "gFKronMag"])
def test_columns_with_names_of_pan_starrs_need_a_system(simulated, haloscale, tmp_path, name):
    columns = {name if k == "gmag" else k: v for k, v in simulated.columns.items()}
    tables.write_star_table(tmp_path / "s.parquet", StarTable(columns, "generic"))
    words = ("distances", tmp_path / "s.parquet", "--survey", "generic", "--columns", f"gmag={name}")
    refused = haloscale(*words, "-o", tmp_path / "d.csv")
    assert refused.code == 2
    assert "--set distance.system=ps1" in refused.err
    for system in ("ps1", "sdss"):
        assert haloscale(*words, "--set", f"distance.system={system}", "-o", tmp_path / "d.csv").code == 0


@pytest.fixture
def own(simulated):
    """Dereddened photometry and metallicities, and nothing else."""
    made = deredden(simulated, system="ps1")
    names = ("gr0", "gr0_error", "rmag0", "rmag0_error")
    return {name: made[name] for name in ("row", *names)} | {k: simulated[k] for k in ("feh", "feh_error")}


def test_no_position_is_needed(own, found, haloscale, tmp_path):
    tables.write_star_table(tmp_path / "own.fits", StarTable(own, "generic"))
    done = haloscale("distances", tmp_path / "own.fits", "--survey", "generic", "-o", tmp_path / "d.fits")
    assert done.code == 0, done.err
    assert done.err == ""
    read = Table.read(tmp_path / "d.fits")
    np.testing.assert_allclose(column(read, "distance"), found.distance, rtol=1e-6)
    told = read.meta["comments"]
    assert not any(word in line for line in told for word in ("distance.system", "distance.ebv", "transform"))
    wrong = ("--columns", "feh=no_such_column")
    done = haloscale("distances", tmp_path / "own.fits", "--survey", "generic", *wrong, "-o", tmp_path / "d.fits")
    assert done.code == 2
    assert "v_helio" not in done.err
    assert "distance [" not in done.err


@pytest.mark.parametrize("extension", ["fits", "ecsv", "vot", "parquet"])
def test_the_file_says_how_it_was_made(catalogue, tmp_path, extension):
    out, posterior, settings = tmp_path / f"d.{extension}", tmp_path / "p.parquet", {**PS1, "distance.feh_min": -2.5}
    hs.distances(catalogue, "generic", out=out, posterior=posterior, set=settings)
    if extension == "parquet":
        lines = tables.parquet.read_parquet(out)[2]["comments"].splitlines()
    else:
        meta = Table.read(out, format="votable" if extension == "vot" else None).meta
        lines = " ".join(meta["description"].split()).split("; ") if extension == "vot" else list(meta["comments"])
    assert lines[0] == f"haloscale {hs.__version__}"
    wanted = {"catalogue.path = stars.parquet", "distance.method = giant_branch", "distance.system = ps1"}
    assert {*wanted, "distance.feh_min = -2.5", "catalogue.distance_scale = 1"} <= set(lines)
    assert not any(str(catalogue.parent) in line for line in lines)
    assert tables.parquet.read_parquet(posterior)[2]["comments"].splitlines() == lines
    first = out.read_bytes(), posterior.read_bytes()
    hs.distances(catalogue, "generic", out=out, posterior=posterior, set=settings)
    assert (out.read_bytes(), posterior.read_bytes()) == first


def test_the_posterior_needs_no_table_beside_it(catalogue, found, tmp_path):
    hs.distances(catalogue, "generic", posterior=tmp_path / "p.parquet", set=PS1)
    assert tables.read_posteriors(tmp_path / "p.parquet").flag.tolist() == found.flag.tolist()
    with pytest.raises(ConfigError, match="posterior"):
        hs.distances(catalogue, "generic", posterior=tmp_path / "q.parquet", set={"distance.method": "bhb"})
