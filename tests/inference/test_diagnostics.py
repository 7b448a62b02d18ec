"""Convergence diagnostics against closed forms, and what is said of priors."""

import numpy as np
import pytest

from haloscale.inference.diagnostics import (
    autocorrelation_time,
    bulk_and_tail_ess,
    judge,
    prior_remarks,
    quantiles,
    split_rhat,
    suspects,
)
from haloscale.inference.priors import LogUniform, Normal, Uniform
from haloscale.records import Chain, Parameter, SamplingStatus


def autoregressive(rng, phi, shape):
    """Unit-variance AR(1) series along the first axis: integrated autocorrelation time (1 + phi) / (1 - phi)."""
    x = np.empty(shape)
    x[0] = rng.standard_normal(shape[1:])
    for i in range(1, shape[0]):
        x[i] = phi * x[i - 1] + np.sqrt(1 - phi**2) * rng.standard_normal(shape[1:])
    return x


def test_autocorrelation_time_of_an_autoregressive_series():
    x = autoregressive(np.random.default_rng(1), 0.8, (20_000, 16, 2))
    assert autocorrelation_time(x) == pytest.approx([9.0, 9.0], rel=0.1)


def test_split_rhat_is_near_one_for_mixed_walkers_and_large_for_separated_ones():
    rng = np.random.default_rng(2)
    mixed = rng.standard_normal((1000, 8, 1))
    assert split_rhat(mixed) == pytest.approx([1.0], abs=0.01)
    assert split_rhat(mixed + np.arange(8)[:, None])[0] > 1.5
    drifting = mixed + np.linspace(0, 3, 1000)[:, None, None]
    assert split_rhat(drifting)[0] > 1.2


def test_split_rhat_agrees_with_arviz():
    arviz = pytest.importorskip("arviz")
    rng = np.random.default_rng(3)
    x = autoregressive(rng, 0.95, (400, 6, 1)) + 0.2 * rng.standard_normal((1, 6, 1))
    expected = float(np.asarray(arviz.rhat(x[:, :, 0].T, method="z_scale")))
    assert split_rhat(x)[0] == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(
    ("taus", "rhat", "ess", "status"),
    [
        (50, 1.01, 1000, "reliable"),
        (49, 1.005, 5000, "tentative"),
        (60, 1.011, 5000, "tentative"),
        (60, 1.0, 999, "tentative"),
        (19, 1.0, 5000, "unusable"),
        (60, 1.06, 5000, "unusable"),
        (60, 1.0, 199, "unusable"),
        (np.nan, np.nan, np.nan, "unusable"),
    ],
)
def test_three_states(taus, rhat, ess, status):
    assert judge(taus, rhat, ess) == status


def test_quantiles_with_and_without_weights():
    x = np.random.default_rng(4).standard_normal(200_000)
    assert quantiles(x, np.ones_like(x)) == pytest.approx([0, -1, 1], abs=0.02)
    shifted = quantiles(x, np.exp(x))  # exp(x) times a unit normal is a unit normal around 1
    assert shifted == pytest.approx([1, 0, 2], abs=0.03)


def test_quantiles_are_those_of_any_standard_deviations():
    values, rng = np.arange(1001.0), np.random.default_rng(1)
    at = (0.0, -1.959963984540054, 1.959963984540054)
    np.testing.assert_allclose(quantiles(values, np.ones(1001), at), [500.0, 25.0, 975.0])
    weighted = quantiles(np.concatenate([values, values]), np.repeat([1.0, 3.0], 1001), at)
    np.testing.assert_allclose(weighted, [500.0, 25.0, 975.0], atol=1.0)
    assert quantiles(rng.standard_normal((50, 4)), np.ones(50), at).shape == (3, 4)


def one_parameter(values, name="m_vir"):
    values = np.asarray(values)[:, None]
    n = len(values)
    status = SamplingStatus("reliable", 1.0, 1e4, 10.0, 1000, 100, 0.5)
    parameter = Parameter(name, "solMass", name, "a mass", {})
    none = np.zeros(n, dtype=np.int64)
    return Chain((parameter,), values, np.zeros(n), np.ones(n), none, np.arange(n), status)


