"""Runs that remove groups: what leaves the bins, what is kept of the search, both fits, resuming, wrong input."""

import csv
import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import haloscale as hs
from haloscale import api, config, mock, stages, tables
from haloscale import folder as folders
from haloscale.mock import streams
from haloscale.records import in_large_groups
from haloscale.surveys.base import surveys
from haloscale.vary import Variation, refits

pytestmark = pytest.mark.slow

FAST = {"sampler.n_steps": 600, "sampler.max_steps": 600, "sampler.n_walkers": 16}
CLASSIC = {"substructure.method": "fof_4distance", "substructure.linking_length": 0.022, "substructure.n_nulls": 4}
ADAPTIVE = {"substructure.method": "fof_adaptive", "substructure.n_nulls": 10}
METHODS = {"classic": CLASSIC, "adaptive": ADAPTIVE}
CHANGES = {"provenance.json", "log.txt"}
CLUMPS = ({"n": 60, "width": 1.5, "v_spread": 8.0}, {"n": 6, "width": 0.5, "v_spread": 4.0})


def halo(seed, n_stars):
    """Simulated stars that the paper's cuts leave."""
    stars = mock.simulate(mock.Truth(), np.random.default_rng(seed), n_stars=n_stars)
    settings = config.load(catalogue={"survey": "generic"}).config
    kept = stages.select_sample(settings, stars, False, np.random.default_rng(0)).sample.row
    return stars.take(kept).with_columns(row=np.arange(len(kept)))


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    """A halo with a clump of 60 stars and one of 6, and the clump of each row."""
    stars = halo(11, 6000)
    planted, label = streams.with_structures(stars, np.random.default_rng(5), CLUMPS)
    path = tmp_path_factory.mktemp("catalogue") / "stars.parquet"
    tables.write_star_table(path, replace(planted, columns={name: planted[name] for name in stars.columns}))
    return path, label


@pytest.fixture(scope="module", params=METHODS)
def finished(request, catalogue, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / request.param
    asked = api.request(catalogue[0], "generic", settings={**FAST, **METHODS[request.param]})
    return asked, api.execute(asked, folder), folder


def content(folder: Path, *, pictures: bool = True) -> dict[str, str]:
    """Checksum of every file that must not change from run to run."""
    left_out = CHANGES if pictures else CHANGES | {"report.html"}
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in left_out)
    files = [p for p in files if pictures or p.parent.name != "figures"]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def removed(made):
    return made.sample.removed(made.config["substructure"]["max_members"])


def test_the_planted_clump_leaves_the_bins_and_stays_in_the_sample(finished, catalogue):
    made, label = finished[1], catalogue[1]
    gone, planted = removed(made), label[made.sample.row] == 0
    assert (gone & planted).sum() > 0.8 * planted.sum()
    assert (gone & ~planted).sum() < 0.01 * len(made.sample)
    assert (made.sample.bin[gone] == -1).all()
    inside = (made.sample.r >= 5) & (made.sample.r <= 120)
    assert (made.sample.bin[inside & ~gone] >= 0).all()
    assert made.profile.n.sum() == made.summary.n_in_bins == (inside & ~gone).sum()
    assert made.summary.n_removed_substructure == gone.sum()
    assert made.summary.n_kept == len(made.sample) == len(tables.read_sample(finished[2] / "sample.parquet"))


def test_a_small_group_keeps_its_id_and_its_bins(finished):
    made = finished[1]
    small = (made.sample.group_id >= 0) & ~removed(made)
    assert small.any() or made.substructure.method == "fof_adaptive"  # which asks for more than a friend or two
    assert (made.sample.bin[small] >= 0).all()
    sizes = np.bincount(made.sample.group_id[made.sample.group_id >= 0])
    assert (sizes == made.substructure.groups.n_members).all()
    assert (made.substructure.groups.removed == (sizes > 10)).all()


