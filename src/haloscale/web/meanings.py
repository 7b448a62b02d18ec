"""Definitions of what the controls set, where the description of a key says no more than its label."""

from collections.abc import Mapping
from typing import Final

_SLOPE: Final = (
    "d ln(density) / d ln r of the stars that are used, not of the dark matter: -4 falls as the fourth power"
)

MEANINGS: Final[Mapping[str, str]] = {
    "mass.halo.profile": "how the density of the dark halo depends on radius",
    "mass.halo.m_vir": "mass of the dark halo inside r_vir, without disk and bulge",
    "mass.halo.c": "r_vir over the radius r_-2 at which the density of the halo falls as r^-2: the larger, the more of "
    "the mass lies inside; for a halo that was contracted or cored it is that of the NFW halo it began as",
    "mass.halo.overdensity": "r_vir is the radius inside which the mean density of the halo is this many times the "
    "reference density",
    "mass.halo.h0": "it sets the critical density, 3 h0^2 / (8 pi G), with which r_vir is defined",
    "mass.halo.omega_m": "the reference density is this many times the critical density; 1: that density itself",
    "mass.halo.f_bar": "the share of all matter that is not dark; the halo had this much gas before it cooled",
    "mass.halo.r_c": "inside about this radius the density of the halo is flat",
    "mass.disk.profile": "how the mass of the disk is spread",
    "mass.disk.m": "all mass of the disk, out to any radius",
    "mass.disk.r_d": "over this length in the plane the surface density falls by a factor e",
    "mass.disk.z_d": "over this height above the plane the density falls by a factor e",
    "mass.disk.b": "over this length in the plane the surface density falls by a factor e",
    "mass.bulge.profile": "how the mass of the bulge is spread",
    "mass.bulge.m": "all mass of the bulge, out to any radius",
    "mass.bulge.a": "a sphere of this size: a quarter of the mass of a Hernquist bulge lies inside",
    "anisotropy.model": "how the preference of the stars for radial motion changes with radius",
    "anisotropy.beta": "1 - (sigma_theta^2 + sigma_phi^2) / (2 sigma_r^2): 0 where stars move alike in all directions, "
    "1 where only in and out, negative where mostly around",
    "anisotropy.beta_0": "velocity anisotropy near the centre: 0 alike in all directions, 1 radial",
    "anisotropy.beta_inf": "velocity anisotropy far out: 0 alike in all directions, 1 radial",
    "anisotropy.eta": "the larger, the narrower is the range of radii in which the anisotropy changes",
    "tracer.profile": "how the number of stars per volume falls with radius",
    "tracer.log_slope": _SLOPE,
    "tracer.log_slope_inner": _SLOPE,
    "tracer.log_slope_outer": _SLOPE,
    "tracer.n": "the larger, the less the profile of the stars curves",
    "tracer.r_break": "radius where the density of the stars goes over from the inner to the outer slope",
    "dispersion.edges": "the stars between two of these radii make one bin with one velocity dispersion",
    "dispersion.deconvolve": "the dispersion is that of the true velocities, without what measurement adds",
    "selection.r_min": "stars closer to the Galactic centre are left out",
    "selection.r_max": "stars farther from the Galactic centre are left out",
    "selection.z_min": "stars closer to the plane are left out, and the disk with them",
    "selection.feh_max": "stars richer in metals are left out: they belong to the disk rather than the halo",
    "substructure.method": "whether stars that move together are found, and large groups of them left out",
    "distance.method": "the distances of the catalogue, or new ones from colours and magnitudes",
    "frame.r0": "it places the Sun; distances from the centre follow from it",
    "frame.z_sun": "how far the Sun is north of the plane of the disk",
    "frame.v_lsr": "speed of a circular orbit where the Sun is; it is taken out of every velocity",
    "catalogue.distance_scale": "1 takes the distances as they are; 1.1 makes all of them a tenth larger",
    "likelihood.kind": "the dispersions of radial bins, or the velocity of every star",
    "likelihood.kurtosis": "0 for a Gaussian; positive where very fast and very slow stars are more frequent",
    "sampler.name": "the method that finds how probable each value of the free parameters is",
}
"""Dotted key -> definition."""
