"""What every registered tracer density promises."""

import math
import pickle

import numpy as np
import pytest

from haloscale import tracer
from haloscale.errors import InputError
from haloscale.registry import params
from haloscale.tracer import tracers

R = np.geomspace(0.1, 1e3, 41)


@pytest.fixture(params=list(tracers))
def entry(request):
    return tracers[request.param]


@pytest.fixture
def model(entry, example):
    return example(entry)


def test_class_is_an_attribute_of_the_package(entry):
    assert getattr(tracer, entry.__name__) is entry
    assert entry.__name__ in dir(tracer)


def test_ratio_is_a_ratio(model):
    assert model.density_ratio(20.0, 20.0) == pytest.approx(1, rel=1e-14)
    chained = model.density_ratio(R, 8.0) * model.density_ratio(8.0, 30.0)
    np.testing.assert_allclose(chained, model.density_ratio(R, 30.0), rtol=1e-12)
    assert np.all(model.density_ratio(R, 8.0) > 0)


def test_slope_is_the_derivative_of_the_density(model):
    step = 1e-3
    numeric = np.log(model.density_ratio(R * math.exp(step), R * math.exp(-step))) / (2 * step)
    np.testing.assert_allclose(model.log_slope_at(R), numeric, rtol=1e-5)
    assert model.log_slope_at(R).shape == R.shape
    assert np.ndim(model.log_slope_at(8.0)) == 0


def test_smoothness_is_a_scale_over_which_the_slope_is_a_polynomial(model):
    """Over half of it, a cubic through four points follows the slope to a hundredth of its change everywhere."""
    smoothness = model.smoothness
    assert smoothness > 0
    step = min(smoothness, 1.0) / 4
    for x in np.linspace(math.log(1.0), math.log(300.0), 400):
        four = model.log_slope_at(np.exp(x + step * np.array([-1.0, 0.0, 1.0, 2.0])))
        middle = model.log_slope_at(math.exp(x + step / 2))
        assert abs(four @ [-1, 9, 9, -1] / 16 - middle) < 0.02 * (1e-10 + np.ptp(model.log_slope_at(R)))


def test_scale_free_says_the_truth(model):
    same = np.allclose(model.density_ratio(3 * R, R), model.density_ratio(3.0, 1.0), rtol=1e-12)
    assert same == model.scale_free


def test_batches_broadcast(model, entry, example):
    for name in params(entry):
        values = getattr(model, name) * np.array([[0.9], [1.0], [1.1], [1.2]])
        batch = example(entry, **{name: values})
        assert batch.ndim == 2
        assert batch.log_slope_at(R).shape == (4, len(R))
        single = [example(entry, **{name: float(v)}).density_ratio(R, 8.0) for v in values[:, 0]]
        np.testing.assert_allclose(batch.density_ratio(R, 8.0), single, rtol=1e-12)


def test_jax_gives_the_same_and_differentiates(model, entry, example, jax_x64):
    jitted = jax_x64.jit(model.density_ratio)(R, 8.0)
    np.testing.assert_allclose(jitted, model.density_ratio(R, 8.0), rtol=1e-12)
    np.testing.assert_allclose(jax_x64.jit(model.log_slope_at)(R), model.log_slope_at(R), rtol=1e-12)
    slope = jax_x64.grad(lambda t: jax_x64.numpy.log(model.density_ratio(jax_x64.numpy.exp(t), 8.0)))(3.0)
    assert float(slope) == pytest.approx(float(model.log_slope_at(math.exp(3.0))), rel=1e-10)
    for name in params(entry):
        value, step = getattr(model, name), 1e-4

        def f(x, name=name):
            return example(entry, **{name: x}).density_ratio(20.0, 8.0)

        numeric = (f(value + step) - f(value - step)) / (2 * step)
        assert float(jax_x64.grad(f)(value)) == pytest.approx(numeric, rel=1e-6)


def test_pickles(model):
    assert pickle.loads(pickle.dumps(model)) == model


def test_numbers_outside_the_physical_range_are_refused(entry, example):
    for name, info in params(entry).items():
        for bad in (info.low - 1.0 if info.low_included else info.low, info.high, math.nan):
            with pytest.raises(InputError, match=name):
                example(entry, **{name: bad})