def test_the_last_line_of_the_cut_flow_says_what_was_removed(finished):
    made = finished[1]
    with (finished[2] / "cutflow.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    last, before = rows[-1], rows[-2]
    assert last["cut"] == f"substructure: no group of more than 10 stars ({made.substructure.method})"
    assert int(last["n_before"]) == int(before["n_after"]) == made.summary.n_kept
    assert int(last["n_after"]) == made.summary.n_kept - made.summary.n_removed_substructure
    groups = int(made.substructure.groups.removed.sum())
    assert last["note"].startswith(
        f"{groups} group{'s' * (groups != 1)} removed; stars in such groups of a null catalogue: "
    )
    assert f"(mean of {made.substructure.n_nulls})" in last["note"]


def test_the_folder_holds_the_contract_and_the_search(finished, shared):
    folder = finished[2]
    assert {"groups.ecsv", "all_stars.json", "dispersion_all_stars.ecsv"} <= {p.name for p in folder.iterdir()}
    checker = shared("checks/check_run_folder.py")
    done = subprocess.run([sys.executable, str(checker), str(folder)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_what_is_read_back_is_what_was_found(finished):
    made, again = finished[1], folders.read_run(finished[2])
    assert again.all_stars.estimates == made.all_stars.estimates
    assert (again.all_stars.sampling, again.all_stars.chi2) == (made.all_stars.sampling, made.all_stars.chi2)
    np.testing.assert_array_equal(again.all_stars.profile.sigma_los, made.all_stars.profile.sigma_los)
    assert again.substructure.method == made.config["substructure"]["method"]
    np.testing.assert_array_equal(again.substructure.groups.v_gsr, made.substructure.groups.v_gsr)
    assert (again.substructure.pairs is None) == (not (finished[2] / "pairs.ecsv").exists())
    assert json.loads((finished[2] / "all_stars.json").read_text())["estimates"]["m_vir"]["unit"] == "solMass"


def test_with_nothing_removed_every_star_is_in_its_bin(finished):
    made = finished[1]
    inside = (made.sample.r >= 5) & (made.sample.r <= 120)
    assert made.all_stars.profile.n.sum() == inside.sum()
    np.testing.assert_array_equal(made.all_stars.profile.edges, made.profile.edges)
    assert (made.all_stars.profile.n >= made.profile.n).all()
    assert set(made.all_stars.estimates) == {*made.summary.parameters, *made.summary.derived}


def test_with_nothing_removed_it_is_the_run_that_searches_for_nothing(finished, catalogue):
    """Number for number: the same edges, the same random numbers."""
    kept = hs.weigh(catalogue[0], "generic", set=FAST)
    found = finished[1].all_stars
    assert found.estimates == {**kept.summary.parameters, **kept.summary.derived}
    assert (found.chi2, found.n_points) == (kept.summary.chi2, kept.summary.n_points)
    assert kept.substructure is None
    assert kept.all_stars is None
    variation = Variation("substructure", "none", {"substructure.method": "keep_all"}, "why")
    asked = finished[0]
    stars = tables.read_catalogue(asked.catalogue, surveys["generic"], {})
    start = refits.Start(asked.loaded.config, stars, False, *(getattr(finished[1], k) for k in ("sample", "profile")),
                         finished[1].cutflow)  # fmt: skip
    assert refits.refit(start, variation)["m_vir"].median == found.estimates["m_vir"].median


def test_same_seed_same_files(finished, catalogue, tmp_path):
    api.execute(finished[0], tmp_path / "second")
    assert content(tmp_path / "second") == content(finished[2])


def test_interrupted_after_any_stage_it_ends_at_the_same_bytes(finished, tmp_path, monkeypatch):
    save = folders.Work.save

    def save_and_stop(self, *, finishing=False):
        save(self, finishing=finishing)
        if len(self.stages) > done:
            raise KeyboardInterrupt

    for done in range(7):  # noqa: B007 - read by save_and_stop
        monkeypatch.setattr(folders.Work, "save", save_and_stop)
        with pytest.raises(KeyboardInterrupt):
            api.execute(finished[0], tmp_path / "run", pictures=False)
        monkeypatch.undo()
    api.execute(finished[0], tmp_path / "run", pictures=False)
    assert content(tmp_path / "run") == content(finished[2], pictures=False)
    stages_known = json.loads((tmp_path / "run" / "provenance.json").read_text())["stages"]
    assert list(stages_known) == [
        "sample", "dispersion", "fit", "circular_velocity", "mass", "predictive", "all_stars",
    ]  # fmt: skip


def test_check_shows_the_groups_that_the_run_removes(finished, catalogue, haloscale):
    asked, made, _ = finished
    assert api.check(asked).sample.group_id.tolist() == made.sample.group_id.tolist()
    words = [f"--set={key}={value}" for key, value in asked.loaded.given["substructure"].items()]
    words = [word.replace("--set=", "--set=substructure.") for word in words]
    said = haloscale("check", catalogue[0], "--survey", "generic", *words)
    assert said.code == 0, said.err
    assert "substructure: no group of more than 10 stars" in said.out.splitlines()[-1]


def test_where_nothing_is_removed_nothing_is_fitted_twice(catalogue, tmp_path):
    settings = {**FAST, **CLASSIC, "substructure.linking_length": 0.0005}
    made = api.execute(api.request(catalogue[0], "generic", settings=settings), tmp_path / "run", pictures=False)
    assert made.summary.n_removed_substructure == 0
    assert made.substructure is not None
    assert made.all_stars is None
    assert not (tmp_path / "run" / "all_stars.json").exists()
    assert made.cutflow.cuts[-1].n_after == made.cutflow.cuts[-1].n_before
    assert made.cutflow.cuts[-1].note.startswith("0 groups removed")


def test_groups_outside_the_bins_do_not_count_as_removed(catalogue):
    """A star of a small group beyond the outermost edge is in no bin, but it was not removed."""
    outer = {"dispersion.edges": [5, 8, 10, 14]}
    made = hs.weigh(catalogue[0], "generic", set={**FAST, **CLASSIC, **outer, "substructure.max_members": 1000})
    far = (made.sample.group_id >= 0) & (made.sample.bin < 0)
    assert far.any()
    assert made.summary.n_removed_substructure == 0


def test_bins_of_equal_numbers_hold_equal_numbers_of_the_stars_that_stay(catalogue):
    made = hs.weigh(catalogue[0], "generic", set={**FAST, **CLASSIC, "dispersion.n_bins": 8})
    assert made.summary.n_removed_substructure > 0
    assert np.ptp(made.profile.n) <= 2
    np.testing.assert_array_equal(made.all_stars.profile.edges, made.profile.edges)


def test_the_route_of_eq_9_is_fitted_twice_too(catalogue):
    settings = {**FAST, **CLASSIC, "jeans.route": "v_circ"}
    made = hs.weigh(catalogue[0], "generic", set=settings)
    kept = hs.weigh(catalogue[0], "generic", set={**FAST, "jeans.route": "v_circ"})
    assert made.all_stars.estimates["m_vir"] == kept.summary.parameters["m_vir"]


def test_the_recipe_modern_searches_where_the_paper_does_not():
    modern, paper = config.load("modern").config, config.load("zhai2018").config
    assert modern.substructure.searches
    assert modern.substructure.max_members == 10
    assert not paper.substructure.searches


def test_members_of_groups_are_counted():
    group_id = np.array([0, 0, 0, -1, 1, 1, -1])
    assert in_large_groups(group_id, 2).tolist() == [True, True, True, False, False, False, False]
    assert not in_large_groups(group_id, 3).any()
    assert not in_large_groups(np.full(4, -1), 10).any()
    assert not in_large_groups(np.array([], dtype=np.int64), 10).any()


@pytest.mark.parametrize(
    "setting",
    [
        "linking_length=0", "linking_length=-0.02", "linking_length=short", "d_max=0", "n_nulls=0",
        "max_false_members=-1", "null=none", "max_members=0",
    ],
)  # fmt: skip
def test_settings_that_cannot_be(haloscale, catalogue, tmp_path, setting):
    refused(haloscale, catalogue[0], tmp_path, f"substructure.{setting}", says=setting.partition("=")[0])


def refused(haloscale, path, tmp_path, *settings, method="fof_4distance", says=""):
    words = [word for setting in settings for word in ("--set", setting)]
    out = tmp_path / "out"
    done = haloscale("weigh", path, "--survey", "generic", "-o", out, "--set", f"substructure.method={method}", *words)
    assert done.code == 2, done
    assert "Traceback" not in done.err
    assert done.err.count("expected:") == done.err.count("what to do:") == 1
    assert says in done.err
    assert not out.exists()
    return done.err


@pytest.fixture
def columns():
    """Columns of a catalogue of 300 stars, as lists of numbers that a test may spoil."""
    stars = halo(3, 2000).take(np.arange(300))
    names = ("l", "b", "distance", "distance_error", "v_helio", "v_helio_error", "feh")
    return {name: stars[name].copy() for name in names}


def write_csv(path, columns):
    rows = zip(*columns.values(), strict=True)
    path.write_text("\n".join([",".join(columns), *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


def searched(haloscale, path, method):
    words = [f"--set={key}={value}" for key, value in METHODS[method].items()]
    done = haloscale("check", path, "--survey", "generic", *words)
    assert done.code == 0, done.err
    assert "Traceback" not in done.err
    return done


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("spoil", ["no errors", "zero errors", "velocities missing", "duplicates", "one direction"])
def test_catalogues_with_gaps_are_searched(haloscale, columns, tmp_path, method, spoil):
    if spoil == "no errors":
        columns["v_helio_error"][:] = 5.0
        del columns["distance_error"]
    elif spoil == "zero errors":
        columns["distance_error"][:150] = 0.0
        columns["v_helio_error"][100:] = 0.0
    elif spoil == "velocities missing":
        columns["v_helio"][::7] = np.nan
    elif spoil == "duplicates":
        columns = {name: np.tile(column, 2) for name, column in columns.items()}
    else:
        columns["l"][:], columns["b"][:] = columns["l"][0] + np.linspace(0, 0.5, 300), 60.0
    done = searched(haloscale, write_csv(tmp_path / "s.csv", columns), method)
    assert f"({METHODS[method]['substructure.method']})" in done.out.splitlines()[-1]
    if spoil == "velocities missing":  # dropped before the search, in a line of their own
        assert "position, velocity and distance present" in done.out


def test_one_star(haloscale, columns, tmp_path):
    path = write_csv(tmp_path / "s.csv", {name: column[:1] for name, column in columns.items()})
    for method in METHODS:
        done = searched(haloscale, path, method)
        assert done.out.splitlines()[-1].split("0 groups")[0].split()[-2:] == ["1", "1"]


def test_every_star_in_one_group_leaves_none(haloscale, catalogue, tmp_path):
    told = refused(haloscale, catalogue[0], tmp_path, "substructure.linking_length=5", "substructure.n_nulls=2")
    assert "leaves none to weigh the halo with" in told


def test_most_stars_in_one_group_is_said(catalogue):
    """Percolation: the fit of the rest is made, and the share of the stars in the group is told."""
    settings = {**CLASSIC, "substructure.linking_length": 0.06, "substructure.n_nulls": 2}
    made = hs.weigh(catalogue[0], "generic", set={**FAST, **settings})
    share = made.summary.n_removed_substructure / made.summary.n_kept
    assert share > 0.5
    (told,) = [warning for warning in made.summary.warnings if "one group holds" in warning]
    assert "%)" in told


def test_a_folder_without_a_search_is_read_and_compared(finished, catalogue, tmp_path, haloscale):
    """It lacks the files of the search, as every folder written before there was one."""
    old = tmp_path / "old"
    api.execute(api.request(catalogue[0], "generic", settings=FAST), old, pictures=False)
    assert not any((old / name).exists() for name in (folders.GROUPS, folders.PAIRS, folders.ALL_STARS))
    assert folders.read_run(old).substructure is None
    done = haloscale("compare", old, finished[2])
    assert done.code == 0, done.err


def test_the_second_fit_is_told_in_the_log(finished):
    assert "info all_stars: " in (finished[2] / "log.txt").read_text()
