"""From recipe and settings to a checked configuration, and back."""

import copy
import pickle
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from haloscale.config import RunConfig, diff, load, parse_setting, to_toml
from haloscale.errors import ConfigError
from haloscale.inference.priors import LogUniform, Normal, Uniform

SETTINGS: list[dict[str, Any]] = [
    {},
    {"anisotropy.beta": {"prior": "uniform", "low": -0.5, "high": 0.95}},
    {"mass.disk": "off", "selection.z_min": "off", "seed": 7},
    {"dispersion.n_bins": 12},
    {"selection.columns.snrg": {"min": 10}, "selection.columns.[Fe/H]": {"max": -1}, "selection.giants": "liu2014"},
    {"mass.gas.profile": "hernquist", "mass.gas.m": 1e10, "mass.gas.a": 7, "mass.bulge.profile": "exponential_disk"},
    {
        "frame.r0": {"prior": "normal", "mean": 8.2, "sd": 0.1, "low": 0},
        "frame.solar_motion": [11.1, 12.24, 7.25],
        "likelihood.kind": "stars",
    },
    {"likelihood.true_selection": {"r_min": 5, "r_max": 120}, "catalogue.columns.v_helio": "RV"},
    {"tracer.log_slope": {"prior": "normal", "mean": -4.5, "sd": 0.2, "high": 0}, "selection.known_objects": True},
]


def test_the_recipe_is_the_contracts() -> None:
    config = load("zhai2018").config
    assert config.selection.merge_radius == 3.0
    cuts = {k: v for k, v in config.selection.cuts().items() if v is not None}
    assert cuts == {
        "z_min": 5.0, "feh_max": -1.0, "distance_error_max": 0.4, "r_min": 5.0, "r_max": 120.0, "columns": {},
    }  # fmt: skip
    assert config.dispersion.edges == (5, 8, 10, 14, 18, 22, 26, 30, 35, 40, 60, 80, 120)
    assert config.mass["halo"] == {
        "profile": "nfw",
        "m_vir": LogUniform(1e11, 1e13),
        "c": LogUniform(1.0, 100.0),
        "overdensity": 200.0,
        "h0": 70.0,
        "omega_m": 1.0,
    }
    assert config.mass["disk"] == {"profile": "exponential_disk", "m": 6.8e10, "b": 2.5}
    assert config.mass["bulge"] == {"profile": "hernquist", "m": 0.5e10, "a": 0.6}
    assert config.tracer == {"profile": "power_law", "log_slope": -4.0}
    assert config.anisotropy == {"model": "constant", "beta": 0.0}
    assert config.sampler.options() == {"n_walkers": 32, "n_steps": 3000, "max_steps": 48000}
    assert list(config.free) == ["mass.halo.m_vir", "mass.halo.c"]
    assert (config.seed, config.recipe, config.cosmology.omega_m) == (1, "zhai2018", 0.3)


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda s: ",".join(s) or "none")
def test_the_resolved_file_gives_the_same_configuration(settings: dict[str, Any], tmp_path: Path) -> None:
    loaded = load("zhai2018", settings)
    for mapping in (loaded.config.to_mapping(), loaded.given):
        path = tmp_path / "config.toml"
        path.write_text(to_toml(mapping), encoding="utf-8")
        assert tomllib.loads(path.read_text(encoding="utf-8")) == mapping
        again = load(path)
        assert again.config == loaded.config
        assert diff(again.config.to_mapping(), loaded.config.to_mapping()) == []
    assert to_toml(again.config.to_mapping()) == to_toml(loaded.config.to_mapping())


def test_every_key_is_in_the_resolved_mapping() -> None:
    mapping = load().config.to_mapping()
    assert mapping["selection"]["teff_max"] == mapping["dispersion"]["n_bins"] == mapping["catalogue"]["path"] == "off"
    assert load("zhai2018", {"mass.disk": "off"}).config.to_mapping()["mass"]["disk"] == "off"
    assert mapping["frame"]["handedness"] == "left"
    assert mapping["dispersion"]["deconvolve"] is False


