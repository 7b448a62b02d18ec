"""The quick posterior agrees with one that was computed on a fine grid."""

from typing import Any

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from haloscale import api, stages
from haloscale import run as runs
from haloscale.config import restore
from haloscale.inference.diagnostics import quantiles
from haloscale.inference.posterior import Posterior
from haloscale.inference.samplers.base import samplers
from haloscale.web.ensembles import walked
from haloscale.web.quick import levels, maximum, quick_posterior

BETA = {"prior": "uniform", "low": -0.5, "high": 0.9}
DISK = {"prior": "log_uniform", "low": 2e10, "high": 2e11}
LOG = {"prior": "log_uniform"}
SLOPE = {"prior": "uniform", "low": -6.0, "high": -2.5}


def joined(catalogue: Any, **settings: Any) -> Posterior:
    request = api.request(catalogue, "generic", settings={k.replace("__", "."): v for k, v in settings.items()})
    made, config = api.check(request), request.loaded.config
    profile, _ = stages.measure_profile(config, made.sample, np.random.default_rng(1))
    return stages.posterior(config, made.sample, profile)


def on_a_fine_grid(posterior: Posterior, n: int = 60) -> dict[str, np.ndarray]:
    """Median and 68 % interval of each parameter, over the whole of the priors."""
    axes = [np.linspace(*prior.free_bounds, n) for prior in posterior.model.priors]
    mesh = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
    blocks = [posterior.log_posterior_free(mesh[k : k + 2048]) for k in range(0, len(mesh), 2048)]
    height = np.concatenate(blocks).reshape([n] * len(axes))
    density = np.exp(height - height.max())
    found = {}
    for k, (parameter, prior) in enumerate(zip(posterior.model.parameters, posterior.model.priors, strict=True)):
        alone = density.sum(axis=tuple(i for i in range(len(axes)) if i != k))
        u = np.linspace(axes[k][0], axes[k][-1], 4000)
        share = CubicSpline(axes[k], alone).antiderivative()(u)
        found[parameter.name] = np.asarray(prior.from_free(np.interp([0.15866, 0.5, 0.84134], share / share[-1], u)))
    return found


def quickly(posterior: Posterior, *axes: str) -> dict[str, Any]:
    best = maximum(posterior, np.random.default_rng(1))
    return quick_posterior(posterior, best, np.random.default_rng(1), axes)


def offsets(made: dict[str, Any], name: str, low: float, median: float, high: float) -> np.ndarray:
    """Differences of lower limit, median and upper limit from what they should be, in standard errors."""
    said = made["summary"][name]
    return np.array([said["low68"] - low, said["median"] - median, said["high68"] - high]) / (0.5 * (high - low))


def check(posterior: Posterior, within: float, n: int) -> dict[str, Any]:
    made = quickly(posterior)
    for name, limits in on_a_fine_grid(posterior, n).items():
        off = offsets(made, name, *limits)
        assert np.abs(off).max() < within, (name, off)
    return made


def test_two_parameters_are_computed_on_a_grid(catalogue: Any) -> None:
    made = check(joined(catalogue), 0.06, 160)
    assert made["method"] == "grid"
    assert made["reliable"]
    assert max(max(row) for row in made["density"]) == 1.0
    assert 0 < made["levels"][1] < made["levels"][0] < 1


def test_three_parameters_are_computed_on_a_grid(catalogue: Any) -> None:
    near = {"mass__halo__m_vir": {**LOG, "low": 3e11, "high": 4e12}, "mass__halo__c": {**LOG, "low": 2.0, "high": 60.0}}
    posterior = joined(catalogue, anisotropy__beta=BETA, **near)
    made = check(posterior, 0.05, 56)
    assert (made["method"], made["reliable"]) == ("grid", True)
    assert (made["x"]["name"], made["y"]["name"]) == ("m_vir", "c")
    other = quickly(posterior, "beta", "m_vir")
    assert (other["x"]["name"], other["y"]["name"]) == ("beta", "m_vir")
    assert other["summary"] == made["summary"]
    assert quickly(posterior, "m_vir", "gamma")["y"]["name"] == "c", "one is not free"


