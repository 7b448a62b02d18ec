"""Positions carried by proper motions, against astropy; and pairs, against every pair."""

import warnings

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord

from haloscale.crossmatch.sky import near_pairs, positions
from haloscale.records import StarTable


def table(**columns: np.ndarray) -> StarTable:
    return StarTable({"row": np.arange(len(next(iter(columns.values())))), **columns}, "generic")


def on_the_sky(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    return rng.uniform(0.0, 360.0, n), np.degrees(np.arcsin(rng.uniform(-1.0, 1.0, n)))


@pytest.mark.parametrize(
    ("names", "frame"),
    [(("ra", "dec", "pmra", "pmdec"), "icrs"), (("l", "b", "pm_l", "pm_b"), "galactic")],
)
@pytest.mark.parametrize("years", [-30.0, 16.0, 400.0])
def test_motion_is_that_of_astropy(names: tuple[str, ...], frame: str, years: float) -> None:
    rng = np.random.default_rng(5)
    lon, lat = on_the_sky(rng, 200)
    lat[:2] = 89.9999, -89.9999
    pm_lon, pm_lat = rng.normal(0.0, 2000.0, (2, 200))
    moved = positions(table(**dict(zip(names, (lon, lat, pm_lon, pm_lat), strict=True))), years)
    motion = {"pm_ra_cosdec" if frame == "icrs" else "pm_l_cosb": pm_lon * u.mas / u.yr}
    motion["pm_dec" if frame == "icrs" else "pm_b"] = pm_lat * u.mas / u.yr
    far = {"distance": np.full(200, 1e4) * u.kpc, "radial_velocity": np.zeros(200) * u.km / u.s}
    start = SkyCoord(lon * u.deg, lat * u.deg, frame=frame, obstime="J2000", **motion, **far)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ERFA: the speeds are absurd at that distance
        expected = start.apply_space_motion(dt=years * u.yr).icrs
    apart = SkyCoord(moved.ra * u.deg, moved.dec * u.deg).separation(SkyCoord(expected.ra, expected.dec))
    assert moved.moved.all()
    assert apart.to_value("mas").max() < 1.0  # after up to 800 arcsec


def test_rows_without_motion_or_position_stay() -> None:
    stars = table(
        ra=np.array([10.0, 10.0, np.nan]),
        dec=np.array([0.0, 0.0, 0.0]),
        pmra=np.array([1000.0, np.nan, 5.0]),
        pmdec=np.array([0.0, 1.0, 5.0]),
    )
    moved = positions(stars, 10.0)
    assert moved.moved.tolist() == [True, False, False]
    assert moved.ra[0] == pytest.approx(10.0 + 10.0 / 3600.0, abs=1e-9)
    assert moved.ra[1] == 10.0
    assert moved.known.tolist() == [0, 1]
    assert not positions(stars).moved.any()


def test_galactic_motions_serve_where_positions_are_in_both_systems() -> None:
    icrs = SkyCoord(150.0, 30.0, unit="deg")
    place = {"ra": icrs.ra.deg, "dec": icrs.dec.deg, "l": icrs.galactic.l.deg, "b": icrs.galactic.b.deg}
    stars = table(**{k: np.array([v]) for k, v in place.items()}, pm_l=np.array([0.0]), pm_b=np.array([3600.0]))
    moved = positions(stars, 10.0)
    assert moved.moved.all()
    there = SkyCoord(moved.ra, moved.dec, unit="deg").galactic
    assert there.b.deg[0] - place["b"] == pytest.approx(0.01, abs=1e-8)


def test_pairs_are_all_pairs_within_the_radius_in_order() -> None:
    rng = np.random.default_rng(6)
    ra, dec = rng.uniform(-0.01, 0.01, (2, 60))
    ra2, dec2 = rng.uniform(-0.01, 0.01, (2, 80))
    ra[7], dec2[9] = np.nan, np.nan
    a, b = positions(table(ra=ra % 360.0, dec=dec)), positions(table(ra=ra2 % 360.0, dec=dec2))
    star, source, separation = near_pairs(a, b, 8.0)
    flat = 3600.0 * np.hypot(ra[:, None] - ra2, dec[:, None] - dec2)
    assert set(zip(star.tolist(), source.tolist(), strict=True)) == set(map(tuple, np.argwhere(flat <= 8.0).tolist()))
    assert separation == pytest.approx(flat[star, source], abs=1e-3)
    assert (np.lexsort((separation, star)) == np.arange(len(star))).all()


def test_no_position_at_all_gives_no_pair() -> None:
    empty = positions(table(ra=np.array([np.nan]), dec=np.array([np.nan])))
    assert [len(part) for part in near_pairs(empty, empty, 1.0)] == [0, 0, 0]
