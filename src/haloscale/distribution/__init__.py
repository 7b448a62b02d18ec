"""Exact distribution functions f(E, L) of spherical tracers in equilibrium, and velocities drawn from them."""

from haloscale.distribution.draw import draw_velocities
from haloscale.distribution.energy import EnergyDistribution, solve

__all__ = ["EnergyDistribution", "draw_velocities", "solve"]
