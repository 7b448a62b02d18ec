"""The exact distribution function star by star: normalisation, moments, limits in closed form, every subset of data."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest

from haloscale import distribution
from haloscale.anisotropy import Constant, MamonLokas, OsipkovMerritt
from haloscale.errors import InputError
from haloscale.frames import ZHAI2018, icrs_to_galactic, locate
from haloscale.inference.blame import impossible
from haloscale.inference.likelihood.base import Data, likelihoods
from haloscale.inference.likelihood.seen import proper_motions, sight_lines
from haloscale.inference.model import Component, GalaxyModel
from haloscale.inference.nuisance import Calibration, Kinematics, Sun
from haloscale.inference.posterior import Posterior
from haloscale.inference.priors import LogNormal, LogUniform, Normal, Uniform
from haloscale.jeans import variance_r
from haloscale.mass import NFW, ExponentialDisk
from haloscale.records import DispersionProfile, Sample, StarTable
from haloscale.tracer import BrokenPowerLaw, PowerLaw

HALO = Component("mass.halo", NFW, {"m_vir": LogUniform(1e11, 1e13), "c": LogUniform(1.0, 100.0)})
DISK = Component("mass.disk", ExponentialDisk, {"m": 6.8e10, "b": 2.5})
SLOPE = Component("tracer", PowerLaw, {"log_slope": -4.0})
FREE_BETA = Component("anisotropy", Constant, {"beta": Uniform(-0.4, 0.95)})
ONE = np.ones(1)
MASS = np.array([1.1e12, 14.0])


def fixed(beta):
    return Component("anisotropy", Constant, {"beta": beta})


def model(anisotropy=FREE_BETA, *more, tracer=SLOPE):
    return GalaxyModel((HALO, DISK, tracer, anisotropy, *more), {})


def sample(n=24, *, error=0.13, motion=(0.02, 0.3), v_error=(1, 20), seed=1, frame=ZHAI2018):
    rng = np.random.default_rng(seed)
    ra, dec = rng.uniform(0, 360, n), rng.uniform(-80, 80, n)
    l, b = icrs_to_galactic(ra, dec)
    distance = np.exp(rng.uniform(np.log(9), np.log(60), n))
    columns = {"row": np.arange(n) + 100, "l": l, "b": b, "distance": distance, "v_helio": rng.normal(0, 120, n)}
    columns["v_helio_error"] = rng.uniform(*v_error, n)
    table, minus = locate(StarTable(columns, "generic"), frame), np.full(n, -1)
    extra = {}
    if motion:
        scale = 100 / 4.74 / distance
        extra = {"pmra": scale * rng.normal(0, 1, n), "pmdec": scale * rng.normal(-1, 1, n)}
        extra |= {"pmra_error": rng.uniform(*motion, n), "pmdec_error": rng.uniform(*motion, n)}
    errors = error * distance * rng.uniform(0.5, 1.5, n)
    return Sample(**table.columns, distance_error=errors, group_id=minus, bin=0 * minus, extra=extra)


def data(stars, frame=ZHAI2018, **more):
    n = np.array([len(stars)])
    profile = DispersionProfile(
        4 * ONE, 120 * ONE, 60 * ONE, 20 * ONE, n, 110 * ONE, 105 * ONE, 115 * ONE, 0 * ONE, ONE, 0.1 * ONE, ONE > 0
    )
    return Data(stars, profile, frame.r0, "none", frame=frame, **more)


def made(stars, of=None, frame=ZHAI2018, **options):
    given = {"outlier_fraction": 0.0} | options
    return likelihoods["df"](data(stars, frame), of or model(), **given)


@pytest.mark.parametrize(
    "beta", [pytest.param(b, marks=pytest.mark.slow if b != 0.5 else ()) for b in (-0.3, 0.0, 0.5, 0.9)]
)
def test_line_of_sight_velocities_are_normalised_and_have_the_variance_of_the_jeans_equation(beta):
    stars, of = sample(8, motion=None, error=0.0), model(fixed(beta))
    galaxy = of.build(MASS)
    v = np.linspace(-700, 700, 141)
    p = np.exp([made(replace(stars, v_gsr=np.full(8, x)), of, n_samples=1024).by_star(galaxy) for x in v])
    step = v[1] - v[0]
    assert p.sum(axis=0) * step == pytest.approx(np.ones(8), rel=2e-3)
    sigma2 = variance_r(galaxy.total, galaxy.tracer, galaxy.anisotropy, stars.r)
    expected = sigma2 * (1 - beta * stars.sin2_psi) + stars.v_helio_error**2
    assert (p * v[:, None] ** 2).sum(axis=0) * step == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize("anisotropy", [fixed(0.0), fixed(0.7), Component("anisotropy", OsipkovMerritt, {"r_a": 30.0})])
def test_without_errors_it_is_the_distribution_function(anisotropy):
    stars, of = sample(error=0.0, motion=(0.0, 0.0), v_error=(0.0, 0.0)), model(anisotropy)
    galaxy = of.build(MASS)
    seen = (sight_lines(stars, ZHAI2018), *proper_motions(stars, ZHAI2018)[1])
    velocity = sum(s.axis * (s.rest + s.rate * stars.distance) for s in seen)
    position = stars.distance * seen[0].axis - np.array([[8.0], [0.0], [0.0]])
    momentum = np.linalg.norm(np.cross(position, velocity, axis=0), axis=0)
    energy = -galaxy.total.potential(stars.r) - 0.5 * (velocity**2).sum(axis=0)
    function = distribution.solve(galaxy.total, galaxy.tracer, galaxy.anisotropy)
    expected = function.ln_f(energy, momentum) - np.log(galaxy.tracer.density_ratio(stars.r, 10.0))
    expected = expected + 2 * np.log(4.740470463 * stars.distance)
    bound = energy > 0
    assert bound.sum() > 10
    found = made(stars, of).by_star(galaxy)
    assert found[bound] == pytest.approx(expected[bound], rel=1e-5)
    assert np.isneginf(found[~bound]).all()


@pytest.mark.parametrize("beta", [-0.2, 0.5, 0.9])
def test_motions_that_say_nothing_leave_the_line_of_sight(beta):
    stars, of = sample(motion=(30.0, 30.0)), model(fixed(beta))
    galaxy = of.build(MASS)
    both = made(stars, of, n_samples=4096).by_star(galaxy)
    alone = made(stars, of, n_samples=4096, proper_motions="never").by_star(galaxy)
    prior = -2 * np.log(30.0 * np.sqrt(2 * np.pi))
    assert both == pytest.approx(alone + prior, abs=0.15)
    assert np.mean(both - alone) == pytest.approx(prior, abs=0.03)


@pytest.mark.parametrize("beta", [-0.2, 0.6])
def test_a_velocity_that_says_nothing_leaves_the_motions(beta):
    stars, of = sample(), model(fixed(beta))
    galaxy = of.build(MASS)
    vague = replace(stars, v_helio_error=np.full(24, 3000.0), v_gsr=np.zeros(24))
    unseen = replace(stars, v_helio_error=np.full(24, np.nan), v_gsr=np.full(24, np.nan))
    both, alone = (made(s, of, n_samples=4096).by_star(galaxy) for s in (vague, unseen))
    prior = -np.log(3000.0 * np.sqrt(2 * np.pi))
    assert np.mean(both - alone) == pytest.approx(prior, abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("motion", [None, (0.02, 0.3)])
def test_few_points_are_as_good_as_many_at_every_beta_of_the_prior(motion):
    stars = sample(300, motion=motion, seed=5)
    few, many = (made(stars, n_samples=n, outlier_fraction=1e-3) for n in (64, 4096))
    for beta in (-0.35, 0.0, 0.3, 0.5, 0.7, 0.9, 0.94):
        galaxy = model().build(np.array([*MASS, beta]))
        assert np.mean(few.by_star(galaxy) - many.by_star(galaxy)) == pytest.approx(0, abs=0.01), beta


FREE = (
    Component("catalogue", Calibration, {"v_offset": Normal(0.0, 5.0), "distance_scale": LogNormal(0.0, 0.1)}),
    Component("frame", Sun, {"r0": Normal(8.0, 0.1), "v_lsr": Normal(220.0, 10.0)}),
)
SECOND = {"second_fraction": Uniform(0, 1), "second_beta": Uniform(-0.4, 0.9), "spin": Uniform(-1, 1)}
MIXED = Component("likelihood", Kinematics, SECOND)


@pytest.mark.parametrize("motion", [None, (0.02, 0.3)])
def test_a_free_sun_and_calibration_put_the_stars_elsewhere(motion):
    stars, of = sample(motion=motion), model(FREE_BETA, *FREE)
    theta = [*MASS, 0.4, 3.0, 1.06, 8.3, 235.0]
    found = made(stars, of, n_samples=1024).by_star(of.build(np.array(theta)))
    frame = replace(ZHAI2018, r0=8.3, v_lsr=235.0)
    moved = {k: getattr(stars, k) for k in ("row", "l", "b", "v_helio_error")}
    moved |= {"distance": 1.06 * stars.distance, "v_helio": stars.v_helio + 3.0}
    there = Sample(
        **locate(StarTable(moved, "generic"), frame).columns, distance_error=1.06 * stars.distance_error,
        group_id=stars.group_id, bin=stars.bin, extra=stars.extra,
    )  # fmt: skip
    expected = made(there, frame=frame, n_samples=1024).by_star(model().build(np.array([*MASS, 0.4])))
    assert found == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(
    ("more", "options"),
    [
        pytest.param((), {}, marks=pytest.mark.slow),
        pytest.param(FREE, {}, marks=pytest.mark.slow),
        pytest.param((MIXED,), SECOND, marks=pytest.mark.slow),
    ],
)
def test_a_batch_equals_its_members_and_jax_agrees(more, options):
    jax = pytest.importorskip("jax")
    of = model(FREE_BETA, *more)
    posterior = Posterior(of, made(sample(), of, n_samples=16, outlier_fraction=0.01, **options))
    u = posterior.to_free(posterior.draw_prior(np.random.default_rng(2), 4))
    whole = posterior.log_posterior_free(u)
    assert np.isfinite(whole).all()
    assert whole == pytest.approx([float(posterior.log_posterior_free(one)) for one in u])
    with jax.enable_x64(True):
        batch = jax.numpy.asarray(u)
        assert np.asarray(posterior.log_posterior_free(batch)) == pytest.approx(whole, rel=1e-9)
        slope = np.asarray(jax.jit(jax.grad(lambda at: posterior.log_posterior_free(at)))(batch[0]))
    for i, step in enumerate(1e-5 * np.eye(len(u[0]))):
        ends = posterior.log_posterior_free(np.array([u[0] - step, u[0] + step]))
        assert slope[i] == pytest.approx((ends[1] - ends[0]) / 2e-5, rel=1e-4, abs=1e-3)


def test_two_populations_that_are_alike_are_one():
    stars, galaxy = sample(), model(fixed(0.3)).build(MASS)
    one = made(stars, model(fixed(0.3))).by_star(galaxy)
    two = made(stars, model(fixed(0.3)), second_fraction=0.4, second_beta=0.3, second_log_slope=-4.0).by_star(galaxy)
    assert two == pytest.approx(one, abs=1e-9)
    other = made(stars, model(fixed(0.3)), second_fraction=0.4, second_beta=0.8, second_log_slope=-3.5).by_star(galaxy)
    assert np.abs(other - one).max() > 0.05


@pytest.mark.parametrize(
    ("beta", "second", "slope", "told"),
    [
        (Uniform(-0.4, 0.95), Uniform(-0.4, 0.9), -4.0, True),
        (Uniform(0.5, 0.95), Uniform(-0.4, 0.49), -4.0, False),
        (Uniform(-0.4, 0.95), Uniform(-0.4, 0.9), -3.0, False),
        (0.6, Uniform(-0.4, 0.9), -4.0, True),
    ],
)
def test_populations_that_can_change_places_are_told(beta, second, slope, told):
    mixed = Component("likelihood", Kinematics, {"second_fraction": Uniform(0, 1), "second_beta": second})
    options = {"second_fraction": Uniform(0, 1), "second_beta": second, "second_log_slope": slope}
    likelihood = made(sample(), model(fixed(beta), mixed), n_samples=16, **options)
    assert any("change places" in line for line in likelihood.advice) is told


def test_spin_is_odd_and_follows_galactic_rotation():
    stars, of = sample(error=0.0, motion=(0.0, 0.0), v_error=(0.0, 0.0)), model(fixed(0.0))
    galaxy = of.build(MASS)
    both_ways = np.exp([made(stars, of, spin=s).by_star(galaxy) for s in (0.0, 0.8, -0.8)])
    bound = both_ways[0] > 0
    still, with_it, against = both_ways[:, bound]
    assert 0.5 * (with_it + against) == pytest.approx(still, rel=1e-9)
    seen = (sight_lines(stars, ZHAI2018), *proper_motions(stars, ZHAI2018)[1])
    velocity = sum(s.axis * (s.rest + s.rate * stars.distance) for s in seen)
    position = stars.distance * seen[0].axis - np.array([[8.0], [0.0], [0.0]])
    momentum = np.cross(position, velocity, axis=0)
    turning = -momentum[2] / np.linalg.norm(momentum, axis=0)  # Galactic rotation has L_z < 0 here
    assert with_it / still == pytest.approx((1 + 0.8 * turning)[bound], rel=1e-6)


@pytest.mark.parametrize("key", ["spin", "second_fraction", "outlier_fraction"])
def test_what_is_free_counts_as_what_is_fixed(key):
    """The answer of a free value is that of the same value given as a number."""
    stars, prior = sample(), {"spin": Uniform(-1, 1)}.get(key, Uniform(0, 1))
    others = {"second_beta": 0.8} if key == "second_fraction" else {}
    free = model(fixed(0.3), Component("likelihood", Kinematics, {key: prior, **others}))
    for value in (0.0, 0.6):
        found = made(stars, free, **{key: prior}, **others).by_star(free.build(np.array([*MASS, value])))
        expected = made(stars, model(fixed(0.3)), **{key: value}, **others).by_star(model(fixed(0.3)).build(MASS))
        assert found == pytest.approx(expected, rel=1e-9)


def test_one_unbound_star_has_no_veto():
    stars, of = sample(), model()
    odd = replace(stars, v_gsr=np.where(np.arange(24) == 5, 1800.0, stars.v_gsr))
    galaxy = of.build(np.array([*MASS, 0.3]))
    assert np.isneginf(made(odd).log_likelihood(galaxy))
    assert "do not bind" not in " ".join(made(stars).advice)
    assert "does not bind: 1 (row 105); they veto every model" in " ".join(made(odd).advice)
    mild = made(odd, outlier_fraction=0.01)
    assert np.isfinite(mild.log_likelihood(galaxy))
    assert "(row 105); they count as outliers there" in " ".join(mild.advice)


@pytest.mark.parametrize(
    ("of", "options", "told"),
    [
        (model(Component("anisotropy", MamonLokas, {"r_a": 20.0})), {}, "anisotropy MamonLokas"),
        (model(fixed(-0.6)), {}, r"beta = -0.6"),
        (model(fixed(0.9), tracer=Component("tracer", PowerLaw, {"log_slope": -1.7})), {}, "log_slope = -1.7"),
        (model(fixed(0.2), tracer=Component("tracer", BrokenPowerLaw, {})), {}, "sharp break"),
        (model(), {"n_samples": 100}, "power of two"),
        (model(), {"outlier_sigma": 0.0}, "a dispersion above 0"),
    ],
)
def test_what_has_no_distribution_function_is_refused(of, options, told):
    with pytest.raises(InputError, match=told):
        made(sample(), of, **options)


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"spin": 0.7, "outlier_fraction": 0.1}])
def test_replicas_follow_the_likelihood(options):
    """The share of the density below each replica is uniform: they are drawn from what is compared with the data."""
    stars, of = sample(30, motion=None), model(fixed(0.6))
    galaxy = of.build(MASS)
    likelihood = made(stars, of, n_samples=512, **options)
    many = np.concatenate([likelihood.replicate(galaxy, np.random.default_rng(k)) for k in range(30)])
    v = np.linspace(-2400, 2400, 241)
    at = (made(replace(stars, v_gsr=np.full(30, x)), of, n_samples=512, **options) for x in v)
    below = np.cumsum(np.exp([likelihood.by_star(galaxy) for likelihood in at]), axis=0) * (v[1] - v[0])
    shares = [np.interp(many[:, i], v, below[:, i]) for i in range(30)]
    assert kstest(np.ravel(shares), "uniform").pvalue > 1e-3


def test_replicas_in_space_have_the_dispersions_of_the_jeans_equation():
    stars, of = sample(4000, error=0.0, motion=(0.0, 0.0), v_error=(0.0, 0.0)), model(fixed(0.6))
    galaxy = of.build(MASS)
    likelihood = made(stars, of, n_samples=2)
    measured, drawn = likelihood.in_space(galaxy, np.random.default_rng(1))
    drawn = drawn[:, 0]
    assert measured[0] == pytest.approx(stars.v_gsr[likelihood.star])
    axes = [s.axis[:, likelihood.star] for s in (sight_lines(stars, ZHAI2018), *proper_motions(stars, ZHAI2018)[1])]
    velocity = sum(v * axis for v, axis in zip(drawn, axes, strict=True))
    position = stars.distance[likelihood.star] * axes[0] - np.array([[8.0], [0.0], [0.0]])
    r = np.linalg.norm(position, axis=0)
    sigma = variance_r(galaxy.total, galaxy.tracer, galaxy.anisotropy, r) ** 0.5
    radial = (velocity * position).sum(axis=0) / r / sigma
    across2 = (velocity**2).sum(axis=0) / sigma**2 - radial**2
    assert np.mean(radial**2) == pytest.approx(1, abs=0.08)
    assert np.mean(across2) == pytest.approx(2 * 0.4, abs=0.06)


def test_a_halo_that_cannot_be_is_impossible_whatever_the_outliers():
    """Of a density that is too shallow for its anisotropy, and of a second population like that."""
    sets = np.array([[*MASS, 0.2], [*MASS, 0.9]])
    shallow = model(tracer=Component("tracer", PowerLaw, {"log_slope": -1.5}))
    lone = made(sample(), shallow, n_samples=16, outlier_fraction=0.01)
    assert np.isfinite(lone.log_likelihood(shallow.build(sets))).tolist() == [True, False]
    options = {"second_fraction": 0.3, "second_beta": Uniform(0.0, 0.95), "second_log_slope": -1.5}
    mixed = model(fixed(0.3), Component("likelihood", Kinematics, {"second_beta": options["second_beta"]}))
    both = made(sample(), mixed, n_samples=16, outlier_fraction=0.01, **options)
    assert np.isfinite(both.log_likelihood(mixed.build(sets))).tolist() == [True, False]


def test_stars_that_nothing_binds_are_told_before_the_fit():
    stars, of = sample(), model(fixed(0.3))
    many = sample(120)
    with pytest.raises(InputError, match="none of the 120 stars is bound at the middle of the priors"):
        made(replace(many, v_gsr=np.full(len(many), 3000.0)), of, n_samples=16)
    some = replace(stars, v_gsr=np.where(np.arange(24) < 3, 3000.0, 0.1 * stars.v_gsr), extra={})
    likelihood = made(some, of, n_samples=16, outlier_fraction=0.0)
    assert likelihood.veto == "3 stars (row 100, 101, 102) are not bound even at the middle of the priors"
    assert made(some, of, n_samples=16, outlier_fraction=0.01).veto == ""
    error = impossible(Posterior(of, likelihood), 64)
    assert "3 stars (row 100, 101, 102) are not bound" in error.found
    assert "likelihood.outlier_fraction" in error.advice


@pytest.mark.parametrize(("low", "told"), [(-1.0, True), (-0.5, False)])
def test_a_prior_of_beta_that_reaches_too_low_is_told(low, told):
    anisotropy = Component("anisotropy", Constant, {"beta": Uniform(low, 0.9)})
    advice = made(sample(), model(anisotropy), n_samples=16).advice
    assert any("reaches below -0.5" in line for line in advice) is told
