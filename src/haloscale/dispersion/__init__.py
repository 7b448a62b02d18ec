"""Velocity dispersion in radial bins: one file an estimator, found through the registry."""

from haloscale.dispersion.base import (
    Estimator,
    binned_profile,
    dispersion_profile,
    equal_number_edges,
    estimators,
    radial_bins,
)

__all__ = ["Estimator", "binned_profile", "dispersion_profile", "equal_number_edges", "estimators", "radial_bins"]
