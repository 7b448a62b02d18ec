"""The published numbers, against the facts handed to the project and against each other."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from haloscale.photometry import Transform, extinction_coefficients, transforms

FOLDER = "data/giant-distances"


def facts(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(line for line in path.read_text().splitlines() if not line.startswith("#")))


def test_extinction_is_that_of_the_published_table(shared: Callable[[str], Path]) -> None:
    published = {
        row["band"]: float(row["SF11_RV3.1"]) for row in facts(shared(f"{FOLDER}/extinction_coefficients.csv"))
    }
    ours = {f"{s.upper()}_{b}": k for s in ("sdss", "ps1") for b, k in extinction_coefficients(s).items()}
    assert ours == published


@pytest.mark.parametrize(("name", "source", "direction"), [("finkbeiner2016", "F16", -1), ("tonry2012", "T12", 1)])
def test_transforms_are_those_of_the_published_tables(
    shared: Callable[[str], Path], name: str, source: str, direction: int
) -> None:
    rows = facts(shared(f"{FOLDER}/ps1_sdss_transforms.csv"))
    wanted = "P1-SDSS" if direction < 0 else "SDSS-P1"
    published = {row["band"]: row for row in rows if (row["source"], row["direction"]) == (source, wanted)}
    transform = transforms()[name]
    for band, coefficients in transform.coefficients.items():
        row = published[band]
        assert row["x"] == f"{transform.blue}-{transform.red}_P1"
        assert coefficients == tuple(direction * float(row[f"c{power}"]) for power in range(4))


def sdss(transform: Transform, g: np.ndarray, r: np.ndarray, i: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    bands = {"g": g, "r": r, "i": i}
    x = bands[transform.blue] - bands[transform.red]
    return g + transform.offset("g", x), r + transform.offset("r", x)


def test_the_two_transforms_differ_on_giants_as_measured() -> None:
    """Zero points of the two differ: 0.025-0.033 mag in r, 0.014-0.035 mag in g - r on the red-giant branch."""
    g_r = np.linspace(0.45, 1.05, 13)
    giants = 17.0 + g_r, np.full(13, 17.0), 17.0 - (0.35 * g_r)  # r - i of giants is about 0.35 (g - r)
    g_f, r_f = sdss(transforms()["finkbeiner2016"], *giants)
    g_t, r_t = sdss(transforms()["tonry2012"], *giants)
    assert (np.abs(r_f - r_t - 0.029) < 0.008).all()
    bluer = (g_t - r_t) - (g_f - r_f)
    assert ((bluer > 0.009) & (bluer < 0.04)).all()


def test_the_quadratic_transform_inverts_its_published_inverse(shared: Callable[[str], Path]) -> None:
    rows = facts(shared(f"{FOLDER}/ps1_sdss_transforms.csv"))
    back = {row["band"]: row for row in rows if (row["source"], row["direction"]) == ("T12", "P1-SDSS")}
    g_r = np.linspace(-0.2, 1.2, 15)
    g, r = sdss(transforms()["tonry2012"], g_r, np.zeros(15), np.zeros(15))
    x = g - r
    for band, value, original in (("g", g, g_r), ("r", r, np.zeros(15))):
        c = [float(back[band][f"c{power}"]) for power in range(4)]
        assert np.abs(value + c[0] + c[1] * x + c[2] * x**2 - original).max() < 0.006


@pytest.mark.parametrize("name", ["finkbeiner2016", "tonry2012"])
def test_slopes_are_derivatives(name: str) -> None:
    transform, x, h = transforms()[name], np.linspace(0.5, 1.4, 10), 1e-5
    for band in transform.coefficients:
        numeric = (transform.offset(band, x + h) - transform.offset(band, x - h)) / (2 * h)
        np.testing.assert_allclose(transform.slope(band, x), numeric, atol=1e-9)


def test_the_range_excludes_its_ends_and_nan() -> None:
    x = np.array([0.4, 0.41, 2.69, 2.7, np.nan])
    np.testing.assert_array_equal(transforms()["finkbeiner2016"].covers(x), [False, True, True, False, False])
