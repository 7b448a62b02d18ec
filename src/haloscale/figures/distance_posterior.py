"""What is known of the distance modulus of a few typical stars (beyond the paper)."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from haloscale.distance.giant_branch import INPUTS
from haloscale.distance.giant_distances import GiantSettings, giant_posterior
from haloscale.distance.magnitudes import Giants
from haloscale.figures import style
from haloscale.figures.base import figure
from haloscale.figures.distance_error import placed
from haloscale.records import DistancePosterior, Floats, Ints, Run, Sample

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PERCENTILES: Final = (5, 16, 50, 84, 95)
_RANKS: Final = (0.03, 0.25, 0.5, 0.75, 0.97)
"""Ranks in distance of the stars shown; the middle one is shown by itself."""

_NEIGHBOURS: Final = 0.02
_ENOUGH: Final = 5000
"""Stars that tell the metallicities of a sample well enough for a picture."""

_LOOKS: Final = (
    (style.BLUE, "-"),
    (style.GREEN, "--"),
    (style.BLACK, "-"),
    (style.VERMILLION, "-."),
    (style.PURPLE, ":"),
)


def _applies(run: Run) -> bool:
    by_giants = run.config.get("distance", {}).get("method") == "giant_branch"
    return by_giants and set(INPUTS) <= set(run.sample.extra) and bool(placed(run.sample).any())


@figure(
    "distance_posterior",
    title="Posteriors of the distance modulus",
    caption="Left: posterior of the distance modulus of the star in the middle of the sample, from its colour, "
    "magnitude and [Fe/H], with the percentiles that are written to the sample; the point is what is read off, the "
    "distance at the mean modulus with half the range from 16 to 84 % as its error. Right: stars at the ranks in "
    "distance that the legend gives, each with the typical error of its neighbours; points at the mean.",
    applies=_applies,
    each_catalogue=True,
)
def distance_posterior(run: Run) -> "Figure":
    """P(DM) of one star in detail, and of several."""
    stars = typical(run.sample)
    found = posteriors(run, stars)
    canvas = style.new_figure(style.TWO_COLUMNS, 3.3)
    left, right = canvas.subplots(1, 2)
    middle = len(stars) // 2
    _one(left, run.sample, int(stars[middle]), found.dm[middle], found.density[middle])
    _several(right, run.sample, stars, found)
    for axes in (left, right):
        axes.set(xlabel="distance modulus DM (mag)", ylabel="posterior density (mag$^{-1}$)")
        _in_kpc(axes)
    return canvas


def typical(sample: Sample) -> Ints:
    """Positions of stars from near to far, int array (n_shown,): each with the median error of those about its rank."""
    known = np.flatnonzero(placed(sample))
    by_distance = known[np.argsort(sample.distance[known], kind="stable")]
    n = len(by_distance)
    reach, chosen = max(int(_NEIGHBOURS * n), 2), []
    for rank in _RANKS if n >= len(_RANKS) else (0.5,):
        at = round(rank * (n - 1))
        about = by_distance[max(at - reach, 0) : at + reach + 1]
        error = sample.distance_error[about] / sample.distance[about]
        chosen.append(about[np.argsort(error, kind="stable")[len(about) // 2]])
    return np.array(chosen)


def posteriors(run: Run, stars: Ints) -> DistancePosterior:
    """The posteriors of some stars, computed anew with the settings of the run; `stars` : int array (n_shown,)."""
    settings, rows = GiantSettings.of(run.config["distance"]), stars
    if settings.metallicity_prior == "sample":
        n = len(run.sample)
        rows = np.concatenate([stars, np.unique(np.linspace(0, n - 1, min(n, _ENOUGH)).astype(int))])
    giants = Giants(*(np.asarray(run.sample.extra[name], float)[rows] for name in INPUTS))
    found, n = giant_posterior(giants, settings), len(stars)
    return DistancePosterior(found.dm[:n] + _shift(run), found.density[:n], found.flag[:n])


def _shift(run: Run) -> float:
    """What `catalogue.distance_scale` adds to every modulus [mag]."""
    catalogue: Any = run.config.get("catalogue", {})
    scale = catalogue.get("distance_scale", 1.0) if hasattr(catalogue, "get") else 1.0
    return 5.0 * float(np.log10(scale)) if isinstance(scale, (int, float)) else 0.0


def _one(axes: "Axes", sample: Sample, star: int, dm: Floats, density: Floats) -> None:
    top = float(np.nanmax(density))
    extra = {name: np.asarray(values)[star] for name, values in sample.extra.items()}
    p = {k: float(extra[f"dm_p{k:02d}"]) for k in _PERCENTILES}
    axes.plot(dm, density, color=style.BLACK, zorder=3)
    for low, high, shade in ((5, 95, "0.9"), (16, 84, "0.78")):
        part = (dm >= p[low]) & (dm <= p[high])
        axes.fill_between(dm, 0, density, where=part.tolist(), color=shade, lw=0, label=f"{low} to {high} %")
    axes.plot([p[50]] * 2, [0, np.interp(p[50], dm, density)], color=style.BLUE, ls="--", lw=1.1, label="median")
    mean, height = float(extra["dm_mean"]), 1.12 * top
    axes.errorbar(
        mean, height, xerr=[[mean - p[16]], [p[84] - mean]], fmt="o", ms=4, color=style.VERMILLION, lw=1.2,
        label=f"mean: $d$ = {sample.distance[star]:.1f} ± {sample.distance_error[star]:.1f} kpc",
    )  # fmt: skip
    low, high = dm[density > 2e-3 * top][[0, -1]]
    own = float(extra.get("catalogue_distance", np.nan))
    if _kpc(low) < own < _kpc(high):
        axes.plot(_modulus(own), height, "D", ms=4.5, mfc="none", color=style.BLACK, label="catalogue's own")
    axes.set(xlim=(low, high), ylim=(0, 1.25 * top))
    axes.locator_params(axis="x", nbins=6)
    _legend_above(axes, "percentiles and read-off:")


def _several(axes: "Axes", sample: Sample, stars: Ints, found: DistancePosterior) -> None:
    ends, top = [], float(np.nanmax(found.density))
    ranks = _RANKS if len(stars) == len(_RANKS) else (0.5,)
    for star, rank, dm, density, (color, line) in zip(
        stars, ranks, found.dm, found.density, _LOOKS if len(stars) > 1 else _LOOKS[2:3], strict=True
    ):
        label = f"{100 * rank:.0f} %: {sample.distance[star]:.1f} ± {sample.distance_error[star]:.1f} kpc"
        axes.plot(dm, density, ls=line, color=color, label=label)
        mean = float(np.asarray(sample.extra["dm_mean"])[star])
        axes.plot(mean, np.interp(mean, dm, density), "o", ms=3.6, color=color)
        ends += list(dm[density > 2e-3 * np.nanmax(density)][[0, -1]])
    axes.set(xlim=(min(ends), max(ends)), ylim=(0, 1.12 * top))
    _legend_above(axes, "rank in distance:")


def _legend_above(axes: "Axes", title: str) -> None:
    """The legend above the axis of distances, where it hides nothing."""
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1.2), ncols=2, title=title, title_fontsize=8, alignment="left",
        borderaxespad=0.2, borderpad=0.2, columnspacing=1.2, handlelength=2.2,
    )  # fmt: skip


def _in_kpc(axes: "Axes") -> None:
    """The distance in kpc along the upper edge."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    axes.tick_params(axis="x", which="both", top=False)
    upper = axes.secondary_xaxis("top", functions=(_kpc, _modulus))
    low, high = (float(_kpc(np.array(x))) for x in axes.get_xlim())
    for steps in ((1, 2, 5), (1, 2, 3, 4, 5, 7), (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9)):
        ticks = [step * 10.0**k for k in range(-3, 5) for step in steps]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) >= 4:
            break
    upper.xaxis.set_major_locator(FixedLocator(ticks))
    upper.xaxis.set_minor_locator(NullLocator())
    upper.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    upper.set_xlabel("distance (kpc)")


def _kpc(dm: Any) -> Any:
    return np.asarray(10.0 ** (np.asarray(dm) / 5 - 2))


def _modulus(distance: Any) -> Any:
    return np.asarray(5 * np.log10(np.maximum(distance, 1e-6)) + 10)
