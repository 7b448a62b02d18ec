"""f1 in the paper's potential, nu = r^-4, against mpmath 1.3.

Made by evaluating the inversions of Cuddeford (1991), with d^2h/dpsi^2 for beta < 1/2 and dh/dpsi above, by mpmath.quad
at 30 digits, psi(r_E) - psi(r) at 60, the variable t = ln(r / r_E) = y^(1 / (1 + exponent)) removing the singularity.
"""

import numpy as np
import pytest

from haloscale.anisotropy import Constant
from haloscale.distribution import solve
from haloscale.mass import NFW, ExponentialDisk, Hernquist
from haloscale.tracer import PowerLaw

R_E = np.array([5.0, 20.0, 60.0, 150.0])
F1 = {
    -0.3: [1.2110546416648e-12, 2.3478283617073e-15, 2.5248588653725e-17, 7.722826342996e-19],
    0.0: [4.9613199397544e-11, 2.1915441346147e-13, 4.2050307485691e-15, 1.9874504382798e-16],
    0.3: [1.8494197011244e-9, 1.8569820665716e-11, 6.3532527911942e-13, 4.6349330714462e-14],
    0.7: [1.5865756817434e-7, 4.7334516319154e-9, 3.4942601861893e-10, 4.5347450148359e-11],
    0.9: [7.4722966043094e-7, 3.8276168339089e-8, 4.1430082728909e-9, 7.1570035616211e-10],
}


@pytest.mark.parametrize("beta", F1)
def test_f1(beta):
    galaxy = NFW(m_vir=1.08e12, c=18.5) + ExponentialDisk(m=6.8e10, b=2.5) + Hernquist(m=0.5e10, a=0.6)
    found = solve(galaxy, PowerLaw(log_slope=-4.0), Constant(beta=beta), r_ref=1.0)
    np.testing.assert_allclose(np.exp(found.ln_f1(-galaxy.potential(R_E))), F1[beta], rtol=1e-7)
