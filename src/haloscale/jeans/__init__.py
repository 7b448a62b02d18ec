"""The spherical Jeans equation: sigma_r of a tracer in a mass model, its projection, and the way back to V_circ."""

from haloscale.jeans.differential import circular_velocity, v_circ_squared
from haloscale.jeans.projection import PROJECTIONS, los_factor, sin2_psi_mean, uniform_sky
from haloscale.jeans.spherical import sigma_r, variance_r

__all__ = [
    "PROJECTIONS",
    "circular_velocity",
    "los_factor",
    "sigma_r",
    "sin2_psi_mean",
    "uniform_sky",
    "v_circ_squared",
    "variance_r",
]
