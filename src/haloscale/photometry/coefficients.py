"""Published numbers of photometry: extinction of the bands, and Pan-STARRS1 magnitudes to SDSS.

The tables `data/extinction_coefficients.csv` and `data/ps1_to_sdss.csv` carry them; their headers name the sources.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import numpy as np

from haloscale.records import Bools, Floats


@dataclass(frozen=True)
class Transform:
    """A transformation of Pan-STARRS1 to SDSS magnitudes of stars: SDSS = PS1 + polynomial of a PS1 colour.

    Parameters
    ----------
    name : str
        Name in the configuration.
    blue, red : str
        The bands whose difference is the colour x.
    x_min, x_max : float [mag]
        Colours for which it was made, both excluded.
    coefficients : mapping of str to tuple of float
        Band -> coefficients of SDSS - PS1, constant term first [mag].
    """

    name: str
    blue: str
    red: str
    x_min: float
    x_max: float
    coefficients: Mapping[str, tuple[float, ...]]

    def offset(self, band: str, x: Floats) -> Floats:
        """SDSS - PS1 magnitude, array (n,) [mag], at colours `x` : array (n,) [mag]."""
        return np.asarray(np.polynomial.polynomial.polyval(x, self.coefficients[band]), float)

    def slope(self, band: str, x: Floats) -> Floats:
        """Derivative of `offset` with respect to the colour, array (n,) [mag/mag], at `x` : array (n,) [mag]."""
        steepness = np.polynomial.polynomial.polyder(self.coefficients[band])
        return np.asarray(np.polynomial.polynomial.polyval(x, steepness), float)

    def covers(self, x: Floats) -> Bools:
        """Whether a colour lies where the transformation was made, bool array (n,), for `x` : array (n,) [mag]."""
        return np.asarray((x > self.x_min) & (x < self.x_max))


@cache
def extinction_coefficients(system: str) -> Mapping[str, float]:
    """Extinction of each band of a photometric system for one magnitude of E(B-V)_SFD, {band: A/E(B-V)}.

    Notes
    -----
    Schlafly & Finkbeiner (2011, ApJ 737, 103), Table 6, R_V = 3.1. The factor 0.86 of that paper is contained.
    """
    rows = _rows("extinction_coefficients")
    return MappingProxyType({r["band"]: float(r["extinction_per_ebv"]) for r in rows if r["system"] == system})


@cache
def transforms() -> Mapping[str, Transform]:
    """The transformations of Pan-STARRS1 to SDSS magnitudes, {name: Transform}.

    Notes
    -----
    Finkbeiner et al. (2016, ApJ 822, 66), Table 2; Tonry et al. (2012, ApJ 750, 99), Table 6, quadratic.
    """
    found: dict[str, Transform] = {}
    for row in _rows("ps1_to_sdss"):
        name, sign = row["transform"], {"ps1-sdss": -1.0, "sdss-ps1": 1.0}[row["difference"]]
        known = found[name].coefficients if name in found else {}
        coefficients = {**known, row["band"]: tuple(sign * float(row[f"c{power}"]) for power in range(4))}
        limits = float(row["x_min"]), float(row["x_max"])
        found[name] = Transform(name, row["blue"], row["red"], *limits, MappingProxyType(coefficients))
    return MappingProxyType(found)


def _rows(name: str) -> list[dict[str, str]]:
    text = files("haloscale").joinpath(f"data/{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
