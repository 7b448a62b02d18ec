"""The quick posterior of what the bins know nothing of."""

from typing import Any

import pytest

from haloscale.config import load
from haloscale.stages import galaxy_model
from haloscale.web.binned import binned, remark

HELD = {"frame_r0", "frame_v_lsr", "frame_u", "frame_w", "likelihood_outlier_fraction"}


def test_what_the_bins_know_nothing_of_is_fixed() -> None:
    config = load("modern").config
    model = galaxy_model(config)
    made = binned(config, model)
    assert set(made.held) == HELD
    assert set(made.config.free) == {"mass.halo.m_vir", "mass.halo.c", "tracer.log_slope", "anisotropy.beta"}
    assert made.config.frame.applied() == config.frame.applied()
    assert "distance of the Sun from the Galactic centre" in remark(config, model)


def test_the_bins_themselves_need_no_remark() -> None:
    config = load("zhai2018").config
    assert binned(config, galaxy_model(config)).config == config
    assert remark(config, galaxy_model(config)) == ""


@pytest.mark.parametrize(
    ("recipe", "settings"),
    [
        ("modern", {"substructure.method": "keep_all"}),
        ("zhai2018", {"likelihood.kind": "stars",
                      "catalogue.v_offset": {"prior": "normal", "mean": 0.0, "sd": 2.0}}),
    ],
)  # fmt: skip
def test_a_state_that_frees_them_has_an_answer(client: Any, recipe: str, settings: Any) -> None:
    shown = client.show("curves", "posterior", recipe=recipe, settings=settings)
    held = [entry["name"] for entry in shown["curves"]["free"] if entry["name"] not in shown["posterior"]["summary"]]
    assert held
    assert "held at the middle of their priors" in shown["posterior"]["said"]
    assert any("held at the middle of their priors" in note for note in shown["curves"]["notes"])
    best = shown["posterior"]["best"]
    assert {name: shown["curves"]["point"][name] for name in best} == best
    away = client.show("curves", recipe=recipe, settings=settings, point={"m_vir": 4 * best["m_vir"]})
    assert away["curves"]["chi2"] > shown["curves"]["chi2"]
