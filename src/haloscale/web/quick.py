"""The posterior while a page waits: a grid for up to four free parameters, an ensemble of walkers for more."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from haloscale.inference.diagnostics import prior_remarks, quantiles
from haloscale.inference.model import GalaxyModel
from haloscale.inference.posterior import Posterior
from haloscale.inference.standard import Standard
from haloscale.inference.start import peaks
from haloscale.records import Chain, Floats, Parameter, SamplingStatus
from haloscale.web.curves import number, numbers
from haloscale.web.ensembles import N_WALKERS, walked
from haloscale.web.grids import MOST_PARAMETERS, Grid, on_grid

_FIRST: Final = ("m_vir", "c")
"""Parameters that are drawn first, where they are free."""
_N_CELLS: Final = 32
_FEWEST_WALKED: Final = 3
_LEVELS: Final = (0.6827, 0.9545)
_SMOOTH: Final = 1.2


def maximum(posterior: Posterior, rng: np.random.Generator) -> dict[str, float]:
    """The point of highest posterior density per unit of the priors, by name. Errors: `ConfigError`, none has any."""
    if not posterior.n_parameters:
        return {}
    target = Standard(posterior)
    found, _, _ = peaks(target, rng)
    values = target.values(found[0].z[None])[0]
    return {p.name: float(v) for p, v in zip(posterior.model.parameters, values, strict=True)}


def quick_posterior(
    posterior: Posterior, best: Mapping[str, float], rng: np.random.Generator, axes: Sequence[str] = ()
) -> dict[str, Any]:
    """The message "posterior": by a grid where one is fine enough, else by an ensemble of walkers.

    Parameters
    ----------
    posterior : Posterior
    best : mapping
        The maximum, in the parameters' own units.
    rng : numpy.random.Generator
    axes : sequence of str
        The two parameters to draw; others than free ones count for nothing.

    Raises
    ------
    InputError
        The posterior is zero everywhere.
    """
    n, model = posterior.n_parameters, posterior.model
    if not n:
        return {"method": "none", "said": "Nothing is free: there is no posterior to draw.", "x": None, "y": None,
                "density": [], "levels": [], "summary": {}, "best": {}}  # fmt: skip
    grid = on_grid(posterior, best) if n <= MOST_PARAMETERS else None
    if grid is not None and (grid.is_fine or n < _FEWEST_WALKED):
        return {**_of_grid(grid, model, axes), "best": dict(best)}
    return {**_of_walkers(walked(posterior, rng), model, axes), "best": dict(best)}


def shown(model: GalaxyModel, axes: Sequence[str] = ()) -> list[int]:
    """Positions of the one or two parameters that are drawn: those of `axes`, if both are free; m_vir and c first."""
    names = [p.name for p in model.parameters]
    if len(axes) == 2 and all(name in names for name in axes):
        return [names.index(name) for name in axes]
    order = sorted(range(len(names)), key=lambda k: _FIRST.index(names[k]) if names[k] in _FIRST else len(_FIRST))
    return order[:2]


def _of_grid(grid: Grid, model: GalaxyModel, axes: Sequence[str]) -> dict[str, Any]:
    order = shown(model, axes)
    axis_of = [_axis(model, k, model.priors[k].from_free(grid.axes[k])) for k in order]
    seen = grid.seen(*order[::-1])
    seen = seen / seen.max()
    limits = [model.priors[k].from_free(grid.quantiles(k)) for k in range(len(grid.axes))]
    summary = {p.name: _said(p, *map(float, three)) for p, three in zip(model.parameters, limits, strict=True)}
    size = " x ".join(str(len(axis)) for axis in grid.axes)
    made = f"Computed on a grid of {size} points ({grid.n_evaluations} evaluations in all)"
    exact = "exact up to the step of the grid." if grid.is_fine else "the step of the grid is too wide for it."
    return {
        "method": "grid", "said": " ".join([f"{made}: {exact}", *_remarks_of_grid(grid, model)]),
        "reliable": grid.is_fine, "n_evaluations": grid.n_evaluations,
        "x": axis_of[0], "y": axis_of[1] if len(axis_of) > 1 else None,
        "density": [numbers(row, 4) for row in seen] if seen.ndim == 2 else numbers(seen, 4),
        "levels": levels(seen), "summary": summary,
    }  # fmt: skip


def _of_walkers(chain: Chain, model: GalaxyModel, axes: Sequence[str]) -> dict[str, Any]:
    """Errors of some tenths of a standard deviation were seen, and no number of the walk told of them."""
    walk = f"Walked by an ensemble of {N_WALKERS} ({chain.sampling.n_steps} evaluations in all)"
    said = " ".join([f"{walk}: a picture; the fit knows better.", *_remarks(chain, model)])
    return {"method": "ensemble", "said": said, "reliable": False, **_of_draws(chain, model, axes)}


def _remarks_of_grid(grid: Grid, model: GalaxyModel) -> list[str]:
    """What `prior_remarks` says of each parameter alone, the points of its axis taken as weighted draws."""
    said: list[str] = []
    for k, (parameter, prior) in enumerate(zip(model.parameters, model.priors, strict=True)):
        at, share = grid.alone(k)
        none = np.zeros(len(at), dtype=np.int64)
        status = SamplingStatus("reliable", None, None, None, grid.n_evaluations, 0, 1.0)
        values = np.asarray(prior.from_free(at))[:, None]
        said += prior_remarks(Chain((parameter,), values, np.zeros(len(at)), share, none, none, status), (prior,))
    return _sentences(said)


def _remarks(chain: Chain, model: GalaxyModel) -> list[str]:
    return _sentences(prior_remarks(chain, model.priors))


def _sentences(remarks: Sequence[str]) -> list[str]:
    return [f"{said[:1].upper()}{said[1:]}." for said in remarks]


def of_chain(chain: Chain, model: GalaxyModel, axes: Sequence[str] = ()) -> dict[str, Any]:
    """The message "posterior" of the draws of a finished run, with two parameters of `axes` as in `quick_posterior`."""
    if not chain.parameters:
        return {"method": "chain", "said": "Nothing was free in this run.", "x": None, "y": None, "density": [],
                "levels": [], "summary": {}, "best": {}}  # fmt: skip
    best = chain.values[int(np.argmax(chain.log_posterior))]
    status = chain.sampling.status
    said = " ".join([f"The draws of the finished run: {len(chain)}, {status}.", *_remarks(chain, model)])
    return {
        "method": "chain", "said": said, "reliable": status == "reliable", **_of_draws(chain, model, axes),
        "best": {p.name: float(v) for p, v in zip(chain.parameters, best, strict=True)},
    }  # fmt: skip


def _of_draws(chain: Chain, model: GalaxyModel, axes: Sequence[str]) -> dict[str, Any]:
    """What is drawn of a chain and what is said of its parameters."""
    drawn = [_drawn_axis(model, k, chain.values, chain.weight) for k in shown(model, axes)]
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


def _said(parameter: Parameter, median: float, low: float, high: float) -> dict[str, Any]:
    return {
        "median": number(median), "low68": number(low), "high68": number(high), "unit": parameter.unit,
        "label": parameter.definition, "symbol": parameter.label,
    }  # fmt: skip
