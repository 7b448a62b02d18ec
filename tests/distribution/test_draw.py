"""Velocities drawn from the distribution function."""

import time

import numpy as np
import pytest
from scipy.integrate import quad

from haloscale import jeans
from haloscale.anisotropy import Constant, Cuddeford, OsipkovMerritt
from haloscale.distribution import draw_velocities, solve
from haloscale.distribution.draw import SpeedTable
from haloscale.errors import InputError, NumericalError
from haloscale.mass import Hernquist
from haloscale.tracer import Einasto, PowerLaw

POWER = PowerLaw(log_slope=-4.0)
ANISOTROPIES = [
    *(Constant(beta=beta) for beta in (-0.4, 0.0, 0.5, 0.9)),
    OsipkovMerritt(r_a=20.0),
    Cuddeford(beta_0=0.3, r_a=30.0),
]


def radii(rng, n):
    """Radii of 400 shells: the Jeans equation is then solved 400 times."""
    return np.geomspace(2.0, 200.0, 400)[rng.integers(0, 400, n)]


@pytest.mark.parametrize("anisotropy", ANISOTROPIES)
def test_speeds_invert_their_cumulative_distribution(galaxy, anisotropy):
    found = solve(galaxy, POWER, anisotropy)
    table, beta = SpeedTable.of(found, 2.0, 200.0), found.system.orbits.beta_0
    for r in (2.05, 150.0):
        psi = -galaxy.potential(r)

        def density(y, psi=psi):
            return y ** (5 - 4 * beta) * np.exp(found.ln_f1(psi - y**4 / 2))

        for chance in (1e-4, 0.3, 0.999):
            at = np.sqrt(table.speed(np.array([r]), np.array([chance]))[0])
            below = quad(density, 0, at, epsabs=0, epsrel=1e-9, limit=200)[0]
            above = quad(density, at, (2 * psi) ** 0.25, epsabs=0, epsrel=1e-7, limit=200)[0]
            assert below / (below + above) == pytest.approx(chance, abs=2e-4 * min(chance, 1 - chance))


def scaled_squares(galaxy, anisotropy, r, velocity):
    """v_r^2 and the mean of v_theta^2, v_phi^2, over what the Jeans equation says."""
    shells, which = np.unique(r, return_inverse=True)
    variance = jeans.variance_r(galaxy, POWER, anisotropy, shells)[which]
    tangential = variance * (1 - np.broadcast_to(anisotropy.beta_at(r), r.shape))
    return velocity[:, 0] ** 2 / variance, (velocity[:, 1] ** 2 + velocity[:, 2] ** 2) / 2 / tangential


@pytest.mark.slow
@pytest.mark.parametrize("anisotropy", ANISOTROPIES)
def test_dispersions_of_a_million_stars_are_those_of_jeans(galaxy, anisotropy):
    rng, found = np.random.default_rng(20), solve(galaxy, POWER, anisotropy)
    r = radii(rng, 4_000_000)
    squares = scaled_squares(galaxy, anisotropy, r, draw_velocities(found, r, rng))
    for scaled in squares:
        n = len(scaled)
        for part in (slice(n // 4), slice(n)):  # one million, and four: no drift
            error = scaled[part].std() / 2 / np.sqrt(len(scaled[part]))
            assert np.sqrt(scaled[part].mean()) == pytest.approx(1, abs=4 * error)
        assert np.sqrt(scaled.mean()) == pytest.approx(1, abs=2e-3)
    beta = np.mean(anisotropy.beta_at(r))
    ratio = squares[1].mean() / squares[0].mean()
    assert 1 - (1 - beta) * ratio == pytest.approx(beta, abs=2e-3)


@pytest.mark.parametrize("anisotropy", [Constant(beta=0.3), OsipkovMerritt(r_a=20.0)])
def test_moments_in_shells(galaxy, anisotropy):
    rng, found = np.random.default_rng(4), solve(galaxy, POWER, anisotropy)
    r = radii(rng, 40_000)
    velocity = draw_velocities(found, r, rng)
    for scaled in scaled_squares(galaxy, anisotropy, r, velocity):
        for low in (2, 10, 50):
            shell = scaled[(r >= low) & (r < 4 * low)]
            assert shell.mean() == pytest.approx(1, abs=4.5 * shell.std() / np.sqrt(len(shell)))
    for component in velocity.T:
        assert abs(component.mean()) < 4.5 * component.std() / np.sqrt(len(r))
    assert np.all((velocity**2).sum(axis=1) <= -2 * galaxy.potential(r))


def test_same_generator_same_stars_and_a_second_is_enough(galaxy):
    found, r = solve(galaxy, POWER, Constant(beta=0.3)), radii(np.random.default_rng(1), 100_000)
    start = time.perf_counter()
    first = draw_velocities(found, r, np.random.default_rng(7))
    assert time.perf_counter() - start < 1.0
    np.testing.assert_array_equal(first, draw_velocities(found, r, np.random.default_rng(7)))
    assert draw_velocities(found, r[:0], np.random.default_rng(7)).shape == (0, 3)


def test_what_cannot_be_drawn_is_refused(galaxy):
    rng, r = np.random.default_rng(1), np.array([20.0])
    with pytest.raises(InputError, match=r"r = 0\.5 kpc"):
        draw_velocities(solve(galaxy, POWER, Constant()), np.array([20.0, 0.5]), rng)
    with pytest.raises(InputError, match="2 parameter sets"):
        draw_velocities(solve(galaxy, POWER, Constant(beta=np.array([[0.1], [0.2]]))), r, rng)
    with pytest.raises(NumericalError, match="not positive"):
        draw_velocities(solve(Hernquist(m=1e11, a=5.0), Einasto(n=1.0, r_eff=15.0), Constant(beta=0.4)), r, rng)
