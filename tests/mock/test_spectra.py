"""Simulated spectra and photometry: magnitudes follow from true places, and the dereddening gives them back."""

import numpy as np
import pytest

from haloscale import mock, photometry
from haloscale.distance.fiducials import fiducials
from haloscale.errors import ConfigError
from haloscale.mock.magnitudes import intrinsic_magnitudes
from haloscale.mock.spectra import BLUEST
from haloscale.records import StarTable


@pytest.fixture(scope="module", params=["ps1", "sdss"])
def made(request):
    seen = mock.Photometry(request.param)
    return seen, mock.simulate_spectra(mock.Truth(), np.random.default_rng(3), n_stars=6000, photometry=seen)


@pytest.mark.parametrize("transform", ["finkbeiner2016", "tonry2012"])
def test_the_transformation_is_inverted(transform):
    gr0, rmag0 = np.linspace(0.4, 1.4, 50), np.full(50, 16.0)
    bands = intrinsic_magnitudes(rmag0, gr0, mock.Photometry("ps1", transform))
    columns = {f"{band}mag": m for band, m in bands.items()} | {
        f"{band}mag_error": 0 * m + 1e-3 for band, m in bands.items()
    }
    table = StarTable({"row": np.arange(50), **columns, "ebv": np.zeros(50)}, "generic")
    back = photometry.deredden(table, system="ps1", transform=transform)
    np.testing.assert_allclose(back["rmag0"], rmag0, atol=1e-5)
    np.testing.assert_allclose(back["gr0"], gr0, atol=1e-5)


def test_stated_errors_are_the_scatter_about_the_truth(made):
    seen, table = made
    back = photometry.deredden(table, system=seen.system)
    raw, good = table.raw, back["photometry_flag"] == "ok"
    true = {
        "rmag0": raw["true_m_r"] + 5 * np.log10(raw["true_distance"]) + 10,
        "gr0": fiducials().colour(raw["true_m_r"], raw["true_feh"]),
    }
    good &= true["gr0"] > BLUEST + 0.12  # nearer the limit, noise decides which stars are targets
    for name, values in true.items():
        pull = ((back[name] - values) / back[f"{name}_error"])[good]
        assert pull.std() == pytest.approx(1, abs=0.08), name  # a true reddening is not negative: a little less than 1
        assert abs(pull.mean()) < 0.12, name


def test_targets_are_red_as_measured_and_within_the_limits(made):
    seen, table = made
    back = photometry.deredden(table, system=seen.system)
    assert np.nanmin(back["gr0"]) >= BLUEST
    r_mag, limits = table.raw["r_mag"], mock.SEGUE_LIKE
    assert limits.r_mag_low <= r_mag.min()
    assert r_mag.max() <= limits.r_mag_high
    np.testing.assert_allclose(r_mag, table.raw["true_m_r"] + 5 * np.log10(table.raw["true_distance"]) + 10, rtol=1e-12)


def test_there_is_no_distance_in_it_and_visits_share_their_photometry(made):
    _, table = made
    assert "distance" not in table
    star, first, again = np.unique(table.raw["true_star"], return_index=True, return_inverse=True)
    assert len(star) == 5400
    both = np.isfinite(table["gmag"]) & np.isfinite(table["gmag"][first][again])
    np.testing.assert_array_equal(table["gmag"][both], table["gmag"][first][again][both])
    assert table.raw["simulated"].all()


def test_the_same_generator_gives_the_same_stars():
    one, two = (mock.simulate_spectra(mock.Truth(), np.random.default_rng(5), n_stars=500) for _ in range(2))
    for name in one.columns:
        np.testing.assert_array_equal(one[name], two[name])


@pytest.mark.parametrize(("system", "transform"), [("gaia", "finkbeiner2016"), ("ps1", "tonry2013")])
def test_unknown_photometry_is_refused(system, transform):
    with pytest.raises(ConfigError):
        mock.Photometry(system, transform)
    with pytest.raises(ConfigError):
        mock.simulate_spectra(mock.Truth(), np.random.default_rng(1), n_stars=0)
