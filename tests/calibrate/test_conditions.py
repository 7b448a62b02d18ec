"""What lies between galaxy and catalogue: the simulation does the inverse of what the run does."""

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest

from haloscale import config, frames, jeans, mock, stages
from haloscale.calibrate import conditions as module
from haloscale.calibrate.conditions import Conditions, check_conditions, conditions
from haloscale.calibrate.simulation import simulate, true_galaxy
from haloscale.calibration import calibrate_columns
from haloscale.errors import ConfigError, InputError
from haloscale.inference.likelihood.base import TrueCuts
from haloscale.inference.nuisance import Kinematics
from haloscale.registry import param

SUN = frames.SolarFrame(r0=8.3, v_lsr=240.0, solar_motion=(11.0, 12.0, 7.0), z_sun=0.02)
FREE = {"mass.halo.m_vir": 1.1e12, "mass.halo.c": 12.0}


def chosen(**settings):
    return config.load(settings=settings, catalogue={"survey": "generic"}).config


def catalogue(seen, n=3000, **errors):
    galaxy = true_galaxy(stages.galaxy_model(chosen()), FREE)
    return simulate(galaxy, seen, np.random.default_rng(1), n, **errors)


def test_the_run_s_own_calibration_gives_the_true_distances_and_velocities_back():
    table = calibrate_columns(catalogue(Conditions(SUN, v_offset=4.0, distance_scale=1.1)), 4.0, 1.1)
    np.testing.assert_allclose(table["v_helio"], table.raw["true_v_helio"], atol=1e-9)
    np.testing.assert_allclose(table["distance"], table.raw["true_distance"], rtol=1e-12)
    seen = frames.locate(table, SUN)
    np.testing.assert_allclose(seen["r"], table.raw["true_r"], rtol=1e-5)  # (l, b) go through (ra, dec)
    elsewhere = frames.locate(table, replace(SUN, r0=8.0))
    assert np.abs(elsewhere["r"] / table.raw["true_r"] - 1.0).max() > 0.01


def test_relative_distance_errors_survive_the_scale():
    table = catalogue(Conditions(SUN, distance_scale=1.25), distance_error=0.13)
    np.testing.assert_allclose(table["distance_error"] / table["distance"], 0.13)
    off = np.log(table["distance"] * 1.25 / table.raw["true_distance"])
    assert off.mean() == pytest.approx(0.0, abs=4 * 0.13 / 3000**0.5)
    assert off.std() == pytest.approx(0.13, rel=0.06)


def test_rotation_is_in_the_sense_of_the_galaxy_and_falls_towards_the_poles():
    still, moving = (catalogue(Conditions(SUN, rotation=speed), 30_000) for speed in (0.0, 60.0))
    phi = moving.raw["true_v_phi"]  # right-handed: Galactic rotation is negative
    assert phi.mean() == pytest.approx(-60.0 * np.pi / 4, abs=3.0)  # the mean of sin(theta) of isotropic directions
    # the second moments stay those of the Jeans equation
    assert np.mean(phi**2) == pytest.approx(np.mean(still.raw["true_v_phi"] ** 2), rel=0.03)
    for component in ("true_v_r", "true_v_theta"):
        np.testing.assert_allclose(moving.raw[component], still.raw[component], atol=1e-9)


@pytest.mark.parametrize("velocities", ["gaussian", "exact"])
def test_spin_turns_stars_round_and_changes_no_speed(velocities):
    seen = [Conditions(SUN, spin=spin, velocities=velocities) for spin in (0.0, 0.8)]
    still, turning = (catalogue(one, 30_000) for one in seen)
    for component in ("true_v_r", "true_v_theta", "true_v_phi"):
        speeds = (np.sort(np.abs(table.raw[component])) for table in (turning, still))
        np.testing.assert_allclose(*speeds, atol=1e-9)
    across = np.hypot(turning.raw["true_v_theta"], turning.raw["true_v_phi"])
    assert np.mean(turning.raw["true_v_phi"] / across) < -0.1
    assert abs(np.mean(still.raw["true_v_phi"])) < 3.0


