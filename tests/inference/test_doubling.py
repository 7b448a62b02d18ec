"""What twice as many points would do, on a likelihood whose points are known to push by a known amount."""

from dataclasses import dataclass

import numpy as np
import pytest

from haloscale.inference.doubling import shifts
from haloscale.records import Chain, Parameter, SamplingStatus


@dataclass(frozen=True)
class Pushing:
    """ln L of unit normals whose mean is off by push / n_samples in the first parameter."""

    n_samples: int
    push: float

    def with_samples(self, n):
        return Pushing(n, self.push)

    def log_likelihood(self, theta):
        return -0.5 * ((theta - np.array([self.push / self.n_samples, 0.0])) ** 2).sum(axis=-1)


class Model:
    def build(self, theta):
        return theta


def chain(n=4000):
    values = np.random.default_rng(1).standard_normal((n, 2))
    parameters = tuple(Parameter(name, "", "", "", {}) for name in ("a", "b"))
    none = np.zeros(n, dtype=np.int64)
    return Chain(
        parameters,
        values,
        0.0 * values[:, 0],
        np.ones(n),
        none,
        none,
        SamplingStatus("reliable", None, 1e3, None, 0, 0, 1.0),
    )


@pytest.mark.parametrize("push", [0.0, 10.0, -30.0])
def test_the_shift_is_that_of_the_points(push):
    moved = shifts(Pushing(100, push), Model(), chain())
    assert moved["a"] == pytest.approx(-push / 200, abs=0.3 * abs(push) / 200 + 1e-12)
    assert moved["b"] == pytest.approx(0.0, abs=0.3 * abs(push) / 200 + 1e-12)
