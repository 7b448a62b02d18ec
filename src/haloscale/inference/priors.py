"""Prior distributions of the free parameters: uniform, log-uniform, normal, log-normal.

Each knows its density, its quantiles and the free coordinate a sampler works in: ln x for the logarithmic priors, x for
the others. Densities follow the array library of their argument; quantiles are NumPy's.
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Final

import numpy as np

from haloscale.arrays import Array, join
from haloscale.errors import ConfigError, nearest
from haloscale.records import Floats


class Prior:
    """Base of the priors: a distribution of a free coordinate u, with u = ln x if `logarithmic` and u = x otherwise."""

    name: ClassVar[str]
    logarithmic: ClassVar[bool] = False
    low: float
    high: float

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest value, in the parameter's own units."""
        return self.low, self.high

    @cached_property
    def free_bounds(self) -> tuple[float, float]:
        """The same in the free coordinate."""
        if not self.logarithmic:
            return self.low, self.high
        return math.log(self.low) if self.low > 0 else -math.inf, math.log(self.high)

    def to_table(self) -> dict[str, Any]:
        """The prior as a table of the configuration; limits that cut nothing off are left out."""
        values = {f.name: getattr(self, f.name) for f in _fields(self) if getattr(self, f.name) != f.default}
        return {"prior": self.name, **values}

    def to_free(self, x: Array) -> Array:
        """Free coordinate of a value.

        Parameters
        ----------
        x : float or array (n,)
            In the parameter's own units.

        Returns
        -------
        float or array (n,)
            -inf where a logarithm has no value.
        """
        if not self.logarithmic:
            return x
        xp, x = join(x)
        return xp.where(xp.asarray(x) > 0, xp.log(xp.where(xp.asarray(x) > 0, x, 1.0)), -xp.inf)

    def from_free(self, u: Array) -> Array:
        """Value of a free coordinate; rounding never carries it over a bound.

        Parameters
        ----------
        u : float or array (n,)
            Free coordinate, dimensionless or in the parameter's own units.

        Returns
        -------
        float or array (n,)
            In the parameter's own units.
        """
        if not self.logarithmic:
            return u
        xp, u = join(u)
        x, (low, high) = xp.exp(u), self.free_bounds
        return xp.where((u >= low) & (u <= high), xp.clip(x, self.low, self.high), x)

    def log_density(self, x: Array) -> Array:
        """Natural logarithm of the normalised density per unit of x.

        Parameters
        ----------
        x : float or array (n,)
            In the parameter's own units.

        Returns
        -------
        float or array (n,)
            -inf outside the bounds.
        """
        u = self.to_free(x)
        if not self.logarithmic:
            return self.log_density_free(u)
        xp, u = join(u)
        known = xp.isfinite(u)
        return xp.where(known, self.log_density_free(u) - xp.where(known, u, 0.0), -xp.inf)

    def log_density_free(self, u: Array) -> Array:
        """Natural logarithm of the normalised density per unit of the free coordinate.

        Parameters
        ----------
        u : float or array (n,)
            Free coordinate, dimensionless or in the parameter's own units.

        Returns
        -------
        float or array (n,)
            -inf outside the bounds.
        """
        xp, u = join(u)
        low, high = self.free_bounds
        inside = (u >= low) & (u <= high)
        return xp.where(inside, self._log_shape(xp.where(inside, u, self._inner)), -xp.inf)

    def cdf(self, x: Array) -> Any:
        """Probability of a value at or below x.

        Parameters
        ----------
        x : float or array (n,)
            In the parameter's own units.

        Returns
        -------
        float or array (n,)
        """
        low, high = self.free_bounds
        u = np.clip(self.to_free(np.asarray(x, float)), low, high)
        return np.clip(self._share_below(u), 0.0, 1.0)[()]

    def quantile(self, q: Array) -> Any:
        """Value below which the probability is q, the inverse of `cdf`.

        Parameters
        ----------
        q : float or array (...), dimensionless
            Dimensionless, 0 to 1.

        Returns
        -------
        float or array (n,)
            In the parameter's own units.
        """
        u = self._at_share(np.asarray(q, float))
        x = np.clip(np.exp(u) if self.logarithmic else u, self.low, self.high)
        return float(x) if x.ndim == 0 else x

    def sample(self, rng: np.random.Generator, n: int) -> Floats:
        """Independent draws, array (n,) in the parameter's own units."""
        return np.asarray(self.quantile(rng.random(n)))

    @property
    def _inner(self) -> float:
        """Some free coordinate inside the bounds, to stand where the density is zero."""
        low, high = self.free_bounds
        return low if math.isfinite(low) else high if math.isfinite(high) else 0.0

    def _log_shape(self, u: Array) -> Array:
        raise NotImplementedError

    def _share_below(self, u: Floats) -> Floats:
        raise NotImplementedError

    def _at_share(self, q: Floats) -> Floats:
        raise NotImplementedError


