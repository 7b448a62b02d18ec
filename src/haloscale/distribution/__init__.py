"""Exact distribution functions f(E, L) of spherical tracers in equilibrium, and velocities drawn from them."""

from haloscale.distribution.energy import EnergyDistribution, solve

__all__ = ["EnergyDistribution", "solve"]
