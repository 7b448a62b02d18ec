"""The posterior while a page waits: a grid for one or two free parameters, weighted draws for more."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from haloscale.inference.diagnostics import quantiles
from haloscale.inference.model import GalaxyModel
from haloscale.inference.posterior import Posterior
from haloscale.inference.samplers.base import samplers
from haloscale.inference.standard import Standard
from haloscale.inference.start import peaks
from haloscale.records import Chain, Floats, Parameter
from haloscale.web.curves import number, numbers

_FIRST: Final = ("m_vir", "c")
"""Parameters that are drawn first, where they are free."""
_N_GRID, _N_SEARCH, _N_CELLS = 56, 24, 32
_NEGLIGIBLE: Final = 12.5
"""Depth in ln density below the maximum, 5 sigma of a normal, at which a grid may end."""
_LEVELS: Final = (0.6827, 0.9545)
_SMOOTH: Final = 1.2
_MOST_DRAWS: Final = 4096
_RELIABLE: Final = 300
"""Effective draws with which an interval is known to a tenth of its width."""


def maximum(posterior: Posterior, rng: np.random.Generator) -> dict[str, float]:
    """The point of highest posterior density per unit of the priors, by name. Errors: `ConfigError`, none has any."""
    if not posterior.n_parameters:
        return {}
    target = Standard(posterior)
    found, _, _ = peaks(target, rng)
    values = target.values(found[0].z[None])[0]
    return {p.name: float(v) for p, v in zip(posterior.model.parameters, values, strict=True)}


def quick_posterior(posterior: Posterior, best: Mapping[str, float], rng: np.random.Generator) -> dict[str, Any]:
    """The message "posterior": by a grid where that is exact and fast, else by importance sampling.

    Raises
    ------
    InputError
        The posterior is zero everywhere.
    """
    n = posterior.n_parameters
    if not n:
        return {"method": "none", "said": "Nothing is free: there is no posterior to draw.", "x": None, "y": None,
                "density": [], "levels": [], "summary": {}, "best": {}}  # fmt: skip
    made = _on_grid(posterior, best) if n <= 2 else _by_reweighting(posterior, rng)
    return {**made, "best": dict(best)}


def shown(model: GalaxyModel) -> list[int]:
    """Positions of the one or two parameters that are drawn, m_vir and c first."""
    names = [p.name for p in model.parameters]
    order = sorted(range(len(names)), key=lambda k: _FIRST.index(names[k]) if names[k] in _FIRST else len(_FIRST))
    return order[:2]


def _on_grid(posterior: Posterior, best: Mapping[str, float]) -> dict[str, Any]:
    """One or two parameters on a regular grid of their free coordinates, around all that is not negligible."""
    priors, order = posterior.model.priors, shown(posterior.model)
    bounds = np.array([prior.to_free(np.array(_ends(prior))) for prior in priors])
    top = posterior.to_free(np.array([best[p.name] for p in posterior.model.parameters]))
    evaluate = _in_blocks(posterior)
    n_evaluations = 0
    for n in (_N_SEARCH, _N_SEARCH, _N_GRID):
        axes = [np.linspace(low, high, n) for low, high in bounds]
        if n == _N_SEARCH:  # the summit of a narrow posterior may fall between the lines
            axes = [np.sort(np.append(axis, at)) for axis, at in zip(axes, top, strict=True)]
        mesh = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
        height = evaluate(mesh.reshape(-1, len(axes))).reshape(mesh.shape[:-1])
        n_evaluations += height.size
        bounds = bounds if n == _N_GRID else _narrowed(axes, height)
    density = np.exp(height - height.max())
    axis_of = [_axis(posterior.model, k, priors[k].from_free(axes[k])) for k in order]
    alone = [density.sum(axis=tuple(i for i in range(density.ndim) if i != k)) for k in range(density.ndim)]
    summary = {
        p.name: _summary(p, priors[k].from_free(axes[k]), alone[k]) for k, p in enumerate(posterior.model.parameters)
    }
    seen = np.transpose(density, order[::-1]) if density.ndim == 2 else density
    said = (
        f"Computed on a grid of {' x '.join([str(_N_GRID)] * len(axes))} points ({n_evaluations} evaluations in all): "
        "exact up to the step of the grid."
    )
    return {
        "method": "grid", "said": said, "reliable": True, "n_evaluations": n_evaluations,
        "x": axis_of[0], "y": axis_of[1] if len(axis_of) > 1 else None,
        "density": [numbers(row, 4) for row in seen] if seen.ndim == 2 else numbers(seen, 4),
        "levels": levels(seen), "summary": summary,
    }  # fmt: skip


def _ends(prior: Any) -> tuple[float, float]:
    low, high = prior.quantile(np.array([1e-6, 1.0 - 1e-6]))
    return float(low), float(high)


def _in_blocks(posterior: Posterior, n_block: int = 512) -> Callable[[Floats], Floats]:
    """Density per unit of free coordinates u, array (n, n_parameters) [free units], in blocks that bound the memory."""

    def evaluate(u: Floats) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            parts = [posterior.log_posterior_free(u[k : k + n_block]) for k in range(0, len(u), n_block)]
        return np.concatenate([np.broadcast_to(np.asarray(p, float), min(n_block, len(u) - k * n_block))
                               for k, p in enumerate(parts)])  # fmt: skip

    return evaluate


def _narrowed(axes: list[Floats], height: Floats) -> Floats:
    """The box of all points that are not negligible, one step wider on each side, array (n_parameters, 2)."""
    counts = height >= height.max() - _NEGLIGIBLE
    found = []
    for k, axis in enumerate(axes):
        here = np.flatnonzero(counts.any(axis=tuple(i for i in range(counts.ndim) if i != k)))
        found.append((axis[max(here[0] - 1, 0)], axis[min(here[-1] + 1, len(axis) - 1)]))
    return np.array(found)


def _by_reweighting(posterior: Posterior, rng: np.random.Generator) -> dict[str, Any]:
    """The draws of the sampler "laplace", which may take fewer than for a fit."""
    chain = samplers["laplace"](posterior, rng, lambda share, line: None, max_draws=_MOST_DRAWS)
    ess, n_evaluations = float(chain.sampling.ess or 0.0), chain.sampling.n_steps
    reliable = ess >= _RELIABLE
    said = (
        f"Drawn around the maximum and weighted: {n_evaluations} evaluations count as {ess:.0f} "
        f"independent draws{'' if reliable else ', which are few: the fit will know better'}."
    )
    return {"method": "reweighted", "said": said, "reliable": reliable, **_of_draws(chain, posterior.model)}


def of_chain(chain: Chain, model: GalaxyModel) -> dict[str, Any]:
    """The message "posterior" of the draws of a finished run."""
    if not chain.parameters:
        return {"method": "chain", "said": "Nothing was free in this run.", "x": None, "y": None, "density": [],
                "levels": [], "summary": {}, "best": {}}  # fmt: skip
    best = chain.values[int(np.argmax(chain.log_posterior))]
    status = chain.sampling.status
    return {
        "method": "chain", "said": f"The draws of the finished run: {len(chain)}, {status}.",
        "reliable": status == "reliable", **_of_draws(chain, model),
        "best": {p.name: float(v) for p, v in zip(chain.parameters, best, strict=True)},
    }  # fmt: skip


def _of_draws(chain: Chain, model: GalaxyModel) -> dict[str, Any]:
    """What is drawn of a chain and what is said of its parameters."""
    drawn = [_drawn_axis(model, k, chain.values, chain.weight) for k in shown(model)]
    density = _histogram(drawn[0][1], drawn[-1][1], chain.weight)
    return {
        "n_evaluations": chain.sampling.n_steps,
        "x": drawn[0][0], "y": drawn[1][0] if len(drawn) > 1 else None,
        "density": [numbers(row, 4) for row in density] if len(drawn) > 1 else numbers(density.sum(axis=0), 4),
        "levels": levels(density), "summary": _summaries(chain),
    }  # fmt: skip


def _summaries(chain: Chain) -> dict[str, Any]:
    """Median and 68 % interval of each parameter."""
    limits = quantiles(chain.values, chain.weight)
    found = zip(chain.parameters, limits.T, strict=True)
    return {parameter.name: _said(parameter, *map(float, three)) for parameter, three in found}


def _drawn_axis(model: GalaxyModel, k: int, values: Floats, weight: Floats) -> tuple[dict[str, Any], Floats]:
    """Centres of the cells of one parameter, and its draws from 0 to 1 across the cells.

    Parameters
    ----------
    model : GalaxyModel
    k : int
    values : array (n, n_parameters) [own units]
    weight : array (n,), dimensionless

    Returns
    -------
    dict, array (n,)
    """
    prior = model.priors[k]
    u = np.asarray(prior.to_free(values[:, k]))
    order = np.argsort(u)
    share = np.cumsum(weight[order]) / weight.sum()
    low, high = (float(np.interp(q, share, u[order])) for q in (0.001, 0.999))
    pad = 0.05 * (high - low) or 1e-3 * max(abs(low), 1.0)
    edges = np.linspace(low - pad, high + pad, _N_CELLS + 1)
    centres = prior.from_free(0.5 * (edges[1:] + edges[:-1]))
    return _axis(model, k, np.asarray(centres)), (u - edges[0]) / (edges[-1] - edges[0])


def _histogram(x: Floats, y: Floats, weight: Floats) -> Floats:
    """Smoothed density of draws, array (n_cells, n_cells), rows along y."""
    from scipy.ndimage import gaussian_filter

    counts, _, _ = np.histogram2d(y, x, _N_CELLS, ((0.0, 1.0), (0.0, 1.0)), weights=weight)
    smooth = np.asarray(gaussian_filter(counts, _SMOOTH, mode="constant"))
    return smooth / max(float(smooth.max()), 1e-300)


def levels(density: Floats) -> list[float | None]:
    """Values whose regions hold 68 and 95 % of `density` : array (...), dimensionless."""
    flat = np.sort(np.ravel(density))[::-1]
    share = np.cumsum(flat) / max(float(flat.sum()), 1e-300)
    return [number(float(flat[min(int(np.searchsorted(share, level)), len(flat) - 1)])) for level in _LEVELS]


def _axis(model: GalaxyModel, k: int, values: Floats) -> dict[str, Any]:
    parameter = model.parameters[k]
    return {
        "name": parameter.name, "label": parameter.definition, "symbol": parameter.label, "unit": parameter.unit,
        "log": model.priors[k].logarithmic, "values": numbers(values),
    }  # fmt: skip


def _summary(parameter: Parameter, values: Floats, density: Floats) -> dict[str, Any]:
    """Median and 68 % interval from the density at evenly spaced free coordinates."""
    share = np.cumsum(density) - 0.5 * density
    share /= density.sum()
    low, median, high = (float(np.interp(q, share, values)) for q in (0.15866, 0.5, 0.84134))
    return _said(parameter, median, low, high)


def _said(parameter: Parameter, median: float, low: float, high: float) -> dict[str, Any]:
    return {
        "median": number(median), "low68": number(low), "high68": number(high), "unit": parameter.unit,
        "label": parameter.definition, "symbol": parameter.label,
    }  # fmt: skip
