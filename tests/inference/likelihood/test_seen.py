"""What was seen of the velocities of stars, against astropy."""

from dataclasses import replace

import numpy as np
import pytest

from haloscale.errors import CatalogueError
from haloscale.frames import MODERN, ZHAI2018, SolarFrame, icrs_to_galactic, locate
from haloscale.inference.likelihood.seen import exact_motions, proper_motions, sight_lines
from haloscale.records import Sample, StarTable

HIGH = SolarFrame(r0=8.2, v_lsr=233.0, solar_motion=(11.0, 12.0, 7.0), z_sun=0.5)


def sample(frame, n=20, **extra):
    rng = np.random.default_rng(3)
    ra, dec = rng.uniform(0, 360, n), rng.uniform(-80, 80, n)
    l, b = icrs_to_galactic(ra, dec)
    columns = {"row": np.arange(n) + 100, "l": l, "b": b, "distance": rng.uniform(5, 90, n)}
    columns |= {"v_helio": rng.normal(0, 150, n), "v_helio_error": np.full(n, 5.0)}
    table, minus = locate(StarTable(columns, "generic"), frame), np.full(n, -1)
    motions = {"ra": ra, "dec": dec, "pmra": rng.normal(0, 2, n), "pmdec": rng.normal(0, 2, n)}
    motions |= {"pmra_error": rng.uniform(0.02, 0.3, n), "pmdec_error": rng.uniform(0.02, 0.3, n), **extra}
    return Sample(
        **table.columns, distance_error=0.1 * columns["distance"], group_id=minus, bin=0 * minus, extra=motions
    )


@pytest.mark.parametrize("frame", [ZHAI2018, MODERN, HIGH])
def test_velocities_in_the_galactic_rest_frame_are_those_of_astropy(frame):
    units, coordinates = pytest.importorskip("astropy.units"), pytest.importorskip("astropy.coordinates")
    stars = sample(frame, pmra_pmdec_corr=np.linspace(-0.9, 0.9, 20))
    line, (_, (one, two)) = sight_lines(stars, frame), proper_motions(stars, frame)
    found = sum(seen.axis * (seen.rest + seen.rate * stars.distance) for seen in (line, one, two))
    known = coordinates.SkyCoord(
        ra=stars.extra["ra"] * units.deg,
        dec=stars.extra["dec"] * units.deg,
        distance=stars.distance * units.kpc,
        pm_ra_cosdec=stars.extra["pmra"] * units.mas / units.yr,
        pm_dec=stars.extra["pmdec"] * units.mas / units.yr,
        radial_velocity=stars.v_helio * units.km / units.s,
    )
    # the direction of the centre here is l = b = 0, which astropy's Galactic frame gives in the ICRS
    centre = coordinates.Galactic(l=0 * units.deg, b=0 * units.deg).transform_to(coordinates.ICRS())
    galactocentric = coordinates.Galactocentric(
        galcen_coord=centre,
        galcen_distance=frame.r0 * units.kpc,
        galcen_v_sun=coordinates.CartesianDifferential(np.array(frame.sun_velocity) * units.km / units.s),
        z_sun=frame.z_sun * units.kpc,
        roll=coordinates.Galactocentric.get_roll0() * 0,
    )
    there = known.transform_to(galactocentric)
    # astropy's roll fixes the direction of north; turn it to the north of (l, b) that is used here
    pole = coordinates.SkyCoord(l=[0, 90] * units.deg, b=[90, 0] * units.deg, distance=1 * units.pc, frame="galactic")
    turned = known.galactic.velocity.d_xyz.to_value(units.km / units.s)
    del there, pole
    angle = np.arcsin(frame.z_sun / frame.r0)
    tilt = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    expected = tilt @ turned + np.array(frame.sun_velocity)[:, None]
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-4)


