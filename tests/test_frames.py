"""Frames against astropy, and their own symmetries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haloscale import frames
from haloscale.errors import CatalogueError, ConfigError
from haloscale.frames import MODERN, ZHAI2018, SolarFrame
from haloscale.records import StarTable

LON = st.floats(0.0, 359.99)
LAT = st.floats(-89.9, 89.9)


@pytest.fixture
def sky() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    n = 300
    return {
        "l": rng.uniform(0, 360, n),
        "b": np.degrees(np.arcsin(rng.uniform(-1, 1, n))),
        "distance": rng.uniform(0.1, 150, n),
        "v_helio": rng.normal(0, 150, n),
    }


def astropy_frame(frame: SolarFrame):
    """astropy's Galactocentric frame with the centre at l = b = 0 and the plane's roll that of the Galactic system."""
    import astropy.units as u
    from astropy.coordinates import CartesianDifferential, Galactocentric, SkyCoord

    centre = SkyCoord(l=0 * u.deg, b=0 * u.deg, frame="galactic").icrs

    def build(roll: float) -> Galactocentric:
        return Galactocentric(
            galcen_coord=centre,
            galcen_distance=frame.r0 * u.kpc,
            galcen_v_sun=CartesianDifferential(*frame.sun_velocity, unit=u.km / u.s),
            z_sun=frame.z_sun * u.kpc,
            roll=roll * u.deg,
        )

    side = SkyCoord(l=90 * u.deg, b=0 * u.deg, distance=1 * u.kpc, frame="galactic").transform_to(build(0.0))
    sun = SkyCoord(l=0 * u.deg, b=0 * u.deg, distance=0 * u.kpc, frame="galactic").transform_to(build(0.0))
    tilt = np.degrees(np.arctan2((side.z - sun.z).value, (side.y - sun.y).value))
    return build(-tilt), build(tilt), tilt


@pytest.mark.parametrize(
    "frame", [ZHAI2018, MODERN, SolarFrame(r0=8.3, z_sun=0.3, solar_motion=(-9.0, 20.0, 4.0), handedness="right")]
)
def test_positions_and_velocities_agree_with_astropy(frame: SolarFrame, sky: dict[str, np.ndarray]) -> None:
    import astropy.units as u
    from astropy.coordinates import Galactic, SkyCoord

    star = SkyCoord(
        Galactic(
            l=sky["l"] * u.deg,
            b=sky["b"] * u.deg,
            distance=sky["distance"] * u.kpc,
            pm_l_cosb=np.zeros(300) * u.mas / u.yr,
            pm_b=np.zeros(300) * u.mas / u.yr,
            radial_velocity=sky["v_helio"] * u.km / u.s,
        )
    )
    plus, minus, tilt = astropy_frame(frame)
    there = min((star.transform_to(f) for f in (plus, minus)), key=lambda c: abs(c.z.value[0] - expected_z(frame, sky)))
    assert abs(tilt) < 1e-4
    x, y, z = frames.galactocentric(sky["l"], sky["b"], sky["distance"], frame)
    x = -x if frame.handedness == "left" else x
    np.testing.assert_allclose([x, y, z], [there.x.value, there.y.value, there.z.value], atol=1e-6)
    velocity = np.array([there.v_x.value, there.v_y.value, there.v_z.value])
    at_sun = SkyCoord(l=0 * u.deg, b=0 * u.deg, distance=0 * u.kpc, frame="galactic").transform_to(there.frame)
    line = np.array([there.x.value, there.y.value, there.z.value]) - np.array(
        [[at_sun.x.value], [at_sun.y.value], [at_sun.z.value]]
    )
    along = (velocity * line / np.linalg.norm(line, axis=0)).sum(axis=0)
    np.testing.assert_allclose(frames.v_gsr(sky["l"], sky["b"], sky["v_helio"], frame), along, atol=1e-6)


def expected_z(frame: SolarFrame, sky: dict[str, np.ndarray]) -> float:
    return float(frames.galactocentric(sky["l"], sky["b"], sky["distance"], frame)[2][0])


def test_the_rotation_agrees_with_astropy() -> None:
    import astropy.units as u
    from astropy.coordinates import SkyCoord

    rng = np.random.default_rng(0)
    ra, dec = rng.uniform(0, 360, 1000), np.degrees(np.arcsin(rng.uniform(-1, 1, 1000)))
    theirs = SkyCoord(ra * u.deg, dec * u.deg).galactic
    l, b = frames.icrs_to_galactic(ra, dec)
    assert np.abs((l - theirs.l.deg + 180) % 360 - 180).max() * np.cos(np.radians(b)).min() < 1e-9
    np.testing.assert_allclose(b, theirs.b.deg, atol=1e-9)


@settings(deadline=None)
@given(ra=LON, dec=LAT)
def test_the_rotation_has_an_inverse(ra: float, dec: float) -> None:
    back_ra, back_dec = frames.galactic_to_icrs(*frames.icrs_to_galactic(ra, dec))
    assert abs(back_dec - dec) < 1e-9
    assert abs((back_ra - ra + 180) % 360 - 180) * np.cos(np.radians(dec)) < 1e-9


@settings(deadline=None)
@given(l=LON, b=LAT, distance=st.floats(0.01, 200), r0=st.floats(7, 9), z_sun=st.floats(-0.5, 0.5))
def test_tilt_and_handedness_leave_lengths(l: float, b: float, distance: float, r0: float, z_sun: float) -> None:
    flat = frames.galactocentric(l, b, distance, SolarFrame(r0=r0))
    tilted = frames.galactocentric(l, b, distance, SolarFrame(r0=r0, z_sun=z_sun))
    right = frames.galactocentric(l, b, distance, SolarFrame(r0=r0, z_sun=z_sun, handedness="right"))
    assert np.linalg.norm(tilted) == pytest.approx(np.linalg.norm(flat), abs=1e-9)
    assert np.linalg.norm(right) == pytest.approx(np.linalg.norm(flat), abs=1e-9)
    assert right == pytest.approx((-tilted[0], tilted[1], tilted[2]))


def test_the_sun_is_where_the_frame_says() -> None:
    assert frames.galactocentric(0.0, 0.0, 0.0, ZHAI2018) == pytest.approx((8.0, 0.0, 0.0))
    x, y, z = frames.galactocentric(0.0, 0.0, 0.0, MODERN)
    assert (x, y, z) == pytest.approx((-np.sqrt(8.178**2 - 0.0208**2), 0.0, 0.0208))
    assert frames.galactocentric(0.0, 0.0, MODERN.r0, MODERN) == pytest.approx((0.0, 0.0, 0.0), abs=1e-12)


def test_the_modern_frame_moves_with_sgr_a() -> None:
    assert MODERN.sun_velocity[1] == pytest.approx(6.379 * 8.178 * 4.740470463)


def test_sin2_psi_is_the_angle_between_sight_line_and_radius(sky: dict[str, np.ndarray]) -> None:
    table = StarTable({"row": np.arange(300), **sky}, "generic")
    for frame in (ZHAI2018, MODERN):
        out = frames.locate(table, frame)
        sun = np.array(frames.galactocentric(0.0, 0.0, 0.0, frame))[:, None]
        radius = np.array([out["x"], out["y"], out["z"]])
        line = (radius - sun) / np.linalg.norm(radius - sun, axis=0)
        cos_psi = (line * radius).sum(axis=0) / out["r"]
        np.testing.assert_allclose(out["sin2_psi"], 1 - cos_psi**2, atol=1e-12)


def test_a_missing_distance_is_missing_in_the_galaxy(sky: dict[str, np.ndarray]) -> None:
    sky["distance"][5] = np.nan
    out = frames.locate(StarTable({"row": np.arange(300), **sky}, "generic"), ZHAI2018)
    for name in ("x", "y", "z", "r", "sin2_psi"):
        assert np.isnan(out[name][5])
        assert np.isfinite(np.delete(out[name], 5)).all()
    assert np.isfinite(out["v_gsr"]).all()


def test_positions_are_completed_in_both_directions() -> None:
    ra, dec = np.array([10.0, np.nan, 200.0]), np.array([-30.0, np.nan, 45.0])
    l, b = frames.icrs_to_galactic(np.array([10.0, 77.0, 200.0]), np.array([-30.0, 5.0, 45.0]))
    equatorial = frames.complete_positions(StarTable({"row": np.arange(3), "ra": ra, "dec": dec}, "generic"))
    np.testing.assert_allclose(equatorial["l"], [l[0], np.nan, l[2]])
    both = frames.complete_positions(StarTable({"row": np.arange(3), "ra": ra, "dec": dec, "l": l, "b": b}, "generic"))
    np.testing.assert_allclose(both["ra"], [10.0, 77.0, 200.0])
    np.testing.assert_allclose(both["dec"], [-30.0, 5.0, 45.0])
    np.testing.assert_array_equal(both["l"], l)


def test_a_catalogue_without_positions_is_refused() -> None:
    with pytest.raises(CatalogueError, match="no positions"):
        frames.complete_positions(StarTable({"row": np.arange(3), "ra": np.zeros(3)}, "generic"))


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"r0": -8.0}, "r0"),
        ({"r0": float("nan")}, "r0"),
        ({"z_sun": 9.0}, "z_sun"),
        ({"handedness": "lefty"}, "did you mean 'left'"),
        ({"rounded": True, "solar_motion": (11.1, 12.24, 7.25)}, "rounded"),
    ],
)
def test_an_impossible_frame_is_refused(wrong: dict, word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        SolarFrame(**wrong)


def test_jax_gives_the_same_and_a_gradient(sky: dict[str, np.ndarray]) -> None:
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        l, b, d, v = (jax.numpy.asarray(sky[k]) for k in ("l", "b", "distance", "v_helio"))
        np.testing.assert_allclose(
            frames.v_gsr(l, b, v, MODERN), frames.v_gsr(*(sky[k] for k in ("l", "b", "v_helio")), MODERN), rtol=1e-12
        )
        ours = frames.galactocentric(*(sky[k] for k in ("l", "b", "distance")), MODERN)
        np.testing.assert_allclose(frames.galactocentric(l, b, d, MODERN), ours, rtol=1e-12, atol=1e-12)
        slope = jax.grad(lambda w: frames.v_gsr(30.0, 40.0, 0.0, SolarFrame(v_lsr=w)))(220.0)
    assert float(slope) == pytest.approx(np.sin(np.radians(30)) * np.cos(np.radians(40)))
