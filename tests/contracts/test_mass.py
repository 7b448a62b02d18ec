"""What every registered mass model promises."""

import math
import pickle

import numpy as np
import pytest
from scipy.integrate import quad

from haloscale import mass
from haloscale.constants import G
from haloscale.errors import InputError
from haloscale.mass import MassModel, mass_models
from haloscale.registry import params

R = np.geomspace(1e-3, 1e4, 60)
QUANTITIES = ("enclosed_mass", "v_circ", "potential", "density")


@pytest.fixture(params=list(mass_models))
def entry(request):
    return mass_models[request.param]


@pytest.fixture
def model(entry, example):
    return example(entry)


def derivative(f, x, step=1e-4):
    return (f(x - 2 * step) - f(x + 2 * step) + 8 * (f(x + step) - f(x - step))) / (12 * step)


def test_every_parameter_is_described(entry):
    for name, info in params(entry).items():
        assert info.label, name
        assert info.description, name
        if info.prior is not None:
            assert info.allows(info.prior["low"]), name
            assert info.allows(info.prior["high"]), name


def test_class_is_an_attribute_of_the_package(entry):
    assert getattr(mass, entry.__name__) is entry
    assert entry.__name__ in dir(mass)


def test_mass_is_positive_and_rises(model):
    m = model.enclosed_mass(R)
    assert np.all(m > 0)
    assert np.all(np.diff(m) >= 0)
    assert np.all(np.diff(m[R < 10]) > 0)


def test_mass_grows_by_the_density(model):
    log_slope = derivative(lambda t: model.enclosed_mass(np.exp(t)), np.log(R))
    shell = 4 * np.pi * R**3 * model.density(R)
    assert np.abs(log_slope - shell).max() < 1e-9 * model.enclosed_mass(R[-1])
    np.testing.assert_allclose(log_slope[R < 10], shell[R < 10], rtol=1e-9)


def test_circular_velocity(model):
    np.testing.assert_allclose(model.v_circ(R) ** 2, G * model.enclosed_mass(R) / R, rtol=1e-13)


def test_gradient_of_the_potential_is_the_force(model):
    slope = derivative(lambda t: model.potential(np.exp(t)), np.log(R))
    force = G * model.enclosed_mass(R) / R
    assert np.abs(slope - force).max() < 1e-9 * np.abs(model.potential(R[0]))
    # inside a core the potential is flat, and its rounding is all that a numerical derivative sees
    rounding = 1e-11 * np.abs(model.potential(R[0]))
    np.testing.assert_allclose(slope[R > 0.1], force[R > 0.1], rtol=1e-8, atol=rounding)


def test_potential_is_the_integral_of_the_force(model):
    # a released code's potential was 1.25 % off the integral of its own gradient
    for low, high in [(0.01, 1), (1, 20), (20, 300)]:
        work = quad(lambda s: G * model.enclosed_mass(s) / s**2, low, high, epsabs=0, epsrel=1e-12, limit=200)[0]
        assert model.potential(high) - model.potential(low) == pytest.approx(work, rel=1e-10)


def test_limits(model):
    assert model.enclosed_mass(0.0) == 0
    assert not np.any(np.isnan(model.enclosed_mass(np.array([0.0, 1.0, math.inf]))))
    assert model.enclosed_mass(math.inf) >= model.enclosed_mass(1e9)
    assert model.v_circ(0.0) < 1e-6
    assert model.v_circ(math.inf) < 1e-6
    assert abs(model.potential(math.inf)) < 1e-12 * abs(model.potential(0.0))
    assert math.isfinite(model.potential(0.0))
    assert model.density(math.inf) == pytest.approx(0, abs=1e-30)
    phi = model.potential(R)
    assert np.all(phi < 0)
    assert np.all(np.diff(phi) > 0)


def test_numerical_defaults_agree_with_the_closed_forms(model):
    r = np.geomspace(1e-2, 1e3, 40)
    np.testing.assert_allclose(MassModel.potential(model, r), model.potential(r), rtol=1e-9)
    shell = 4 * np.pi * r**3
    error = shell * np.abs(MassModel.density(model, r) - model.density(r))
    assert error.max() < 1e-9 * model.enclosed_mass(r[-1])


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_batches_broadcast(model, entry, example, quantity):
    r = np.array([1.0, 8.0, 60.0])
    for name in params(entry):
        values = getattr(model, name) * np.array([[0.8], [0.9], [1.0], [1.1]])
        batch = example(entry, **{name: values})
        assert batch.ndim == 2
        result = getattr(batch, quantity)(r)
        assert result.shape == (4, 3)
        single = [getattr(example(entry, **{name: float(v)}), quantity)(r) for v in values[:, 0]]
        np.testing.assert_allclose(result, single, rtol=1e-13)
        assert MassModel.potential(batch, r).shape == (4, 3)


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_shape_of_the_radii(model, quantity):
    f = getattr(model, quantity)
    assert model.ndim == 0
    assert np.ndim(f(8.0)) == 0
    assert f(np.full((2, 3), 8.0)).shape == (2, 3)
    assert f(np.empty(0)).shape == (0,)
    assert f([8, 9])[0] == pytest.approx(f(8.0), rel=1e-15)
    assert f(8) == f(8.0)


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_jax_gives_the_same(model, entry, example, quantity, jax_x64):
    values = {name: jax_x64.numpy.asarray(getattr(model, name)) for name in params(entry)}
    in_jax = jax_x64.jit(lambda v, r: getattr(entry(**v), quantity)(r))(values, R)
    np.testing.assert_allclose(in_jax, getattr(model, quantity)(R), rtol=1e-12)
    radii_in_jax = getattr(model, quantity)(jax_x64.numpy.asarray(R))
    assert isinstance(radii_in_jax, jax_x64.Array)
    np.testing.assert_allclose(radii_in_jax, getattr(model, quantity)(R), rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("quantity", QUANTITIES)
def test_jax_differentiates(model, entry, example, quantity, jax_x64):
    for name in params(entry):
        value = float(getattr(model, name))

        def f(x, name=name):
            return getattr(example(entry, **{name: x}), quantity)(20.0)

        assert float(jax_x64.grad(f)(value)) == pytest.approx(derivative(f, value, 1e-3 * value), rel=1e-7, abs=1e-25)
    by_r = jax_x64.vmap(jax_x64.grad(getattr(model, quantity)))
    assert np.all(np.isfinite(by_r(np.geomspace(1e-6, 1e6, 30))))
    assert by_r(np.array([20.0]))[0] == pytest.approx(derivative(getattr(model, quantity), 20.0, 0.02), rel=1e-7)


def test_pickles(model):
    before = model.enclosed_mass(8.0)
    copy = pickle.loads(pickle.dumps(model))
    assert copy == model
    assert copy.enclosed_mass(8.0) == before


def test_numbers_outside_the_physical_range_are_refused(entry, example):
    for name, info in params(entry).items():
        for bad in (info.low - 1.0, math.nan, math.inf, "1.0", np.float64(-1e30)):
            with pytest.raises(InputError, match=name):
                example(entry, **{name: bad})
        if not info.low_included:
            with pytest.raises(InputError, match=f"above {info.low:g}"):
                example(entry, **{name: info.low})
        example(entry, **{name: np.array([-1.0])})  # a sampler may propose anything
