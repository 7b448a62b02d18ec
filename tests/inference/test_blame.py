"""An impossible prior is named, and so is a parameter without room around the maximum."""

from dataclasses import dataclass

import numpy as np
import pytest

from haloscale.inference.blame import excluded, impossible, no_room
from haloscale.inference.posterior import Posterior
from haloscale.inference.priors import LogUniform, Normal, Uniform
from haloscale.records import Chain, Parameter, SamplingStatus


@dataclass(frozen=True)
class Values:
    priors: tuple

    @property
    def parameters(self):
        return tuple(Parameter(name, "", "", "", {}) for name, _ in zip("abc", self.priors, strict=False))

    def build(self, theta):
        return theta


@dataclass(frozen=True)
class Function:
    log_likelihood: object


def where(possible, *priors):
    return Posterior(Values(priors), Function(lambda t: np.where(possible(t), 0.0, -np.inf)))


@pytest.mark.parametrize(
    ("possible", "blamed"),
    [
        (lambda t: t[..., 0] > 3.0, "a"),
        (lambda t: t[..., 1] < 0.02, "b"),
        (lambda t: t[..., 2] < -40.0, "c"),
        (lambda t: t[..., 0] + t[..., 2] > 30.0, "c or a"),
    ],
)
def test_the_prior_that_excludes_the_data_is_named(possible, blamed):
    posterior = where(possible, Uniform(0.0, 1.0), LogUniform(1.0, 10.0), Normal(0.0, 1.0))
    error = impossible(posterior, 2048)
    assert error.found.endswith(f"; other values of {blamed} would")
    assert error.expected == f"a prior of {blamed} that allows the data"
    value = float(error.advice.rsplit("like ", maxsplit=1)[1])
    assert np.isfinite(value)


def test_the_value_offered_does_allow_the_data():
    posterior = where(lambda t: t[..., 0] > 3.0, Uniform(0.0, 1.0), Uniform(0.0, 1.0))
    advice = impossible(posterior, 64).advice
    assert "the prior of a so that it holds values like" in advice
    assert 3.0 < float(advice.rsplit("like ", maxsplit=1)[1]) < 5.0


def test_where_two_priors_exclude_the_data_neither_is_blamed_alone():
    posterior = where(lambda t: (t[..., 0] > 3.0) & (t[..., 1] > 3.0), Uniform(0.0, 1.0), Uniform(0.0, 1.0))
    error = impossible(posterior, 2048)
    assert "the priors of a, b" in error.found
    assert "would" not in error.found
    assert "no parameter alone is to blame" in error.advice


def test_a_parameter_without_room_is_named():
    posterior = where(lambda t: np.abs(t[..., 1] - 0.5) < 1e-9, Uniform(0.0, 1.0), Uniform(0.0, 1.0))
    error = no_room(posterior, np.array([0.5, 0.5]))
    assert error.found == "the sampler finds no room around the maximum of the posterior along b"
    assert error.advice.startswith("widen the prior of b, or")


@pytest.mark.parametrize(
    ("height", "prior", "at", "told"),
    [
        (lambda x: -0.5 * (x - 9.0) ** 2, Uniform(0.0, 1.0), "edge", True),  # its peak lies beyond
        (lambda x: -0.5 * (x - 1.1) ** 2, Uniform(0.0, 1.0), "edge", False),  # it leans on an edge, no more
        (lambda x: np.where(x > 5.0, 0.0, -40.0), Uniform(0.0, 1.0), "evenly", True),  # flat inside, and far too low
        (lambda x: 0.0 * x, Uniform(0.0, 1.0), "evenly", False),  # the data say nothing
        (lambda x: -0.5 * (x - 9.0) ** 2, Uniform(0.0, 10.0), "peak", False),
    ],
)
def test_a_prior_that_keeps_the_answer_away_from_the_data_is_found(height, prior, at, told):
    rng = np.random.default_rng(1)
    x = {
        "edge": 1.0 - rng.exponential(0.004, 3000),
        "evenly": rng.uniform(0, 1, 3000),
        "peak": rng.normal(9, 0.3, 3000),
    }[at]
    posterior = Posterior(Values((prior,)), Function(lambda t: height(t[..., 0])))
    status = SamplingStatus("reliable", 1.0, 1e4, 10.0, 1000, 100, 0.5)
    none = np.zeros(len(x), dtype=np.int64)
    parameters = posterior.model.parameters
    chain = Chain(parameters, x[:, None], height(x), np.ones(len(x)), none, np.arange(len(x)), status)
    said = excluded(posterior, chain)
    assert bool(said) is told
    if told:
        assert said[0].startswith("the prior of a excludes the data: ln L is higher by ")
