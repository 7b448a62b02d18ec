"""What every registered anisotropy promises."""

import math
import pickle

import numpy as np
import pytest

from haloscale import anisotropy
from haloscale.anisotropy import anisotropies
from haloscale.errors import InputError
from haloscale.registry import params

R = np.geomspace(0.1, 1e3, 41)


@pytest.fixture(params=list(anisotropies))
def entry(request):
    return anisotropies[request.param]


@pytest.fixture
def model(entry, example):
    return example(entry)


def test_class_is_an_attribute_of_the_package(entry):
    assert getattr(anisotropy, entry.__name__) is entry
    assert entry.__name__ in dir(anisotropy)


def test_ratio_is_a_ratio(model):
    assert model.factor_ratio(20.0, 20.0) == pytest.approx(1, rel=1e-14)
    chained = model.factor_ratio(R, 8.0) * model.factor_ratio(8.0, 30.0)
    np.testing.assert_allclose(chained, model.factor_ratio(R, 30.0), rtol=1e-12)
    assert np.all(model.factor_ratio(R, 8.0) > 0)


def test_derivative_of_the_factor_is_twice_beta(model):
    step = 1e-2
    one, two = (np.log(model.factor_ratio(R * math.exp(k * step), R * math.exp(-k * step))) for k in (1, 2))
    np.testing.assert_allclose(2 * model.beta_at(R), (8 * one - two) / (12 * step), rtol=1e-5, atol=1e-7)
    assert np.all(model.beta_at(R) < 1)
    assert model.beta_at(R).shape == R.shape
    assert np.ndim(model.beta_at(8.0)) == 0


def test_scale_free_says_the_truth(model):
    same = np.allclose(model.factor_ratio(3 * R, R), model.factor_ratio(3.0, 1.0), rtol=1e-12)
    assert same == model.scale_free


def test_batches_broadcast(model, entry, example):
    for name in params(entry):
        values = getattr(model, name) + np.array([[-0.2], [-0.1], [0.0], [0.1]])
        batch = example(entry, **{name: values})
        assert batch.ndim == 2
        assert batch.beta_at(R).shape == (4, len(R))
        single = [example(entry, **{name: float(v)}).factor_ratio(R, 8.0) for v in values[:, 0]]
        np.testing.assert_allclose(batch.factor_ratio(R, 8.0), single, rtol=1e-12)


@pytest.mark.slow
def test_jax_gives_the_same_and_differentiates(model, entry, example, jax_x64):
    jitted = jax_x64.jit(model.factor_ratio)(R, 8.0)
    np.testing.assert_allclose(jitted, model.factor_ratio(R, 8.0), rtol=1e-12)
    np.testing.assert_allclose(jax_x64.jit(model.beta_at)(R), model.beta_at(R), rtol=1e-12)
    slope = jax_x64.grad(lambda t: jax_x64.numpy.log(model.factor_ratio(jax_x64.numpy.exp(t), 8.0)))(3.0)
    assert float(slope) == pytest.approx(2 * float(model.beta_at(math.exp(3.0))), rel=1e-10)
    for name in params(entry):
        value, step = getattr(model, name), 1e-4

        def f(x, name=name):
            return example(entry, **{name: x}).factor_ratio(20.0, 8.0)

        numeric = (f(value + step) - f(value - step)) / (2 * step)
        assert float(jax_x64.grad(f)(value)) == pytest.approx(numeric, rel=1e-6)


def test_pickles(model):
    assert pickle.loads(pickle.dumps(model)) == model


def test_numbers_outside_the_physical_range_are_refused(entry, example):
    for name, info in params(entry).items():
        for bad in (info.low - 1.0 if info.low_included else info.low, info.high, math.nan):
            with pytest.raises(InputError, match=name):
                example(entry, **{name: bad})
