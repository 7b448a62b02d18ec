"""The recipe `modern`: what it changes, whether its numbers are those of their sources, what is the paper's."""

import numpy as np
import pytest

from haloscale import config, stages
from haloscale.config.annotate import annotated
from haloscale.constants import KMS_PER_KPC_MASYR
from haloscale.frames import MODERN
from haloscale.report.citations import references


@pytest.fixture(scope="module")
def modern():
    return config.load("modern", catalogue={"survey": "generic"}).config


def test_bins_cuts_and_conventions_are_the_papers(modern):
    changed = config.diff(
        config.load("zhai2018", catalogue={"survey": "generic"}).config.to_mapping(), modern.to_mapping()
    )
    tables = {key.partition(".")[0] for key in changed}
    assert tables == {
        "recipe", "frame", "substructure", "tracer", "anisotropy", "jeans", "likelihood", "sampler",
    }  # fmt: skip


def test_the_sun_is_that_of_the_modern_frame(modern):
    frame = stages.frame(modern)
    assert (frame.r0, frame.z_sun, frame.handedness) == (MODERN.r0, MODERN.z_sun, "right")
    assert frame.sun_velocity == pytest.approx(MODERN.sun_velocity, abs=0.005)
    model = stages.galaxy_model(modern)
    free = dict(zip((p.name for p in model.parameters), model.priors, strict=True))
    assert (free["frame_r0"].sd, free["frame_u"].sd, free["frame_w"].sd) == (0.026, 1.2, 0.6)
    sd = frame.sun_velocity[1] * np.hypot(0.024 / 6.379, 0.026 / 8.178)
    assert sd == pytest.approx(1.22, abs=0.005)
    assert free["frame_v_lsr"].sd == 1.22
    assert frame.sun_velocity[1] / frame.r0 / KMS_PER_KPC_MASYR == pytest.approx(6.379, abs=0.001)


def test_what_is_free_has_a_prior_of_the_literature(modern):
    model = stages.galaxy_model(modern)
    free = dict(zip((p.name for p in model.parameters), model.priors, strict=True))
    sun = {"frame_r0", "frame_v_lsr", "frame_u", "frame_w"}
    assert set(free) == {"m_vir", "c", "log_slope", "beta", "likelihood_outlier_fraction"} | sun
    assert free["beta"].cdf(0.0) < 0.005
    assert 0.2 < free["beta"].quantile(0.05) < 0.3  # Bird et al. (2019) far out
    assert 0.85 < free["beta"].quantile(0.95) < 0.95  # and inside 25 kpc
    assert [free["log_slope"].cdf(s) for s in (-4.7, -3.8)] == pytest.approx([0.091, 0.952], abs=0.002)


def test_what_it_rests_on_is_cited(modern):
    cited = {reference.key for reference in references(modern.to_mapping())}
    assert {"Gravity2019", "ReidBrunthaler2004", "BennettBovy2019", "Schoenrich2010"} <= cited
    assert {"Bird2019", "Deason2012", "Xue2015", "Xu2018", "Cornuet2012"} <= cited
    assert "Bird2019" not in {reference.key for reference in references(config.load("zhai2018").config.to_mapping())}


def test_the_reasons_reach_the_annotated_file():
    text = annotated("modern")
    for words in ("Reid & Brunthaler 2004", "Bird et al. (2019)", "6-15 % too light", "Bennett & Bovy (2019)"):
        assert words in text
