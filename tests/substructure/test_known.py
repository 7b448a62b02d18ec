"""Tracks of known structures: against published points, a brute-force search, and the rules of a match."""

import re
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haloscale.frames import MODERN, ZHAI2018, SolarFrame, galactic_to_icrs, icrs_to_galactic, v_gsr
from haloscale.known_objects import known_objects
from haloscale.substructure.known import (
    N_WIDTHS,
    Track,
    known_structures,
    known_tracks,
    nearest,
    on_known_structures,
)
from haloscale.substructure.phase_space import PhaseSpace

# Rotation from ICRS to the coordinates along the stream of Sagittarius, Belokurov et al. (2014), appendix.
SAGITTARIUS = np.array(
    [
        [0.21215555, -0.84846291, -0.48487186],
        [-0.93595354, -0.31910658, 0.14886895],
        [0.28103559, -0.42223415, 0.86182209],
    ]
)


def star(
    l: float, b: float, distance: float, v: float, distance_error: float = 0.0, v_error: float = 0.0
) -> PhaseSpace:
    return PhaseSpace(*(np.array([value]) for value in (l, b, distance, distance_error, v, v_error)))


def names_at(stars: PhaseSpace) -> list[str]:
    return [name for name, on in zip(known_structures(), on_known_structures(stars)[0], strict=True) if on]


