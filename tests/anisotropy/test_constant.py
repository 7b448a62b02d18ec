"""Constant anisotropy."""

import pytest

from haloscale import anisotropy
from haloscale.anisotropy.constant import Constant
from haloscale.errors import InputError


def test_isotropic_by_default():
    assert Constant().beta == 0
    assert Constant().factor_ratio(30.0, 7.0) == 1
    assert Constant(beta=0.5).factor_ratio(30.0, 10.0) == pytest.approx(3, rel=1e-15)


def test_beta_of_one_is_refused():
    with pytest.raises(InputError, match="beta is below 1"):
        Constant(beta=1.0)
    Constant(beta=-20.0)


def test_unknown_attribute_of_the_package():
    with pytest.raises(AttributeError, match="Variable"):
        _ = anisotropy.Variable
    with pytest.raises(AttributeError, match="_private"):
        _ = anisotropy._private
