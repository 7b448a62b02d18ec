"""Which assumptions are varied."""

import numpy as np
import pytest

from haloscale import config as configuration
from haloscale.substructure import substructure_methods
from haloscale.vary import ASSUMPTIONS, plan

EDGES = np.array([5, 8, 10, 14, 18, 22, 26, 30, 35, 40, 60, 80, 120], dtype=float)


def load(**settings):
    return configuration.load(settings={key.replace("__", "."): value for key, value in settings.items()}).config


def test_everything_that_was_asked_for_is_there():
    made = plan(load(), EDGES)
    names = {variation.name for variation in made}
    assert {f"beta = {beta}" for beta in (0.3, 0.5, 0.7, 0.9)} <= names
    assert {"log_slope = -3.5", "log_slope = -4.5", "log_slope = -5"} <= names
    assert {"disk mass x 0.8", "disk mass x 1.2", "disk scale length x 0.8", "disk scale length x 1.2"} <= names
    assert {"R0 = 8.178 kpc", "V_LSR = 232.8 km/s", "modern frame", "outermost bin dropped"} <= names
    assert {"projection uniform_sky", "projection per_star", "200 x mean matter"} <= names
    assert {"velocities -5 km/s", "velocities +5 km/s", "distances x 0.9", "distances x 1.1"} <= names
    assert sum(variation.group == "radial bins" for variation in made) >= 4
    assert {variation.group for variation in made} == {row.group for row in ASSUMPTIONS}
    assert all(variation.reason for variation in made)
    assert [v.group for v in made if not v.counted] == ["definition of m_vir"] * 3


def test_each_changes_the_configuration_in_its_own_way_and_no_further():
    config = load()
    mappings = [config.to_mapping()]
    for variation in plan(config, EDGES):
        changed = configuration.change(config, variation.settings).to_mapping()
        assert changed not in mappings, variation.name
        mappings.append(changed)
        either = {"dispersion.edges", "dispersion.n_bins"}
        found = set(configuration.diff(mappings[0], changed)) - either
        if "substructure.method" in variation.settings:  # a search brings its own keys
            found = {key for key in found if not key.startswith("substructure.")} | {"substructure.method"}
        assert found == set(variation.settings) - either


def test_what_the_run_has_already_is_left_out():
    names = {v.name for v in plan(load(anisotropy__beta=0.5, tracer__log_slope=-4.5, frame__r0=8.178), EDGES)}
    assert {"beta = 0", "log_slope = -4", "R0 = 8 kpc"} <= names
    assert not {"beta = 0.5", "log_slope = -4.5", "R0 = 8.178 kpc"} & names


def test_a_run_without_disk_or_with_a_free_one_has_no_disk_to_vary():
    free = {"prior": "normal", "mean": 6.8e10, "sd": 1e10, "low": 0.0}
    assert "disk" not in {v.group for v in plan(load(mass__disk="off"), EDGES)}
    names = {v.name for v in plan(load(mass__disk__m=free), EDGES)}
    assert "disk scale length x 0.8" in names
    assert "disk mass x 0.8" not in names


def test_bins_keep_their_range_and_runs_of_equal_numbers_get_edges():
    config = load(dispersion__n_bins=12)
    made = {v.name: v.settings for v in plan(config, EDGES)}
    assert "equal numbers of stars" not in made
    for name in ("twice as many bins", "half as many bins", "shifted by half a bin", "equal steps in ln r"):
        edges = made[name]["dispersion.edges"]
        assert (edges[0], edges[-1]) == pytest.approx((5, 120))
    assert len(made["twice as many bins"]["dispersion.edges"]) == 25
    assert len(made["half as many bins"]["dispersion.edges"]) == 7
    assert made["outermost bin dropped"]["dispersion.edges"][-1] == 80


def test_few_bins_are_not_dropped():
    assert "radial range" not in {v.group for v in plan(load(), np.array([5.0, 20.0, 60.0]))}


def test_substructure_is_removed_by_every_other_method_or_not_at_all():
    def methods(config):
        rows = [v for v in plan(config, EDGES) if v.group == "substructure"]
        return {v.settings["substructure.method"] for v in rows}, [v.name for v in rows]

    searches = set(substructure_methods) - {"keep_all"}
    assert methods(load())[0] == searches
    for name in searches:
        made, names = methods(load(substructure__method=name))
        assert made == set(substructure_methods) - {name}
        assert names[0] == "no group removed"