class _Flat(Prior):
    """Constant density in the free coordinate."""

    def __post_init__(self) -> None:
        _check(self, math.isfinite(self.low) and math.isfinite(self.high), "finite low and high", "give both limits")
        if self.logarithmic:
            _check(self, self.low > 0, "low above 0: its logarithm is used", "raise low, or take a uniform prior")
        _check_order(self)

    def _log_shape(self, u: Array) -> Array:
        low, high = self.free_bounds
        return 0.0 * u - math.log(high - low)

    def _share_below(self, u: Floats) -> Floats:
        low, high = self.free_bounds
        return (u - low) / (high - low)

    def _at_share(self, q: Floats) -> Floats:
        low, high = self.free_bounds
        return low + q * (high - low)


class _Gaussian(Prior):
    """Normal density in the free coordinate, cut off at the bounds.

    Shares are computed in the lower tail and in logarithms, so that a cut far out in a tail keeps its digits.
    """

    mean: float
    sd: float

    def __post_init__(self) -> None:
        good = math.isfinite(self.mean) and 0 < self.sd < math.inf
        _check(self, good, "a finite mean and sd above 0", "correct them")
        _check(self, not (math.isnan(self.low) or math.isnan(self.high)), "low and high to be numbers", "correct them")
        if self.logarithmic:
            _check(self, self.low >= 0, "low of 0 or more: mean and sd are those of ln x", "raise low")
        _check_order(self)
        _check(self, math.isfinite(self._tail[3]), "limits that hold some of the probability", "move low and high")

    @cached_property
    def _tail(self) -> tuple[float, float, float, float]:
        """Sign that turns the interval to the lower tail; log share below its ends; log share inside."""
        from scipy.special import log_ndtr

        a, b = ((v - self.mean) / self.sd for v in self.free_bounds)
        sign = -1.0 if a > 0 else 1.0
        below, above = (float(log_ndtr(v)) for v in ((a, b) if sign > 0 else (-b, -a)))
        inside = above + math.log(-math.expm1(below - above)) if below < above else -math.inf
        return sign, below, above, inside

    def _log_shape(self, u: Array) -> Array:
        z = (u - self.mean) / self.sd
        return -0.5 * z * z - math.log(self.sd * math.sqrt(2.0 * math.pi)) - self._tail[3]

    def _share_below(self, u: Floats) -> Floats:
        from scipy.special import log_ndtr

        sign, below, _, inside = self._tail
        share = np.exp(log_ndtr(sign * (u - self.mean) / self.sd) - inside) - math.exp(below - inside)
        return np.asarray(share if sign > 0 else 1.0 - share)

    def _at_share(self, q: Floats) -> Floats:
        from scipy.special import ndtri_exp

        sign, below, above, _ = self._tail
        share = q if sign > 0 else 1.0 - q
        with np.errstate(divide="ignore"):
            log_share = np.logaddexp(below + np.log1p(-share), above + np.log(share))
        return self.mean + sign * self.sd * np.asarray(ndtri_exp(log_share))


