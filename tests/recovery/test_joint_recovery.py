"""Two tracers of one halo: weighed together they give the truth, and a narrower answer than either alone."""

import numpy as np
import pytest

import haloscale as hs
from haloscale import mock, tables

FREE = '{ prior = "uniform", low = -0.5, high = 0.8 }'
FILE = f"""
[anisotropy]
beta = {FREE}
[jeans]
projection = "per_star"
[sampler]
name = "laplace"
[[catalogue]]
name = "giants"
path = "giants.parquet"
survey = "generic"
[catalogue.tracer]
log_slope = -4.0
[[catalogue]]
name = "bhb"
path = "bhb.parquet"
survey = "generic"
[catalogue.tracer]
log_slope = -3.3
"""
TRUE = {"giants": (-4.0, 0.3), "bhb": (-3.3, -0.2)}


@pytest.fixture(scope="module")
def weighed(tmp_path_factory):
    """The joint run, and each catalogue alone."""
    folder, found = tmp_path_factory.mktemp("tracers"), {}
    for seed, (name, (slope, beta)) in enumerate(TRUE.items()):
        tracer, anisotropy = hs.tracer.PowerLaw(log_slope=slope), hs.anisotropy.Constant(beta=beta)
        truth = mock.Truth(tracer=tracer, anisotropy=anisotropy)
        stars = mock.simulate_simple(truth, np.random.default_rng(100 + seed), 8000, v_error=5.0)
        tables.write_star_table(folder / f"{name}.parquet", stars)
        given = {"sampler.name": "laplace", "jeans.projection": "per_star", "tracer.log_slope": slope}
        given["anisotropy.beta"] = {"prior": "uniform", "low": -0.5, "high": 0.8}
        found[name] = hs.weigh(folder / f"{name}.parquet", "generic", set=given)
    (folder / "joint.toml").write_text(FILE)
    return hs.weigh(folder / "joint.toml"), found


def width(estimate):
    return np.log(estimate.upper / estimate.lower)


@pytest.mark.slow
def test_the_truth_lies_within_the_errors(weighed):
    joint, _ = weighed
    true = {"m_vir": 1.1e12, "c": 15.0, "giants_beta": 0.3, "bhb_beta": -0.2}
    assert joint.summary.sampling.status == "reliable"
    for name, value in true.items():
        estimate = joint.summary.parameters[name]
        error = estimate.upper - estimate.median if value > estimate.median else estimate.median - estimate.lower
        assert abs(estimate.median - value) < 2.5 * error, name


@pytest.mark.slow
def test_together_they_are_narrower_than_either_alone(weighed):
    joint, alone = weighed
    for name, one in alone.items():
        assert width(joint.summary.parameters["m_vir"]) < width(one.summary.parameters["m_vir"]), name
        beta = joint.summary.parameters[f"{name}_beta"], one.summary.parameters["beta"]
        assert beta[0].upper - beta[0].lower < beta[1].upper - beta[1].lower, name