def test_a_file_lies_between_recipe_and_settings(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('seed = 5\n[anisotropy]\nbeta = 0.3\n[tracer]\nlog_slope = -4.5\n[selection]\nz_min = "off"\n')
    loaded = load(path, {"tracer.log_slope": -3.5})
    config = loaded.config
    assert (config.anisotropy["beta"], config.tracer["log_slope"], config.seed) == (0.3, -3.5, 5)
    assert config.selection.cuts()["z_min"] is None
    assert config.selection.cuts()["r_min"] == 5.0
    assert loaded.given == {
        "seed": 5,
        "anisotropy": {"beta": 0.3},
        "tracer": {"log_slope": -3.5},
        "selection": {"z_min": "off"},
        "recipe": "zhai2018",
    }
    assert load(path, seed=9).config.seed == 9
    assert load(str(path)).config == load(path).config


def test_the_catalogue_is_the_users() -> None:
    about = {"path": "stars.csv", "survey": "segue_kgiants", "columns": {"v_helio": "RV"}}
    loaded = load("zhai2018", {"catalogue.v_offset": 5.0}, catalogue=about, seed=3)
    catalogue = loaded.config.catalogue
    assert (catalogue.path, catalogue.survey, catalogue.columns) == ("stars.csv", "segue_kgiants", {"v_helio": "RV"})
    assert (catalogue.v_offset, catalogue.distance_scale, catalogue.simulated) == (5.0, 1.0, False)
    assert loaded.given["catalogue"] == {"v_offset": 5.0, **about}
    assert load(catalogue={"path": "a.csv", "survey": "", "columns": {}}).given["catalogue"] == {"path": "a.csv"}


def test_off_returns_to_the_keys_own_default() -> None:
    settings = {"tracer.log_slope": "off", "frame": "off", "cosmology.omega_m": None, "substructure.max_members": "off"}
    config = load("zhai2018", settings).config
    assert config.tracer["log_slope"] == -4.0
    assert config.frame.r0 == 8.0
    assert config.cosmology.omega_m == 0.3
    assert config.substructure.max_members == 10
    assert load("zhai2018", {"selection.merge_radius": "off"}).config.selection.merge_radius is None
    assert list(load("zhai2018", {"mass.disk": "off"}).config.mass) == ["halo", "bulge"]
    assert load("zhai2018", {"sampler": "off"}).config.sampler.options()["n_walkers"] == 32


def test_a_parameter_without_a_value_takes_its_own_prior_and_the_log_says_so() -> None:
    loaded = load("zhai2018", {"mass.disk.profile": "hernquist"})
    assert loaded.config.mass["disk"] == {"profile": "hernquist", "m": 6.8e10, "a": LogUniform(0.1, 3.0)}
    assert loaded.notes[0] == "mass.disk.b is dropped: profile = 'hernquist' has no such key"
    assert loaded.notes[1].startswith("mass.disk.a is not given: it is free, with its own prior")
    assert "mass.disk.a" in loaded.config.free
    assert load().notes == ()


def test_the_users_own_keys_are_checked_under_another_variant() -> None:
    with pytest.raises(ConfigError, match=r"mass\.disk\.b is not a key"):
        load("zhai2018", {"mass.disk.profile": "hernquist", "mass.disk.b": 2.0, "mass.disk.a": 1.0})


def test_a_true_selection_without_effect_is_said() -> None:
    assert "no effect" in load("zhai2018", {"likelihood.true_selection": {"r_min": 5}}).notes[0]


def test_values_of_python() -> None:
    config = load("zhai2018", {"anisotropy.beta": np.float64(0.3), "dispersion.edges": np.arange(5, 30, 5)}).config
    assert config.anisotropy["beta"] == 0.3
    assert type(config.anisotropy["beta"]) is float
    assert config.dispersion.edges == (5, 10, 15, 20, 25)
    nested = load("zhai2018", {"anisotropy": {"beta": Uniform(0.0, 0.5)}}).config
    assert nested.free["anisotropy.beta"] == Uniform(0.0, 0.5)
    motion = [10.0, Normal(5.25, 0.6), 7.17]
    free = {"frame.solar_motion": motion, "likelihood.kind": "stars"}
    assert load("zhai2018", free).config.frame.solar_motion == tuple(motion)


def test_a_whole_number_is_a_number() -> None:
    config = load("zhai2018", {"anisotropy.beta": 0, "mass.disk.m": 68000000000, "selection.z_min": 4}).config
    assert config.mass["disk"]["m"] == 6.8e10
    assert config.selection.cuts()["z_min"] == 4.0
    assert config == load("zhai2018", {"selection.z_min": 4.0}).config


def test_more_free_parameters_need_more_walkers() -> None:
    free = {"mass.disk.m": Uniform(1e10, 1e11), "anisotropy.beta": Uniform(-0.5, 0.9), "sampler.n_walkers": 6}
    with pytest.raises(ConfigError, match="twice the 4 free parameters"):
        load("zhai2018", free)
    assert len(load("zhai2018", {**free, "sampler.n_walkers": 8}).config.free) == 4


def test_every_parameter_may_be_fixed() -> None:
    assert load("zhai2018", {"mass.halo.m_vir": 1.08e12, "mass.halo.c": 18.5}).config.free == {}


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("anisotropy.beta=0.3", "anisotropy.beta", 0.3),
        ("sampler.n_steps = 500", "sampler.n_steps", 500),
        ("mass.halo.m_vir=1e12", "mass.halo.m_vir", 1e12),
        ("jeans.projection=per_star", "jeans.projection", "per_star"),
        ('jeans.projection="per_star"', "jeans.projection", "per_star"),
        ("selection.z_min=off", "selection.z_min", "off"),
        ("frame.rounded=true", "frame.rounded", True),
        ("dispersion.edges=[5, 10.5]", "dispersion.edges", [5, 10.5]),
        ('a.b={prior="uniform", low=0, high=1}', "a.b", {"prior": "uniform", "low": 0, "high": 1}),
        ("catalogue.columns.v_helio=a=b", "catalogue.columns.v_helio", "a=b"),
        ("day=2018-01-01", "day", "2018-01-01"),
        ("a=1\nb=2", "a", "1\nb=2"),
    ],
)
def test_settings_are_read_as_toml_or_as_plain_text(text: str, key: str, value: Any) -> None:
    assert parse_setting(text) == (key, value)


