"""A simulated dwarf galaxy of the Gaia Challenge, its stars known in space: scale radius and density come back.

NFW halo, rho_0 = 6.4e7 Msun/kpc^3, r_s = 1 kpc; nu ~ (r/0.1)^-0.1 [1 + (r/0.1)^2]^-2.45; beta = r^2 / (r^2 + 0.1^2)
(Read et al. 2021, MNRAS 501, 978).
"""

import numpy as np
import pytest

from haloscale.anisotropy import OsipkovMerritt
from haloscale.cosmology import density_threshold
from haloscale.inference.likelihood.known_positions import KnownPositions
from haloscale.inference.model import Component, GalaxyModel
from haloscale.inference.posterior import Posterior
from haloscale.inference.priors import LogUniform
from haloscale.inference.samplers.laplace import sample_laplace
from haloscale.mass import NFW
from haloscale.tracer import BrokenPowerLaw

TRACER = {"log_slope_inner": -0.1, "log_slope_outer": -5.0, "r_break": 0.1, "width": 0.5}
RHO_0, R_S = 6.4e7, 1.0


@pytest.mark.slow
@pytest.mark.parametrize(("name", "error"), [("PlumCuspOm_10000_0.dat", 0.0), ("PlumCuspOm_10000_0_err.dat", 2.0)])
@pytest.mark.parametrize("radius", [{"r_a": 0.1}, {"r_a": LogUniform(0.02, 1.0)}])
def test_the_truth_lies_inside_the_95_percent_region(shared, name, error, radius):
    stars = np.loadtxt(shared(f"data/jeans-mock/{name}"))
    model = GalaxyModel(
        (
            Component("mass.halo", NFW, {"m_vir": LogUniform(1e7, 1e12), "c": LogUniform(1.0, 100.0)}),
            Component("tracer", BrokenPowerLaw, TRACER),
            Component("anisotropy", OsipkovMerritt, radius),
        ),
        {},
    )
    posterior = Posterior(model, KnownPositions(stars[:, :3], stars[:, 3:], model, error))
    chain = sample_laplace(posterior, np.random.default_rng(1), lambda share, line: None)
    assert chain.sampling.status == "reliable"
    m_vir, c = chain["m_vir"], chain["c"]
    r_vir = (m_vir / (4 / 3 * np.pi * density_threshold("200c", 70.0, 0.3))) ** (1 / 3)
    r_s = r_vir / c
    rho_0 = m_vir / (4 * np.pi * r_s**3 * (np.log1p(c) - c / (1 + c)))
    u = np.stack([np.log(r_s / R_S), np.log(rho_0 / RHO_0)])
    mean, covariance = np.average(u, axis=1, weights=chain.weight), np.cov(u, aweights=chain.weight)
    assert mean @ np.linalg.solve(covariance, mean) < 5.99  # 95 % of chi2 with two degrees of freedom