@dataclass(frozen=True)
class Uniform(_Flat):
    """Constant density between low and high."""

    low: float
    high: float
    name: ClassVar[str] = "uniform"


@dataclass(frozen=True)
class LogUniform(_Flat):
    """Constant density in ln x between low and high."""

    low: float
    high: float
    name: ClassVar[str] = "log_uniform"
    logarithmic: ClassVar[bool] = True


@dataclass(frozen=True)
class Normal(_Gaussian):
    """Normal with the mean and sd of x, cut off at low and high."""

    mean: float
    sd: float
    low: float = -math.inf
    high: float = math.inf
    name: ClassVar[str] = "normal"


@dataclass(frozen=True)
class LogNormal(_Gaussian):
    """Log-normal, cut off at low and high; mean and sd are those of ln x, as in NumPy: mean = ln(median of x)."""

    mean: float
    sd: float
    low: float = 0.0
    high: float = math.inf
    name: ClassVar[str] = "log_normal"
    logarithmic: ClassVar[bool] = True


PRIORS: Final[Mapping[str, type[Prior]]] = {c.name: c for c in (Uniform, LogUniform, Normal, LogNormal)}
"""The priors by their name in the configuration."""


def prior_from_table(table: Mapping[str, Any], key: str = "the prior") -> Prior:
    """The prior that a table of the configuration describes.

    Parameters
    ----------
    table : mapping
        For example ``{"prior": "log_uniform", "low": 1e11, "high": 1e13}``.
    key : str
        Whose prior it is, for messages: ``mass.halo.m_vir``.

    Raises
    ------
    ConfigError
        Unknown prior or key, a missing limit, a value that is no number, low >= high, sd <= 0, a logarithm of 0.
    """
    name = table.get("prior")
    if not isinstance(name, str) or name not in PRIORS:
        told = f"{key} has the prior {name!r}" if name is not None else f"{key} is a table without the key prior"
        advice = "a prior table replaces the inherited value whole: give every key it needs"
        raise ConfigError(
            told, f"prior = one of: {', '.join(PRIORS)}", advice if name is None else nearest(str(name), PRIORS)
        )
    fields = _fields(PRIORS[name])
    needed = [f.name for f in fields if f.default is dataclasses.MISSING]
    known, given = [f.name for f in fields], {k: v for k, v in table.items() if k != "prior"}
    for k, value in given.items():
        if k not in known:
            raise ConfigError(f"{key}.{k} is no key of a {name} prior", f"prior, {', '.join(known)}", nearest(k, known))
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ConfigError(f"{key}.{k} is {value!r}", "a number", f"correct {k} in the prior of {key}")
    missing = [k for k in needed if k not in given]
    if missing:
        raise ConfigError(
            f"{key} has a {name} prior without {' and '.join(missing)}",
            f"a {name} prior has {', '.join(known)}",
            "a prior table replaces the inherited value whole: give every key it needs",
        )
    try:
        return PRIORS[name](**{k: float(v) for k, v in given.items()})
    except ConfigError as error:
        raise ConfigError(f"{key}: {error.found}", error.expected, error.advice) from None


def _fields(prior: Any) -> tuple[dataclasses.Field[Any], ...]:
    """The fields of a prior or its class; the base class itself is no dataclass."""
    return dataclasses.fields(prior)


def _check(prior: Prior, good: bool, expected: str, advice: str) -> None:
    if not good:
        told = ", ".join(f"{f.name} = {getattr(prior, f.name):g}" for f in _fields(prior))
        raise ConfigError(f"a {prior.name} prior with {told}", expected, advice)


def _check_order(prior: Prior) -> None:
    _check(prior, prior.low < prior.high, "low below high", "exchange them, or fix the parameter with a number")
