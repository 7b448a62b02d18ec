"""The stars of one block as the likelihood needs them: velocities, distance nodes, and what is fixed at those nodes."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from haloscale.anisotropy.base import Anisotropy
from haloscale.arrays import Array, namespace
from haloscale.frames import SolarFrame
from haloscale.inference.likelihood.nodes import Nodes, geometry
from haloscale.inference.likelihood.radial import Spline
from haloscale.inference.likelihood.seen import Seen
from haloscale.inference.model import GalaxyModel
from haloscale.records import Floats, Ints, Sample
from haloscale.tracer.base import TracerDensity


@dataclass(frozen=True)
class Block:
    """A block of stars, of which the same components of velocity were seen, with their distance nodes.

    Parameters
    ----------
    star : int array (n_stars,)
        Positions in the sample.
    seen : tuple of Seen
        The components; that along the sight line, where it was seen, is the first.
    l, b : array (n_stars,) [deg]
    r0 : float [kpc]
        Of the frame that the nodes were placed in.
    r : array (n_stars,) [kpc]
        Measured Galactocentric radius.
    distance : array (n_nodes, n_stars) [kpc]
    interval : int array (n_nodes, n_stars)
        Interval of the spline each node lies in.
    step : array (n_nodes, n_stars) [ln kpc]
        From the lower knot of that interval to the node.
    ln_ratio : array (n_nodes, n_stars), dimensionless
        ln of the node's radius over the measured one.
    sin2_psi : array (n_nodes, n_stars), dimensionless
    v, error_squared : tuple of array (n_nodes or 1, n_stars) [km/s, km^2 / s^2]
        Of each component, at the nodes.
    along : tuple of array (n_nodes, n_stars), dimensionless
        Components of the unit vector from the centre to the star; none where the sight line alone was seen.
    weight : array (n_nodes, n_stars), dimensionless
        Without the tracer density.
    tracer_weight : array (n_nodes, n_stars), dimensionless, optional
        Of a tracer without free parameters, the weight with its density, of sum 1 over the nodes.
    beta : array (n_nodes, n_stars) or float, dimensionless, optional
        Of an anisotropy without free parameters.
    """

    star: Ints
    seen: tuple[Seen, ...]
    l: Floats
    b: Floats
    r0: Array
    r: Floats
    distance: Floats
    interval: Array
    step: Array
    ln_ratio: Array
    sin2_psi: Array
    v: tuple[Array, ...]
    error_squared: tuple[Array, ...]
    along: tuple[Array, ...]
    weight: Floats
    tracer_weight: Floats | None = None
    beta: Array | None = None

    @property
    def n_on_sky(self) -> int:
        """How many of the components are proper motions."""
        return sum(seen.on_sky for seen in self.seen)

    def interpolated(self, cubic: Array) -> Array:
        """Values of a spline at the nodes, array (n_sets, n_nodes, n_stars).

        Parameters
        ----------
        cubic : array (n_sets, 4, n_intervals) [any unit, own units]
            Its coefficients.
        """
        xp, x = namespace(cubic), self.step
        c = [xp.take(cubic[:, power], self.interval, axis=-1, mode="clip") for power in range(4)]
        return ((c[3] * x + c[2]) * x + c[1]) * x + c[0]

    def weights(self, tracer: TracerDensity) -> Array:
        """Weights of the nodes with the tracer density over its value at the measured radius, array (...)."""
        if self.tracer_weight is not None:
            return self.tracer_weight
        if tracer.scale_free:
            exponent = _column(tracer.log_slope_at(1.0)) * self.ln_ratio
            return self.weight * namespace(exponent).exp(exponent)
        measured = np.ravel(np.broadcast_to(self.r, self.weight.shape))
        return self.weight * self._at_nodes(tracer.density_ratio(self.radii, measured))

    def anisotropy(self, model: Anisotropy) -> Array:
        """beta at the nodes, array (...), dimensionless."""
        if self.beta is not None:
            return self.beta
        return _column(model.beta_at(1.0)) if model.scale_free else self._at_nodes(model.beta_at(self.radii))

    def jacobian(self) -> Array:
        """Velocity space over the space of what was measured, up to a constant, array (...): d a proper motion."""
        return self.distance**self.n_on_sky

    def streaming(self) -> tuple[Array, ...]:
        """Direction of Galactic rotation times sin(theta) along each component, tuple of array (...), dimensionless."""
        r = self.radii.reshape(self.step.shape)
        return tuple(seen.streaming(self.distance, r, self.r0, self.seen[0].axis) for seen in self.seen)

    def moved(self, offset: Array, motion: Sequence[Array]) -> "Block":
        """With v_helio off by an offset, and another motion of the Sun.

        Parameters
        ----------
        offset : array (n_sets, 1) or float [km/s]
        motion : sequence of 3 arrays (n_sets, 1) or float [km/s]
            What is added to that of the frame: to the centre, along rotation, north.
        """
        added = tuple(
            sum(change * axis for change, axis in zip(motion, seen.axis, strict=True))
            + (0.0 if seen.on_sky else offset)
            for seen in self.seen
        )
        return replace(self, v=tuple(v + _row(more) for v, more in zip(self.v, added, strict=True)))

    def placed(self, scale: Array, r0: Array, spline: Spline) -> "Block":
        """With all distances multiplied by one number, array (1, 1) or float, and the centre at r0 [kpc]."""
        distance = scale * self.distance
        r, sin2_psi = geometry(distance, self.l, self.b, SolarFrame(r0=r0))
        ln_r = namespace(r).log(r)
        interval, step = spline.place(ln_r)
        v, error_squared, along = _at(self.seen, distance, r, r0)
        return replace(
            self, r0=r0, distance=distance, interval=interval, step=step, ln_ratio=ln_r - np.log(self.r),
            sin2_psi=sin2_psi, v=v, error_squared=error_squared, along=along,
        )  # fmt: skip

    @property
    def radii(self) -> Array:
        """Radii of the nodes, array (n_nodes * n_stars,) [kpc]."""
        return (self.r * namespace(self.ln_ratio).exp(self.ln_ratio)).reshape(-1)

    def _at_nodes(self, values: Array) -> Array:
        return values.reshape(-1, *self.weight.shape)


def block_of(nodes: Nodes, sample: Sample, seen: tuple[Seen, ...], frame: SolarFrame, spline: Spline) -> Block:
    """The block of some stars; `seen` are the components of the whole sample."""
    at, ln_r = nodes.star, np.log(nodes.r)
    interval, step = spline.place(ln_r)
    own = tuple(component.take(at) for component in seen)
    v, error_squared, along = _at(own, nodes.distance, nodes.r, frame.r0)
    return Block(
        star=at,
        seen=own,
        l=sample.l[at],
        b=sample.b[at],
        r0=frame.r0,
        r=sample.r[at],
        distance=nodes.distance,
        interval=interval,
        step=step,
        ln_ratio=ln_r - np.log(sample.r[at]),
        sin2_psi=nodes.sin2_psi,
        v=v,
        error_squared=error_squared,
        along=along,
        weight=nodes.weight / nodes.weight.sum(axis=0),
    )


def _at(seen: tuple[Seen, ...], distance: Array, r: Array, r0: Array) -> tuple[tuple[Array, ...], ...]:
    """Velocities, variances of their errors and unit vector at distances and radii, by component."""
    v = tuple(s.rest + s.rate * distance if s.on_sky else s.rest[None] for s in seen)
    error_squared = tuple(s.error_squared * distance * distance if s.on_sky else s.error_squared[None] for s in seen)
    along = tuple(s.along(distance, r, r0) for s in seen) if len(seen) > 1 else ()
    return v, error_squared, along


def settled(block: Block, model: GalaxyModel) -> Block:
    """The block, whose distances are fixed, with all that no free parameter touches computed."""
    galaxy, weight, beta = model.middle, None, None
    if model.is_fixed("tracer"):
        weight = np.reshape(block.weights(galaxy.tracer), block.weight.shape)
        weight = weight / weight.sum(axis=0)
    if model.is_fixed("anisotropy"):
        beta = np.asarray(block.anisotropy(galaxy.anisotropy))
        beta = beta.reshape(beta.shape[-2:])
    return replace(block, tracer_weight=weight, beta=beta)


def joined(blocks: Sequence[Block]) -> Block:
    """Several blocks, of which the same components were seen, as one."""
    parts = {f.name: [getattr(block, f.name) for block in blocks] for f in fields(Block)}
    return Block(**{name: _joined(values) for name, values in parts.items()})


def _joined(values: list[Any]) -> Any:
    first = values[0]
    if isinstance(first, tuple):
        return tuple(_joined(list(part)) for part in zip(*values, strict=True))
    if isinstance(first, Seen):
        columns = {f.name: _joined([getattr(seen, f.name) for seen in values]) for f in fields(Seen)}
        return Seen(**columns)
    if getattr(first, "ndim", 0) and first.shape[-1] > 1:
        return np.concatenate(values, axis=-1)
    return first


def _column(value: Array) -> Array:
    """A number of each parameter set as array (n_sets, 1, 1)."""
    return namespace(value).reshape(value, (-1, 1, 1))


def _row(value: Array) -> Array:
    """A number of each parameter set and star as array (n_sets, 1, n_stars)."""
    return value[..., None, :] if getattr(value, "ndim", 0) > 0 else value
