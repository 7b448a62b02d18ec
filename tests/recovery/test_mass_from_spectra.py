"""The mass from spectra and photometry against that from true distances of the same stars, and against the truth."""

import numpy as np
import pytest

from haloscale import config, mock, stages
from haloscale.distance import find_distances
from haloscale.inference.samplers.base import maximum

N_CATALOGUES, N_ROWS = 12, 40_000
STATED = 0.09
"""Half the 68 % interval of ln m_vir that the fit of one such catalogue states."""


def weigh(table, **settings):
    """ln of fitted over true m_vir at the maximum of the posterior."""
    chosen = config.load(settings=settings, catalogue={"survey": "generic"}).config
    rng = np.random.default_rng(1)
    sample = stages.select_sample(chosen, table, strict=False, rng=rng).sample
    profile, _ = stages.measure_profile(chosen, sample, rng)
    posterior = stages.posterior(chosen, sample, profile)
    return np.log(posterior.to_values(maximum(posterior, rng))[0] / mock.Truth().numbers["m_vir"])


@pytest.fixture(scope="module")
def masses():
    """ln mass from spectra, and from true distances, of every catalogue: array (n, 2)."""
    found = []
    for seed in range(N_CATALOGUES):
        table = mock.simulate_spectra(mock.Truth(), np.random.default_rng([2014, seed]), n_stars=N_ROWS)
        spectra = weigh(table, **{"distance.method": "giant_branch", "distance.system": "ps1"})
        true = table.raw["true_distance"]
        known = find_distances(table, "giant_branch", system="ps1")["flag"] == "ok"
        found.append((spectra, weigh(table.with_columns(distance=true, distance_error=0.01 * true).take(known))))
    return np.array(found)


@pytest.mark.slow
def test_it_agrees_with_the_mass_from_true_distances(masses):
    difference = masses[:, 0] - masses[:, 1]
    assert (abs(difference) < STATED).mean() >= 0.9
    assert abs(difference.mean()) < STATED / 2


@pytest.mark.slow
def test_it_is_as_heavy_as_the_method_makes_it(masses):
    (known,) = mock.predicted_bias(mock.Truth(), sample=mock.FROM_SPECTRA)
    ratio = np.exp(masses[:, 0])
    error = ratio.std(ddof=1) / np.sqrt(N_CATALOGUES)
    assert known.low - 2 * error < ratio.mean() - 1 < known.high + 2 * error
    assert ratio.std(ddof=1) == pytest.approx(mock.bias.SCATTER[mock.FROM_SPECTRA], rel=0.6)


def test_one_catalogue_agrees_within_the_stated_error():
    table = mock.simulate_spectra(mock.Truth(), np.random.default_rng(1), n_stars=N_ROWS)
    spectra = weigh(table, **{"distance.method": "giant_branch", "distance.system": "ps1"})
    true = table.raw["true_distance"]
    ok = find_distances(table, "giant_branch", system="ps1")["flag"] == "ok"
    assert abs(spectra - weigh(table.with_columns(distance=true, distance_error=0.01 * true).take(ok))) < STATED
