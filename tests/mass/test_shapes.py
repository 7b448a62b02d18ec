"""The dimensionless masses keep their digits at every radius."""

import mpmath
import numpy as np
import pytest

from haloscale.mass.exponential_disk import disk_mass_shape
from haloscale.mass.nfw import nfw_mass_shape

X = np.geomspace(1e-6, 1e6, 301)


def exact(formula, x):
    with mpmath.workdps(40):
        return np.array([float(formula(mpmath.mpf(float(v)))) for v in x])


@pytest.mark.parametrize(
    ("shape", "formula"),
    [
        (nfw_mass_shape, lambda x: mpmath.log(1 + x) - x / (1 + x)),
        (disk_mass_shape, lambda z: 1 - mpmath.exp(-z) * (1 + z)),
    ],
    ids=["nfw", "exponential_disk"],
)
def test_against_mpmath(shape, formula):
    np.testing.assert_allclose(shape(X), exact(formula, X), rtol=1e-13)
    # one array or one number: the same branch must not decide the value
    np.testing.assert_allclose([shape(float(x)) for x in X], shape(X), rtol=1e-13)
    across_the_switch = np.linspace(0.04, 0.12, 200)
    np.testing.assert_allclose(shape(across_the_switch), exact(formula, across_the_switch), rtol=1e-13)
    assert shape(0.0) == 0
    assert shape(np.inf) >= 1
