"""Dispersion profiles of real giants against those measured by another program (METHODS, section 10).

Eq. 1, |Z| >= 5 kpc, [Fe/H] <= -1, distance errors below 40 %, zero-mean Gaussian with the velocity error removed, no
substructure removed. The figures there are maxima of the likelihood and these are medians, which lie higher where stars
are few: the agreement asked for is half of the stated error and the rounding. For LAMOST the first row at each position
(0.1 arcsec) was taken, and which of the two distance errors was cut is left open.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from haloscale.dispersion import dispersion_profile
from haloscale.frames import ZHAI2018, locate
from haloscale.records import DispersionProfile, StarTable
from haloscale.repeats import first_visits
from haloscale.selection import select

EDGES = [5, 8, 10, 14, 18, 22, 26, 30, 35, 40, 60, 80, 120]
CUTS = {"z_min": 5.0, "feh_max": -1.0, "distance_error_max": 0.4, "r_min": 5.0, "r_max": 120.0}

LAMOST = [114, 108, 124, 121, 124, 119, 112, 107, 133, 106, 110, 208]
LAMOST_ERROR = [8, 6, 4, 4, 4, 5, 5, 6, 8, 5, 11, 47]
SEGUE = [133, 139, 132, 122, 115, 114, 108, 106, 103, 94, 93, 69]
SEGUE_ERROR = [15, 9, 4, 3, 3, 3, 3, 3, 4, 3, 7, 8]


def measure(columns: dict[str, np.ndarray]) -> tuple[StarTable, DispersionProfile]:
    n = len(columns["l"])
    stars, _ = select(locate(StarTable({"row": np.arange(n), **columns}, "generic"), ZHAI2018), CUTS)
    names = ("v_gsr", "v_helio_error", "r", "sin2_psi")
    return stars, dispersion_profile(*(stars[k] for k in names), EDGES, deconvolve=True)


def check(profile: DispersionProfile, sigma: list[int], error: list[int]) -> None:
    assert profile.in_fit.all()
    assert (np.abs(profile.sigma_los - sigma) <= 0.5 * np.array(error) + 0.5).all()
    np.testing.assert_allclose(profile.sigma_los_error, error, rtol=0.3, atol=0.5)


def test_segue_k_giants(shared: Callable[[str], Path]) -> None:
    rows = np.genfromtxt(shared("data/segue-kgiants/segue_kgiants.csv"), names=True, delimiter=",")
    names = {"l_deg": "l", "b_deg": "b", "dist_kpc": "distance", "e_dist_kpc": "distance_error", "feh": "feh"}
    names |= {"vhelio_kms": "v_helio", "e_vhelio_kms": "v_helio_error"}
    stars, profile = measure({ours: rows[theirs] for theirs, ours in names.items()})
    assert abs(len(stars) - 5224) <= 10
    check(profile, SEGUE, SEGUE_ERROR)


def test_lamost_dr3_giants(shared: Callable[[str], Path]) -> None:
    path = shared("data/lamost-dr3-halo-rgb/LMDR3_haloRGB2.dat")
    rows = np.genfromtxt(path, names=True)
    columns = {name: rows[name] for name in ("l", "b", "feh")}
    columns |= {"distance": rows["dist"], "v_helio": rows["rv"], "v_helio_error": np.full(len(rows), 7.0)}
    columns["distance_error"] = (rows["disterr_low"] + rows["disterr_up"]) / 2
    first = np.unique(first_visits(rows["ra"], rows["dec"], 0.1))
    stars, profile = measure({name: values[first] for name, values in columns.items()})
    assert 3015 <= len(stars) <= 3189
    assert profile.n[-1] == 10
    check(profile, LAMOST, LAMOST_ERROR)
