"""What is computed from the printed numbers alone."""

import csv
import math
from types import SimpleNamespace

import numpy as np
import pytest

from haloscale import bias, cosmology, mass
from haloscale.reproduce.facts import FITS, printed_curve, printed_fit, printed_h0, read_bias
from haloscale.reproduce.numbers import difference
from haloscale.reproduce.ours import Ours
from haloscale.reproduce.printed import Printed, printed, printed_value
from haloscale.reproduce.reasons import distribution


def test_the_printed_radii_follow_from_the_printed_masses_for_the_hubble_constants_found_and_no_other() -> None:
    low, high = printed_h0()
    assert 70.0 < low < high

    def all_agree(h0: float) -> bool:
        radii = {e: float(cosmology.virial_radius(printed_value(f"m_vir_{e}"), 200.0, h0)) for e in FITS.values()}
        return all(abs(r - printed_value(f"r_vir_{e}")) <= 0.5 for e, r in radii.items())

    assert all_agree((low + high) / 2)
    assert all_agree(low + 1e-6)
    assert all_agree(high - 1e-6)
    assert not all_agree(low - 1e-3)
    assert not all_agree(high + 1e-3)
    assert not all_agree(printed_value("h0"))


def test_the_total_within_100_kpc_is_what_the_paper_rounds() -> None:
    for ending in ("sigma", "beta03"):
        fit = printed_fit(ending)
        assert round(fit.total_mass / 1e12, 1) == printed_value(f"m100_{ending}") / 1e12
        assert round(fit.halo_mass / 1e12, 1) != printed_value(f"m100_{ending}") / 1e12
        assert fit.total_virial > printed_value(f"m_vir_{ending}")


def test_the_printed_fits_turn_faster_than_the_local_standard_of_rest() -> None:
    for ending in FITS.values():
        assert printed_fit(ending).v_circ > printed_value("v_lsr") + 20


def test_the_printed_curve_is_the_reference(shared) -> None:
    path = shared("reference/zhai2018_bestfit_curves.csv")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    r, sigma = (np.array([float(row[name]) for row in rows]) for name in ("r_mid", "sig_b0_M1.08_H70"))
    assert printed_curve(r) == pytest.approx(sigma, abs=0.006)


def test_the_15_per_cent_stands_in_the_distribution_of_a_bias_study(tmp_path) -> None:
    design = bias.design(n=2)
    summary = bias.execute(design, tmp_path / "bias", workers=1)
    known = SimpleNamespace(bias=read_bias(tmp_path / "bias"))
    text = distribution(known)
    ratio = summary["ratios"]["m_vir / m_vir of route sigma"]["finite_difference"]
    assert "Over 2 simulated catalogues" in text
    assert f"{ratio['mean']:.3f} on average" in text
    assert "haloscale bias" in distribution(SimpleNamespace(bias=read_bias(None)))


def _entry(text: str, plus: float, minus: float) -> Printed:
    return Printed("k", "result", "q", "beta0_sigma", "", text, plus, minus, "", "1")


def test_the_difference_takes_the_errors_that_face_each_other() -> None:
    entry = _entry("10", 3.0, 1.0)
    assert difference(entry, Ours((15.0,), plus=9.0, minus=4.0)) == pytest.approx(5 / math.hypot(3, 4))
    assert difference(entry, Ours((5.0,), plus=9.0, minus=4.0)) == pytest.approx(-5 / math.hypot(1, 9))


def test_without_a_printed_error_the_rounding_counts() -> None:
    entry = _entry("10", math.nan, math.nan)
    assert difference(entry, Ours((11.0,), plus=1.0, minus=1.0)) == pytest.approx(1 / math.hypot(1, 0.5 / math.sqrt(3)))


@pytest.mark.parametrize("found", [Ours(), Ours((3.0,)), Ours((3.0, 4.0), 1.0, 1.0)])
def test_no_difference_without_an_error_of_ours(found: Ours) -> None:
    assert math.isnan(difference(printed("c_sigma"), found))


def test_the_width_of_the_halo_is_stated_with_the_papers_constants() -> None:
    fit = printed_fit("sigma")
    assert fit.r_vir == pytest.approx(float(mass.NFW(m_vir=1.08e12, c=18.5).r_vir))
