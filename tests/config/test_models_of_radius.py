"""Tracers and anisotropies that vary with radius, from the configuration to the free parameters of the model."""

import pytest

from haloscale import stages
from haloscale.anisotropy import OsipkovMerritt, anisotropies
from haloscale.config import load, to_toml
from haloscale.inference.priors import LogUniform
from haloscale.registry import params
from haloscale.tracer import Einasto, Table, tracers


def loaded(**settings):
    return load("zhai2018", {key.replace("__", "."): value for key, value in settings.items()})


@pytest.mark.parametrize("name", anisotropies)
def test_an_anisotropy_by_name_alone_is_free_where_it_has_no_default(name):
    config = loaded(anisotropy__model=name).config
    free = [key.removeprefix("anisotropy.") for key in config.free if key.startswith("anisotropy.")]
    wanted = [key for key, info in params(anisotropies[name]).items() if info.prior and key not in ("beta", "eta")]
    assert free == wanted
    assert [p.name for p in stages.galaxy_model(config).parameters] == ["m_vir", "c", *wanted]


@pytest.mark.parametrize("name", [name for name in tracers if name != "table"])
def test_a_tracer_by_name_alone_is_fixed_at_published_values(name):
    config = loaded(tracer__profile=name).config
    assert [key for key in config.free if key.startswith("tracer.")] == []
    assert isinstance(stages.galaxy_model(config).component("tracer").build({}), tracers[name])


def test_the_recipe_s_own_parameter_is_dropped_with_a_note():
    made = loaded(anisotropy__model="osipkov_merritt", anisotropy__r_a=20.0, tracer__profile="einasto")
    assert made.config.anisotropy == {"model": "osipkov_merritt", "r_a": 20.0}
    assert made.config.tracer == {"profile": "einasto", "n": 3.1, "r_eff": 15.0}
    assert any("anisotropy.beta is dropped" in note for note in made.notes)
    assert any("tracer.log_slope is dropped" in note for note in made.notes)
    model = stages.galaxy_model(made.config)
    assert model.component("anisotropy").build({}) == OsipkovMerritt(r_a=20.0)
    assert model.component("tracer").build({}) == Einasto()


def test_a_free_radius_is_announced():
    made = loaded(anisotropy__model="mamon_lokas")
    assert made.config.free["anisotropy.r_a"] == LogUniform(1.0, 200.0)
    assert any("anisotropy.r_a is not given: it is free" in note for note in made.notes)


def test_a_table_of_the_tracer_survives_the_round_trip(tmp_path):
    columns = {"tracer.profile": "table", "tracer.r": [5, 20.0, 80.0], "tracer.density": [1.0, 0.01, 5e-5]}
    config = load("zhai2018", columns).config
    assert stages.galaxy_model(config).component("tracer").build({}) == Table([5, 20, 80], [1.0, 0.01, 5e-5])
    path = tmp_path / "resolved.toml"
    path.write_text(to_toml(config.to_mapping()))
    assert load(path).config == config
