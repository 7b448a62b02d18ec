"""Star by star against the formula itself, evaluated plainly: one star, one node at a time, no table, no batch."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import norm

from haloscale.anisotropy import Constant, MamonLokas
from haloscale.errors import ConfigError, InputError
from haloscale.frames import MODERN, ZHAI2018, galactocentric, locate
from haloscale.inference.likelihood import stars as module
from haloscale.inference.likelihood.base import Data, TrueCuts, likelihoods
from haloscale.inference.likelihood.radial import RadialVariance, Spline
from haloscale.inference.model import Component, GalaxyModel
from haloscale.inference.nuisance import Calibration, Kinematics
from haloscale.inference.posterior import Posterior
from haloscale.inference.priors import LogNormal, LogUniform, Normal, Uniform
from haloscale.jeans import variance_r
from haloscale.mass import NFW, ExponentialDisk, Hernquist
from haloscale.records import DispersionProfile, Sample, StarTable
from haloscale.tracer import BrokenPowerLaw, PowerLaw

HALO = Component("mass.halo", NFW, {"m_vir": LogUniform(1e11, 1e13), "c": LogUniform(1.0, 100.0)})
DISK = Component("mass.disk", ExponentialDisk, {"m": 6.8e10, "b": 2.5})
BULGE = Component("mass.bulge", Hernquist, {"m": 0.5e10, "a": 0.6})
SLOPE = Component("tracer", PowerLaw, {"log_slope": -4.0})
BETA = Component("anisotropy", Constant, {"beta": 0.4})
FREE_SLOPE = Component("tracer", PowerLaw, {"log_slope": Uniform(-5.0, -3.0)})
FREE_BETA = Component("anisotropy", Constant, {"beta": Uniform(-0.5, 0.9)})
CUTS = TrueCuts(z_min=5.0, r_min=4.0, r_max=140.0)
THETA = np.array([1.1e12, 14.0])


def model(tracer=SLOPE, anisotropy=BETA):
    return GalaxyModel((HALO, DISK, BULGE, tracer, anisotropy), {})


def sample(n=60, error=0.13, frame=ZHAI2018, seed=1):
    rng = np.random.default_rng(seed)
    columns = {
        "row": np.arange(n) + 100,
        "l": rng.uniform(0, 360, n),
        "b": rng.choice([-1, 1], n) * rng.uniform(30, 85, n),
        "distance": np.exp(rng.uniform(np.log(11), np.log(70), n)),
        "v_helio": rng.normal(0, 150, n),
        "v_helio_error": rng.uniform(1, 20, n),
    }
    table = locate(StarTable(columns, "generic"), frame)
    errors = error * columns["distance"] * rng.uniform(0.5, 1.5, n)
    minus = np.full(n, -1)
    return Sample(**table.columns, distance_error=errors, group_id=minus, bin=0 * minus)


def data(stars, **more):
    one = np.ones(1)
    profile = DispersionProfile(
        4 * one, 120 * one, 60 * one, 20 * one, np.array([len(stars)]), 110 * one, 105 * one, 115 * one, 0 * one, one,
        0.1 * one, one > 0,
    )  # fmt: skip
    return Data(stars, profile, more.get("frame", ZHAI2018).r0, "none", **more)


def made(stars, of=None, cuts=CUTS, frame=ZHAI2018, **options):
    return likelihoods["stars"](data(stars, true_selection=cuts, frame=frame), of or model(), **options)


def plain(stars, galaxy, cuts=CUTS, frame=ZHAI2018, n_nodes=15):
    """Sum over the stars of ln [sum_k w_k N(v; 0, V_k) / sum_k w_k]."""
    x, quadrature = np.polynomial.hermite.hermgauss(n_nodes)
    total = 0.0
    for i in range(len(stars)):
        s = stars.distance_error[i] / stars.distance[i]
        above, below = [], []
        for t, w in zip(x, quadrature, strict=True):
            d = stars.distance[i] * np.exp(np.sqrt(2) * s * t)
            position = np.array(galactocentric(stars.l[i], stars.b[i], d, frame))
            r = np.sqrt(position @ position)
            if cuts and (abs(position[2]) < cuts.z_min or not cuts.r_min <= r <= cuts.r_max):
                continue
            step = np.array(galactocentric(stars.l[i], stars.b[i], d + 1e-3, frame)) - position
            cos_psi = step @ position / r / np.sqrt(step @ step)
            variance = float(np.squeeze(variance_r(galaxy.total, galaxy.tracer, galaxy.anisotropy, np.array([r]))))
            variance *= 1 - float(np.squeeze(galaxy.anisotropy.beta_at(r))) * (1 - cos_psi**2)
            spread = np.sqrt(variance + stars.v_helio_error[i] ** 2)
            weight = np.log(w) + 3 * np.log(d) + np.log(float(np.squeeze(galaxy.tracer.density_ratio(r, 20.0))))
            below.append(weight)
            above.append(weight + norm.logpdf(stars.v_gsr[i], scale=spread))
        total += logsumexp(above) - logsumexp(below)
    return total


@pytest.mark.parametrize("cuts", [None, CUTS])
@pytest.mark.parametrize("frame", [ZHAI2018, MODERN])
def test_it_is_the_formula(cuts, frame):
    stars = sample(frame=frame)
    galaxy = model().build(THETA)
    found = made(stars, cuts=cuts, frame=frame).log_likelihood(galaxy)
    assert found == pytest.approx(plain(stars, galaxy, cuts, frame), rel=1e-7)


@pytest.mark.parametrize(
    ("tracer", "anisotropy", "more"),
    [
        (FREE_SLOPE, BETA, [-4.4]),
        (SLOPE, FREE_BETA, [0.2]),
        (FREE_SLOPE, FREE_BETA, [-3.4, -0.3]),
        (Component("tracer", BrokenPowerLaw, {"log_slope_outer": Uniform(-5, -3), "width": 0.2}), BETA, [-4.2]),
        (Component("tracer", BrokenPowerLaw, {"r_break": 27.0}), BETA, []),
        (SLOPE, Component("anisotropy", MamonLokas, {"r_a": LogUniform(5.0, 50.0)}), [20.0]),
        (SLOPE, Component("anisotropy", MamonLokas, {"r_a": 20.0}), []),
    ],
)
def test_free_and_broken_models_are_the_formula(tracer, anisotropy, more):
    stars, built = sample(25), model(tracer, anisotropy)
    galaxy = built.build(np.array([*THETA, *more]))
    assert made(stars, built).log_likelihood(galaxy) == pytest.approx(plain(stars, galaxy), rel=2e-7)


@pytest.mark.parametrize("tracer", [SLOPE, Component("tracer", BrokenPowerLaw, {"log_slope_outer": -4.6})])
@pytest.mark.parametrize("theta", [[1e11, 2.0], [1e12, 15.0], [1e13, 80.0]])
def test_the_spline_errs_by_less_than_a_millionth(tracer, theta):
    built = model(tracer)
    galaxy = built.build(np.array(theta))
    spline = Spline(1.0, 900.0, breaks=galaxy.tracer.breaks)
    r = np.geomspace(1.0, 900.0, 3001)
    interval, step = spline.place(np.log(r))
    c = spline.coefficients(RadialVariance(built, spline.r)(galaxy))[:, interval]
    direct = variance_r(galaxy.total, galaxy.tracer, galaxy.anisotropy, r)
    assert np.abs((c[0] + step * (c[1] + step * (c[2] + step * c[3]))) / direct - 1).max() < 1e-6


@pytest.mark.parametrize("of", [model(), model(FREE_SLOPE, FREE_BETA)])
def test_a_batch_equals_its_members(of):
    posterior = Posterior(of, made(sample(), of))
    theta = posterior.draw_prior(np.random.default_rng(1), 7)
    assert posterior.log_posterior(theta) == pytest.approx([float(posterior.log_posterior(t)) for t in theta])


def test_blocks_add_up(monkeypatch):
    stars, galaxy = sample(101), model().build(np.array([THETA, 0.9 * THETA, 1.2 * THETA]))
    whole = made(stars).log_likelihood(galaxy)
    for place in ("stars", "nodes"):
        monkeypatch.setattr(f"haloscale.inference.likelihood.{place}.BLOCK", 200)
    parts = made(stars)
    assert len(parts._blocks) > 5
    assert parts.log_likelihood(galaxy) == pytest.approx(whole, rel=1e-12)


CALIBRATED = (
    Component("catalogue", Calibration, {"v_offset": Normal(0.0, 5.0), "distance_scale": LogNormal(1.0, 0.1)}),
    Component("likelihood", Kinematics, {"outlier_fraction": Uniform(0.0, 0.2)}),
)


@pytest.mark.parametrize(
    "of", [model(), model(FREE_SLOPE, FREE_BETA), GalaxyModel((*model().components, *CALIBRATED), {})]
)
def test_jax_agrees_and_differentiates(of, monkeypatch):
    jax = pytest.importorskip("jax")
    monkeypatch.setattr("haloscale.inference.likelihood.nodes.BLOCK", 400)
    posterior = Posterior(of, made(sample(), of, cuts=None, outlier_fraction=0.01))
    u = posterior.to_free(posterior.draw_prior(np.random.default_rng(2), 5))
    with jax.enable_x64(True):
        batch = jax.numpy.asarray(u)
        assert np.asarray(posterior.log_posterior_free(batch)) == pytest.approx(
            posterior.log_posterior_free(u), rel=1e-9
        )
        slope = np.asarray(jax.jit(jax.grad(lambda at: posterior.log_posterior_free(at)))(batch[0]))
    for i, step in enumerate(1e-5 * np.eye(len(u[0]))):
        ends = posterior.log_posterior_free(np.array([u[0] - step, u[0] + step]))
        assert slope[i] == pytest.approx((ends[1] - ends[0]) / 2e-5, rel=1e-4, abs=1e-3)


def test_without_distance_errors_one_node_is_enough():
    stars = sample(error=0.0)
    galaxy = model().build(THETA)
    likelihood = made(stars, cuts=None)
    assert len(likelihood._blocks[0].weight) == 1
    sigma2 = variance_r(galaxy.total, galaxy.tracer, galaxy.anisotropy, stars.r) * (1 - 0.4 * stars.sin2_psi)
    direct = norm.logpdf(stars.v_gsr, scale=np.sqrt(sigma2 + stars.v_helio_error**2)).sum()
    assert likelihood.log_likelihood(galaxy) == pytest.approx(direct, rel=1e-7)
    some = replace(stars, distance_error=np.where(np.arange(len(stars)) == 3, 2.0, 0.0))
    assert np.isfinite(made(some).log_likelihood(galaxy))


def test_more_nodes_change_nothing():
    stars, galaxy = sample(), model().build(THETA)
    few, many = (made(stars, cuts=None, n_nodes=n).log_likelihood(galaxy) for n in (15, 45))
    assert few == pytest.approx(many, abs=1e-4 * len(stars))


def test_a_star_outside_the_true_selection_is_named_and_left_out():
    stars = sample(error=0.02)
    distance = np.where(np.arange(60) == 7, 0.5, stars.distance)
    near = replace(stars, distance=distance, distance_error=0.02 * distance)
    likelihood = made(near)
    assert 7 not in likelihood.star
    assert len(likelihood.star) == 59
    assert any("true_selection" in said and "row 107" in said for said in likelihood.advice)
    assert np.isfinite(likelihood.log_likelihood(model().build(THETA)))
    with pytest.raises(InputError, match="none of the 60 stars"):
        made(stars, cuts=TrueCuts(r_min=900.0))


@pytest.mark.parametrize("column", ["distance", "distance_error", "v_gsr", "v_helio_error"])
def test_a_star_with_a_missing_value_is_named_and_left_out(column):
    stars = sample()
    lost = replace(stars, **{column: np.where(np.arange(60) == 5, np.nan, getattr(stars, column))})
    likelihood = made(lost)
    assert 5 not in likelihood.star
    assert any("row 105" in said for said in likelihood.advice)


def test_removed_stars_do_not_count():
    stars, galaxy = sample(), model().build(THETA)
    half = np.arange(60) % 2 == 0
    alone = Sample(**{k: v[half] for k, v in vars(stars).items() if k != "extra"})
    removed = replace(stars, bin=np.where(half, 0, -1))
    assert made(removed).log_likelihood(galaxy) == pytest.approx(made(alone).log_likelihood(galaxy))


def test_one_odd_star_has_no_veto():
    stars, galaxy = sample(), model().build(THETA)
    odd = replace(stars, v_gsr=np.where(np.arange(60) == 5, 1800.0, stars.v_gsr))
    lost = [made(s, **o).log_likelihood(galaxy) for s in (stars, odd) for o in ({}, {"outlier_fraction": 0.01})]
    assert lost[0] - lost[2] > 60
    assert lost[1] - lost[3] < 20
    with pytest.raises(InputError, match="outlier_fraction"):
        made(stars, outlier_fraction=1.0)


def test_an_absurd_velocity_gives_no_nan():
    stars = sample()
    absurd = replace(stars, v_gsr=np.where(np.arange(60) == 5, 1e5, stars.v_gsr))
    assert np.isfinite(made(absurd).log_likelihood(model().build(np.array([1e11, 1.0]))))


def test_advice_on_a_free_anisotropy():
    assert "Hattori et al. 2017" in " ".join(made(sample(), model(anisotropy=FREE_BETA)).advice)
    assert "Hattori" not in " ".join(made(sample()).advice)


def calibrated(stars, prior, values, **already):
    free = Component("catalogue", Calibration, prior)
    of = GalaxyModel((*model().components, free), {})
    likelihood = likelihoods["stars"](data(stars, **already), of)
    return of, likelihood.log_likelihood(of.build(np.array([[*THETA, *value] for value in values])))


def test_a_free_zero_point_shifts_the_velocities():
    stars = sample()
    of, found = calibrated(stars, {"v_offset": Normal(5.0, 5.0)}, [[5.0], [-3.0]], v_offset=5.0)
    assert of.parameters[-1].name == "catalogue_v_offset"
    shifted = [made(replace(stars, v_gsr=stars.v_gsr + more), cuts=None) for more in (0.0, -8.0)]
    assert found == pytest.approx([float(s.log_likelihood(model().build(THETA))) for s in shifted])


@pytest.mark.parametrize("of", [model(), model(FREE_SLOPE, FREE_BETA)])
def test_a_free_scale_moves_the_stars(of):
    stars, more = sample(), [-4.0, 0.4] if len(of.parameters) == 4 else []
    free = Component("catalogue", Calibration, {"distance_scale": LogNormal(1.1, 0.1)})
    scaled = GalaxyModel((*of.components, free), {})
    likelihood = likelihoods["stars"](data(stars, distance_scale=1.1), scaled)
    found = likelihood.log_likelihood(scaled.build(np.array([[*THETA, *more, f] for f in (1.1, 0.9, 1.3)])))
    for scale, value in zip((1.1, 0.9, 1.3), found, strict=True):
        ratio = scale / 1.1
        moved = {"distance": ratio * stars.distance, "distance_error": ratio * stars.distance_error}
        columns = {k: getattr(stars, k) for k in ("row", "l", "b", "v_helio", "v_helio_error")} | moved
        there = Sample(
            **locate(StarTable(columns, "generic"), ZHAI2018).columns, group_id=stars.group_id, bin=stars.bin
        )
        assert value == pytest.approx(made(there, cuts=None).log_likelihood(model().build(THETA)), rel=1e-7)


def test_a_free_scale_contradicts_a_selection_on_true_position():
    free = Component("catalogue", Calibration, {"distance_scale": LogNormal(1.0, 0.1)})
    with pytest.raises(ConfigError, match=r"catalogue\.distance_scale is free"):
        made(sample(), GalaxyModel((*model().components, free), {}))


def test_a_free_fraction_of_outliers_is_a_parameter():
    of = GalaxyModel(
        (*model().components, Component("likelihood", Kinematics, {"outlier_fraction": Uniform(0, 0.2)})), {}
    )
    likelihood = made(sample(), of, outlier_fraction=Uniform(0, 0.2))
    assert of.parameters[-1].name == "likelihood_outlier_fraction"
    found = likelihood.log_likelihood(of.build(np.array([[*THETA, 0.0], [*THETA, 0.05]])))
    fixed = [float(made(sample(), outlier_fraction=f).log_likelihood(model().build(THETA))) for f in (0.0, 0.05)]
    assert found == pytest.approx(fixed)


def test_chi2_is_that_of_the_bins_with_the_stars_own_projection():
    likelihood, galaxy = made(sample()), model().build(THETA)
    per_star = likelihoods["bins"](replace(data(sample()), projection="per_star"), model())
    assert likelihood.chi2(galaxy) == per_star.chi2(galaxy)
    assert likelihood.n_points == per_star.n_points == 1


def test_it_is_registered_under_its_name():
    assert likelihoods["stars"] is module.stars
