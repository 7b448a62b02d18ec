"""What is drawn against radius: dispersion.ecsv, circular_velocity.ecsv and mass_profile.ecsv.

Where there are several catalogues, the part of each stands beside the whole, in dispersion_NAME.ecsv and
mass_profile_NAME.ecsv; the header of the whole names them.
"""

import os
from pathlib import Path
from typing import Final

import numpy as np

from haloscale.constants import KMS, KMS2, KPC, MSUN
from haloscale.records import Band, CircularVelocity, DispersionProfile, MassProfile
from haloscale.tables.atomic import reading
from haloscale.tables.ecsv import read_ecsv, write_ecsv

_DISPERSION: Final = {
    "r_low": KPC, "r_high": KPC, "r": KPC, "r_mean": KPC, "n": "", "sigma_los": KMS, "sigma_los_lower": KMS,
    "sigma_los_upper": KMS, "mean_v_gsr": KMS, "mean_v_gsr_error": KMS, "in_fit": "", "mean_sin2_psi": "",
}  # fmt: skip
_CATALOGUES: Final = "catalogues"
_CIRCULAR_VELOCITY: Final = {
    "r_low": KPC, "r_high": KPC, "r": KPC, "v_circ": KMS, "v_circ_lower": KMS, "v_circ_upper": KMS,
    "v_circ_squared": KMS2, "v_circ_squared_lower": KMS2, "v_circ_squared_upper": KMS2, "error": KMS, "in_fit": "",
    "note": "",
}  # fmt: skip
_MIXTURE: Final = (
    "sigma_r and sigma_los: of the stars of all catalogues together, the mean square of their dispersions with the "
    "share of the stars that each catalogue has in the bins, interpolated in r"
)
_BANDS: Final = {"enclosed_mass": MSUN, "halo_mass": MSUN, "v_circ": KMS, "sigma_r": KMS, "sigma_los": KMS}


def write_dispersion(path: str | os.PathLike[str], profile: DispersionProfile) -> None:
    """Write the dispersion profile as ECSV with units; numbers that an empty bin lacks are masked.

    Errors: `RunFolderError` if it cannot be written.
    """
    meta = {_CATALOGUES: list(profile.catalogues)} if profile.catalogues else None
    write_ecsv(path, {name: getattr(profile, name) for name in _DISPERSION}, _DISPERSION, meta)
    for name, part in profile.catalogues.items():
        write_dispersion(_part(path, name), part)


def read_dispersion(path: str | os.PathLike[str]) -> DispersionProfile:
    """Read what `write_dispersion` wrote, NaN where masked. Errors: `RunFolderError`."""
    with reading(path):
        columns, meta = read_ecsv(path)
        parts = {name: read_dispersion(_part(path, name)) for name in meta.get(_CATALOGUES, ())}
        return DispersionProfile(**{name: columns[name] for name in _DISPERSION}, catalogues=parts)


def write_circular_velocity(path: str | os.PathLike[str], points: CircularVelocity) -> None:
    """Write the circular velocities of the bins as ECSV with units; numbers that a bin lacks are masked.

    Errors: `RunFolderError` if it cannot be written.
    """
    columns = {name: np.asarray(getattr(points, name)) for name in _CIRCULAR_VELOCITY}
    write_ecsv(path, columns, _CIRCULAR_VELOCITY)


def read_circular_velocity(path: str | os.PathLike[str]) -> CircularVelocity:
    """Read what `write_circular_velocity` wrote, NaN where masked. Errors: `RunFolderError`."""
    with reading(path):
        columns, _ = read_ecsv(path)
        note = tuple(str(text) for text in columns.pop("note"))
        return CircularVelocity(**columns, note=note)


def write_mass_profile(path: str | os.PathLike[str], profile: MassProfile) -> None:
    """Write the mass profile as ECSV: r, then each quantity with its _lower and _upper (16 and 84 %).

    Errors: `RunFolderError` if it cannot be written.
    """
    columns, units = {"r": profile.r}, {"r": KPC}
    for name, unit in _BANDS.items():
        band = getattr(profile, name)
        for suffix, values in (("", band.median), ("_lower", band.lower), ("_upper", band.upper)):
            columns[name + suffix], units[name + suffix] = values, unit
    meta = {_CATALOGUES: list(profile.catalogues), "dispersions": _MIXTURE} if profile.catalogues else None
    write_ecsv(path, columns, units, meta)
    for name, part in profile.catalogues.items():
        write_mass_profile(_part(path, name), part)


def read_mass_profile(path: str | os.PathLike[str]) -> MassProfile:
    """Read what `write_mass_profile` wrote. Errors: `RunFolderError`."""
    with reading(path):
        columns, meta = read_ecsv(path)
        bands = {name: Band(*(columns[name + end] for end in ("", "_lower", "_upper"))) for name in _BANDS}
        parts = {name: read_mass_profile(_part(path, name)) for name in meta.get(_CATALOGUES, ())}
        return MassProfile(columns["r"], **bands, catalogues=parts)


def _part(path: str | os.PathLike[str], name: str) -> Path:
    """The file of one of several catalogues beside that of all."""
    whole = Path(path)
    return whole.with_name(f"{whole.stem}_{name}{whole.suffix}")
