"""What may be free beside the models: calibration of the catalogue and outliers, star by star only."""

import pytest

from haloscale import config, stages
from haloscale.errors import ConfigError

PRIOR = {"prior": "normal", "mean": 1.0, "sd": 0.1}
FRACTION = {"prior": "uniform", "low": 0.0, "high": 0.1}
STARS = {"likelihood.kind": "stars"}


def load(**settings):
    return config.load(settings=settings, catalogue={"survey": "generic"})


def test_nothing_is_free_by_itself():
    assert load(**STARS).config.nuisances == {}
    assert load().config.nuisances == {}


def test_priors_become_parameters_of_the_model():
    chosen = load(**STARS, **{"catalogue.distance_scale": PRIOR, "likelihood.outlier_fraction": FRACTION}).config
    assert {"catalogue.distance_scale", "likelihood.outlier_fraction"} < chosen.free.keys()
    names = [p.name for p in stages.galaxy_model(chosen).parameters]
    assert names == ["m_vir", "c", "catalogue_distance_scale", "likelihood_outlier_fraction"]
    assert stages.distance_scale(chosen) == pytest.approx(1.0)
    assert (
        chosen.to_mapping()["likelihood"]["outlier_fraction"] == chosen.free["likelihood.outlier_fraction"].to_table()
    )


@pytest.mark.parametrize("key", ["catalogue.v_offset", "catalogue.distance_scale", "frame.r0", "frame.v_lsr"])
def test_bins_need_a_fixed_calibration_and_frame(key):
    with pytest.raises(ConfigError, match=f"{key} holds a prior table") as told:
        load(**{key: PRIOR})
    assert 'likelihood.kind = "stars"' in str(told.value)


def test_a_free_frame_places_the_stars_at_its_medians():
    motion = [{"prior": "normal", "mean": 11.1, "sd": 1.0}, 12.24, {"prior": "normal", "mean": 7.25, "sd": 0.4}]
    given = {"frame.r0": {"prior": "normal", "mean": 8.178, "sd": 0.026}, "frame.solar_motion": motion}
    loaded = load(**STARS, **given, **{"frame.v_lsr": {"prior": "normal", "mean": 235.0, "sd": 5.0}})
    chosen, frame = loaded.config, stages.frame(loaded.config)
    assert (frame.r0, frame.v_lsr) == pytest.approx((8.178, 235.0))
    assert frame.solar_motion == pytest.approx((11.1, 12.24, 7.25))
    names = [p.name for p in stages.galaxy_model(chosen).parameters]
    assert names == ["m_vir", "c", "frame_r0", "frame_v_lsr", "frame_u", "frame_w"]
    assert not [note for note in loaded.notes if "its own prior" in note]
    assert config.restore(chosen.to_mapping()).to_mapping() == chosen.to_mapping()


@pytest.mark.parametrize("value", [1.0, -0.1, "half"])
def test_a_fraction_is_a_fraction(value):
    with pytest.raises(ConfigError, match=r"likelihood\.outlier_fraction"):
        load(**STARS, **{"likelihood.outlier_fraction": value})


def test_the_log_says_that_the_projection_has_no_effect():
    said = [note for note in load(**STARS).notes if "jeans.projection" in note]
    assert len(said) == 1
    assert load(**STARS).config.projection == "per_star"
    assert not [note for note in load().notes if "projection" in note]
    assert not [note for note in load(**STARS, **{"jeans.projection": "per_star"}).notes if "projection" in note]