def test_the_unit_vector_to_the_star_has_length_one():
    stars = sample(HIGH)
    line, (_, two) = sight_lines(stars, HIGH), proper_motions(stars, HIGH)
    along = [seen.along(stars.distance, stars.r, HIGH.r0) for seen in (line, *two)]
    assert sum(x * x for x in along) == pytest.approx(np.ones(20), rel=1e-12)
    assert 1 - along[0] ** 2 == pytest.approx(stars.sin2_psi, abs=1e-12)


def test_the_errors_of_the_two_axes_make_up_the_error_ellipse():
    correlation = np.linspace(-1.0, 1.0, 20)
    stars = sample(ZHAI2018, pmra_pmdec_corr=correlation)
    _, (one, two) = proper_motions(stars, ZHAI2018)
    _, (east, north) = proper_motions(
        replace(stars, extra={**stars.extra, "pmra_pmdec_corr": 0 * correlation}), ZHAI2018
    )
    # without a correlation the axes are east and north, in the order of their lengths
    total = sum(
        np.einsum("in,jn->nij", s.axis * np.sqrt(s.error_squared), s.axis * np.sqrt(s.error_squared))
        for s in (one, two)
    )
    axes = np.stack([east.axis, north.axis])
    of_axes = np.einsum("kin,nij,mjn->nkm", axes, total, axes)
    a, b = np.sqrt(east.error_squared), np.sqrt(north.error_squared)
    ra_first = stars.extra["pmra_error"] > stars.extra["pmdec_error"]
    assert of_axes[:, 0, 0] == pytest.approx(a**2)
    assert of_axes[:, 1, 1] == pytest.approx(b**2)
    # the handedness of (longer, shorter) is that of (east, north), turned by 90 degrees where north is the longer one
    assert of_axes[:, 0, 1] == pytest.approx(np.where(ra_first, 1, -1) * correlation * a * b, abs=1e-9)
    assert np.hypot(a, b) == pytest.approx(
        4.740470463 * np.hypot(stars.extra["pmra_error"], stars.extra["pmdec_error"])
    )


def test_motions_in_galactic_coordinates_are_the_same_motions():
    units, coordinates = pytest.importorskip("astropy.units"), pytest.importorskip("astropy.coordinates")
    stars = sample(ZHAI2018)
    sky = coordinates.SkyCoord(
        ra=stars.extra["ra"] * units.deg,
        dec=stars.extra["dec"] * units.deg,
        pm_ra_cosdec=stars.extra["pmra"] * units.mas / units.yr,
        pm_dec=stars.extra["pmdec"] * units.mas / units.yr,
    ).galactic
    same = {"pm_l": sky.pm_l_cosb.value, "pm_b": sky.pm_b.value, "pm_l_error": np.ones(20), "pm_b_error": np.ones(20)}
    _, icrs = proper_motions(stars, ZHAI2018)
    has, galactic = proper_motions(replace(stars, extra=same), ZHAI2018)
    assert has.all()
    totals = [sum(seen.axis * (seen.rest + seen.rate * stars.distance) for seen in pair) for pair in (icrs, galactic)]
    assert totals[0] == pytest.approx(totals[1], abs=1e-6)


def test_stars_without_a_motion_or_its_error_have_none():
    stars = sample(ZHAI2018)
    stars.extra["pmdec_error"][4] = stars.extra["pmra"][7] = np.nan
    has, _ = proper_motions(stars, ZHAI2018)
    assert np.flatnonzero(~has).tolist() == [4, 7]
    has, motions = proper_motions(replace(stars, extra={}), ZHAI2018)
    assert not has.any()
    assert motions is None


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("pmra_error", -0.1, r"pmra_error is -0.1 in row 103 \(1 such stars\)"),
        ("pmdec_error", -0.1, r"pmdec_error is -0.1 in row 103"),
        ("pmra_pmdec_corr", 1.4, r"pmra_pmdec_corr is 1.4 in row 103"),
    ],
)
def test_impossible_errors_are_refused(column, value, told):
    stars = sample(ZHAI2018, pmra_pmdec_corr=np.zeros(20))
    stars.extra[column][3] = value
    with pytest.raises(CatalogueError, match=told):
        proper_motions(stars, ZHAI2018)


