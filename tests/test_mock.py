"""Simulated catalogues: drawn as the truth says, observed as astropy says, thinned and scattered as stated."""

import numpy as np
import pytest

from haloscale import anisotropy, jeans, mock, tracer
from haloscale.errors import ConfigError, NumericalError, SelectionError
from haloscale.frames import MODERN, ZHAI2018, locate
from haloscale.mock import motions, sight
from haloscale.mock.positions import radius_sampler
from haloscale.repeats import merge_repeats


@pytest.fixture(scope="module")
def million():
    """A complete, error-free tracer of 1e6 stars with beta = 0.3."""
    truth = mock.Truth(anisotropy=anisotropy.Constant(beta=0.3))
    return truth, mock.simulate_simple(truth, np.random.default_rng(3), 1_000_000)


@pytest.fixture(scope="module")
def demo():
    """The default catalogue."""
    return mock.Truth(), mock.simulate(mock.Truth(), np.random.default_rng(1))


def test_truth_numbers_are_those_of_its_models():
    truth = mock.Truth()
    numbers = truth.numbers
    assert (numbers["m_vir"], numbers["c"], numbers["beta"], numbers["log_slope"]) == (1.1e12, 15.0, 0.0, -4.0)
    expected = truth.halo.enclosed_mass(100.0) + truth.baryons.enclosed_mass(100.0)
    assert numbers["m_within_100kpc"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("log_slope", [-4.0, -3.5, -3.0])
def test_radii_follow_the_tracer(log_slope):
    truth = mock.Truth(tracer=tracer.PowerLaw(log_slope=log_slope))
    r = mock.simulate_simple(truth, np.random.default_rng(5), 200_000).raw["true_r"]
    k, (low, high) = 3 + log_slope, (2.0, 200.0)
    assert low <= r.min()
    assert r.max() <= high
    if k == 0:
        uniform = np.log(r / low) / np.log(high / low)
    else:
        uniform = (r**k - low**k) / (high**k - low**k)
    observed = np.histogram(uniform, np.linspace(0, 1, 21))[0]
    assert np.sum((observed - 10_000) ** 2 / 10_000) < 43.8  # 99.9 % of chi-square with 19 degrees of freedom


def test_maximum_likelihood_slope(million):
    _, table = million
    r = table.raw["true_r"]
    ln = np.log(r[(r > 5) & (r < 100)] / 5)
    span = np.log(20.0)
    trial = np.linspace(-1.1, -0.9, 2001)  # log_slope + 3
    log_likelihood = trial * ln.mean() - np.log(np.expm1(trial * span) / trial)
    slope = trial[np.argmax(log_likelihood)] - 3
    assert abs(slope + 4) < 4 / (ln.std() * np.sqrt(len(ln)))


def test_other_tracers_are_inverted_on_a_grid():
    class Curved:
        scale_free = False

        def density_ratio(self, s, r):
            return (s / r) ** -3 * np.exp(-(s - r) / 20)

    r = radius_sampler(Curved())(np.random.default_rng(2), 400_000)
    grid = np.geomspace(2, 200, 200_001)
    density = np.exp(-grid / 20) / grid
    cumulative = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(grid))])
    edges = np.interp(np.linspace(0, 1, 21), cumulative / cumulative[-1], grid)
    assert np.sum((np.histogram(r, edges)[0] - 20_000) ** 2 / 20_000) < 43.8


@pytest.mark.slow
def test_velocities_obey_the_jeans_equation(million):
    """A sampler a few tenths of a percent too cold, however many stars it draws, is caught here."""
    truth, table = million
    sigma = jeans.sigma_r(truth.mass, truth.tracer, truth.anisotropy, table.raw["true_r"])
    total = 0.0
    for name, ratio in (("true_v_r", 1.0), ("true_v_theta", 0.7), ("true_v_phi", 0.7)):
        scaled = table.raw[name] / sigma / np.sqrt(ratio)
        assert np.sqrt(np.mean(scaled**2)) == pytest.approx(1, abs=4 / np.sqrt(2e6))
        assert abs(scaled.mean()) < 4e-3
        assert np.mean(scaled**4) == pytest.approx(3, abs=4 * np.sqrt(96e-6))
        total += np.mean(scaled**2) / 3
    assert np.sqrt(total) == pytest.approx(1, abs=2e-3)


