"""Which anisotropies have a distribution function."""

import numpy as np
import pytest

from haloscale.anisotropy import Constant, Cuddeford, MamonLokas, OsipkovMerritt
from haloscale.distribution.orbits import orbits_of
from haloscale.errors import InputError


@pytest.mark.parametrize("anisotropy", [Constant(beta=0.3), OsipkovMerritt(r_a=20.0), Cuddeford(beta_0=-0.3, r_a=20.0)])
def test_factor_is_the_integrating_factor(anisotropy):
    r, orbits = np.geomspace(0.1, 1e3, 20), orbits_of(anisotropy)
    np.testing.assert_allclose(orbits.factor(r) / orbits.factor(8.0), anisotropy.factor_ratio(r, 8.0), rtol=1e-12)
    # sigma_t^2 / sigma_r^2 = (1 - beta_0) / (1 + r^2 / r_a^2)
    np.testing.assert_allclose(1 - anisotropy.beta_at(r), (1 - orbits.beta_0) / orbits.widening(r), rtol=1e-12)
    assert orbits.has_constant_beta == isinstance(anisotropy, Constant)


def test_refusals():
    with pytest.raises(InputError, match="MamonLokas"):
        orbits_of(MamonLokas(r_a=20.0))
    with pytest.raises(InputError, match=r"beta = -0\.6"):
        orbits_of(Constant(beta=-0.6))
    assert orbits_of(Constant(beta=np.array([[-0.6]]))).beta_0 == -0.6
