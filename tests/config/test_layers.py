"""How a recipe, a file and single settings are joined."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haloscale.config import diff
from haloscale.config.layers import expand, overlay, plain_value, split_key, without_off
from haloscale.errors import ConfigError
from haloscale.inference.priors import Uniform

BELOW: dict[str, Any] = {
    "recipe": "zhai2018",
    "mass": {
        "halo": {"profile": "nfw", "m_vir": {"prior": "log_uniform", "low": 1e11, "high": 1e13}, "h0": 70.0},
        "disk": {"profile": "exponential_disk", "m": 6.8e10, "b": 2.5},
    },
    "selection": {"z_min": 5.0, "columns": {"snrg": {"min": 10.0}}},
    "dispersion": {"edges": [5, 10, 20], "estimator": "gaussian"},
}


def joined(above: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    notes: list[str] = []
    return overlay(BELOW, above, notes), notes


def test_tables_are_joined_key_by_key() -> None:
    tree, notes = joined({"selection": {"feh_max": -1.0}, "mass": {"disk": {"b": 3.0}}})
    assert tree["selection"] == {"z_min": 5.0, "columns": {"snrg": {"min": 10.0}}, "feh_max": -1.0}
    assert tree["mass"]["disk"] == {"profile": "exponential_disk", "m": 6.8e10, "b": 3.0}
    assert tree["mass"]["halo"] == BELOW["mass"]["halo"]
    assert notes == []


def test_a_prior_table_replaces_the_inherited_value_whole() -> None:
    prior = {"prior": "normal", "mean": 1e12, "sd": 1e11}
    tree, _ = joined({"mass": {"halo": {"m_vir": prior}}})
    assert tree["mass"]["halo"]["m_vir"] == prior
    tree, _ = joined({"selection": {"columns": {"snrg": {"max": 99.0}, "snrr": {"min": 5.0}}}})
    assert tree["selection"]["columns"] == {"snrg": {"max": 99.0}, "snrr": {"min": 5.0}}


def test_another_variant_drops_what_it_lacks_and_says_so() -> None:
    tree, notes = joined({"mass": {"disk": {"profile": "hernquist", "a": 4.0}}})
    assert tree["mass"]["disk"] == {"profile": "hernquist", "m": 6.8e10, "a": 4.0}
    assert notes == ["mass.disk.b is dropped: profile = 'hernquist' has no such key"]


def test_the_users_own_keys_are_not_dropped() -> None:
    tree, notes = joined({"mass": {"disk": {"profile": "hernquist", "b": 4.0}}})
    assert tree["mass"]["disk"]["b"] == 4.0
    assert notes == []


@pytest.mark.parametrize("profile", ["nothing", 3, ["hernquist"]])
def test_an_unknown_variant_drops_nothing(profile: Any) -> None:
    tree, notes = joined({"mass": {"disk": {"profile": profile}}})
    assert tree["mass"]["disk"] == {"profile": profile, "m": 6.8e10, "b": 2.5}
    assert notes == []


def test_the_same_variant_drops_nothing() -> None:
    tree, notes = joined({"mass": {"disk": {"profile": "exponential_disk"}}})
    assert tree == BELOW
    assert notes == []


def test_n_bins_and_edges_replace_each_other() -> None:
    tree, notes = joined({"dispersion": {"n_bins": 12}})
    assert tree["dispersion"] == {"estimator": "gaussian", "n_bins": 12}
    assert notes == ["dispersion.edges is dropped: n_bins is given instead"]
    tree, _ = joined({"dispersion": {"n_bins": "off"}})
    assert tree["dispersion"]["edges"] == [5, 10, 20]


def test_off_is_kept_while_joining_and_removed_at_the_end() -> None:
    tree, _ = joined({"mass": {"disk": "off"}, "selection": {"z_min": "off", "columns": {"snrg": "off"}}})
    assert tree["mass"]["disk"] == "off"
    left = without_off(tree)
    assert set(left["mass"]) == {"halo"}
    assert left["selection"] == {"columns": {}}


keys = st.sampled_from(["recipe", "seed", "selection", "frame", "mass"])
tables = st.dictionaries(keys, st.dictionaries(st.sampled_from("abc"), st.integers(0, 3), max_size=3), max_size=4)


@given(tables, tables)
def test_overlay_obeys_the_upper_layer(below: dict[str, Any], above: dict[str, Any]) -> None:
    once = overlay(below, above, [])
    assert overlay(once, above, []) == once
    assert overlay(below, {}, []) == below
    assert diff(once, once) == []


def test_settings_by_dotted_key_or_nested() -> None:
    tree = expand(
        {
            "anisotropy.beta": 0.3,
            "mass": {"halo": {"c": 10.0}},
            "mass.halo.m_vir.prior": "uniform",
            "mass.halo.m_vir.low": 1e11,
            'selection.columns."S/N g"': {"min": 10},
        }
    )
    assert tree == {
        "anisotropy": {"beta": 0.3},
        "mass": {"halo": {"c": 10.0, "m_vir": {"prior": "uniform", "low": 1e11}}},
        "selection": {"columns": {"S/N g": {"min": 10}}},
    }


def test_settings_that_contradict_each_other() -> None:
    with pytest.raises(ConfigError, match=r"mass\.disk\.m is set, and disk as a whole too"):
        expand({"mass.disk": "off", "mass.disk.m": 1e10})


@pytest.mark.parametrize(
    ("dotted", "parts"),
    [
        ("seed", ["seed"]),
        ("mass.halo.c", ["mass", "halo", "c"]),
        ('selection.columns."[Fe/H]"', ["selection", "columns", "[Fe/H]"]),
        ("selection.columns.log(g)", ["selection", "columns", "log(g)"]),
        ("a . b", ["a", "b"]),
        ("a\nb", ["a\nb"]),
    ],
)
def test_keys_are_split_as_in_toml(dotted: str, parts: list[str]) -> None:
    assert split_key(dotted) == parts


def test_python_values_become_those_of_toml() -> None:
    given = {"a": None, "b": (1, np.float64(2.5)), "c": np.arange(3), "d": Uniform(0.0, 1.0), "e": np.int64(3)}
    plain = plain_value(given)
    assert plain == {
        "a": "off", "b": [1, 2.5], "c": [0, 1, 2], "d": {"prior": "uniform", "low": 0.0, "high": 1.0}, "e": 3,
    }  # fmt: skip
    assert type(plain["e"]) is int
    assert type(plain["b"][1]) is float


def test_diff_names_the_keys_that_changed() -> None:
    prior = {"prior": "log_uniform", "low": 1e10, "high": 1e13}
    other, _ = joined(
        {"mass": {"halo": {"m_vir": prior}, "disk": "off"}, "selection": {"z_min": 4.0, "columns": {"snrg": "off"}}}
    )
    assert diff(BELOW, other) == ["mass.halo.m_vir", "mass.disk", "selection.z_min", "selection.columns.snrg"]
    assert diff({"a": {"b": 5}}, {"a": {"b": 5.0, "c": "off"}}) == []
    assert diff({}, {"seed": 2}) == ["seed"]