@pytest.mark.parametrize("low", [2, 4, 8, 16, 32, 64, 128])
def test_dispersion_and_beta_in_shells(million, low):
    truth, table = million
    r = table.raw["true_r"]
    shell = (r >= low) & (r < 2 * low)
    v_r, v_t = table.raw["true_v_r"][shell], np.stack([table.raw[f"true_v_{k}"][shell] for k in ("theta", "phi")])
    expected = np.mean(jeans.variance_r(truth.mass, truth.tracer, truth.anisotropy, r[shell]))
    n = shell.sum()
    assert np.mean(v_r**2) / expected == pytest.approx(1, abs=4.5 * np.sqrt(2 / n))
    assert 1 - np.mean(v_t**2) / np.mean(v_r**2) == pytest.approx(0.3, abs=4.5 * 0.7 * np.sqrt(3 / n))


def test_interpolated_dispersion_is_exact_to_a_millionth():
    truth = mock.Truth(anisotropy=anisotropy.Constant(beta=0.3))
    r = np.random.default_rng(0).uniform(2, 200, 1000)

    class Ones:
        def standard_normal(self, shape):
            return np.ones(shape)

    drawn = motions.halo_velocities(truth, r, Ones())
    exact = jeans.sigma_r(truth.mass, truth.tracer, truth.anisotropy, r)
    np.testing.assert_allclose(drawn[:, 0], exact, rtol=1e-6)
    np.testing.assert_allclose(drawn[:, 1], exact * np.sqrt(0.7), rtol=1e-6)


def astropy_frame(frame):
    """astropy's Galactocentric frame about l = b = 0, rolled until l = 90 deg lies along its y axis."""
    import astropy.units as u
    from astropy.coordinates import CartesianDifferential, Galactocentric, SkyCoord

    def build(roll):
        return Galactocentric(
            galcen_coord=SkyCoord(l=0 * u.deg, b=0 * u.deg, frame="galactic").icrs,
            galcen_distance=frame.r0 * u.kpc,
            galcen_v_sun=CartesianDifferential(*frame.sun_velocity, unit=u.km / u.s),
            z_sun=frame.z_sun * u.kpc,
            roll=roll * u.deg,
        )

    def slope(roll):
        ends = SkyCoord(l=[90, 0] * u.deg, b=[0, 0] * u.deg, distance=[1, 0] * u.kpc, frame="galactic")
        there = ends.transform_to(build(roll))
        return np.degrees((there.z[0] - there.z[1]).to_value(u.kpc))

    return build(min((slope(0.0), -slope(0.0)), key=lambda roll: abs(slope(roll))))


