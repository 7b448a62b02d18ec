"""sigma_r of the paper's three components in closed form (METHODS section 9), made here by mpmath."""

import mpmath
import numpy as np
import pytest

from haloscale.anisotropy.constant import Constant
from haloscale.constants import G
from haloscale.jeans import variance_r
from haloscale.mass.exponential_disk import ExponentialDisk
from haloscale.mass.hernquist import Hernquist
from haloscale.mass.nfw import NFW
from haloscale.tracer.power_law import PowerLaw

R = [5.0, 6.5, 20.0, 50.0, 100.0]
HALO, DISK, BULGE = NFW(m_vir=1.08e12, c=18.5), ExponentialDisk(m=6.8e10, b=2.5), Hernquist(m=0.5e10, a=0.6)


def nfw(r, p):
    q, y, c = p + 2, r / mpmath.mpf(float(HALO.r_s)), mpmath.mpf(18.5)
    m_y, m_c = (mpmath.log(1 + x) - x / (1 + x) for x in (y, c))
    tail = y ** (1 - q) / (q - 1) * mpmath.hyp2f1(2, q - 1, q, -1 / y)
    return G * mpmath.mpf(1.08e12) / (m_c * float(HALO.r_s)) * y**p * (y ** (1 - q) * m_y + tail) / (q - 1)


def exponential_disk(r, p):
    q, z = p + 2, r / mpmath.mpf(2.5)
    return G * mpmath.mpf(6.8e10) / r * (1 / (q - 1) - mpmath.expint(q, z) - z * mpmath.expint(q - 1, z))


def hernquist(r, p):
    q = p + 2
    return G * mpmath.mpf(0.5e10) / r / (q - 1) * mpmath.hyp2f1(2, q - 1, q, -mpmath.mpf(0.6) / r)


@pytest.mark.parametrize("log_slope", [-4.0, -3.4, -5.0])
@pytest.mark.parametrize("beta", [-0.5, 0.0, 0.3, 0.5, 0.85])
@pytest.mark.parametrize(("model", "closed_form"), [(HALO, nfw), (DISK, exponential_disk), (BULGE, hernquist)])
def test_component(model, closed_form, beta, log_slope):
    with mpmath.workdps(30):
        p = -mpmath.mpf(log_slope) - 2 * mpmath.mpf(beta)
        exact = [float(closed_form(mpmath.mpf(r), p)) for r in R]
    ours = variance_r(model, PowerLaw(log_slope=log_slope), Constant(beta=beta), np.array(R))
    np.testing.assert_allclose(ours, exact, rtol=1e-9 if p > 3 else 1e-7)
