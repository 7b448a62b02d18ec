"""Any function beta(r) as an anisotropy."""

import math
import pickle

import numpy as np
import pytest

from haloscale.anisotropy import BaesVanHese, Cuddeford, FromFunction, OsipkovMerritt, Tiret, check_below_one
from haloscale.errors import InputError
from haloscale.jeans import variance_r
from haloscale.mass.nfw import NFW
from haloscale.tracer.power_law import PowerLaw

R = np.geomspace(0.01, 1e5, 30)
HALO = NFW(m_vir=1.08e12, c=18.5)


def half(r):
    return 0.5 * r / (r + 20.0)


@pytest.mark.parametrize(
    "closed",
    [
        OsipkovMerritt(r_a=20.0),
        Tiret(beta_0=-0.3, beta_inf=0.8, r_beta=30.0),
        Cuddeford(beta_0=0.4, r_a=1.0),
        BaesVanHese(beta_0=0.9, beta_inf=-0.5, r_a=40.0, eta=4.0),
    ],
    ids=lambda model: type(model).__name__,
)
def test_against_the_closed_factors(closed):
    model = FromFunction(closed.beta_at)
    np.testing.assert_array_equal(model.beta_at(R), closed.beta_at(R))
    for r in (0.1, 8.0, 300.0):
        np.testing.assert_allclose(model.factor_ratio(R, r), closed.factor_ratio(R, r), rtol=1e-9)
    radii = np.geomspace(1, 300, 9)
    theirs = variance_r(HALO, PowerLaw(), closed, radii, n_nodes=40)
    np.testing.assert_allclose(variance_r(HALO, PowerLaw(), model, radii, n_nodes=40), theirs, rtol=1e-9)


def test_a_number_in_place_of_an_array():
    model = FromFunction(lambda r: 0.3)
    np.testing.assert_allclose(model.factor_ratio(R, 8.0), (R / 8.0) ** 0.6, rtol=1e-12)
    assert model.beta_at(R).shape == R.shape
    assert np.ndim(model.factor_ratio(20.0, 8.0)) == 0
    assert model.factor_ratio(np.ones((2, 3)), 8.0).shape == (2, 3)


def test_beyond_its_range_beta_keeps_its_value():
    model = FromFunction(half)
    assert model.beta_at(1e20) == pytest.approx(half(1e6), rel=1e-14)
    assert model.factor_ratio(1e26, 1e6) == pytest.approx(1e20 ** (2 * half(1e6)), rel=1e-12)
    assert math.isfinite(model.factor_ratio(1e30, 1e-30))


def test_breaks_make_a_step_exact():
    model = FromFunction(lambda r: np.where(r < 33.0, 0.2, 0.7), breaks=(33.0,))
    assert model.factor_ratio(100.0, 10.0) == pytest.approx(3.3**0.4 * (100 / 33) ** 1.4, rel=1e-12)

    # point mass: the integral of s^(1.4 - 6) above the step and of s^(0.4 - 6) below it
    class Point:
        def enclosed_mass(self, r):
            return 1e12 + 0 * r

    inner, outer = (1 - 3.3**-4.6) / 4.6, 3.3**-4.6 / 3.6
    ours = variance_r(Point(), PowerLaw(), model, 10.0) / variance_r(
        Point(), PowerLaw(), FromFunction(lambda r: 0.2), 10.0
    )
    assert ours == pytest.approx((inner + outer) * 4.6, rel=1e-10)


def test_functions_without_arrays_are_refused():
    with pytest.raises(InputError, match=r"numpy\.vectorize") as refused:
        FromFunction(lambda r: 0.5 if r > 10 else 0.0)
    assert "array of radii" in refused.value.expected
    with pytest.raises(InputError, match="only_one"):
        FromFunction(only_one)
    FromFunction(np.vectorize(lambda r: 0.5 if r > 10 else 0.0))


def only_one(r):
    return np.zeros(2)


def test_reaching_one_in_the_fitted_range_is_refused():
    with pytest.raises(InputError, match=r"FromFunction: beta = 1\.\d* at r = 80"):
        check_below_one(FromFunction(lambda r: r / 80.0), 5.0, 120.0)


def test_pickles():
    model = FromFunction(half)
    before = model.factor_ratio(20.0, 8.0)
    assert pickle.loads(pickle.dumps(model)).factor_ratio(20.0, 8.0) == before


@pytest.mark.slow
def test_jax_gives_the_same_and_differentiates():
    try:
        import jax
    except ImportError:
        pytest.skip("jax is not installed: pip install 'haloscale[jax]'")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        in_jax = jax.jit(FromFunction(half).factor_ratio)(R, 8.0)
        by_end = jax.grad(lambda t: jax.numpy.log(FromFunction(half).factor_ratio(jax.numpy.exp(t), 8.0)))(3.0)
        by_parameter = jax.grad(lambda b: FromFunction(lambda r: b * r / (r + 20.0)).factor_ratio(30.0, 10.0))(0.5)
    finally:
        jax.config.update("jax_enable_x64", before)
    np.testing.assert_allclose(in_jax, FromFunction(half).factor_ratio(R, 8.0), rtol=1e-12)
    assert float(by_end) == pytest.approx(2 * half(math.exp(3.0)), rel=1e-9)
    # g = (r + 20)^(2 b)
    assert float(by_parameter) == pytest.approx(2 * math.log(50 / 30) * (50 / 30), rel=1e-9)
