"""sigma_r of tracers and anisotropies that vary with radius, against 20-digit quadrature and against galpy."""

import math
import warnings

import mpmath
import numpy as np
import pytest

from haloscale.anisotropy import BaesVanHese, Constant, Cuddeford, FromFunction, MamonLokas, OsipkovMerritt, Tiret
from haloscale.constants import G
from haloscale.jeans import sigma_r, variance_r
from haloscale.mass.hernquist import Hernquist
from haloscale.mass.nfw import NFW
from haloscale.tracer import BrokenPowerLaw, Einasto, PowerLaw

HALO, BULGE = NFW(m_vir=1.08e12, c=18.5), Hernquist(m=0.5e10, a=0.6)
R = [2.0, 8.0, 20.0, 60.0, 150.0]
D_N = "8.968874673788969"


def enclosed_mass(s):
    y, c = s / mpmath.mpf(float(HALO.r_s)), mpmath.mpf(18.5)
    halo = mpmath.mpf(1.08e12) * (mpmath.log(1 + y) - y / (1 + y)) / (mpmath.log(1 + c) - c / (1 + c))
    return halo + mpmath.mpf(0.5e10) * (s / (s + mpmath.mpf(0.6))) ** 2


CASES = {
    "power law, Osipkov-Merritt": (
        (PowerLaw(log_slope=-3.5), OsipkovMerritt(r_a=20.0)),
        lambda s: s ** mpmath.mpf("-3.5") * (s**2 + 400),
    ),
    "sharp break, Mamon-Lokas": (
        (BrokenPowerLaw(log_slope_inner=-2.3, log_slope_outer=-4.6, r_break=27.0), MamonLokas(r_a=18.0)),
        lambda s: (s / 27) ** (mpmath.mpf("-2.3") if s < 27 else mpmath.mpf("-4.6")) * (s + 18),
    ),
    "smooth break, Baes & van Hese": (
        (
            BrokenPowerLaw(log_slope_inner=-2.0, log_slope_outer=-4.0, r_break=20.0, width=0.125),
            BaesVanHese(beta_0=0.75, beta_inf=0.25, r_a=50.0, eta=2.0),
        ),
        lambda s: s**-2 * (1 + (s / 20) ** 8) ** mpmath.mpf("-0.25") * s**1.5 * (1 + (s / 50) ** 2) ** -0.5,
    ),
    "Einasto, Tiret": (
        (Einasto(n=3.1, r_eff=15.0), Tiret(beta_0=-0.25, beta_inf=0.75, r_beta=30.0)),
        lambda s: mpmath.exp(-mpmath.mpf(D_N) * (s / 15) ** (1 / mpmath.mpf("3.1"))) * s**-0.5 * (s + 30) ** 2,
    ),
    "Einasto, Cuddeford": (
        (Einasto(n=3.1, r_eff=15.0), Cuddeford(beta_0=0.5, r_a=25.0)),
        lambda s: mpmath.exp(-mpmath.mpf(D_N) * (s / 15) ** (1 / mpmath.mpf("3.1"))) * s * (s**2 + 625) ** 0.5,
    ),
}


def jeans_integral(kernel, r):
    """1/K(r) int K G M / s^2 ds in ln s, split at the bends of the cases; beyond 1e10 kpc lies less than 1e-12."""
    inside = [mpmath.mpf(b) for b in (20, 27, 50) if b > r]
    steps = [r, *inside, *(max(r, mpmath.mpf(50)) * 10**k for k in (0.5, 1, 2, 4, 8))]

    def integrand(t):
        s = mpmath.exp(t)
        return kernel(s) * G * enclosed_mass(s) / s

    return mpmath.quad(integrand, [mpmath.log(s) for s in steps], method="gauss-legendre", maxdegree=5) / kernel(r)


@pytest.mark.parametrize("name", CASES)
def test_against_mpmath(name):
    models, kernel = CASES[name]
    with mpmath.workdps(20):
        exact = [float(jeans_integral(kernel, mpmath.mpf(r))) for r in R]
    np.testing.assert_allclose(variance_r(HALO + BULGE, *models, np.array(R)), exact, rtol=1e-7)


@pytest.fixture(scope="module")
def galpy():
    """galpy's Jeans solver and the potential; without its C library galpy warns at import."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*libgalpy.*")
        warnings.filterwarnings("ignore", message=".*C extension.*")
        try:
            from galpy.df import jeans
            from galpy.potential import HernquistPotential, NFWPotential
        except ImportError:
            pytest.skip("galpy is not installed: pip install 'haloscale[test]'")
        halo = NFWPotential(amp=G * 4 * np.pi * HALO.rho_s * HALO.r_s**3, a=HALO.r_s)
        yield jeans.sigmar, halo + HernquistPotential(amp=2 * G * BULGE.m, a=BULGE.a)


def einasto(s):
    return math.exp(-float(D_N) * (s / 15.0) ** (1 / 3.1))


def osipkov_merritt(s):
    return s**2 / (s**2 + 400.0)


@pytest.mark.parametrize(
    ("tracer", "anisotropy", "dens", "beta"),
    [
        (PowerLaw(), OsipkovMerritt(r_a=20.0), lambda s: s**-4.0, osipkov_merritt),
        (Einasto(), OsipkovMerritt(r_a=20.0), einasto, osipkov_merritt),
        (Einasto(), FromFunction(osipkov_merritt), einasto, osipkov_merritt),
        (Einasto(), MamonLokas(r_a=30.0), einasto, lambda s: 0.5 * s / (s + 30.0)),
        (Einasto(), Constant(beta=0.3), einasto, 0.3),
    ],
    ids=["power_law-om", "einasto-om", "einasto-function", "einasto-ml", "einasto-constant"],
)
def test_against_galpy(galpy, tracer, anisotropy, dens, beta):
    sigmar, potential = galpy
    r = np.array([8.0, 40.0])
    theirs = [sigmar(potential, at, dens=dens, beta=beta, use_physical=False) for at in r]
    np.testing.assert_allclose(sigma_r(HALO + BULGE, tracer, anisotropy, r), theirs, rtol=1e-7)
