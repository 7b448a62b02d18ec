"""sigma_r against galpy in the same run, and its cost in a batch of parameter sets.

`python -m pytest benchmarks/bench_jeans.py --benchmark-enable` writes the ratio into the table's extra information.
"""

import sys
import timeit
import warnings

import mpmath
import numpy as np
import pytest

from haloscale.anisotropy.constant import Constant
from haloscale.constants import G
from haloscale.jeans import sigma_r
from haloscale.mass.exponential_disk import ExponentialDisk
from haloscale.mass.hernquist import Hernquist
from haloscale.mass.nfw import NFW
from haloscale.tracer.power_law import PowerLaw

R = np.array([6.5, 9.0, 12.0, 16.0, 20.0, 24.0, 28.0, 32.5, 37.5, 50.0, 70.0, 100.0])
HALO, BULGE = NFW(m_vir=1.08e12, c=18.5), Hernquist(m=0.5e10, a=0.6)
GALAXY, TRACER, ANISOTROPY = HALO + BULGE, PowerLaw(log_slope=-4.0), Constant(beta=0.0)


def haloscale_sigma_r():
    return sigma_r(GALAXY, TRACER, ANISOTROPY, R)


@pytest.fixture(scope="module")
def galpy_sigma_r():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without its C library galpy warns at import
        try:
            from galpy.df import jeans
            from galpy.potential import HernquistPotential, NFWPotential
        except ImportError:
            pytest.skip("galpy is not installed: pip install 'haloscale[test]'")
        halo = NFWPotential(amp=G * 4 * np.pi * HALO.rho_s * HALO.r_s**3, a=HALO.r_s)
        potential = halo + HernquistPotential(amp=2 * G * BULGE.m, a=BULGE.a)

        def solve():
            at = (jeans.sigmar(potential, r, dens=lambda s: s**-4.0, beta=0.0, use_physical=False) for r in R)
            return np.array(list(at))

        yield solve


def exact_sigma_r():
    """30 digits, by mpmath."""
    with mpmath.workdps(30):
        r_s, m_c = mpmath.mpf(float(HALO.r_s)), mpmath.log(19.5) - mpmath.mpf(18.5) / mpmath.mpf(19.5)

        def mass(s):
            y = s / r_s
            return HALO.m_vir / m_c * (mpmath.log(1 + y) - y / (1 + y)) + BULGE.m * (s / (s + mpmath.mpf(0.6))) ** 2

        def variance(r):
            return G * r**4 * mpmath.quad(lambda s: mass(s) / s**6, [r, 3 * r, 30 * r, mpmath.inf])

        return np.array([float(mpmath.sqrt(variance(mpmath.mpf(r)))) for r in R])


def best_time(function, number, repeat):
    return min(timeit.repeat(function, number=number, repeat=repeat)) / number


def test_sigma_r_at_12_radii(benchmark, galpy_sigma_r, capsys):
    exact = exact_sigma_r()
    errors = [np.abs(values / exact - 1).max() for values in (haloscale_sigma_r(), galpy_sigma_r())]
    assert errors[0] <= 1e-9
    ours, theirs = best_time(haloscale_sigma_r, 2000, 5), best_time(galpy_sigma_r, 1, 5)
    benchmark.extra_info |= {"galpy_ms": theirs * 1e3, "ratio": theirs / ours}
    benchmark.extra_info |= {"error": errors[0], "galpy_error": errors[1]}
    with capsys.disabled():
        sys.stdout.write(
            f"\nsigma_r, 12 radii: {ours * 1e6:.1f} us (error {errors[0]:.0e}), galpy {theirs * 1e3:.1f} ms "
            f"(error {errors[1]:.0e}): {theirs / ours:.0f} times faster\n"
        )
    assert theirs / ours >= 1000
    benchmark(haloscale_sigma_r)


@pytest.mark.parametrize("free_beta", [False, True])
def test_batch_of_1000_parameter_sets(benchmark, free_beta):
    rng = np.random.default_rng(1)
    m_vir, c = 10 ** rng.uniform(11.5, 12.5, (1000, 1)), 10 ** rng.uniform(0.5, 1.5, (1000, 1))
    anisotropy = Constant(beta=rng.uniform(-0.5, 0.9, (1000, 1)) if free_beta else 0.0)
    baryons = ExponentialDisk(m=6.8e10, b=2.5) + BULGE
    result = benchmark(lambda: sigma_r(NFW(m_vir=m_vir, c=c) + baryons, TRACER, anisotropy, R))
    assert result.shape == (1000, 12)
    if benchmark.stats:
        benchmark.extra_info["us_per_profile"] = benchmark.stats["min"] * 1e3