def test_motions_that_are_exact_along_some_direction_are_told():
    made = sample(ZHAI2018)
    errors = {"pmra_error": made.extra["pmra_error"].copy(), "pmra_pmdec_corr": np.zeros(len(made))}
    errors["pmra_error"][2] = 0.0
    errors["pmra_pmdec_corr"][7] = 1.0
    everyone = np.arange(len(made))
    assert exact_motions(proper_motions(made, ZHAI2018), everyone) == ()
    changed = proper_motions(replace(made, extra={**made.extra, **errors}), ZHAI2018)
    (said,) = exact_motions(changed, everyone)
    assert "2 of 20" in said
    assert "1 of 5" in exact_motions(changed, everyone[:5])[0]
    assert exact_motions((np.zeros(20, bool), None), everyone) == ()


def test_units_wrong_by_a_thousand_are_seen():
    stars = sample(ZHAI2018)
    for factor, told in (
        (1000, "move half of the stars faster than"),
        (1e-3, "(?s)slower than .*were they arcseconds"),
    ):
        with pytest.raises(CatalogueError, match=told):
            proper_motions(replace(stars, extra={k: factor * v for k, v in stars.extra.items()}), ZHAI2018)


@pytest.mark.parametrize("missing", [{"pmra_error", "pmdec_error"}, {"pmdec", "pmdec_error"}, {"pmdec_error"}])
def test_motions_that_lack_a_component_or_errors_are_refused(missing):
    stars = sample(ZHAI2018)
    left = {k: v for k, v in stars.extra.items() if k not in missing}
    with pytest.raises(CatalogueError, match=f"without {' and '.join(sorted(missing, key=list(stars.extra).index))}"):
        proper_motions(replace(stars, extra=left), ZHAI2018)


def test_galactic_rotation_is_that_of_the_sun():
    """At the Sun's own place the direction of rotation is l = 90 deg; everywhere it is r x north."""
    stars = sample(ZHAI2018)
    line, (_, two) = sight_lines(stars, ZHAI2018), proper_motions(stars, ZHAI2018)
    at_sun = [seen.streaming(0.0, 8.0, 8.0, line.axis) for seen in (line, *two)]
    assert sum(s * seen.axis for s, seen in zip(at_sun, (line, *two), strict=True)) == pytest.approx(
        np.tile([[0.0], [1.0], [0.0]], 20), abs=1e-12
    )
    position = stars.distance * line.axis - np.array([[8.0], [0.0], [0.0]])
    expected = np.cross(position / stars.r, [0.0, 0.0, 1.0], axis=0)
    found = [seen.streaming(stars.distance, stars.r, 8.0, line.axis) for seen in (line, *two)]
    assert sum(s * seen.axis for s, seen in zip(found, (line, *two), strict=True)) == pytest.approx(expected)


def test_motions_in_other_columns_of_another_catalogue_do_not_hide_those_of_a_catalogue():
    """The joined sample has the columns of both, NaN where a catalogue has none."""
    galactic = {"pm_l": 1.0, "pm_b": -2.0, "pm_l_error": 0.1, "pm_b_error": 0.2}
    made = sample(ZHAI2018)
    whose = np.where(np.arange(20) < 8, "giants", "bhb").astype(object)
    extra = {name: np.where(whose == "bhb", values, np.nan) for name, values in made.extra.items()}
    extra |= {name: np.where(whose == "giants", value, np.nan) for name, value in galactic.items()}
    joined = replace(made, extra={"catalogue": whose, **extra})
    for name, n in (("giants", 8), ("bhb", 12)):
        has, motions = proper_motions(joined.of(name), ZHAI2018)
        assert has.sum() == n
        assert motions is not None
    assert "pmra" not in joined.of("giants").extra
    assert "pm_l" not in joined.of("bhb").extra
