"""Wrong photometry through the command line: one message and exit code 2, or flags that are counted; never a guess."""

import csv

import numpy as np
import pytest

from haloscale import mock

N = 400
PS1 = ("--set", "distance.system=ps1")


@pytest.fixture
def stars():
    table = mock.simulate_spectra(mock.Truth(), np.random.default_rng(6), n_stars=N, missing_fraction=0.0)
    names = ("l", "b", "v_helio", "v_helio_error", "feh", "feh_error", "gmag", "rmag", "imag", "ebv")
    errors = tuple(f"{band}mag_error" for band in "gri")
    return {name: np.array(table[name]) for name in (*names, *errors)}


@pytest.fixture
def commands(haloscale, tmp_path):
    """Run `distances` and `weigh` on the stars; returns what each did, and the table of the first, row by row."""

    def run(stars, *words):
        path, out, folder = tmp_path / "stars.csv", tmp_path / "d.csv", tmp_path / "run"
        rows = zip(*stars.values(), strict=True)
        path.write_text("\n".join([",".join(stars), *(",".join(str(v) for v in row) for row in rows)]) + "\n")
        given = ("--survey", "generic", *words)
        found = haloscale("distances", path, *given, "-o", out)
        sampled = haloscale("check", path, *given, "--set", "distance.method=giant_branch")
        if found.code == 2:
            weighed = haloscale("weigh", path, *given, "--set", "distance.method=giant_branch", "-o", folder)
            assert weighed.err.splitlines()[-3:] == sampled.err.splitlines()[-3:]
            assert not folder.exists()
        table = list(csv.DictReader(out.read_text().splitlines())) if out.exists() else []
        assert out.exists() == (found.code == 0)
        return found, sampled, table

    return run


@pytest.fixture
def refused(commands):
    """Both commands refuse, in the same words, and leave nothing behind; returns the message."""

    def run(stars, *words, says=()):
        for done in commands(stars, *words)[:2]:
            assert done.code == 2, done
            assert "Traceback" not in done.err
            assert done.err.count("expected:") == done.err.count("what to do:") == 1
            for word in says:
                assert word in done.err, done.err

    return run


def without(stars, *names):
    return {name: values for name, values in stars.items() if name not in names}


@pytest.mark.parametrize(
    ("lacking", "says"),
    [
        (("imag", "imag_error"), ["imag", "tonry2012"]),
        (("gmag", "gmag_error"), ["gmag", "--columns gmag="]),
        (("rmag_error",), ["rmag_error", "error_floor"]),
        (("ebv",), ["ebv", "SFD"]),
        (("feh",), ["feh"]),
        (("feh_error",), ["feh_error"]),
    ],
)
def test_a_column_that_is_needed(refused, stars, lacking, says):
    refused(without(stars, *lacking), *PS1, says=says)


def test_nothing_to_find_a_distance_from(haloscale, stars, tmp_path):
    path = tmp_path / "s.csv"
    columns = without(stars, *(n for n in stars if "mag" in n or n == "ebv"))
    path.write_text(",".join(columns) + "\n" + ",".join(str(v[0]) for v in columns.values()) + "\n")
    done = haloscale("distances", path, "--survey", "generic", "-o", tmp_path / "d.csv")
    assert done.code == 2
    assert "gmag" in done.err
    assert not (tmp_path / "d.csv").exists()


@pytest.mark.parametrize("value", [-0.1, 7.0, 1.5e3])
def test_a_reddening_that_is_none_throughout(refused, stars, value):
    refused({**stars, "ebv": np.full(N, value)}, *PS1, says=["ebv", "mag"])


