"""Published masses: every row has a source, a definition is converted only where it is stated."""

from dataclasses import replace
from math import isfinite, isnan, pi

import pytest

from haloscale import literature
from haloscale.cosmology import critical_density, density_threshold
from haloscale.errors import InputError

CRITICAL_200 = density_threshold("200c")
BRYAN_NORMAN = density_threshold("bn98")


def by_reference(text: str) -> literature.VirialMass:
    return next(mass for mass in literature.virial_masses() if text in mass.reference)


def test_every_row_names_its_reference_and_where_it_was_read():
    points = [point for points in literature.rotation_curves().values() for point in points]
    rows = [*literature.virial_masses(), *literature.enclosed_masses(), *points]
    assert all(row.reference and row.read_at for row in rows)
    assert {name: len(points) for name, points in literature.rotation_curves().items()} == {
        "Huang et al. (2016)": 43,
        "Eilers et al. (2019)": 38,
        "Zhou et al. (2023)": 34,
        "Ou et al. (2024)": 37,
        "Jiao et al. (2023)": 18,
    }


def test_masses_lie_within_their_intervals():
    points = [point.mass for points in literature.rotation_curves().values() for point in points]
    published = [row.mass for row in (*literature.virial_masses(), *literature.enclosed_masses())]
    assert all(m.lower < m.value < m.upper for m in (*published, *points) if isfinite(m.lower))
    assert all(1e7 < m.value < 4e12 for m in (*published, *points))


def test_the_carried_numbers_are_those_of_the_shared_tables(shared):
    import csv

    with shared("data/virial-mass/mw_virial_mass.csv").open() as file:
        rows = list(csv.DictReader(file))
    carried = [m.mass.value for m in (*literature.virial_masses(), *literature.enclosed_masses())]
    assert len(rows) == 37
    assert all(any(abs(float(row["M_1e12"]) * 1e12 / value - 1) < 1e-9 for value in carried) for row in rows)


def test_errors_point_the_way_that_the_abstract_prints():
    gnedin = next(m for m in literature.enclosed_masses() if "Gnedin" in m.reference)
    assert (gnedin.r, gnedin.mass.value) == (80.0, 6.9e11)
    assert (gnedin.mass.lower, gnedin.mass.upper) == pytest.approx((5.7e11, 9.9e11))


def test_the_paper_converts_as_an_nfw_halo_does():
    # 1.08e12 with c = 18.5 is 1.21e12 in the definition of Bryan & Norman: METHODS section 7, made independently
    converted = by_reference("sigma_los fit").converted(BRYAN_NORMAN)
    assert converted.mass.value == pytest.approx(1.21e12, abs=0.005e12)
    assert converted.mass.upper / converted.mass.value == pytest.approx(1.25 / 1.08)
    assert converted.remark == ""


def test_the_same_definition_changes_nothing_and_assumes_nothing():
    for mass in literature.virial_masses():
        if mass.is_defined and isnan(mass.r_vir):
            same = mass.converted(CRITICAL_200)
            assert same.mass.value == pytest.approx(mass.mass.value, rel=1e-9)
            assert same.remark == ""


def test_what_is_assumed_is_said():
    remark = by_reference("Sun et al.").converted(BRYAN_NORMAN).remark
    assert "c = 10" in remark
    assert "H0 = 70" in remark
    assert "c =" not in by_reference("Cautun et al. (2020), DM").converted(BRYAN_NORMAN).remark


def test_a_printed_radius_says_more_than_an_assumed_hubble_constant():
    bird = by_reference("K giants, Jeans")
    assert bird.edge_density == pytest.approx(0.55e12 / (4 / 3 * pi * 173**3))
    assert bird.edge_density / critical_density() == pytest.approx(200 * (67.6 / 70) ** 2, rel=0.01)


def test_a_mass_without_a_definition_is_not_converted_and_is_marked():
    xue = by_reference("Xue et al. (2008)")
    with pytest.raises(InputError, match="definition not stated"):
        xue.converted(BRYAN_NORMAN)
    (shown,) = literature.at_common_edge(BRYAN_NORMAN, [xue])
    assert shown.mass == xue.mass
    assert shown.remark == literature.NOT_STATED


def test_a_row_that_says_nothing_of_its_mass_is_refused(monkeypatch):
    row = {"reference": "Someone (2030)", "tracer": "", "method": "", "definition": "", "component": ""}
    monkeypatch.setattr(literature, "_rows", lambda name: iter([row]))
    literature.virial_masses.cache_clear()
    with pytest.raises(InputError, match="Someone"):
        literature.virial_masses()
    literature.virial_masses.cache_clear()


def test_a_mass_without_an_error_stays_without():
    callingham = replace(by_reference("Callingham"), c=10.0)
    assert isnan(callingham.converted(BRYAN_NORMAN).mass.lower)


def test_a_rotation_curve_weighs_as_a_sphere():
    point = literature.RotationPoint("", "", 8.0, 220.0, 210.0, 230.0, "")
    assert point.mass.value == pytest.approx(9.0e10, rel=0.01)
    assert point.mass.upper / point.mass.value == pytest.approx((230 / 220) ** 2)
