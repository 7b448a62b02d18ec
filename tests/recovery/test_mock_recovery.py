"""Known mass in, mass out: the paper's method on 20 simulated catalogues, against biases known from large samples.

The fit is the paper's: |Z|, [Fe/H], distance-error and radius cuts, the zero-mean Gaussian of Eq. 17 in the paper's
bins, beta = 0 and log_slope = -4 in Eq. 7, log-uniform priors. The two-parameter posterior is laid on a grid; the model
on it depends on the bin mid-points alone and is computed once for all catalogues.
"""

import numpy as np
import pytest
from scipy import stats

from haloscale import anisotropy, jeans, mass, mock, tracer
from haloscale.frames import locate
from haloscale.repeats import merge_repeats

pytestmark = pytest.mark.slow

EDGES = np.array([5, 8, 10, 14, 18, 22, 26, 30, 35, 40, 60, 80, 120.0])
N_CATALOGUES = 20


@pytest.fixture(scope="module")
def grid():
    """ln m_vir, ln c and sigma_r of the paper's model at the mid-points: arrays (n_m,), (n_c,), (n_m, n_c, n_bins)."""
    ln_m, ln_c = np.linspace(np.log(2e11), np.log(8e12), 240), np.linspace(0, np.log(100), 140)
    halo = mass.NFW(m_vir=np.exp(ln_m)[:, None, None], c=np.exp(ln_c)[None, :, None])
    model = halo + mass.ExponentialDisk(m=6.8e10, b=2.5) + mass.Hernquist(m=0.5e10, a=0.6)
    middle = (EDGES[1:] + EDGES[:-1]) / 2
    sigma = jeans.sigma_r(model, tracer.PowerLaw(log_slope=-4.0), anisotropy.Constant(beta=0.0), middle)
    return ln_m, ln_c, sigma


def dispersion(r, v):
    """Median and half the 68 % interval of sigma_los in each bin (Eq. 17 with a flat prior): two arrays (n_bins,)."""
    which = np.digitize(r, EDGES) - 1
    inside = (which >= 0) & (which < len(EDGES) - 1)
    n = np.bincount(which[inside], minlength=len(EDGES) - 1)
    rate = np.bincount(which[inside], weights=v[inside] ** 2, minlength=len(EDGES) - 1) / 2
    levels = stats.norm.cdf([[0.0], [1.0], [-1.0]])
    median, upper, lower = stats.gamma.ppf(1 - levels, (n - 1) / 2, scale=1 / rate) ** -0.5
    return median, (upper - lower) / 2


def fit(r, v, grid):
    """Posterior median of m_vir [Msun]."""
    ln_m, _, sigma = grid
    data, error = dispersion(r, v)
    chi2 = np.sum(((sigma - data) / error) ** 2, axis=-1)
    along_m = np.exp(-(chi2 - chi2.min()) / 2).sum(axis=1)
    assert max(along_m[0], along_m[-1]) < 1e-3 * along_m.max(), "the grid is too small"
    return np.exp(np.interp(0.5, (np.cumsum(along_m) - along_m / 2) / along_m.sum(), ln_m))


def paper_cuts(table, frame):
    """r and v_gsr of the stars that the paper keeps; repeat visits merged first."""
    stars = locate(merge_repeats(table, 3.0)[0], frame)
    kept = (np.abs(stars["z"]) >= 5) & (stars["feh"] <= -1) & (stars["distance_error"] < 0.4 * stars["distance"])
    return stars["r"][kept], stars["v_gsr"][kept]


def complete(truth, rng, distance_fractional_error):
    """r and v_gsr of some 9,600 stars above |Z| = 5 kpc with one distance error."""
    table = mock.simulate_simple(truth, rng, 52_000, distance_fractional_error=distance_fractional_error)
    stars = locate(table, truth.frame)
    kept = np.abs(stars["z"]) >= 5
    return stars["r"][kept], stars["v_gsr"][kept]


def demo(truth, rng, distance_fractional_error):
    """r and v_gsr of the stars of a whole simulated catalogue that pass the paper's cuts."""
    repeats = 0.13 if distance_fractional_error else 0.0  # merged visits of zero error come out without an error
    table = mock.simulate(
        truth, rng, distance_fractional_error=distance_fractional_error, repeat_fraction=repeats, n_stars=34_000
    )
    return paper_cuts(table, truth.frame)


@pytest.mark.parametrize(
    ("sample", "draw"), [(mock.COMPLETE, complete), (mock.DEPTH_LIMITED, demo)], ids=["complete", "demo"]
)
@pytest.mark.parametrize(("beta", "error"), [(0.0, 0.0), (0.0, 0.13), (0.3, 0.0), (0.3, 0.13)])
def test_mean_mass_is_biased_as_predicted(sample, draw, beta, error, grid):
    truth = mock.Truth(anisotropy=anisotropy.Constant(beta=beta))
    (expected,) = mock.predicted_bias(truth, error, sample)
    rngs = np.random.default_rng(1).spawn(N_CATALOGUES)
    ratios = np.array([fit(*draw(truth, rng, error), grid) for rng in rngs]) / truth.halo.m_vir
    bias, standard_error = ratios.mean() - 1, ratios.std(ddof=1) / np.sqrt(N_CATALOGUES)
    told = f"bias of m_vir {bias:+.3f} +- {standard_error:.3f}, expected {expected.low:+.2f} to {expected.high:+.2f}"
    assert expected.low - 2 * standard_error < bias < expected.high + 2 * standard_error, told
