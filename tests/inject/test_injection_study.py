"""Injections: what is counted, the same result whatever the processes and interruptions, and the command."""

import json

import numpy as np
import pytest

from haloscale import api, inject, mock, study, tables
from haloscale.errors import ConfigError, RunFolderError, SelectionError
from haloscale.figures.injection import draw_injection
from haloscale.inject import injection
from haloscale.records import Grouping
from haloscale.substructure.base import substructure_methods

pytestmark = pytest.mark.slow

SMALL = {"stars": [15, 30], "width": [2.0], "length": [0.0, 40.0], "repetitions": 3}
MADE = (
    *("injections.csv", "injection_summary.json", "figures/injection.png", "figures/injection.pdf"),
    *("config.input.toml", "config.resolved.toml", "CITE.bib"),
)
N = 900
CLASSIC = {"substructure.method": "fof_4distance", "substructure.linking_length": 0.03, "substructure.n_nulls": 4}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    path = tmp_path_factory.mktemp("catalogue") / "stars.fits"
    errors = {"footprint": mock.LAMOST_LIKE, "distance_fractional_error": 0.13, "v_error": 7.0}
    tables.write_star_table(path, mock.simulate_simple(mock.Truth(), np.random.default_rng(1), N, **errors))
    return path


@pytest.fixture
def methods(monkeypatch):
    """Searches of known result: `all_planted` finds what is planted and nothing else, `blind` nothing at all."""

    def all_planted(table, rng, *, max_members):
        return Grouping(np.where(table["row"] < N, -1, 0), null_sizes=(np.array([12, 3]), np.array([2])))

    def blind(table, rng, *, max_members):
        return Grouping(np.full(len(table), -1))

    dict(substructure_methods.items())  # discovered before the names are added
    for method in (all_planted, blind):
        monkeypatch.setitem(substructure_methods._entries, method.__name__, method)


def asked(catalogue, settings=None, **given):
    request = api.request(catalogue, "generic", settings=settings or {"substructure.method": "all_planted"})
    return inject.design(request, **{**SMALL, **given})


def content(folder):
    return {name: (folder / name).read_bytes() for name in MADE}


def test_what_is_found_is_counted():
    """Ten stars of the catalogue, of which 0-3 are removed anyway, then five planted ones; groups of more than two."""
    before = np.arange(10) < 4
    #                     0  1  2  3  4  5   6   7   8   9 | 10 11 12 13  14
    together = np.array([1, 1, 1, 1, 0, 2, -1, -1, -1, -1, 0, 0, 1, -1, 2])
    assert injection.recovery(together, before, 2) == {
        "n_found": 3,  # 10 and 11 in group 0, 12 in group 1; group 2 is too small
        "completeness": 0.6,
        "purity": 0.75,  # star 4 is false; 0-3 are not, as they were removed before
        "detected": 1.0,  # two thirds of group 0 are planted
        "n_groups": 2,
        "n_false": 1,
        "n_newly_removed": 1,
        "n_no_longer_removed": 0,
    }


def test_planted_stars_that_join_a_removed_group_are_complete_and_not_detected():
    row = injection.recovery(np.array([0, 0, 0, -1, 0, 0]), np.array([True, True, True, True]), 2)
    assert (row["completeness"], row["purity"], row["detected"]) == (1.0, 1.0, 0.0)
    assert row["n_no_longer_removed"] == 1


def test_nothing_found_has_no_purity():
    row = injection.recovery(np.array([-1, -1, 0, 0]), np.zeros(2, bool), 2)
    assert (row["completeness"], row["detected"], row["n_groups"]) == (0.0, 0.0, 0)
    assert np.isnan(row["purity"])


def test_a_search_that_finds_all_and_one_that_finds_nothing(catalogue, methods, tmp_path):
    full = inject.execute(asked(catalogue), tmp_path / "full", workers=1)
    assert [(k["stars"], k["length"]) for k in full["kinds"]] == [(15, 0.0), (30, 0.0), (15, 40.0), (30, 40.0)]
    for kind in full["kinds"]:
        assert (kind["completeness"]["mean"], kind["completeness"]["standard_error"]) == (1.0, 0.0)
        assert (kind["purity"]["mean"], kind["detected"]["mean"], kind["n_newly_removed"]["mean"]) == (1.0, 1.0, 0.0)
        assert kind["detected"]["lower"] == pytest.approx(0.1586552539 ** (1 / 3))  # 3 of 3
    plain = full["without_planting"]
    assert (plain["n_removed"], plain["n_nulls"]) == (0, 2)
    assert (plain["false_groups"], plain["false_members"]) == (0.5, 6.0)
    none = inject.execute(asked(catalogue, {"substructure.method": "blind"}), tmp_path / "none", workers=1)
    assert all(kind["completeness"]["mean"] == kind["detected"]["mean"] == 0.0 for kind in none["kinds"])
    assert all(kind["purity"] == {"n": 0, "mean": None, "standard_error": None} for kind in none["kinds"])
    assert none["without_planting"]["false_members"] is None
    said = inject.lines(none)
    assert f"{plain['n_stars']} stars searched by blind" in said[0]
    assert len(said) == 1 + 1 + 4
    draw_injection(none)


