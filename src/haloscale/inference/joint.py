"""Several catalogues, one halo: the mass is shared, each catalogue has its own tracer, anisotropy and calibration."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from haloscale.arrays import Array
from haloscale.errors import ConfigError
from haloscale.inference.likelihood.base import Likelihood
from haloscale.inference.model import Galaxy, GalaxyModel, assembled
from haloscale.records import Ints


@dataclass(frozen=True)
class JointGalaxy(Galaxy):
    """A galaxy in which several tracers move, each in `catalogues`; its own `tracer` and `anisotropy` are the first's.

    Only what depends on the mass alone may be asked of the whole.
    """

    catalogues: Mapping[str, Galaxy] = field(default_factory=dict)


@dataclass(frozen=True)
class JointModel(GalaxyModel):
    """Shared components, and those that belong to a catalogue each, with their free parameters in a fixed order.

    The components of a catalogue are one "tracer", one "anisotropy", at most one of any nuisance.
    """

    def __post_init__(self) -> None:
        twice = [name for name, n in Counter(p.name for p in self.parameters).items() if n > 1]
        if twice:
            raise ConfigError(
                f"two free parameters are called {twice[0]}",
                "names of catalogues that tell them apart: a parameter is called NAME_key",
                "rename a catalogue",
            )

    @cached_property
    def catalogues(self) -> tuple[str, ...]:
        """The names of the catalogues, in order."""
        return tuple(dict.fromkeys(c.catalogue for c in self.components if c.catalogue))

    def of(self, name: str) -> GalaxyModel:
        """The model that one catalogue sees."""
        return GalaxyModel(tuple(c for c in self.components if c.catalogue in ("", name)), self.definitions)

    def columns(self, name: str) -> Ints:
        """Where the parameters of one catalogue's model stand in a parameter vector, int array (n_own,)."""
        seen = [component.catalogue in ("", name) for component, _ in self._slots()]
        return np.flatnonzero(seen)

    def build(self, theta: Array) -> JointGalaxy:
        """The galaxy of one parameter vector or a batch, array (..., n_parameters) [own units]; masses made once."""
        built = self.built(theta)
        seen = {
            name: assembled({place: value for place, value in built.items() if place[0] in ("", name)})
            for name in self.catalogues
        }
        first = next(iter(seen.values()))
        return JointGalaxy(first.mass, first.tracer, first.anisotropy, {}, seen)


class JointLikelihood:
    """Sum of the likelihoods of independent catalogues.

    Parameters
    ----------
    catalogues : mapping of str to Likelihood
        The ordinary likelihood of each, made with `JointModel.of` its name.
    """

    def __init__(self, catalogues: Mapping[str, Likelihood]) -> None:
        self.catalogues = catalogues
        self.advice = tuple(f"{name}: {said}" for name, one in catalogues.items() for said in one.advice)

    @property
    def veto(self) -> str:
        """Why every model is impossible, of the first catalogue that has an answer."""
        told = ((name, getattr(one, "veto", "")) for name, one in self.catalogues.items())
        return next((f"{name}: {why}" for name, why in told if why), "")

    @property
    def n_points(self) -> int:
        """Bins of all profiles that are compared."""
        return sum(one.n_points for one in self.catalogues.values())

    def log_likelihood(self, galaxy: Galaxy) -> Array:
        """Natural logarithm of the likelihood, shape of the galaxy's batch."""
        return sum(one.log_likelihood(seen) for one, seen in self._seen(galaxy))

    def chi2(self, galaxy: Galaxy) -> Array:
        """Sum of squared residuals over the profiles of all catalogues, shape of the galaxy's batch."""
        return sum(one.chi2(seen) for one, seen in self._seen(galaxy))

    def _seen(self, galaxy: Galaxy) -> list[tuple[Likelihood, Galaxy]]:
        if not isinstance(galaxy, JointGalaxy):
            raise TypeError("a likelihood of several catalogues takes the galaxy of a JointModel")
        return [(one, galaxy.catalogues[name]) for name, one in self.catalogues.items()]
