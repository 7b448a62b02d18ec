"""Nearest wins; duplicates, epochs and what is unmatched are told."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haloscale.crossmatch import Epochs, crossmatch, lines, matched
from haloscale.errors import CatalogueError, ConfigError
from haloscale.records import StarTable

ARCSEC = 1.0 / 3600.0


def at(east: list[float], north: list[float], **columns: object) -> StarTable:
    """Rows at offsets [arcsec] from a point on the equator."""
    place = {"ra": 180.0 + ARCSEC * np.array(east), "dec": ARCSEC * np.array(north)}
    more = {name: np.asarray(values) for name, values in columns.items()}
    return StarTable({"row": np.arange(len(east)), **place, **more}, "generic")


def raw(table: StarTable, **columns: object) -> StarTable:
    return StarTable(table.columns, table.survey, {k: np.asarray(v) for k, v in columns.items()}, {"w": "mJy"})


def test_nearest_wins_and_the_rest_is_counted() -> None:
    stars = at([0.0, 50.0, 100.0, 100.1, np.nan], [0.0] * 5)
    sources = at([0.8, 0.3, 100.0, 500.0], [0.0] * 4, gmag=[16.0, 17.0, 18.0, 19.0], ebv=[0.1] * 4)
    joined, matches = crossmatch(stars, sources)
    assert joined["gmag"] == pytest.approx([17.0, np.nan, 18.0, 18.0, np.nan], nan_ok=True)
    assert matched(joined).tolist() == [True, False, True, True, False]
    assert joined.raw["match_separation"] == pytest.approx([0.3, np.nan, 0.0, 0.1, np.nan], nan_ok=True, abs=1e-6)
    assert joined.raw["match_candidates"].tolist() == [2, 0, 1, 1, 0]
    assert joined.raw["match_spectra"].tolist() == [1, 0, 2, 2, 0]
    assert joined.units["match_separation"] == "arcsec"
    told = (matches.n_stars, matches.n_sources, matches.n_matched, matches.n_unmatched, matches.n_no_position)
    assert told == (5, 4, 3, 2, 1)
    assert (matches.n_ambiguous, matches.n_shared, matches.n_given_up) == (1, 1, 0)
    assert matches.unmatched.tolist() == [1, 4]
    assert matches.separation[50] == pytest.approx(0.1, abs=1e-6)
    assert matches.offset_ra == pytest.approx(0.0, abs=1e-6)


def test_one_to_one_gives_a_source_to_its_nearest_star_only() -> None:
    stars = at([0.0, 0.4, 0.9], [0.0] * 3)
    sources = at([0.5, -0.7], [0.0] * 2, gmag=[16.0, 17.0])
    joined, matches = crossmatch(stars, sources, one_to_one=True)
    assert joined["gmag"] == pytest.approx([np.nan, 16.0, np.nan], nan_ok=True)  # the first gets no second choice
    assert joined.raw["match_candidates"].tolist() == [2, 1, 1]
    assert matched(joined).tolist() == [False, True, False]
    assert (matches.n_shared, matches.n_given_up, matches.n_matched) == (1, 2, 1)
    assert matches.unmatched.tolist() == [0, 2]
    said = lines(matches)
    assert "1 sources are the nearest of several stars: kept for its nearest star only" in said
    assert "2 stars unmatched (rows 0, 2, counted from 0)" in said
    assert (
        "2 stars whose nearest source is nearer to another star (or as near to an earlier row) were left unmatched"
        in said
    )


def test_one_to_one_gives_a_source_to_the_first_of_equally_near_stars() -> None:
    stars, sources = at([0.2, 0.0, 0.0], [0.0] * 3), at([0.0], [0.0], gmag=[16.0])
    joined, matches = crossmatch(stars, sources, one_to_one=True)
    assert joined["gmag"] == pytest.approx([np.nan, 16.0, np.nan], nan_ok=True)
    assert matches.n_given_up == 2


def test_a_missing_value_has_no_error() -> None:
    place = {"ra": np.array([180.0, 180.01]), "dec": np.zeros(2)}
    values = {"gmag": [16.0, np.nan], "gmag_error": [0.01, 0.02], "rmag_error": [0.03, 0.04]}
    sources = StarTable({"row": np.arange(2), **place, **{k: np.array(v) for k, v in values.items()}}, "x")
    joined, _ = crossmatch(StarTable({"row": np.arange(2), **place}, "generic"), sources)
    assert joined["gmag_error"] == pytest.approx([0.01, np.nan], nan_ok=True)
    assert joined["rmag_error"].tolist() == [0.03, 0.04]  # nothing is known of its value
    assert sources["gmag_error"].tolist() == [0.01, 0.02]


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_the_order_of_the_rows_does_not_matter(seed: int, one_to_one: bool) -> None:
    rng = np.random.default_rng(seed)
    stars = at(*rng.uniform(0.0, 20.0, (2, 30)))
    sources = at(*rng.uniform(0.0, 20.0, (2, 40)), gmag=rng.uniform(14.0, 18.0, 40))
    joined, matches = crossmatch(stars, sources, 5.0, one_to_one=one_to_one)
    a, b = rng.permutation(30), rng.permutation(40)
    again, shuffled = crossmatch(stars.take(a), sources.take(b), 5.0, one_to_one=one_to_one)
    assert again["gmag"] == pytest.approx(joined["gmag"][a], nan_ok=True)
    assert (shuffled.n_ambiguous, shuffled.n_shared) == (matches.n_ambiguous, matches.n_shared)
    assert matches.n_matched == np.isfinite(joined["gmag"]).sum() == matches.n_stars - matches.n_unmatched
    loose, every = crossmatch(stars, sources, 5.0)
    assert matches.n_given_up == every.n_matched - matches.n_matched
    if one_to_one:
        assert joined.raw["match_spectra"].max() == 1
        kept = matched(joined)
        assert joined["gmag"][kept].tolist() == loose["gmag"][kept].tolist()  # its nearest, or nothing


def test_every_row_of_the_spectra_stays_and_columns_come_over() -> None:
    stars = raw(at([0.0, 9.0], [0.0] * 2, v_helio=[1.0, 2.0], gmag=[10.0, 11.0]), w=[1.0, 2.0], name=["a", "b"])
    many = at([0.0], [0.0], gmag=[16.0], rmag=[15.5], feh=[-1.0], pmra=[2.0], pmdec=[3.0])
    sources = raw(many, w=[7.0], id=np.array([2**62 + 1]), word=np.array(["x"], object), good=[True])
    joined, matches = crossmatch(stars, sources)
    assert joined["v_helio"].tolist() == [1.0, 2.0]
    assert joined["gmag"] == pytest.approx([16.0, np.nan], nan_ok=True)  # never a magnitude of the other system
    assert joined.raw["gmag_spectra"].tolist() == [10.0, 11.0]
    assert "gmag" in matches.notes[1]
    assert joined["pmra"] == pytest.approx([2.0, np.nan], nan_ok=True)
    assert "feh" not in joined  # that of the spectra counts
    assert joined.raw["w"].tolist() == [1.0, 2.0]
    assert joined.raw["w_photometry"] == pytest.approx([7.0, np.nan], nan_ok=True)
    assert joined.units["w_photometry"] == "mJy"
    assert joined.raw["id"].tolist() == [2**62 + 1, -1]
    assert joined.raw["word"].tolist() == ["x", ""]
    assert joined.raw["good"].tolist() == [1, -1]


def test_proper_motions_of_the_spectra_are_kept() -> None:
    stars = at([0.0], [0.0], pmra=[9.0], pmdec=[9.0])
    joined, _ = crossmatch(stars, at([0.0], [0.0], gmag=[16.0], pmra=[2.0], pmdec=[3.0]))
    assert joined["pmra"].tolist() == [9.0]


@pytest.mark.parametrize("side", ["stars", "sources"])
def test_proper_motions_carry_one_table_to_the_epoch_of_the_other(side: str) -> None:
    fast = {"pmra": [1000.0, np.nan], "pmdec": [0.0, np.nan]}
    stars = at([0.0, 100.0], [0.0, 0.0], **(fast if side == "stars" else {}))
    sources = at([12.0, 100.0], [0.0, 0.0], gmag=[16.0, 17.0], **(fast if side == "sources" else {}))
    joined, matches = crossmatch(stars, sources, 1.0, Epochs(2000.0, 2012.0))
    assert joined["gmag"].tolist() == [16.0, 17.0]
    assert matches.n_moved == 1
    assert "2000 to 2012: 1 positions of the" in matches.notes[0]
    _, plain = crossmatch(stars, sources, 1.0)
    assert plain.n_matched == 1
    assert "not stated" in plain.notes[0]
    assert "though there are proper motions" in plain.notes[0]


def test_without_proper_motions_it_says_what_that_costs() -> None:
    stars, sources = at([0.0], [0.0]), at([0.0], [0.0], gmag=[16.0])
    _, matches = crossmatch(stars, sources, 1.0, Epochs(2000.0, 2012.5))
    assert "no proper motions in either table" in matches.notes[0]
    assert "a star of 80 mas/yr" in matches.notes[0]
    _, same = crossmatch(stars, sources, 1.0, Epochs(2000.0, 2000.0))
    assert same.notes == ("both tables are at epoch 2000",)
    _, one = crossmatch(stars, sources, 1.0, Epochs(2000.0))
    assert "for one table only" in one.notes[0]


def test_across_the_meridian_and_at_the_pole() -> None:
    stars = StarTable(
        {"row": np.arange(2), "ra": np.array([359.99999, 10.0]), "dec": np.array([0.0, 89.9999])}, "generic"
    )
    place = {"ra": np.array([0.00001, 190.0]), "dec": np.array([0.0, 89.9999]), "gmag": np.array([16.0, 17.0])}
    joined, matches = crossmatch(stars, StarTable({"row": np.arange(2), **place}, "x"), 1.0)
    assert joined["gmag"].tolist() == [16.0, 17.0]
    assert joined.raw["match_separation"] == pytest.approx([0.072, 0.72], abs=1e-6)
    assert abs(matches.offset_ra) < 1.0


def test_the_account_in_words() -> None:
    stars = at([0.0, 50.0, 100.0, 100.1, np.nan], [0.0] * 5)
    sources = at([0.8, 0.3, 100.0, 500.0], [0.0] * 4, gmag=[16.0] * 4)
    said = "\n".join(lines(crossmatch(stars, sources)[1]))
    assert "3 of 5 stars matched within 1 arcsec (4 sources)" in said
    assert "2 stars unmatched, 1 of them without a position (rows 1, 4, counted from 0)" in said
    assert "1 stars with several sources within the radius: only the nearest counts" in said
    assert "1 sources are the nearest of several stars: kept for each" in said
    assert "note: epochs not stated" in said


@pytest.mark.parametrize("radius", [0.0, -1.0, 61.0, np.nan])
def test_a_radius_that_is_none_is_refused(radius: float) -> None:
    with pytest.raises(ConfigError, match="radius"):
        crossmatch(at([0.0], [0.0]), at([0.0], [0.0], gmag=[16.0]), radius)


@pytest.mark.parametrize("year", [20150.5, 57000.0, -1.0, np.nan])
def test_an_epoch_that_is_no_year_is_refused(year: float) -> None:
    with pytest.raises(ConfigError, match="Julian year"):
        Epochs(year)


def test_no_counterpart_says_how_near_the_nearest_is() -> None:
    with pytest.raises(CatalogueError, match="the closest pair is 30 arcsec apart"):
        crossmatch(at([0.0], [0.0]), at([30.0], [0.0], gmag=[16.0]))
    with pytest.raises(CatalogueError, match="none of 1 stars"):
        crossmatch(at([np.nan], [0.0]), at([30.0], [0.0], gmag=[16.0]))


def test_a_table_without_photometry_is_refused() -> None:
    with pytest.raises(CatalogueError, match="no column of magnitudes"):
        crossmatch(at([0.0], [0.0]), at([0.0], [0.0]))
