"""The predictive check on real stars: what is known to be odd in them is named."""

import pytest

import haloscale as hs

FAST = {"sampler.name": "laplace"}


@pytest.fixture(scope="module", params=["bins", "stars"])
def kind(request):
    return request.param


@pytest.mark.slow
def test_lamost_dr3_has_ten_fast_stars_far_out(shared, kind):
    made = hs.weigh(
        shared("data/lamost-dr3-halo-rgb/LMDR3_haloRGB2.dat"), "lamost_dr3_halo_rgb",
        set={**FAST, "likelihood.kind": kind},
    )  # fmt: skip
    check = made.predictive
    assert not check.fits
    assert check.verdict in made.summary.warnings
    hot = check.verdict.partition(" kpc move faster than it allows")[0]
    assert hot.endswith("80-120")
    assert check.sigma_los.observed[-1] > check.sigma_los.upper_95[-1]
    assert check.n[-1] == 10
    assert "stream (mean velocity" in check.verdict


@pytest.mark.slow
def test_segue_giants_stream_where_sagittarius_is(shared, kind):
    path = shared("data/segue-kgiants/segue_kgiants.csv")
    check = hs.weigh(path, "segue_kgiants", set={**FAST, "likelihood.kind": kind}).predictive
    assert check.p_sigma_los > 0.1
    assert check.p_mean_v_gsr < 0.01
    assert check.verdict.startswith("The model fits the dispersions, not the mean velocities: the stars at 26-60 kpc")
