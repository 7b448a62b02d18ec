"""Values of the configuration beside the models' own checks."""

import math

from haloscale.config import load
from haloscale.inference.priors import Normal


def test_a_normal_prior_without_ends_stops_at_the_physical_range():
    asked = {
        "tracer.log_slope": {"prior": "normal", "mean": -4, "sd": 0.3},
        "anisotropy.beta": {"prior": "normal", "mean": 0.3, "sd": 0.1, "low": -0.2},
        "mass.disk.m": {"prior": "normal", "mean": 6e10, "sd": 1e10},
    }
    free = load(settings=asked).config.free
    assert free["tracer.log_slope"] == Normal(-4.0, 0.3, -math.inf, 0.0)
    assert free["anisotropy.beta"] == Normal(0.3, 0.1, -0.2, 1.0)
    assert free["mass.disk.m"] == Normal(6e10, 1e10, 0.0, math.inf)
