"""Against galpy: mass, potential and sigma_r of NFW + Hernquist in physical units."""

import warnings

import numpy as np
import pytest

from haloscale.anisotropy.constant import Constant
from haloscale.constants import G
from haloscale.jeans import sigma_r
from haloscale.mass.hernquist import Hernquist
from haloscale.mass.nfw import NFW
from haloscale.tracer.power_law import PowerLaw

HALO, BULGE = NFW(m_vir=1.08e12, c=18.5), Hernquist(m=0.5e10, a=0.6)
R = np.array([5.0, 8.0, 20.0, 60.0, 100.0])


@pytest.fixture(scope="module")
def galpy():
    """galpy's potentials and Jeans solver, in kpc and km/s; without its C library galpy warns at import."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*libgalpy.*")
        warnings.filterwarnings("ignore", message=".*C extension.*")
        try:
            from galpy.df import jeans
            from galpy.potential import HernquistPotential, NFWPotential
        except ImportError:
            pytest.skip("galpy is not installed: pip install 'haloscale[test]'")
        halo = NFWPotential(amp=G * 4 * np.pi * HALO.rho_s * HALO.r_s**3, a=HALO.r_s)
        bulge = HernquistPotential(amp=2 * G * BULGE.m, a=BULGE.a)
        yield jeans.sigmar, (halo, bulge)


def test_mass_and_potential(galpy):
    for ours, theirs in zip((HALO, BULGE), galpy[1], strict=True):
        for r in R:
            assert G * ours.enclosed_mass(r) == pytest.approx(-theirs.rforce(r, 0.0) * r**2, rel=1e-12)
            assert ours.potential(r) == pytest.approx(theirs(r, 0.0), rel=1e-12)
            assert G * ours.density(r) == pytest.approx(theirs.dens(r, 0.0), rel=1e-12)


@pytest.mark.parametrize(("beta", "at_20"), [(0.0, 103.6356), (0.3, 112.1623), (0.5, 119.1268)])
def test_sigma_r(galpy, beta, at_20):
    sigmar, potentials = galpy
    theirs = [
        sigmar(potentials[0] + potentials[1], r, dens=lambda s: s**-4.0, beta=beta, use_physical=False) for r in R
    ]
    np.testing.assert_allclose(sigma_r(HALO + BULGE, PowerLaw(), Constant(beta=beta), R), theirs, rtol=1e-9)
    assert sigma_r(HALO, PowerLaw(), Constant(beta=beta), 20.0) == pytest.approx(at_20, abs=6e-5)
