"""Potentials by integrating the enclosed mass."""

import numpy as np
import pytest

from haloscale.distribution.potential import IntegratedPotential, with_fast_potential
from haloscale.mass import NFW, Hernquist, Plummer
from haloscale.mass.base import MassModel

R = np.geomspace(0.2, 1e6, 400)


class Numeric(MassModel):
    """A model known by its enclosed mass alone."""

    def __init__(self, model):
        self.model = model

    @property
    def ndim(self):
        return self.model.ndim

    def enclosed_mass(self, r):
        return self.model.enclosed_mass(r)


@pytest.mark.parametrize("model", [NFW(m_vir=1e12, c=12.0), Hernquist(m=1e10, a=0.6), Plummer(m=1e11, a=3.0)])
def test_closed_forms_come_back(model):
    fast = with_fast_potential(Numeric(model), 0.1, 1e18)
    assert isinstance(fast, IntegratedPotential)
    np.testing.assert_allclose(fast.potential(R), model.potential(R), rtol=1e-10)
    np.testing.assert_array_equal(fast.enclosed_mass(R), model.enclosed_mass(R))


def test_a_batch():
    m = np.array([[1e12], [2e12]])
    fast = with_fast_potential(Numeric(NFW(m_vir=m, c=12.0)), 0.1, 1e18)
    np.testing.assert_allclose(fast.potential(R), NFW(m_vir=m, c=12.0).potential(R), rtol=1e-10)
    assert fast.ndim == 2


def test_closed_forms_are_left_alone():
    closed = NFW(m_vir=1e12, c=12.0) + Hernquist(m=1e10, a=0.6)
    assert with_fast_potential(closed, 0.1, 1e18) is closed
    mixed = with_fast_potential(NFW(m_vir=1e12, c=12.0) + Numeric(Hernquist(m=1e10, a=0.6)), 0.1, 1e18)
    np.testing.assert_allclose(mixed.potential(R), closed.potential(R), rtol=1e-10)
