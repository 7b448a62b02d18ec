"""SEGUE K giants and BHB stars in one halo."""

import numpy as np
import pytest

import haloscale as hs

FILE = """
[likelihood]
kind = "{kind}"
[sampler]
name = "laplace"
[[catalogue]]
name = "giants"
path = "{giants}"
survey = "segue_kgiants"
{calibration}
[[catalogue]]
name = "bhb"
path = "{bhb}"
survey = "segue_bhb"
[catalogue.tracer]
log_slope = -3.5
"""
FREE = 'distance_scale = { prior = "normal", mean = 1.0, sd = 0.05, low = 0.5, high = 1.5 }'


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "calibration"), [("bins", ""), ("stars", FREE)])
def test_giants_and_blue_stars_weigh_the_same_halo(shared, tmp_path, kind, calibration):
    files = {
        "giants": shared("data/segue-kgiants/segue_kgiants.csv"),
        "bhb": shared("data/bhb-barbosa2022/bhb_final_pm.csv"),
    }
    path = tmp_path / "joint.toml"
    path.write_text(FILE.format(kind=kind, calibration=calibration, **files))
    run = hs.weigh(path)
    assert run.summary.sampling.status == "reliable"
    assert run.summary.n_read == 6016 + 5699
    assert run.of("giants").summary.n_in_bins == pytest.approx(5228, abs=3)
    assert run.of("bhb").summary.n_in_bins == pytest.approx(5188, abs=3)
    assert ("giants_distance_scale" in run.summary.parameters) is bool(calibration)
    assert "bhb_distance_scale" not in run.summary.parameters
    for part in (run.of(name) for name in run.catalogues):
        model = np.interp(part.profile.r, part.mass_profile.r, part.mass_profile.sigma_los.median)
        assert np.abs(model / part.profile.sigma_los - 1).max() < 0.5
