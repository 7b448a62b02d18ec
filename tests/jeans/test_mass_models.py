"""The fixed quadrature of sigma_r holds for every registered mass model, not for NFW alone."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from haloscale.anisotropy import Constant
from haloscale.constants import G
from haloscale.jeans import variance_r
from haloscale.mass import mass_models
from haloscale.registry import params
from haloscale.tracer import PowerLaw

R = np.array([5.0, 8.0, 20.0, 60.0, 100.0])


def middle(prior):
    log = prior["prior"] == "log_uniform"
    return math.sqrt(prior["low"] * prior["high"]) if log else (prior["low"] + prior["high"]) / 2


@pytest.mark.parametrize("name", list(mass_models))
@pytest.mark.parametrize("beta", [0.0, 0.6])
def test_against_adaptive_quadrature(name, beta):
    entry = mass_models[name]
    mass = entry(**{key: middle(info.prior) for key, info in params(entry).items() if info.prior is not None})
    p = 4.0 - 2.0 * beta

    def integrand(t, r):
        return math.exp(-(p + 1.0) * t) * G * mass.enclosed_mass(r * math.exp(t)) / r

    def exact(r):
        pieces = [(0, 0.3), (0.3, 1), (1, 3), (3, 8), (8, 40)]
        return sum(quad(integrand, *ends, args=(r,), epsabs=0, epsrel=1e-11, limit=200)[0] for ends in pieces)

    ours = variance_r(mass, PowerLaw(log_slope=-4.0), Constant(beta=beta), R)
    np.testing.assert_allclose(ours, [exact(r) for r in R], rtol=1e-7)
