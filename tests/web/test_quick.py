"""The quick posterior agrees with one that was computed on a fine grid."""

from typing import Any

import numpy as np
import pytest

from haloscale import api, stages
from haloscale.inference.posterior import Posterior
from haloscale.web.quick import levels, maximum, quick_posterior

BETA = {"prior": "uniform", "low": -0.5, "high": 0.9}


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
        share = (np.cumsum(alone) - 0.5 * alone) / alone.sum()
        found[parameter.name] = np.asarray(prior.from_free(np.interp([0.15866, 0.5, 0.84134], share, axes[k])))
    return found


def check(posterior: Posterior, within: float, n: int) -> dict[str, Any]:
    made = quick_posterior(posterior, maximum(posterior, np.random.default_rng(1)), np.random.default_rng(1))
    for name, (low, median, high) in on_a_fine_grid(posterior, n).items():
        said = made["summary"][name]
        off = np.array([said["low68"] - low, said["median"] - median, said["high68"] - high]) / (0.5 * (high - low))
        assert np.abs(off).max() < within, (name, off)
    return made


def test_two_parameters_are_computed_on_a_grid(catalogue: Any) -> None:
    made = check(joined(catalogue), 0.06, 160)
    assert made["method"] == "grid"
    assert made["reliable"]
    assert max(max(row) for row in made["density"]) == 1.0
    assert 0 < made["levels"][1] < made["levels"][0] < 1


def test_more_parameters_are_drawn_and_weighted(catalogue: Any) -> None:
    made = check(joined(catalogue, anisotropy__beta=BETA, jeans__projection="per_star"), 0.25, 36)
    assert made["method"] == "reweighted"
    assert made["x"]["name"] == "m_vir"
    assert made["y"]["name"] == "c"
    assert "independent draws" in made["said"]


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