def test_planted_stars_pass_the_cuts_of_the_sample(catalogue, methods, monkeypatch):
    seen = []

    def look(table, rng, *, max_members):
        seen.append(table)
        return Grouping(np.full(len(table), -1))

    monkeypatch.setitem(substructure_methods._entries, "look", look)
    cuts = {"selection.z_min": 9.0, "selection.r_max": 30.0, "selection.columns.feh": {"max": -1.2}}
    begun = injection.start(asked(catalogue, {"substructure.method": "look", **cuts}))
    assert injection.inject(begun, 11)["planted"] == 30
    before, after = seen
    added = after.take(np.arange(len(before), len(after)))
    assert len(added) == 30
    assert abs(added["z"]).min() >= 9
    assert added["r"].max() <= 30
    assert added["feh"].max() <= -1.2
    for name in before.columns:
        assert np.array_equal(after[name][: len(before)], before[name]), name


def test_an_injection_depends_on_its_index_and_the_seed_alone(catalogue, methods):
    begun = injection.start(asked(catalogue))
    row = injection.inject(begun, 4)
    assert injection.inject(injection.start(asked(catalogue)), 4) == row
    assert (row["stars"], row["length"], row["planted"]) == (30, 0.0, 30)
    other = api.request(catalogue, "generic", settings={"substructure.method": "all_planted"}, seed=2)
    assert injection.inject(injection.start(inject.design(other, **SMALL)), 4)["v_gsr"] != row["v_gsr"]


def test_distances_are_those_asked_for(catalogue, methods):
    begun = injection.start(asked(catalogue, stars=[60], length=[0.0], distance=[12.0, 40.0]))
    rows = [injection.inject(begun, index) for index in range(6)]
    assert [row["distance"] for row in rows] == [12.0] * 3 + [40.0] * 3
    for row in rows:
        assert row["distance_found"] == pytest.approx(row["distance"], rel=0.1)


def test_two_processes_give_the_same_bytes(catalogue, tmp_path):
    for workers in (1, 2):
        inject.execute(asked(catalogue, CLASSIC), tmp_path / str(workers), workers=workers)
    assert content(tmp_path / "1") == content(tmp_path / "2")


def test_interrupted_it_resumes_and_finished_it_is_shown(catalogue, methods, tmp_path, monkeypatch):
    monkeypatch.setattr(study, "_STEP", 5)
    design = asked(catalogue)
    inject.execute(design, tmp_path / "whole", workers=1)

    def stop(event):
        if event.fraction is not None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        inject.execute(design, tmp_path / "broken", workers=1, on_event=stop)
    assert {p.name for p in (tmp_path / "broken").iterdir()} == {".work"}
    told = []
    inject.execute(design, tmp_path / "broken", workers=1, on_event=lambda event: told.append(event.message))
    assert "5 of them known" in told[0]
    assert content(tmp_path / "broken") == content(tmp_path / "whole")
    told.clear()
    inject.execute(design, tmp_path / "whole", on_event=lambda event: told.append(event.message))
    assert told == [f"{tmp_path / 'whole'} holds this study already; showing its result"]
    for changed, key in (
        ({"width": [3.0]}, "--width"),
        ({"distance": [20.0]}, "--distance"),
        ({"v_spread": 9}, "v-sp"),
    ):
        with pytest.raises(RunFolderError, match=key):
            inject.execute(asked(catalogue, **changed), tmp_path / "whole")
    provenance = json.loads((tmp_path / "whole" / "provenance.json").read_text())
    assert provenance["catalogue"]["path"] == str(catalogue)
    other = tmp_path / "other" / catalogue.name
    other.parent.mkdir()
    other.write_bytes(catalogue.read_bytes().replace(b"simulated", b"Simulated"))
    with pytest.raises(RunFolderError, match="the content of the catalogue file"):
        inject.execute(asked(other), tmp_path / "whole")


