"""Cuts, their flow, and what they say when they cannot be made."""

import numpy as np
import pytest

from haloscale.errors import ConfigError, SelectionError
from haloscale.frames import ZHAI2018, locate
from haloscale.records import StarTable
from haloscale.selection import CUTS, select


def catalogue(n: int = 400) -> StarTable:
    rng = np.random.default_rng(5)
    columns = {
        "row": np.arange(n),
        "l": rng.uniform(0, 360, n),
        "b": rng.uniform(-89, 89, n),
        "distance": rng.uniform(5, 60, n),
        "distance_error": rng.uniform(0.5, 8, n),
        "v_helio": rng.normal(0, 120, n),
        "feh": rng.uniform(-2.5, 0, n),
        "teff": rng.uniform(3800, 5800, n),
        "logg": rng.uniform(0, 5, n),
    }
    raw = {"snrg": rng.uniform(0, 50, n), "class": np.full(n, "STAR")}
    return locate(StarTable(columns, "generic", raw), ZHAI2018)


def test_the_paper_s_cuts_keep_what_they_say() -> None:
    cuts = {
        "logg_max": 4.0,
        "teff_min": 4000,
        "teff_max": 5600,
        "distance_error_max": 0.4,
        "z_min": 5.0,
        "feh_max": -1.0,
    }
    table = catalogue()
    out, flow = select(table, {**cuts, "r_min": 5.0, "r_max": 120.0, "merge_radius": 3.0})
    t = table.columns
    good = (t["logg"] < 4) & (t["teff"] > 4000) & (t["teff"] < 5600) & (t["distance_error"] / t["distance"] < 0.4)
    good &= (np.abs(t["z"]) >= 5) & (t["feh"] <= -1) & (t["r"] >= 5) & (t["r"] <= 120)
    np.testing.assert_array_equal(out["row"], np.flatnonzero(good))
    assert 0 < len(out) < len(table)
    assert [c.name for c in flow][4:] == [
        "distance error / distance < 0.4",
        "|z| >= 5 kpc",
        "[Fe/H] <= -1",
        "r >= 5 kpc",
        "r <= 120 kpc",
    ]
    assert [c.n_before for c in flow][1:] == [c.n_after for c in flow][:-1]
    assert flow.cuts[-1].n_after == len(out)


def test_no_cut_is_the_default_and_none_is_no_cut() -> None:
    out, flow = select(catalogue(), dict.fromkeys([spec.key for spec in CUTS]))
    assert (len(out), len(flow)) == (400, 1)
    assert len(select(catalogue(), {})[0]) == 400


def test_liu_s_cut_has_two_pieces() -> None:
    table = catalogue(7)
    table = table.with_columns(
        teff=np.array([4500.0, 4500.0, 4700.0, 4700.0, 5700.0, 4600.0, np.nan]),
        logg=np.array([3.4, 3.6, 3.6, 4.1, 1.0, 3.6, 1.0]),
    )
    np.testing.assert_array_equal(select(table, {"giants": "liu2014"})[0]["row"], [0, 2])
    np.testing.assert_array_equal(select(table, {"giants": "zhai2018"})[0]["row"], [0, 1, 2, 5])


@pytest.mark.parametrize("spec", [s for s in CUTS if not s.is_flag], ids=lambda s: s.key)
def test_a_missing_value_fails_every_cut(spec) -> None:
    table = catalogue()
    generous = {"logg_max": 9, "teff_max": 9e9, "distance_error_max": 9, "z_max": 900, "feh_max": 9, "r_max": 900}
    value = spec.choices[0] if spec.choices else generous.get(spec.key, -900)
    gap = np.array(table[spec.columns[0]])
    _, flow = select(table, {spec.key: value})
    gap[0:3] = np.nan
    broken = table.with_columns(**{spec.columns[0]: gap})
    kept, _ = select(broken, {spec.key: value})
    assert not np.isin([0, 1, 2], kept["row"]).any()
    if not spec.choices:
        assert flow.cuts[-1].n_after == 400
        assert len(kept) == 397


def test_a_row_without_velocity_or_distance_is_dropped_first() -> None:
    table = catalogue()
    v, d = np.array(table["v_helio"]), np.array(table["distance"])
    v[3], d[4] = np.nan, np.nan
    _, flow = select(locate(table.with_columns(v_helio=v, distance=d), ZHAI2018), {})
    assert (flow.cuts[0].n_before, flow.cuts[0].n_after) == (400, 398)
    with pytest.raises(SelectionError, match="distance"):
        select(locate(table.with_columns(distance=np.full(400, np.nan)), ZHAI2018), {})