@pytest.mark.parametrize("text", ["anisotropy.beta", "=0.3", "anisotropy.beta=", ""])
def test_settings_need_both_sides(text: str) -> None:
    with pytest.raises(ConfigError, match=r"table\.key=value"):
        parse_setting(text)


def test_a_broken_table_in_a_setting_is_explained() -> None:
    key, value = parse_setting("anisotropy.beta={prior=uniform, low=0, high=1}")
    with pytest.raises(ConfigError, match="quote the names inside it"):
        load("zhai2018", {key: value})


def test_recipe_and_seed_have_their_own_arguments() -> None:
    with pytest.raises(ConfigError, match="--recipe"):
        load("zhai2018", {"recipe": "zhai2018"})
    with pytest.raises(ConfigError, match="given twice, 5 and 1"):
        load("zhai2018", {"seed": 5}, seed=1)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no file"):
        load(tmp_path / "absent.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not valid TOML"):
        load(tmp_path / "binary.toml")


def test_a_file_named_without_its_ending_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").write_text("")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"ending in \.toml"):
        load("mine")


def test_the_configuration_is_a_frozen_value() -> None:
    config = load().config
    with pytest.raises(ValidationError):
        config.seed = 2  # type: ignore[misc]
    assert config == load().config
    assert pickle.loads(pickle.dumps(config)) == copy.deepcopy(config) == config
    assert config != load(seed=2).config


def test_own_defaults_are_enough_beside_halo_and_bins() -> None:
    config = RunConfig(dispersion={"n_bins": 10}, mass={"halo": {"profile": "nfw"}})  # type: ignore[arg-type]
    assert config.selection.merge_radius is None
    assert all(v is None for k, v in config.selection.cuts().items() if k != "columns")
    assert list(config.free) == ["mass.halo.m_vir", "mass.halo.c"]
    assert config.frame.solar_motion == (10.0, 5.25, 7.17)
