"""Star by star with proper motions, a free Sun, streaming and shape: against the formula, one node at a time."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import kstest, multivariate_normal

from haloscale.anisotropy import Constant, MamonLokas
from haloscale.errors import ConfigError
from haloscale.frames import MODERN, ZHAI2018, galactocentric, icrs_to_galactic, locate
from haloscale.inference.likelihood.base import Data, likelihoods
from haloscale.inference.likelihood.seen import proper_motions, sight_lines
from haloscale.inference.model import Component, GalaxyModel
from haloscale.inference.nuisance import Calibration, Kinematics, Sun
from haloscale.inference.posterior import Posterior
from haloscale.inference.priors import LogNormal, LogUniform, Normal, Uniform
from haloscale.jeans import variance_r
from haloscale.mass import NFW, ExponentialDisk
from haloscale.records import DispersionProfile, Sample, StarTable
from haloscale.tracer import PowerLaw

HALO = Component("mass.halo", NFW, {"m_vir": LogUniform(1e11, 1e13), "c": LogUniform(1.0, 100.0)})
DISK = Component("mass.disk", ExponentialDisk, {"m": 6.8e10, "b": 2.5})
SLOPE = Component("tracer", PowerLaw, {"log_slope": -4.0})
BETA = Component("anisotropy", Constant, {"beta": Uniform(-0.5, 0.9)})
ONE = np.ones(1)
THETA = np.array([1.1e12, 14.0, 0.4])


def model(*more, anisotropy=BETA, tracer=SLOPE):
    return GalaxyModel((HALO, DISK, tracer, anisotropy, *more), {})


def sample(frame=ZHAI2018, n=24, *, without=6, seed=1):
    rng = np.random.default_rng(seed)
    ra, dec = rng.uniform(0, 360, n), rng.uniform(-80, 80, n)
    l, b = icrs_to_galactic(ra, dec)
    distance = np.exp(rng.uniform(np.log(9), np.log(60), n))
    columns = {"row": np.arange(n) + 100, "l": l, "b": b, "distance": distance, "v_helio": rng.normal(0, 150, n)}
    table, minus = (
        locate(StarTable({**columns, "v_helio_error": rng.uniform(1, 20, n)}, "generic"), frame),
        np.full(n, -1),
    )
    motions = {"pmra": rng.normal(0, 1, n), "pmdec": rng.normal(-1, 1, n), "pmra_pmdec_corr": rng.uniform(-0.9, 0.9, n)}
    motions |= {"pmra_error": rng.uniform(0.02, 0.3, n), "pmdec_error": rng.uniform(0.02, 0.3, n)}
    motions["pmra"][:without] = np.nan
    errors = 0.13 * distance * rng.uniform(0.5, 1.5, n)
    return Sample(**table.columns, distance_error=errors, group_id=minus, bin=0 * minus, extra=motions)


def data(stars, frame=ZHAI2018, **more):
    n = np.array([len(stars)])
    profile = DispersionProfile(
        4 * ONE, 120 * ONE, 60 * ONE, 20 * ONE, n, 110 * ONE, 105 * ONE, 115 * ONE, 0 * ONE, ONE, 0.1 * ONE, ONE > 0
    )
    return Data(stars, profile, frame.r0, "none", frame=frame, **more)


def made(stars, of=None, frame=ZHAI2018, **options):
    return likelihoods["stars"](data(stars, frame), of or model(), **options)


def plain(stars, galaxy, frame=ZHAI2018, rotation=(0.0, 0.0), outliers=0.0, n_nodes=15):
    """Sum over stars of ln [sum_k w_k (4.74 d_k)^2 N(v_k; 0, S_k) / sum_k w_k] with full matrices."""
    x, quadrature = np.polynomial.hermite.hermgauss(n_nodes)
    has, (one, two) = proper_motions(stars, frame)
    line, sun = sight_lines(stars, frame), np.array(frame.sun_velocity)
    total = 0.0
    for i in range(len(stars)):
        seen = (line, one, two) if has[i] else (line,)
        axes = np.array([s.axis[:, i] for s in seen])
        above, other, below = [], [], []
        for t, w in zip(x, quadrature, strict=True):
            d = stars.distance[i] * np.exp(np.sqrt(2) * t * stars.distance_error[i] / stars.distance[i])
            position = np.array(galactocentric(stars.l[i], stars.b[i], d, frame))
            position[0] *= -1 if frame.handedness == "left" else 1
            r = np.sqrt(position @ position)
            sigma2 = float(np.squeeze(variance_r(galaxy.total, galaxy.tracer, galaxy.anisotropy, np.array([r]))))
            beta = float(np.squeeze(galaxy.anisotropy.beta_at(r)))
            radial = position / r
            second = sigma2 * ((1 - beta) * np.eye(3) + beta * np.outer(radial, radial))
            mean = (rotation[0] + rotation[1] * np.log10(r / 20)) * np.cross(radial, [0, 0, 1])
            v = [stars.v_gsr[i], *(s.rate[i] * d + sun @ s.axis[:, i] for s in seen[1:])]
            errors = np.diag([line.error_squared[i], *(s.error_squared[i] * d * d for s in seen[1:])])
            matrix = axes @ (second - np.outer(mean, mean)) @ axes.T + errors
            weight = np.log(w) + 3 * np.log(d) + np.log(float(np.squeeze(galaxy.tracer.density_ratio(r, 20.0))))
            jacobian = (len(seen) - 1) * np.log(4.740470463 * d)
            below.append(weight)
            above.append(weight + jacobian + multivariate_normal(axes @ mean, matrix).logpdf(v))
            other.append(
                weight + jacobian + multivariate_normal(0 * axes[:, 0], errors + 500**2 * np.eye(len(v))).logpdf(v)
            )
        halo, rest = (logsumexp(terms) - logsumexp(below) for terms in (above, other))
        total += np.log((1 - outliers) * np.exp(halo) + outliers * np.exp(rest))
    return total


@pytest.mark.parametrize("frame", [ZHAI2018, MODERN])
@pytest.mark.parametrize("anisotropy", [BETA, Component("anisotropy", MamonLokas, {"r_a": LogUniform(5.0, 50.0)})])
def test_it_is_the_formula(frame, anisotropy):
    stars, of = sample(frame), model(anisotropy=anisotropy)
    galaxy = of.build(np.array([1.1e12, 14.0, 0.4 if anisotropy is BETA else 20.0]))
    assert made(stars, of, frame).log_likelihood(galaxy) == pytest.approx(plain(stars, galaxy, frame), rel=1e-7)


def test_streaming_and_outliers_are_the_formula():
    stars, galaxy = sample(), model().build(THETA)
    options = {"rotation": 30.0, "rotation_gradient": -20.0, "outlier_fraction": 0.05}
    found = made(stars, **options).log_likelihood(galaxy)
    assert found == pytest.approx(plain(stars, galaxy, rotation=(30.0, -20.0), outliers=0.05), rel=1e-7)


@pytest.mark.parametrize("handed", [ZHAI2018, replace(ZHAI2018, handedness="right")])
def test_the_handedness_of_the_axes_does_not_matter(handed):
    stars, galaxy = sample(handed), model().build(THETA)
    found = made(stars, frame=handed, rotation=30.0).log_likelihood(galaxy)
    assert found == pytest.approx(plain(stars, galaxy, rotation=(30.0, 0.0)), rel=1e-7)


def test_motions_are_used_where_they_are_to_tell_something():
    fixed = model(anisotropy=Component("anisotropy", Constant, {"beta": 0.4}))
    turning = model(
        Component("likelihood", Kinematics, {"rotation": Normal(0.0, 50.0)}), anisotropy=fixed.component("anisotropy")
    )

    def uses(of, **options):
        return any(block.n_on_sky for block in made(sample(), of, **options)._blocks)

    assert uses(model())
    assert uses(turning, rotation=Normal(0.0, 50.0))
    assert not uses(fixed)
    assert uses(fixed, proper_motions="always")
    assert not uses(model(), proper_motions="never")
    assert "proper motions are used of 18 stars; 6 have line-of-sight" in " ".join(made(sample()).advice)


def test_never_is_the_line_of_sight_alone():
    stars, galaxy = sample(), model().build(THETA)
    alone = made(replace(stars, extra={})).log_likelihood(galaxy)
    assert made(stars, proper_motions="never").log_likelihood(galaxy) == pytest.approx(alone)


SUN = {"r0": Normal(8.0, 0.1), "v_lsr": Normal(220.0, 10.0)}
SUN |= {"u": Normal(10.0, 1.0), "v": Normal(5.25, 1.0), "w": Normal(7.17, 1.0)}
FREE = (
    Component("catalogue", Calibration, {"v_offset": Normal(0.0, 5.0), "distance_scale": LogNormal(0.0, 0.1)}),
    Component("frame", Sun, SUN),
    Component("likelihood", Kinematics, {"rotation": Normal(0.0, 30.0), "rotation_gradient": Normal(0.0, 30.0)}),
)


@pytest.mark.parametrize("without", [0, 6, 24])
def test_a_free_sun_and_calibration_put_the_stars_elsewhere(without):
    """Free values give what a sample that was placed with these very values gives."""
    stars, of = sample(without=without), model(*FREE)
    given = {"rotation": Normal(0.0, 30.0), "rotation_gradient": Normal(0.0, 30.0)}
    values = {"v_offset": 3.0, "scale": 1.06, "r0": 8.3, "v_lsr": 235.0, "u": 11.1, "v": 12.2, "w": 7.2}
    theta = [*THETA, *values.values(), 25.0, -10.0]
    found = made(stars, of, **given).log_likelihood(of.build(np.array(theta)))
    frame = replace(ZHAI2018, r0=8.3, v_lsr=235.0, solar_motion=(values["u"], values["v"], values["w"]))
    moved = {k: getattr(stars, k) for k in ("row", "l", "b", "v_helio_error")}
    moved |= {"distance": 1.06 * stars.distance, "v_helio": stars.v_helio + 3.0}
    there = Sample(
        **locate(StarTable(moved, "generic"), frame).columns, distance_error=1.06 * stars.distance_error,
        group_id=stars.group_id, bin=stars.bin, extra=stars.extra,
    )  # fmt: skip
    galaxy = model().build(THETA)
    if without < 24:
        expected = plain(there, galaxy, frame, rotation=(25.0, -10.0))
    else:
        expected = made(there, frame=frame, rotation=25.0, rotation_gradient=-10.0).log_likelihood(galaxy)
    assert found == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("more", [(), pytest.param(FREE, marks=pytest.mark.slow)])
def test_a_batch_equals_its_members_and_jax_agrees(more, monkeypatch):
    jax = pytest.importorskip("jax")
    monkeypatch.setattr("haloscale.inference.likelihood.nodes.BLOCK", 150)
    of = model(*more)
    given = {"rotation": Normal(0.0, 30.0), "rotation_gradient": Normal(0.0, 30.0)} if more else {}
    posterior = Posterior(of, made(sample(), of, outlier_fraction=0.01, **given))
    u = posterior.to_free(posterior.draw_prior(np.random.default_rng(2), 4))
    whole = posterior.log_posterior_free(u)
    assert whole == pytest.approx([float(posterior.log_posterior_free(one)) for one in u])
    with jax.enable_x64(True):
        batch = jax.numpy.asarray(u)
        assert np.asarray(posterior.log_posterior_free(batch)) == pytest.approx(whole, rel=1e-9)
        slope = np.asarray(jax.jit(jax.grad(lambda at: posterior.log_posterior_free(at)))(batch[0]))
    for i, step in enumerate(1e-5 * np.eye(len(u[0]))):
        ends = posterior.log_posterior_free(np.array([u[0] - step, u[0] + step]))
        assert slope[i] == pytest.approx((ends[1] - ends[0]) / 2e-5, rel=1e-4, abs=1e-3)


def test_a_shape_belongs_to_the_line_of_sight():
    with pytest.raises(ConfigError, match=r"likelihood\.kurtosis is set, and the catalogue has proper motions"):
        made(sample(), kurtosis=0.3)
    galaxy = model().build(THETA)
    near, gaussian = (made(sample(), proper_motions="never", kurtosis=k).log_likelihood(galaxy) for k in (1e-4, 0.0))
    far = made(sample(), proper_motions="never", kurtosis=-0.8).log_likelihood(galaxy)
    assert near == pytest.approx(gaussian, abs=0.1)
    assert abs(far - gaussian) > 0.1


@pytest.mark.parametrize("options", [{}, {"rotation": 40.0, "kurtosis": -0.9, "outlier_fraction": 0.1}])
def test_replicas_follow_the_likelihood(options):
    """The share of the density below each replica is uniform: they are drawn from what is compared with the data."""
    stars, galaxy = sample(n=40), model().build(THETA)
    likelihood = made(stars, proper_motions="never", **options)
    drawn = likelihood.replicate(galaxy, np.random.default_rng(4))
    assert drawn.shape == (1, 40)
    many = np.concatenate([likelihood.replicate(galaxy, np.random.default_rng(k)) for k in range(40)])
    v = np.linspace(-2500, 2500, 501)
    at = (made(replace(stars, v_gsr=np.full(40, x)), proper_motions="never", **options) for x in v)
    ln_p = np.array([likelihood.by_star(galaxy) for likelihood in at])
    below = np.cumsum(np.exp(ln_p), axis=0) * (v[1] - v[0])
    assert below[-1] == pytest.approx(np.ones(40), abs=1e-3)
    shares = [np.interp(many[:, i], v, below[:, i]) for i in range(40)]
    assert kstest(np.ravel(shares), "uniform").pvalue > 1e-3


def test_replicas_are_in_the_frame_of_the_sample():
    free = Component("frame", Sun, {"v_lsr": Normal(220.0, 10.0)})
    stars, of = sample(n=400), model(free)
    likelihood = made(stars, of)
    pair = [likelihood.replicate(of.build(np.array([*THETA, v])), np.random.default_rng(1)) for v in (220.0, 260.0)]
    towards_rotation = np.cos(np.radians(stars.b)) * np.sin(np.radians(stars.l))
    assert (pair[0] - pair[1])[0] == pytest.approx(40.0 * towards_rotation[likelihood.star], abs=1e-9)