def test_remarks_name_an_edge_and_a_posterior_that_equals_its_prior():
    rng = np.random.default_rng(5)
    prior = LogUniform(1e11, 1e13)
    assert prior_remarks(one_parameter(1e12 * np.exp(0.2 * rng.standard_normal(5000))), [prior]) == ()
    (same,) = prior_remarks(one_parameter(prior.sample(rng, 5000)), [prior])
    assert "equals its prior" in same
    (edge,) = prior_remarks(one_parameter(1e13 * np.exp(-0.3 * rng.exponential(size=5000))), [prior])
    assert "upper edge" in edge
    assert "m_vir" in edge
    (edge,) = prior_remarks(one_parameter(rng.exponential(0.05, 5000), "c"), [Uniform(0, 1)])
    assert "lower edge" in edge
    pressed = one_parameter(rng.exponential(0.005, 5000), "c")
    assert suspects(pressed, [Uniform(0, 1)]) == [0]
    (limit,) = prior_remarks(pressed, [Uniform(0, 1)], [(0.0, np.inf)])
    assert limit == "the posterior of c reaches the least value that there is (0): read its interval as a limit"
    assert prior_remarks(pressed, [Uniform(0, 1)], told=[0]) == ()
    low = one_parameter(rng.normal(-1.5, 1.0, 5000), "c")
    assert prior_remarks(low, [Normal(0.0, 1.0)], [(-np.inf, np.inf)]) == prior_remarks(low, [Normal(0.0, 1.0)])


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9, -0.4])
@pytest.mark.parametrize("n_steps", [201, 1000])
def test_bulk_and_tail_sizes_are_those_of_arviz(memory, n_steps):
    arviz = pytest.importorskip("arviz")
    rng = np.random.default_rng(7)
    walkers = rng.standard_normal((n_steps, 4, 2))
    for step in range(1, n_steps):
        walkers[step] += memory * walkers[step - 1]
    walkers[..., 1] = np.exp(2 * walkers[..., 1])  # heavy tails
    for found, method in zip(bulk_and_tail_ess(walkers), ("bulk", "tail"), strict=True):
        expected = [float(arviz.ess(np.ascontiguousarray(walkers[..., i].T), method=method)) for i in range(2)]
        assert found == pytest.approx(expected, rel=0.03)  # equal but where no lag is negative before the end


def test_sizes_need_a_few_steps_and_see_a_stuck_chain():
    assert np.isnan(bulk_and_tail_ess(np.zeros((7, 4, 1)))).all()
    walkers = np.random.default_rng(1).standard_normal((400, 4, 1)) + np.array([0.0, 0.0, 0.0, 5.0])[:, None]
    bulk, _ = bulk_and_tail_ess(walkers)
    assert bulk[0] < 20


@pytest.mark.parametrize(
    ("prior", "values", "says"),
    [
        (Normal(0.6, 0.2), (0.1, 0.05), "lies in the lower tail of its prior: the data contradict it"),
        (Normal(0.6, 0.2, low=-0.5, high=0.95), (0.1, 0.05), "lies in the lower tail"),
        (Normal(-4.3, 0.3, high=-3.0), (-4.1, 0.25), ""),
        (Normal(0.6, 0.2, low=0.5), (0.52, 0.01), "does not fall off towards the lower edge of its prior (0.5)"),
        (Uniform(0.0, 1.0), (0.02, 0.02), "does not fall off towards the lower edge"),
    ],
)
def test_a_tail_is_no_edge(prior, values, says):
    """A normal prior ends nowhere: what lies far out contradicts it, and no edge sets the interval."""
    drawn = np.random.default_rng(1).normal(*values, 4000)
    drawn = drawn[(drawn > prior.low) & (drawn < prior.high)]
    remarks = prior_remarks(one_parameter(drawn), [prior])
    assert says in " ".join(remarks)
    assert len(remarks) == bool(says)
