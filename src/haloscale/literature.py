"""Published masses of the Milky Way, to set beside an answer.

The tables `data/literature_*.csv` carry published numbers, each row with its reference and the place where it was read.
A virial mass means something only with the mean density inside its edge; where a source states that, the mass is
converted to another edge at fixed density profile, and where it does not, it stands as published and is marked.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import isfinite, nan, pi
from typing import Final

from haloscale import cosmology
from haloscale.constants import G
from haloscale.errors import InputError
from haloscale.mass.nfw import NFW

ASSUMED_C: Final = 10.0
"""Concentration for a source that gives none: between the 8 of simulated halos of that mass and the 9 to 21 of fits to
the Milky Way. From 200 x critical to Bryan & Norman (1998) a mass grows by 17 % for c = 8, and by 12 % for c = 20."""

NOT_STATED: Final = "definition not stated where it was read"

_UNIT: Final = 1e12


@dataclass(frozen=True)
class Mass:
    """A mass with its 68 % interval [solMass]; NaN bounds where the source gives no error."""

    value: float
    lower: float
    upper: float

    def scaled(self, factor: float) -> "Mass":
        """The same mass times a factor."""
        return Mass(self.value * factor, self.lower * factor, self.upper * factor)


@dataclass(frozen=True)
class VirialMass:
    """A published mass of the whole halo.

    Parameters
    ----------
    reference, tracer, method : str
    definition : str
        In the source's words.
    component : str
        "total" (stars included), "halo" (dark matter alone), or "" where not stated.
    overdensity : str
        As `cosmology.density_threshold` takes it; "" where not stated.
    h0 : float [km/s/Mpc]
        NaN where not stated.
    r_vir : float [kpc]
        NaN where not stated.
    mass : Mass
    c : float
        Concentration at that edge; NaN where not given.
    read_at : str
        Where the number was read.
    """

    reference: str
    tracer: str
    method: str
    definition: str
    component: str
    overdensity: str
    h0: float
    r_vir: float
    mass: Mass
    c: float
    read_at: str

    @property
    def is_defined(self) -> bool:
        """Whether the source states the mean density inside the edge."""
        return bool(self.overdensity)

    @property
    def edge_density(self) -> float:
        """Mean density inside the edge [Msun/kpc^3]: from the printed radius where there is one.

        Raises
        ------
        InputError
            The source does not state its definition.
        """
        if not self.is_defined:
            raise InputError(
                f"the virial mass of {self.reference} is {self.definition!r}: {NOT_STATED}",
                "an overdensity (such as 200c), to convert the mass from",
                "show it as published, marked as such",
            )
        if isfinite(self.r_vir):
            return self.mass.value / (4.0 / 3.0 * pi * self.r_vir**3)
        h0 = self.h0 if isfinite(self.h0) else cosmology.H0
        return float(cosmology.density_threshold(self.overdensity, h0))

    def converted(self, threshold: float) -> "Converted":
        """The mass inside the radius of another mean density, at fixed NFW profile.

        Parameters
        ----------
        threshold : float [Msun/kpc^3]
            From `cosmology.density_threshold`.

        Returns
        -------
        Converted

        Raises
        ------
        InputError
            The source does not state its definition.

        Notes
        -----
        A total mass is converted as if all of it were NFW. Its stars lie far inside either edge, so that this
        overstates the change by the share of the stars, less than a tenth of it.
        """
        c = self.c if isfinite(self.c) else ASSUMED_C
        halo = NFW(self.mass.value, c, overdensity=self.edge_density / cosmology.critical_density())
        factor = float(cosmology.convert(halo, threshold)[0]) / self.mass.value
        assumed = [] if isfinite(self.c) else [f"c = {ASSUMED_C:g}"]
        assumed += [] if isfinite(self.h0) or isfinite(self.r_vir) else [f"H0 = {cosmology.H0:g}"]
        changed = abs(factor - 1.0) > 1e-6
        remark = f"converted with {' and '.join(assumed)} assumed" if changed and assumed else ""
        return Converted(self, self.mass.scaled(factor), remark)


@dataclass(frozen=True)
class Converted:
    """A published virial mass at a common edge; where that is impossible as published, with the remark `NOT_STATED`."""

    source: VirialMass
    mass: Mass
    remark: str


@dataclass(frozen=True)
class EnclosedMass:
    """A published total mass within r [kpc]."""

    reference: str
    r: float
    mass: Mass
    method: str
    read_at: str


@dataclass(frozen=True)
class RotationPoint:
    """A published circular velocity [km/s] at radius r [kpc], with its 68 % interval."""

    reference: str
    tracer: str
    r: float
    v_circ: float
    lower: float
    upper: float
    read_at: str

    @property
    def mass(self) -> Mass:
        """v_circ^2 r / G: the mass within r that a spherical galaxy would have."""
        return Mass(*(v**2 * self.r / G for v in (self.v_circ, self.lower, self.upper)))


@cache
def virial_masses() -> tuple[VirialMass, ...]:
    """The published virial masses, in the order of their years."""
    return tuple(
        VirialMass(
            row["reference"],
            row["tracer"],
            row["method"],
            definition=_definition(row),
            component=row["component"],
            overdensity=row["overdensity"],
            h0=_number(row["h0"]),
            r_vir=_number(row["r_vir"]),
            mass=_mass(row),
            c=_number(row["c"]),
            read_at=row["read_at"],
        )
        for row in _rows("virial_masses")
    )


@cache
def enclosed_masses() -> tuple[EnclosedMass, ...]:
    """The published masses within a radius, in the order of the radii."""
    return tuple(
        EnclosedMass(row["reference"], float(row["r"]), _mass(row), row["method"], row["read_at"])
        for row in _rows("enclosed_masses")
    )


@cache
def rotation_curves() -> Mapping[str, tuple[RotationPoint, ...]]:
    """The published rotation curves by reference."""
    curves: dict[str, list[RotationPoint]] = {}
    for row in _rows("rotation_curves"):
        v, plus, minus = (float(row[name]) for name in ("v_circ", "v_plus", "v_minus"))
        point = RotationPoint(row["reference"], row["tracer"], float(row["r"]), v, v - minus, v + plus, row["read_at"])
        curves.setdefault(point.reference, []).append(point)
    return {reference: tuple(points) for reference, points in curves.items()}


def at_common_edge(threshold: float, published: Iterable[VirialMass] | None = None) -> tuple[Converted, ...]:
    """Every published virial mass at one mean density, those without a definition as published and marked.

    Parameters
    ----------
    threshold : float [Msun/kpc^3]
    published : iterable of VirialMass, optional
        Default: all of `virial_masses`.
    """
    sources = virial_masses() if published is None else published
    return tuple(s.converted(threshold) if s.is_defined else Converted(s, s.mass, NOT_STATED) for s in sources)


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files("haloscale").joinpath(f"data/literature_{name}.csv").read_text(encoding="utf-8")
    yield from csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))


def _definition(row: Mapping[str, str]) -> str:
    if not row["definition"]:
        raise InputError(
            f"the literature row of {row['reference']} has no definition",
            "what the source calls its mass, in its own words",
            'write "Mvir" where it says no more; the column overdensity then stays empty',
        )
    return row["definition"]


def _mass(row: Mapping[str, str]) -> Mass:
    value, plus, minus = (_number(row[name]) for name in ("m", "m_plus", "m_minus"))
    return Mass(value, value - minus, value + plus).scaled(_UNIT)


def _number(text: str) -> float:
    return float(text) if text else nan
