"""The spherical Jeans equation: radial velocity dispersion of a tracer in a mass model, and its projection."""

from haloscale.jeans.projection import PROJECTIONS, los_factor, sin2_psi_mean, uniform_sky
from haloscale.jeans.spherical import sigma_r, variance_r

__all__ = ["PROJECTIONS", "los_factor", "sigma_r", "sin2_psi_mean", "uniform_sky", "variance_r"]