def along_sagittarius(ra: np.ndarray, dec: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lambda and B [deg] of Belokurov et al. (2014)."""
    ra, dec = np.radians(ra), np.radians(dec)
    x, y, z = SAGITTARIUS @ np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
    return np.degrees(np.arctan2(y, x)) % 360.0, np.degrees(np.arcsin(z))


def track(structure: str, part: str) -> Track:
    return next(t for t in known_tracks() if (t.structure, t.part) == (structure, part))


def test_the_table_is_sound() -> None:
    assert set(known_structures()) == {
        *("Sagittarius", "Orphan", "Virgo", "Hercules-Aquila", "Monoceros", "Cetus", "Pisces", "Magellanic debris")
    }
    for t in known_tracks():
        assert len(t.l) >= 2
        for name in ("width", "distance", "distance_width", "v_gsr_width"):
            assert (getattr(t, name) > 0).all(), (t.structure, name)
        steps = np.degrees(np.arccos((t.nodes[:-1] * t.nodes[1:]).sum(axis=1)))
        assert ((steps > 1.0) & (steps < 60.0)).all(), t.structure


def test_every_source_is_explained_in_the_header() -> None:
    text = files("haloscale").joinpath("data/known_structures.csv").read_text(encoding="utf-8")
    header = " ".join(line for line in text.splitlines() if line.startswith("#"))
    keys = {key for t in known_tracks() for source in t.source for key in source.split()}
    assert keys - {"+i", "+e"} <= set(re.findall(r"\b[A-Z]\d\d\b", header))
    assert '"+i"' in header
    assert '"+e"' in header


def test_sagittarius_runs_along_its_plane() -> None:
    for part, first, last in (("leading", 0.0, 155.0), ("trailing", 135.0, 355.0)):
        t = track("Sagittarius", part)
        longitude, latitude = along_sagittarius(*galactic_to_icrs(t.l, t.b))
        longitude = np.where(longitude > 359.9, longitude - 360.0, longitude)
        assert np.abs(latitude).max() < 0.01
        assert (np.diff(longitude) > 0).all()
        np.testing.assert_allclose(longitude[[0, -1]], [first, last], atol=0.02)


def test_the_body_of_sagittarius_is_the_origin_of_its_coordinates() -> None:
    # The centre of Majewski et al. (2003), (l, b) = (5.6, -14.2): 1.5 deg off the plane of the stream, as they find.
    longitude, latitude = along_sagittarius(*galactic_to_icrs(np.array([5.6]), np.array([-14.2])))
    assert min(longitude[0], 360.0 - longitude[0]) < 0.5
    assert latitude[0] == pytest.approx(-1.5, abs=0.2)


@pytest.mark.parametrize(
    ("name", "v_helio"),
    [
        ("NGC 6715", 142.3),
        ("Terzan 7", 159.9),
        ("Terzan 8", 148.4),
        ("Arp 2", 122.6),
        ("Pal 12", -27.9),
        ("Whiting 1", -130.4),
        ("NGC 2419", -21.1),
    ],
)
@pytest.mark.parametrize("frame", [ZHAI2018, MODERN])
def test_clusters_of_sagittarius_lie_on_its_stream(name: str, v_helio: float, frame: SolarFrame) -> None:
    # Members by their orbits (Massari et al. 2019, A&A 630, L4); velocities: Baumgardt et al. (2019, MNRAS 482, 5138).
    objects = known_objects()
    i = objects.name.index(name)
    l, b = icrs_to_galactic(objects.ra[i], objects.dec[i])
    v = v_gsr(l, b, v_helio, frame)
    assert "Sagittarius" in names_at(star(float(l), float(b), objects.distance[i], float(v)))


def test_the_magellanic_clouds_stand_at_the_head_of_their_debris() -> None:
    # From the great circle of the stream: it must end some 40 deg short of the Large Cloud, on its way to it.
    debris, objects = track("Magellanic debris", "stream"), known_objects()
    i = objects.name.index("LMC")
    l, b = np.radians(icrs_to_galactic(objects.ra[i], objects.dec[i]))
    cloud = np.array([np.cos(b) * np.cos(l), np.cos(b) * np.sin(l), np.sin(b)])
    pole = np.cross(debris.nodes[0], debris.nodes[-1])
    assert abs(np.degrees(np.arcsin(cloud @ pole / np.linalg.norm(pole)))) < 5.0
    assert np.degrees(np.arccos(cloud @ debris.nodes[0])) == pytest.approx(40.0, abs=3.0)


def test_position_distance_and_velocity_must_all_agree() -> None:
    t = track("Cetus", "stream")
    l, b, d, v = t.l[0], t.b[0], t.distance[0], t.v_gsr[0]
    far_d, far_v = 1.05 * N_WIDTHS * t.distance_width[0], 1.05 * N_WIDTHS * t.v_gsr_width[0]
    assert "Cetus" in names_at(star(l, b, d, v))
    assert "Cetus" in names_at(star(l, b + 0.9 * t.width[0], d, v))
    assert "Cetus" not in names_at(star(l, b - 1.1 * t.width[0], d, v))
    assert "Cetus" not in names_at(star(l, b, d + far_d, v))
    assert "Cetus" not in names_at(star(l, b, d, v + far_v))


def test_the_errors_of_the_star_widen_the_track() -> None:
    t = track("Cetus", "stream")
    d, v = t.distance[0] + 3.0 * t.distance_width[0], t.v_gsr[0] - 3.0 * t.v_gsr_width[0]
    errors = 2.0 * t.distance_width[0], 2.0 * t.v_gsr_width[0]
    assert "Cetus" in names_at(star(t.l[0], t.b[0], d, v, *errors))
    assert "Cetus" not in names_at(star(t.l[0], t.b[0], d, v, errors[0], np.nan))
    assert "Cetus" not in names_at(star(t.l[0], t.b[0], d, v, np.nan, errors[1]))


def test_no_star_is_on_nothing() -> None:
    none = PhaseSpace(*(np.empty(0) for _ in range(6)))
    assert on_known_structures(none).shape == (0, len(known_structures()))


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(2, 6))
def test_the_nearest_point_of_a_chain_is_that_of_a_fine_search(seed: int, n_nodes: int) -> None:
    rng = np.random.default_rng(seed)
    nodes = rng.normal(size=(n_nodes, 3))
    nodes /= np.linalg.norm(nodes, axis=1)[:, None]
    stars = rng.normal(size=(50, 3))
    stars /= np.linalg.norm(stars, axis=1)[:, None]
    angle, place = nearest(stars, nodes)
    steps = np.linspace(0.0, 1.0, 2001)
    arcs = np.arccos(np.clip((nodes[:-1] * nodes[1:]).sum(axis=1), -1.0, 1.0))
    fine = [
        (np.sin((1.0 - steps) * arc)[:, None] * start + np.sin(steps * arc)[:, None] * end) / np.sin(arc)
        for start, end, arc in zip(nodes[:-1], nodes[1:], arcs, strict=True)
    ]
    separations = np.arccos(np.clip(stars @ np.concatenate(fine).T, -1.0, 1.0))
    np.testing.assert_allclose(angle, separations.min(axis=1), atol=2e-3)
    k, fraction = np.divmod(np.minimum(place, n_nodes - 1 - 1e-12), 1.0)
    at = np.array([fine[int(i)][round(2000 * f)] for i, f in zip(k, fraction, strict=True)])
    np.testing.assert_allclose(np.arccos(np.clip((stars * at).sum(axis=1), -1.0, 1.0)), angle, atol=2e-3)
