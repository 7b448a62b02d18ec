"""What every registered mass model, tracer and anisotropy promises the distribution function, in NumPy and JAX."""

import math

import numpy as np
import pytest

from haloscale import jeans
from haloscale.anisotropy import Constant, Cuddeford, OsipkovMerritt, anisotropies
from haloscale.distribution import solve
from haloscale.distribution.inversion import System, f1_over_h
from haloscale.distribution.orbits import orbits_of
from haloscale.errors import InputError
from haloscale.mass import NFW, mass_models
from haloscale.tracer import BrokenPowerLaw, PowerLaw, tracers

POWER = PowerLaw(log_slope=-4.0)
WITH_F = (Constant, OsipkovMerritt, Cuddeford)


def variance_of(found, r):
    """sigma_r^2 of beta = 0 by integrating f over speeds at r."""
    psi = -found.system.mass.potential(r)
    y, weights = np.polynomial.legendre.leggauss(300)
    a = math.pi / 4 * (y + 1)
    v = math.sqrt(2 * psi) * np.sin(a)
    f = np.exp(found.ln_f1(psi * np.cos(a) ** 2)) * np.cos(a) * weights
    return (f @ v**4) / (f @ v**2) / 3


@pytest.mark.parametrize("name", list(mass_models))
def test_every_mass_model_has_the_dispersion_of_jeans(name, example):
    mass = example(mass_models[name])
    found = solve(mass, POWER, Constant(), r_low=5.0, r_high=1e5, step=0.25)
    for r in (8.0, 60.0):
        assert variance_of(found, r) == pytest.approx(jeans.variance_r(mass, POWER, Constant(), r), rel=1e-5)


@pytest.mark.parametrize("name", list(tracers))
def test_every_tracer_has_the_dispersion_of_jeans(name, example):
    mass, tracer = NFW(m_vir=1.1e12, c=12.0), example(tracers[name])
    found = solve(mass, tracer, Constant(), r_high=1e5)
    # a table bends at its rows, where f1 has cusps that no smooth rule follows
    tolerance = 3e-3 if name == "table" else 1e-6
    assert found.positive, found.reason
    for r in (8.0, 60.0):
        assert variance_of(found, r) == pytest.approx(jeans.variance_r(mass, tracer, Constant(), r), rel=tolerance)


@pytest.mark.parametrize("name", list(anisotropies))
def test_every_anisotropy_has_an_f_or_is_refused(name, example):
    mass, anisotropy = NFW(m_vir=1.1e12, c=12.0), example(anisotropies[name])
    if isinstance(anisotropy, WITH_F):
        assert np.all(np.isfinite(solve(mass, POWER, anisotropy).ln_f1(np.array([1e3, 2e4]))))
    else:
        with pytest.raises(InputError, match="cuddeford"):
            solve(mass, POWER, anisotropy)


def batch():
    return (
        np.array([[0.8e12], [1.2e12], [1.1e12]]),
        np.array([[-0.2], [0.5], [0.8]]),
        np.array([[-4.0], [-3.5], [-4.5]]),
    )


def ln_f(values, tracer_of):
    energy, momentum = np.geomspace(3e3, 5e4, 7), np.geomspace(10.0, 3e3, 7)
    m_vir, beta, log_slope = values
    return solve(NFW(m_vir=m_vir, c=12.0), tracer_of(log_slope), Constant(beta=beta)).ln_f(energy, momentum)


def bending(log_slope):
    return BrokenPowerLaw(log_slope_inner=-3.0, log_slope_outer=log_slope, width=0.5)


def test_jax_inverts_as_numpy_does(jax_x64):
    def inverted(m_vir, beta, log_slope):
        anisotropy = Constant(beta=beta)
        system = System(NFW(m_vir=m_vir, c=12.0), PowerLaw(log_slope=log_slope), anisotropy, orbits_of(anisotropy))
        return f1_over_h(system, np.array([2.0, 20.0, 200.0]), math.inf)

    np.testing.assert_allclose(jax_x64.jit(inverted)(*batch()), inverted(*batch()), rtol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("tracer_of", [lambda x: PowerLaw(log_slope=x), bending], ids=["power_law", "broken_power_law"])
def test_jax_gives_the_same_and_differentiates(tracer_of, jax_x64):
    jitted = jax_x64.jit(lambda *values: ln_f(values, tracer_of))
    np.testing.assert_allclose(jitted(*batch()), ln_f(batch(), tracer_of), rtol=0, atol=1e-9)
    start = [1e12, 0.3, -4.2]
    total = jax_x64.jit(jax_x64.grad(lambda values: ln_f(values, tracer_of).sum()))(start)
    for k, step in enumerate((1e8, 1e-5, 1e-5)):
        up, down = ([v + sign * step * (i == k) for i, v in enumerate(start)] for sign in (1, -1))
        numeric = (ln_f(up, tracer_of) - ln_f(down, tracer_of)).sum() / (2 * step)
        assert float(total[k]) == pytest.approx(numeric, rel=1e-5)


@pytest.mark.slow
def test_a_width_that_jax_does_not_know_needs_a_step(jax_x64):
    def ln_f(width, step):
        tracer = BrokenPowerLaw(width=width)
        return solve(NFW(m_vir=1e12, c=12.0), tracer, Constant(), step=step).ln_f1(np.array([2e4]))[0]

    with pytest.raises(InputError, match="step"):
        jax_x64.jit(lambda w: ln_f(w, None))(0.3)
    assert float(jax_x64.jit(lambda w: ln_f(w, 0.06))(0.3)) == pytest.approx(ln_f(0.3, None), abs=1e-7)