def test_a_structure_without_a_place_does_not_stop_the_others(catalogue, methods, tmp_path):
    summary = inject.execute(asked(catalogue, length=[0.0], distance=[20.0, 900.0]), tmp_path / "far", workers=1)
    assert [kind["n_without_place"] for kind in summary["kinds"]] == [0, 0, 3, 3]
    assert summary["kinds"][2]["completeness"]["mean"] is None
    assert inject.lines(summary)[-1].startswith("no place in the catalogue for 6 structures")
    assert tables.read_study(tmp_path / "far" / "injections.csv")["planted"].tolist() == [15] * 3 + [30] * 3 + [0] * 6


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"stars": [0]}, "--stars 0"),
        ({"stars": [7.5]}, "whole numbers from 1"),
        ({"stars": []}, "--stars names nothing"),
        ({"width": [0.0]}, "--width 0"),
        ({"width": [2.0, float("nan")]}, "--width nan"),
        ({"length": [361.0]}, "to 360"),
        ({"length": [-1.0]}, "--length -1"),
        ({"distance": [-5.0]}, "--distance -5"),
        ({"v_spread": -1.0}, "--v-spread -1"),
        ({"repetitions": 0}, "--n 0"),
    ],
)
def test_wrong_input_is_told_before_anything_runs(catalogue, methods, given, words):
    with pytest.raises(ConfigError) as caught:
        asked(catalogue, **given)
    assert words in str(caught.value)


def test_a_configuration_that_seeks_nothing_is_refused_with_the_way_out(catalogue):
    with pytest.raises(ConfigError, match="nothing is sought") as caught:
        asked(catalogue, {"anisotropy.beta": 0.1})
    assert "--recipe modern" in str(caught.value)
    assert "--set substructure.method=fof_adaptive" in str(caught.value)


def test_too_few_stars_are_refused_and_leave_nothing(catalogue, methods, tmp_path):
    few = {"substructure.method": "all_planted", "selection.r_min": 60.0}
    with pytest.raises(SelectionError, match=r"at least 50"):
        inject.execute(asked(catalogue, few), tmp_path / "few", workers=1)
    assert not (tmp_path / "few").exists()


def test_sizes_that_can_never_be_removed_are_told(catalogue, methods, tmp_path):
    told = []
    small = asked(catalogue, stars=[8, 30], length=[0.0], repetitions=1)
    inject.execute(small, tmp_path / "small", workers=1, on_event=told.append)
    assert [event.message for event in told if event.level == "warning"] == [
        "a structure of 8 stars makes no group of more than max_members = 10, which alone are removed"
    ]


def test_the_summary_is_that_of_the_rows(catalogue, tmp_path):
    summary = inject.execute(asked(catalogue, CLASSIC, repetitions=4), tmp_path / "classic", workers=1)
    table = tables.read_study(tmp_path / "classic" / "injections.csv")
    for k, kind in enumerate(summary["kinds"]):
        rows = slice(4 * k, 4 * k + 4)
        assert set(table["stars"][rows]) == {kind["stars"]}
        assert table["completeness"][rows] == pytest.approx(table["n_found"][rows] / table["planted"][rows])
        assert kind["completeness"]["mean"] == pytest.approx(table["completeness"][rows].mean())
        assert kind["completeness"]["standard_error"] == pytest.approx(table["completeness"][rows].std(ddof=1) / 2)
        assert kind["detected"]["mean"] == table["detected"][rows].mean()
    assert set(summary["definitions"]) >= {"planted", "completeness", "purity", "detected"}


def test_the_command(haloscale, catalogue, methods, tmp_path):
    words = ("inject", catalogue, "--survey", "generic", "--set", "substructure.method=all_planted", "--n", 1)
    done = haloscale(*words, "--stars", "15, 30", "--length", "0", "--workers", 1, "-o", tmp_path / "a")
    assert done.code == 0, done.err
    assert "clump of 2 deg     15          1.00" in done.out
    assert "injection.png" in done.out
    assert (tmp_path / "a" / "figures" / "injection.pdf").exists()
    far = haloscale(*words, "--stars", 15, "--length", 0, "--distance", 900, "-o", tmp_path / "b")
    assert far.code == 3
    for wrong in (("--stars", "15;30"), ("--stars", "0"), ("--length", "400"), ("--workers", "0"), ("--n", "0")):
        refused = haloscale(*words, *wrong, "-o", tmp_path / "c")
        assert refused.code == 2, wrong
        assert wrong[0] in refused.err
    assert haloscale("inject", catalogue, "--survey", "generic", "-o", tmp_path / "c").code == 2
    assert haloscale("inject", tmp_path / "none.fits", *words[2:], "-o", tmp_path / "c").code == 2
    assert not (tmp_path / "c").exists()