@pytest.mark.parametrize(
    ("name", "value", "flag"),
    [
        ("ebv", -0.01, "bad_ebv"),
        ("ebv", 3.0, "bad_ebv"),
        ("ebv", "", "bad_ebv"),
        ("gmag", 99.99, "missing_band"),
        ("gmag", -9999, "missing_band"),
        ("gmag_error", 5.0, "missing_error"),
        ("imag", "", "missing_band"),
        ("feh", -9999, "missing_feh"),
        ("feh", -3.4, "outside_feh"),
        ("feh", 0.9, "outside_feh"),
        ("feh_error", 0.0, "missing_error"),
        ("gmag", 30.0, "outside_transform"),
    ],
)
def test_bad_values_of_some_stars_are_flagged_and_counted(haloscale, stars, tmp_path, name, value, flag):
    bad = np.arange(5, N, 40)
    stars[name] = stars[name].astype(object)
    stars[name][bad] = value
    path, out = tmp_path / "s.csv", tmp_path / "d.csv"
    rows = zip(*stars.values(), strict=True)
    path.write_text("\n".join([",".join(stars), *(",".join(str(v) for v in row) for row in rows)]) + "\n")
    done = haloscale("distances", path, "--survey", "generic", *PS1, "-o", out)
    assert done.code == 0, done.err
    written = list(csv.DictReader(out.read_text().splitlines()))
    assert [row["row"] for row in written] == [str(i) for i in range(N)]
    assert {written[i]["flag"] for i in bad} == {flag}
    assert all(written[i]["distance"] in ("", "nan") for i in bad)
    (line,) = [line for line in done.out.splitlines() if f"  {flag}" in line]
    assert int(line.split()[0]) >= len(bad)


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("gmag", lambda x: np.full(N, 99.99), ["missing_band"]),
        ("feh", lambda x: np.full(N, -9999.0), ["feh"]),
        ("feh", lambda x: np.full(N, 1.5), ["outside_feh"]),
        ("gmag_error", lambda x: np.full(N, 9.0), ["missing_error"]),
    ],
)
def test_no_usable_star(refused, stars, name, change, says):
    refused({**stars, name: change(stars[name])}, *PS1, says=says)


def test_colours_outside_the_sequences(commands, refused, stars):
    given = {**stars, "gr0": np.full(N, 3.5), "gr0_error": np.full(N, 0.02), "rmag0": stars["rmag"]}
    given["rmag0_error"] = stars["rmag_error"]
    refused(given, says=["outside_colours", "redder"])
    given["gr0"][:200] = 0.9
    found, sampled, table = commands(given)
    assert found.code == 0
    assert {row["flag"] for row in table[200:]} == {"outside_colours"}
    assert "outside_colours" in sampled.out


def test_an_sfd_folder_without_its_files(refused, stars, tmp_path):
    (tmp_path / "maps").mkdir()
    files = ["SFD_dust_4096_ngp.fits", "SFD_dust_4096_sgp.fits", "10.7910/DVN/EWCNL5"]
    refused(stars, *PS1, "--set", f"distance.ebv={tmp_path / 'maps'}", says=files)
    refused(stars, *PS1, "--set", f"distance.ebv={tmp_path / 'nowhere'}", says=["nowhere", *files])


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("distance.system=gaia", ["sdss", "ps1"]),
        ("distance.transform=tonry", ["tonry2012"]),
        ("distance.ebv_max=-1", ["ebv_max"]),
        ("distance.luminosity_slope=9", ["luminosity_slope"]),
        ('distance.clusters=["M51"]', ["M51"]),
        ("distance.luminosity=0.3", ["luminosity_slope"]),
        ("distance.method=giant_brunch", ["giant_branch"]),
    ],
)
def test_settings(haloscale, stars, tmp_path, setting, says):
    path = tmp_path / "s.csv"
    path.write_text(",".join(stars) + "\n" + ",".join(str(v[0]) for v in stars.values()) + "\n")
    done = haloscale("distances", path, "--survey", "generic", "--set", setting, "-o", tmp_path / "d.csv")
    assert done.code == 2, done
    assert all(word in done.err for word in says), done.err
    assert not (tmp_path / "d.csv").exists()


def test_the_catalogue_s_own_distances_are_refused_as_an_answer(haloscale, tmp_path):
    words = ("--survey", "generic", "--set", "distance.method=catalogue", "-o", tmp_path / "d.csv")
    done = haloscale("distances", tmp_path / "s.csv", *words)
    assert done.code == 2
    assert "giant_branch" in done.err