def test_the_picture_is_the_density_of_its_two_parameters(catalogue: Any) -> None:
    posterior = joined(catalogue, anisotropy__beta=BETA)
    made = quickly(posterior, "beta", "m_vir")
    along_x = np.array(made["density"]).sum(axis=0)
    share = np.cumsum(along_x[1:] + along_x[:-1])
    median = np.interp(0.5, share / share[-1], made["x"]["values"][1:])
    assert median == pytest.approx(made["summary"]["beta"]["median"], abs=0.02)


def test_walkers_find_what_the_grid_has(catalogue: Any) -> None:
    posterior = joined(catalogue, anisotropy__beta=BETA)
    chain, made = walked(posterior, np.random.default_rng(1)), quickly(posterior)
    for parameter, (median, low, high) in zip(chain.parameters, quantiles(chain.values, chain.weight).T, strict=True):
        assert np.abs(offsets(made, parameter.name, low, median, high)).max() < 0.2


@pytest.mark.slow
def test_five_parameters_are_walked(catalogue: Any) -> None:
    posterior = joined(catalogue, anisotropy__beta=BETA, mass__disk__m=DISK, tracer__log_slope=SLOPE)
    made = quickly(posterior)
    assert made["method"] == "ensemble"
    assert set(made["summary"]) == {p.name for p in posterior.model.parameters}
    rough = samplers["emcee"](posterior, np.random.default_rng(2), lambda share, line: None, max_steps=3000)
    for parameter, (median, low, high) in zip(rough.parameters, quantiles(rough.values, rough.weight).T, strict=True):
        assert np.abs(offsets(made, parameter.name, low, median, high)).max() < 0.4


def test_a_posterior_that_leans_on_an_edge_says_so(catalogue: Any) -> None:
    said = quickly(joined(catalogue, tracer__log_slope=-0.5))["said"]
    assert "m_vir" in said
    assert "lower edge of its prior (1e+11)" in said
    assert "edge" not in quickly(joined(catalogue))["said"]


@pytest.mark.slow
@pytest.mark.parametrize("free", [{"anisotropy.beta": BETA}, {"anisotropy.beta": BETA, "tracer.log_slope": SLOPE}])
def test_segue_giants_as_a_fit_weighs_them(free: Any, shared: Any, tmp_path: Any) -> None:
    path = shared("data/segue-kgiants/segue_kgiants.csv")
    more = {"sampler.name": "emcee", "sampler.max_steps": 24000}
    fit = runs.execute(api.request(path, "segue_kgiants", settings={**free, **more}), tmp_path / "run")
    profile = fit.profile
    made = quickly(stages.posterior(restore(fit.config), fit.sample, profile))
    for name, one in fit.summary.parameters.items():
        if not one.fixed:
            low, median, high = np.abs(offsets(made, name, one.lower, one.median, one.upper))
            assert median < 0.1, name
            assert max(low, high) < 0.15, name


def test_one_parameter_and_none(catalogue: Any) -> None:
    one = joined(catalogue, mass__halo__c=12.0)
    made = check(one, 0.05, 1000)
    assert made["y"] is None
    assert np.ndim(made["density"]) == 1
    none = quick_posterior(joined(catalogue, mass__halo__c=12.0, mass__halo__m_vir=1e12), {}, np.random.default_rng(1))
    assert none["method"] == "none"
    assert none["x"] is None


def test_levels_hold_their_share() -> None:
    x = np.linspace(-5, 5, 401)
    density = np.exp(-0.5 * (x[:, None] ** 2 + x[None] ** 2))
    inside, outside = levels(density)
    assert inside == pytest.approx(np.exp(-0.5 * 2.2958), rel=0.02)
    assert outside == pytest.approx(np.exp(-0.5 * 6.1801), rel=0.02)
