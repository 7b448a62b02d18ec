"""Twenty simulated catalogues through the whole pipeline: the mean mass against what the method is known to do."""

import numpy as np
import pytest

from haloscale import config, mock, stages
from haloscale.inference.samplers.base import maximum

N_CATALOGUES = 20


def weigh(seed, truth, **simulation):
    """Fitted over true m_vir at the maximum of the posterior, by the stages of a run."""
    rng = np.random.default_rng([2018, seed])
    settings = config.load(catalogue={"survey": "generic"}).config
    table = mock.simulate(truth, rng, **simulation)
    sample = stages.select_sample(settings, table, strict=False, rng=rng).sample
    profile, _ = stages.measure_profile(settings, sample, rng)
    posterior = stages.posterior(settings, sample, profile)
    return posterior.to_values(maximum(posterior, rng))[0] / truth.numbers["m_vir"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fraction", "sample"), [(0.0, mock.DEPTH_LIMITED), (0.13, mock.DEPTH_LIMITED)], ids=["error-free", "13 % errors"]
)
def test_mean_of_twenty_catalogues(fraction, sample):
    """Within two standard errors of the mean of the bias that large samples show."""
    truth = mock.Truth()
    ratio = np.array([weigh(i, truth, distance_fractional_error=fraction) for i in range(N_CATALOGUES)])
    error = ratio.std(ddof=1) / np.sqrt(N_CATALOGUES)
    (known,) = mock.predicted_bias(truth, distance_fractional_error=fraction, sample=sample)
    assert known.low - 2 * error < ratio.mean() - 1 < known.high + 2 * error, (ratio.mean(), error)
    assert 0.04 < ratio.std(ddof=1) < 0.16
