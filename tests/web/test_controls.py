"""The controls follow from the registries."""

from typing import Any

import pytest

from haloscale.anisotropy.base import anisotropies
from haloscale.config import load, recipes
from haloscale.config.variants import VARIANTS
from haloscale.mass.base import HaloModel, mass_models
from haloscale.selection import CUTS
from haloscale.web.controls import controls, defaults
from haloscale.web.meanings import MEANINGS
from haloscale.web.state import read_state


def all_controls(recipe: str = "zhai2018") -> list[dict[str, Any]]:
    sections = controls(load(recipe).config.to_mapping())
    return [control for section in sections for control in section["controls"]]


def named(key: str) -> list[dict[str, Any]]:
    return [control for control in all_controls() if control["key"] == key]


def test_every_halo_every_anisotropy_and_every_cut_has_its_control() -> None:
    halos = {name for name, cls in mass_models.items() if issubclass(cls, HaloModel)}
    assert {choice["name"] for choice in named("mass.halo.profile")[0]["choices"]} == halos
    assert {choice["name"] for choice in named("anisotropy.model")[0]["choices"]} == set(anisotropies)
    assert {f"selection.{cut.key}" for cut in CUTS} <= {control["key"] for control in all_controls()}
    for key in ("dispersion.edges", "jeans.projection", "substructure.method", "mass.halo.overdensity", "mass.disk"):
        assert named(key), key


@pytest.mark.parametrize("recipe", recipes())
def test_what_a_control_shows_may_be_set(recipe: str) -> None:
    """Every value and every choice passes the check of what a page may ask, and most of them the configuration."""
    for control in all_controls(recipe):
        values = [control["value"], *(choice["name"] for choice in control.get("choices", ()))]
        values += [control["free"]] if "free" in control else []
        for value in values:
            if control["type"] != "flag":
                read_state({"settings": {control["key"]: value}})
        assert control["label"]
        if control["type"] == "number":
            assert control["low"] < control["high"]


def test_the_slider_of_each_value_holds_it() -> None:
    for control in all_controls():
        if control["type"] == "number" and isinstance(control["value"], (int, float)):
            assert control["low"] <= control["value"] <= control["high"], control["key"]


def test_options_are_shown_with_the_variants_that_have_them() -> None:
    alpha = named("mass.halo.alpha")
    assert [control["shown_if"] for control in alpha] == [{"mass.halo.profile": ["einasto"]}]
    shown = {name for control in named("mass.halo.c") for name in control["shown_if"]["mass.halo.profile"]}
    assert shown == {name for name, cls in mass_models.items() if issubclass(cls, HaloModel)}


def test_nothing_that_names_a_file_has_a_control() -> None:
    keys = {control["key"] for control in all_controls()}
    assert not keys & {"catalogue.path", "distance.ebv", "catalogue.columns", "recipe"}


def test_defaults_are_those_of_the_recipe() -> None:
    found = defaults(load().config.to_mapping())
    assert found["anisotropy.beta"] == 0.0
    assert found["mass.disk.m"] == 6.8e10
    assert found["selection.feh_max"] == -1.0
    assert set(VARIANTS) <= {key.split(".")[0] for key in found}


def test_labels_are_words_and_not_the_beginning_of_an_explanation() -> None:
    for control in all_controls():
        assert not control["label"].startswith(('"', "(", "true")), control["key"]
        assert control["label"].count("(") == control["label"].count(")"), control["key"]
        assert "paper:" not in control["label"]
    assert named("selection.z_min")[0]["label"] == "least |z|"
    assert named("selection.r_max")[0]["label"] == "largest r"


def test_labels_have_no_gap_and_their_unit_once() -> None:
    for control in all_controls():
        assert "..." not in control["label"], control["key"]
        assert not (control["unit"] and f"[{control['unit']}]" in control["label"]), control["key"]
        assert "Eq. " not in control["label"], control["key"]


def test_help_says_more_than_the_label_or_nothing() -> None:
    for control in all_controls("modern"):
        assert control["help"].strip(" .").lower() != control["label"].lower(), control["key"]
    assert "r_-2 at which the density" in named("mass.halo.c")[0]["help"]


def test_what_is_defined_is_the_key_of_a_control() -> None:
    assert set(MEANINGS) <= {control["key"] for recipe in recipes() for control in all_controls(recipe)}


def test_sliders_of_counts_end_at_what_a_page_may_set() -> None:
    highest = max(control["high"] for control in all_controls() if control.get("whole"))
    assert read_state({"settings": {"sampler.max_steps": highest}}).settings["sampler.max_steps"] == highest
    assert isinstance(read_state({"settings": {"sampler.max_steps": highest}}).settings["sampler.max_steps"], int)