def test_a_cut_without_its_column_is_listed_or_refused() -> None:
    table = catalogue()
    table = StarTable({k: v for k, v in table.columns.items() if k != "feh"}, "generic", table.raw)
    out, flow = select(table, {"feh_max": -1.0})
    assert len(out) == 400
    assert flow.cuts[-1].applied is False
    assert "feh" in flow.cuts[-1].note
    with pytest.raises(ConfigError, match="strict"):
        select(table, {"feh_max": -1.0}, strict=True)


def test_no_star_left_names_the_cut_and_the_range() -> None:
    with pytest.raises(SelectionError, match=r"\[Fe/H\] <= -9.*run from -2\..* to -0\.") as caught:
        select(catalogue(), {"feh_max": -9.0})
    assert "selection.feh_max" in str(caught.value)


def test_any_column_can_be_cut() -> None:
    table = catalogue()
    out, flow = select(table, {"columns": {"snrg": {"min": 10}, "feh": {"min": -2, "max": -1}}})
    good = (table.raw["snrg"] >= 10) & (table["feh"] >= -2) & (table["feh"] <= -1)
    np.testing.assert_array_equal(out["row"], np.flatnonzero(good))
    assert [c.name for c in flow][1:] == ["snrg >= 10", "feh >= -2 and feh <= -1"]


@pytest.mark.parametrize(
    ("cuts", "word"),
    [
        ({"fehmax": -1.0}, "did you mean 'feh_max'"),
        ({"columns": {"snrg": {"low": 1}}}, "min = "),
        ({"columns": {"class": {"min": 1}}}, "text"),
        ({"z_min": "five"}, "z_min"),
        ({"z_min": float("nan")}, "z_min"),
        ({"giants": "liu"}, "liu2014"),
        ({"known_objects": 3}, "true or false"),
    ],
)
def test_a_wrong_cut_is_refused(cuts: dict, word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        select(catalogue(), cuts)


def test_members_of_known_clusters_are_flagged_and_cut_on_request() -> None:
    table = catalogue()
    l, b, d = np.array(table["l"]), np.array(table["b"]), np.array(table["distance"])
    l[7], b[7], d[7] = 59.008, 40.912, 7.4  # M 13
    table = locate(table.with_columns(l=l, b=b, distance=d), ZHAI2018)
    flagged, _ = select(table, {"known_objects": False})
    assert flagged["known_object"][7] == "NGC 6205"
    kept, flow = select(table, {"known_objects": True})
    assert not np.isin(7, kept["row"])
    assert (kept["known_object"] == "").all()
    assert "known cluster" in flow.cuts[-1].name


def test_a_column_without_any_value_leaves_no_star_and_an_absent_one_is_no_cut() -> None:
    """A missing value fails a cut, all of them included; only a column that is not there makes the cut inapplicable."""
    table = catalogue()
    with pytest.raises(SelectionError, match="every value is missing"):
        select(table.with_columns(feh=np.full(400, np.nan)), {"feh_max": -1.0})
    _, flow = select(table, {"columns": {"snr_g": {"min": 10}}})
    assert flow.cuts[-1].applied is False
    assert "did you mean 'snrg'" in flow.cuts[-1].note
    with pytest.raises(ConfigError, match="snr_g"):
        select(table, {"columns": {"snr_g": {"min": 10}}}, strict=True)


@pytest.mark.parametrize("value", ["zhai2018", "liu2014"])
def test_the_giants_are_one_line_of_the_cut_flow_with_its_numbers(value: str) -> None:
    table = catalogue(5000)
    teff, logg = table["teff"], table["logg"]
    box = (teff > 4000) & (teff < 5600) & (logg < 4.0)
    if value == "liu2014":
        box &= (logg < 3.5) | (teff > 4600)
    out, flow = select(table, {"giants": value, "feh_max": -1.0})
    line = flow.cuts[1]
    assert (line.name, line.n_before, line.n_after, line.applied) == (f"giants ({value})", 5000, int(box.sum()), True)
    assert flow.cuts[2].n_before == line.n_after
    np.testing.assert_array_equal(out["row"], np.flatnonzero(box & (table["feh"] <= -1)))


def test_the_box_of_the_paper_is_the_three_cuts_of_its_recipe() -> None:
    table = catalogue(3000)
    box, _ = select(table, {"giants": "zhai2018"})
    cuts, _ = select(table, {"logg_max": 4.0, "teff_min": 4000, "teff_max": 5600})
    np.testing.assert_array_equal(box["row"], cuts["row"])