@pytest.mark.parametrize("frame", [ZHAI2018, MODERN], ids=["zhai2018", "modern"])
def test_sky_and_motions_agree_with_astropy(frame):
    import astropy.units as u
    from astropy.coordinates import ICRS, CartesianDifferential, CartesianRepresentation, Galactic

    rng = np.random.default_rng(8)
    position, velocity = rng.normal(0, 20, (300, 3)), rng.normal(0, 150, (300, 3))
    seen = sight.observe(position, velocity, frame)
    motion = CartesianDifferential(velocity.T * u.km / u.s)
    six_dimensional = CartesianRepresentation(position.T * u.kpc, differentials=motion)
    there = astropy_frame(frame).realize_frame(six_dimensional)
    icrs, galactic = there.transform_to(ICRS()), there.transform_to(Galactic())
    np.testing.assert_allclose(seen.distance, icrs.distance.to_value(u.kpc), rtol=1e-7)
    np.testing.assert_allclose(seen.b, galactic.b.deg, atol=1e-6)
    np.testing.assert_allclose((seen.l - galactic.l.deg + 180) % 360 - 180, 0, atol=1e-5)
    np.testing.assert_allclose(seen.v_helio, icrs.radial_velocity.to_value(u.km / u.s), rtol=1e-6, atol=1e-5)
    np.testing.assert_allclose(seen.pmra, icrs.pm_ra_cosdec.to_value(u.mas / u.yr), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(seen.pmdec, icrs.pm_dec.to_value(u.mas / u.yr), rtol=1e-6, atol=1e-6)


def test_the_catalogue_is_located_where_the_stars_are(million):
    truth, table = million
    located = locate(table.take(np.arange(5000)), truth.frame)
    np.testing.assert_allclose(located["r"], located.raw["true_r"], rtol=1e-9)
    cos2 = 1 - located["sin2_psi"]
    transverse = located.raw["true_v_theta"] ** 2 + located.raw["true_v_phi"] ** 2
    reach = np.abs(located.raw["true_v_r"]) * np.sqrt(cos2) + np.sqrt(transverse * located["sin2_psi"])
    assert np.all(np.abs(located["v_gsr"]) <= reach * (1 + 1e-6) + 1e-6)


def test_errors_have_their_stated_size(demo):
    _, table = demo
    residual = np.log(table["distance"] / table.raw["true_distance"])
    fraction = table["distance_error"] / table["distance"]
    pull = residual / fraction
    assert np.median(fraction) == pytest.approx(0.13, rel=0.02)
    assert abs(pull.mean()) < 0.03
    assert pull.std() == pytest.approx(1, abs=0.02)
    assert 0 < np.mean(fraction > 0.4) < 0.01
    pull = (table["v_helio"] - table.raw["true_v_helio"]) / table["v_helio_error"]
    assert np.median(table["v_helio_error"]) == pytest.approx(7, rel=0.02)
    assert abs(pull.mean()) < 0.03
    assert pull.std() == pytest.approx(1, abs=0.02)


def test_errors_of_one_size():
    table = mock.simulate_simple(
        mock.Truth(), np.random.default_rng(4), 100_000, distance_fractional_error=0.13, v_error=7.0
    )
    residual = np.log(table["distance"] / table.raw["true_distance"])
    assert residual.std() == pytest.approx(0.13, rel=0.01)
    np.testing.assert_allclose(table["distance_error"] / table["distance"], 0.13)
    assert (table["v_helio"] - table.raw["true_v_helio"]).std() == pytest.approx(7, rel=0.01)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_cuts_of_the_paper_leave_a_sample_like_the_papers(seed):
    truth = mock.Truth()
    stars = locate(merge_repeats(mock.simulate(truth, np.random.default_rng(seed)), 3.0)[0], truth.frame)
    kept = (np.abs(stars["z"]) >= 5) & (stars["feh"] <= -1) & (stars["distance_error"] < 0.4 * stars["distance"])
    kept &= (stars["r"] >= 5) & (stars["r"] <= 120)
    assert 9000 < kept.sum() < 10_300
    assert 0.04 < np.mean(stars["r"][kept] > 40) < 0.06
    assert stars.raw["true_disk"].sum() > 4000
    assert stars.raw["true_disk"][kept].sum() < 30


def test_the_footprint_holds_every_star(demo):
    _, table = demo
    assert table["dec"].min() > -10.01
    assert table["dec"].max() < 60.01
    assert np.abs(table["b"]).min() > 9.99
    assert table.raw["r_mag"].max() <= mock.LAMOST_LIKE.r_mag_high
    assert table.raw["r_mag"].min() >= mock.LAMOST_LIKE.r_mag_low


def test_repeats_are_found_by_position(demo):
    _, table = demo
    _, counts = np.unique(table.raw["true_star"], return_counts=True)
    assert (counts == 2).sum() == round(0.13 * len(table))
    assert counts.max() == 2
    merged, cut = merge_repeats(table, 3.0)
    assert (len(merged), cut.n_before) == (len(counts), len(table))
    assert len(np.unique(merged.raw["true_star"])) == len(counts)


def test_visits_share_photometry_but_not_noise(demo):
    _, table = demo
    order = np.argsort(table.raw["true_star"], kind="stable")
    star = table.raw["true_star"][order]
    first = order[:-1][star[:-1] == star[1:]]
    second = order[1:][star[:-1] == star[1:]]
    both = np.isfinite(table["pmra"][first] + table["pmra"][second])
    np.testing.assert_array_equal(table["pmra"][first][both], table["pmra"][second][both])
    fraction = table["distance_error"][first] / table["distance"][first]
    ratio = np.log(table["distance"][first] / table["distance"][second]) / fraction
    assert ratio.std() == pytest.approx(np.sqrt(2 * 0.27), rel=0.05)
    velocity = (table["v_helio"][first] - table["v_helio"][second]) / np.hypot(
        table["v_helio_error"][first], table["v_helio_error"][second]
    )
    assert velocity.std() == pytest.approx(1, rel=0.05)


def test_everything_is_labelled_simulated_and_some_values_are_missing(demo):
    _, table = demo
    assert table.survey == "generic"
    assert table.raw["simulated"].all()
    np.testing.assert_array_equal(table["row"], np.arange(len(table)))
    for name in ("teff", "logg", "feh", "pmra"):
        assert 0 < np.mean(np.isnan(table[name])) < 0.02
    for name in ("ra", "dec", "l", "b", "distance", "distance_error", "v_helio", "v_helio_error"):
        assert np.isfinite(table[name]).all()
    assert (table["distance"] > 0).all()


def test_rows_are_shuffled(demo):
    _, table = demo
    disk = table.raw["true_disk"]
    assert disk[: len(disk) // 2].mean() == pytest.approx(disk.mean(), abs=0.02)


def test_same_seed_same_bytes():
    first, second, other = (
        mock.simulate(mock.Truth(), np.random.default_rng(seed), n_stars=3000) for seed in (7, 7, 8)
    )
    for name in first.columns:
        assert first[name].tobytes() == second[name].tobytes()
    for name in first.raw:
        assert first.raw[name].tobytes() == second.raw[name].tobytes()
    assert first["distance"].tobytes() != other["distance"].tobytes()


@pytest.mark.parametrize("n", [1, 2, 10])
def test_tiny_catalogues(n):
    assert len(mock.simulate(mock.Truth(), np.random.default_rng(0), n_stars=n)) == n


@pytest.mark.parametrize(
    "options", [{"n_stars": 0}, {"contamination": -0.1}, {"repeat_fraction": 0.6}, {"missing_fraction": float("nan")}]
)
def test_wrong_options_are_refused(options):
    with pytest.raises(ConfigError):
        mock.simulate(mock.Truth(), np.random.default_rng(0), **{"n_stars": 10, **options})


def test_an_empty_footprint_is_refused():
    with pytest.raises(SelectionError, match="none of"):
        mock.simulate(mock.Truth(), np.random.default_rng(0), n_stars=1, footprint=mock.Footprint(r_mag_high=-50.0))


def test_an_impossible_truth_is_refused():
    class TooRadial:
        scale_free, beta = True, 1.2

        def beta_at(self, r):
            return 1.2 + 0 * r

        def factor_ratio(self, s, r):
            return (s / r) ** 2.4

    with pytest.raises(NumericalError):
        mock.simulate_simple(mock.Truth(anisotropy=TooRadial()), np.random.default_rng(0), 10)


def test_bias_note_tells_both_samples():
    note = mock.bias_note(mock.Truth())
    assert mock.COMPLETE in note
    assert mock.DEPTH_LIMITED in note
    assert "+2% to +3%" in note
    (radial,) = mock.predicted_bias(
        mock.Truth(anisotropy=anisotropy.Constant(beta=0.3)), distance_fractional_error=0.0, sample=mock.COMPLETE
    )
    assert radial.low == 0.33


def test_bias_note_admits_ignorance():
    truth = mock.Truth(anisotropy=anisotropy.Constant(beta=0.7))
    assert mock.predicted_bias(truth) == []
    assert "nothing measured for beta = 0.7" in mock.bias_note(truth)