def test_outliers_have_their_own_dispersion_and_share():
    plain, mixed = (catalogue(Conditions(SUN, outlier_fraction=f, outlier_sigma=2000.0)) for f in (0.0, 0.2))
    odd = plain.raw["true_v_r"] != mixed.raw["true_v_r"]
    assert odd.mean() == pytest.approx(0.2, abs=0.03)
    for component in ("true_v_r", "true_v_theta", "true_v_phi"):
        assert mixed.raw[component][odd].std() == pytest.approx(2000.0, rel=0.1)


def test_cuts_on_true_positions_are_made_on_them():
    whole = catalogue(Conditions(SUN), distance_error=0.3)
    part = catalogue(Conditions(SUN), distance_error=0.3, true_cuts=TrueCuts(r_min=5.0, r_max=60.0))
    inside = (whole.raw["true_r"] >= 5.0) & (whole.raw["true_r"] <= 60.0)
    assert len(part) == inside.sum()
    assert 0 < len(part) < len(whole)
    assert part.raw["true_r"].min() >= 5.0


def test_radial_dispersions_follow_the_galaxy_from_light_to_heavy():
    model = stages.galaxy_model(chosen())
    for m_vir, c in ((1e11, 1.0), (1e13, 100.0)):
        galaxy = true_galaxy(model, {"mass.halo.m_vir": m_vir, "mass.halo.c": c})
        table = simulate(galaxy, Conditions(SUN), np.random.default_rng(2), 4000)
        truth = mock.Truth(halo=galaxy.mass["halo"])
        ratio = table.raw["true_v_r"] / jeans.sigma_r(truth.mass, truth.tracer, truth.anisotropy, table.raw["true_r"])
        assert ratio.std() == pytest.approx(1.0, abs=4 / 8000**0.5)


def test_a_value_outside_its_physical_range_is_refused():
    model = stages.galaxy_model(chosen(**{"anisotropy.beta": {"prior": "normal", "mean": 0.0, "sd": 1.0}}))
    with pytest.raises(InputError, match="beta"):
        true_galaxy(model, {**FREE, "anisotropy.beta": 1.2})


def test_free_values_stand_in_place_of_those_of_the_configuration():
    given = chosen(**{"catalogue.v_offset": 3.0, "likelihood.kind": "stars", "likelihood.outlier_fraction": 0.05})
    fixed = conditions(given, {})
    assert (fixed.v_offset, fixed.distance_scale, fixed.outlier_fraction) == (3.0, 1.0, 0.05)
    assert fixed.frame == stages.frame(given)
    free = {"catalogue.distance_scale": 1.1, "frame.r0": 8.2, "frame.v": 6.0, "likelihood.rotation": 20.0}
    true = conditions(given, free)
    assert (true.v_offset, true.distance_scale, true.rotation) == (3.0, 1.1, 20.0)
    assert true.frame == replace(fixed.frame, r0=8.2, solar_motion=(10.0, 6.0, 7.17))


def test_a_nuisance_that_cannot_be_simulated_is_refused(monkeypatch):
    @dataclass(frozen=True)
    class Odd(Kinematics):
        tail: float = param("", "k", "weight of the tails", default=0.0)

    monkeypatch.setattr(module, "NUISANCES", {**module.NUISANCES, "likelihood": Odd})

    def given(nuisances, **options):
        return SimpleNamespace(nuisances=nuisances, likelihood=SimpleNamespace(options=lambda: options))

    check_conditions(given({"likelihood": {"outlier_fraction": None}}, tail=0.0))
    with pytest.raises(ConfigError, match=r"likelihood.tail is free, and haloscale calibrate cannot simulate it"):
        check_conditions(given({"likelihood": {"tail": None}}))
    with pytest.raises(ConfigError, match=r"likelihood.tail = 0.2"):
        check_conditions(given({}, tail=0.2))
