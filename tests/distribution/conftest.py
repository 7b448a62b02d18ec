"""Galaxies of the distribution tests."""

import pytest

from haloscale.mass import NFW, ExponentialDisk, Hernquist


@pytest.fixture(scope="session")
def galaxy():
    """The paper's potential."""
    return NFW(m_vir=1.08e12, c=18.5) + ExponentialDisk(m=6.8e10, b=2.5) + Hernquist(m=0.5e10, a=0.6)
