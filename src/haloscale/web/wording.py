"""How the keys of the configuration are called and explained on the page, and where their sliders end."""

import re
from collections.abc import Mapping
from typing import Final

from haloscale.config.options import Option
from haloscale.selection import CUTS
from haloscale.web.meanings import MEANINGS
from haloscale.web.symbols import symbols

_CUTS: Final = {
    f"selection.{cut.key}": f"{'least' if found[2] == '>' else 'largest'} {found[1]}"
    for cut in CUTS
    if (found := re.match(r"(.+) ([<>])=? \{\}", cut.name))
}
"""Cuts are called by what they look at, as in the cut flow."""
_OWN: Final[Mapping[str, str]] = {
    "anisotropy.beta": "velocity anisotropy \N{GREEK SMALL LETTER BETA}",
    "selection.giants": "giant branch by T_eff and log g, as",
    "dispersion.mean": "mean velocity in a bin",
    "selection.known_objects": "leave out known clusters and dwarf galaxies",
    "selection.merge_radius": "merge rows that are closer than",
    "dispersion.method": "how the dispersion of a bin is found",
    "jeans.projection": "from the radial dispersion to that along the line of sight",
    "jeans.derivative": "how the slope of the dispersion is found",
    "frame.rounded": "rounded coefficients, as the paper prints them",
    "frame.handedness": "axes: left-handed as in the paper, right-handed as in astropy",
    "likelihood.proper_motions": "proper motions",
    "likelihood.second_log_slope": "slope of the density of the second population",
    "likelihood.second_beta": "anisotropy of the second population",
    "likelihood.rotation_gradient": "change of the mean streaming over a factor 10 in r, km/s",
    "likelihood.outlier_sigma": "dispersion of the velocities of such stars, km/s",
    "catalogue.v_offset": "zero point, added to the velocities",
    "catalogue.distance_scale": "factor on the distances",
    "substructure.linking_length": "linking length of friends, in 4distance",
    "substructure.nu": "friends that chance gives a star",
    "substructure.min_core_friends": "core friends that bind another star to a group",
    "distance.density_log_slope": "slope of the stars' density along the sight line",
    "distance.luminosity_slope": "slope of the luminosity function of giants",
    "distance.metallicity_prior": "prior of [Fe/H]",
    "distance.feh_min": "least [Fe/H] that is not flagged [dex]",
    "distance.feh_max": "largest [Fe/H] that is not flagged [dex]",
    "distance.error_floor": "error added to that of each band [mag]",
    "distance.transform": "transformation from Pan-STARRS1 to SDSS",
}
"""Keys whose description begins with an explanation."""
_PAPER: Final = re.compile(r" \(paper: [^)]*\)")

ENDS: Final[Mapping[str, tuple[float, float]]] = {
    "mass.halo.overdensity": (50.0, 400.0),
    "catalogue.v_offset": (-20.0, 20.0),
    "catalogue.distance_scale": (0.8, 1.2),
    "cosmology.omega_m": (0.1, 0.5),
    "frame.r0": (6.0, 10.0),
    "frame.z_sun": (-0.1, 0.1),
    "frame.v_lsr": (180.0, 260.0),
    "dispersion.n_bins": (2, 40),
    "jeans.polynomial_degree": (1, 6),
    "selection.logg_max": (0.0, 5.0),
    "selection.teff_min": (3000.0, 7000.0),
    "selection.feh_min": (-4.0, 0.5),
    "selection.feh_max": (-4.0, 0.5),
    "selection.z_min": (0.0, 20.0),
    "selection.r_min": (0.0, 50.0),
    "selection.r_max": (10.0, 300.0),
    "substructure.linking_length": (0.01, 0.3),
    "substructure.nu": (0.05, 1.5),
    "substructure.max_members": (1, 100),
}
"""Ends of sliders that neither a prior nor the unit gives."""
WHOLE: Final = ("dispersion.n_bins",)
"""Optional keys that take a whole number."""


def label(key: str, option: Option) -> str:
    """What a control is called: its own words, the line of the cut flow, or the beginning of its description."""
    if key in _OWN:
        return _OWN[key]
    if key in _CUTS:
        return _CUTS[key]
    text = re.split(r": |; ", _PAPER.sub("", option.description), maxsplit=1)[0].strip(' ."')
    return symbols(text) or option.name.replace("_", " ")


def explanation(key: str, option: Option) -> str:
    """What a control means; "" where there is no more to say than its label does."""
    said = option.description
    if key in MEANINGS:
        return symbols(MEANINGS[key])
    return "" if symbols(said).strip(" .").lower() == label(key, option).lower() else symbols(said)
