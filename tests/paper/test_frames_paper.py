"""Eq. 1 and Eqs. 2-4 of Zhai et al. (2018), section 2."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from haloscale.frames import ZHAI2018, ZHAI2018_ROUNDED, galactocentric, named_frames, v_gsr


def test_agrees_with_independent_software(shared: Callable[[str], Path]) -> None:
    rows = np.genfromtxt(shared("data/vgsr-check/idl_vgsr_vhel.txt"), names=True, skip_header=2)
    assert len(rows) == 101
    np.testing.assert_allclose(v_gsr(rows["lon"], rows["lat"], rows["vhelio"], ZHAI2018), rows["vgsr"], atol=1e-4)


def test_rounded_is_the_printed_equation() -> None:
    rng = np.random.default_rng(1)
    l, b, v = rng.uniform(0, 360, 500), rng.uniform(-90, 90, 500), rng.normal(0, 200, 500)
    lon, lat = np.radians(l), np.radians(b)
    printed = v + 10.0 * np.cos(lat) * np.cos(lon) + 7.2 * np.sin(lat) + (220 + 5.2) * np.sin(lon) * np.cos(lat)
    np.testing.assert_allclose(v_gsr(l, b, v, ZHAI2018_ROUNDED), printed, atol=1e-10)
    assert np.abs(v_gsr(l, b, v, ZHAI2018) - printed).max() <= np.hypot(0.05, 0.03)


def test_positions_are_the_printed_equations() -> None:
    rng = np.random.default_rng(1)
    l, b, d = rng.uniform(0, 360, 500), rng.uniform(-90, 90, 500), rng.uniform(1, 100, 500)
    lon, lat = np.radians(l), np.radians(b)
    x, y, z = galactocentric(l, b, d, ZHAI2018)
    np.testing.assert_allclose(x, 8.0 - d * np.cos(lon) * np.cos(lat), atol=1e-10)
    np.testing.assert_allclose(y, d * np.sin(lon) * np.cos(lat), atol=1e-10)
    np.testing.assert_allclose(z, d * np.sin(lat), atol=1e-10)


@pytest.mark.parametrize("name", ["zhai2018", "zhai2018_rounded"])
def test_scalars_stay_scalars(name: str) -> None:
    assert float(v_gsr(90.0, 0.0, 0.0, named_frames[name])) == pytest.approx(225.2 + 0.05 * (name == "zhai2018"))
