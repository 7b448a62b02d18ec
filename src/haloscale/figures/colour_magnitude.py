"""Colour-magnitude diagram of the stars, with the sequences their distances rest on (beyond the paper)."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from haloscale.distance.fiducials import DEFAULT_CLUSTERS, M_R_BRIGHT, M_R_FAINT, Fiducials, fiducials
from haloscale.distance.giant_flags import horizontal_branch_colour
from haloscale.figures import style
from haloscale.figures.base import figure
from haloscale.figures.spatial import MANY_STARS
from haloscale.records import Bools, Floats, Run, Sample

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize
    from matplotlib.figure import Figure

_LINES: Final = ("-", "--", "-.", (0, (4, 1, 1, 1, 1, 1)))


def _applies(run: Run) -> bool:
    """Not where the magnitude is a function of the colour by construction."""
    return run.config.get("distance", {}).get("method") != "bhb" and bool(shown(run.sample).any())


@figure(
    "colour_magnitude",
    title="Colour-magnitude diagram",
    caption="Absolute r magnitude at the distance of each star against its dereddened SDSS colour; the cross is the "
    "typical error, and along a sequence the two errors go together. Lines, where the distances rest on them: giant "
    "branches of clusters with their [Fe/H], dotted where continued beyond the observed stars; grey: where the "
    "sequences have the colour at which a star is left out as a horizontal-branch or clump star.",
    applies=_applies,
    each_catalogue=True,
)
def colour_magnitude(run: Run) -> "Figure":
    """M_r against (g-r)0, in the colours of [Fe/H]."""
    known, settings = shown(run.sample), run.config.get("distance", {})
    colour, m_r = np.asarray(run.sample.extra["gr0"], float)[known], magnitudes(run.sample)[known]
    feh = np.asarray(run.sample.extra.get("feh", np.full(len(known), np.nan)), float)[known]
    by_branch, scale = settings.get("method") == "giant_branch", _colours(feh)
    canvas = style.new_figure(style.ONE_COLUMN, 4.2)
    axes = canvas.subplots()
    axes.set(xlim=_ends(colour), ylim=_ends(m_r, *((M_R_BRIGHT, M_R_FAINT) if by_branch else ()))[::-1])
    _stars(axes, colour, m_r, feh, scale)
    if by_branch:
        sequences = fiducials(tuple(settings.get("clusters", DEFAULT_CLUSTERS)))
        _draw_sequences(axes, sequences, scale)
        if settings.get("horizontal_branch_cut", True):
            _draw_cut(axes, sequences)
        _legend_above(axes, f"n = {len(colour):,}; giant branches with [Fe/H]:")
    else:
        axes.set_title(f"n = {len(colour):,}", loc="left", fontsize=8, pad=3)
    axes.set(xlabel="$(g-r)_0$ (mag)", ylabel="absolute magnitude $M_r$ (mag)")
    _typical_error(axes, run.sample, known)
    if np.isfinite(feh).any():
        _bar(canvas, axes, scale)
    return canvas


def magnitudes(sample: Sample) -> Floats:
    """Absolute r magnitude, array (n,) [mag]: of the method, or at the distance of the catalogue; NaN where unknown."""
    if "m_r" in sample.extra:
        return np.asarray(sample.extra["m_r"], float)
    with np.errstate(divide="ignore", invalid="ignore"):
        modulus = 5 * np.log10(sample.distance) + 10
    return np.asarray(np.asarray(sample.extra["rmag0"], float) - modulus)


def shown(sample: Sample) -> Bools:
    """Stars with a colour and an absolute magnitude, mask (n,)."""
    if "gr0" not in sample.extra or not {"m_r", "rmag0"} & set(sample.extra):
        return np.zeros(len(sample), bool)
    known: Bools = np.isfinite(np.asarray(sample.extra["gr0"], float)) & np.isfinite(magnitudes(sample))
    return known


def _ends(values: Floats, *shown_too: float) -> tuple[float, float]:
    """Ends of an axis, all but a few strays inside, and what must be seen besides."""
    low, high = np.quantile(values, [0.001, 0.999])
    low, high = float(min(low, *shown_too, low)), float(max(high, *shown_too, high))
    margin = max(0.04 * (high - low), 0.1)
    return low - margin, high + margin


def _colours(feh: Floats) -> "tuple[Colormap, Normalize]":
    """Colour map and scale of [Fe/H]: from dark, poor, to light, rich, light enough to stand out from the page."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap, Normalize

    known = feh[np.isfinite(feh)]
    low, high = np.quantile(known, [0.02, 0.98]) if len(known) else (-2.5, 0.0)
    low, high = np.floor(4 * low) / 4, np.ceil(4 * high) / 4
    return ListedColormap(colormaps["viridis"](np.linspace(0, 0.85, 256))), Normalize(low, max(high, low + 1.0))


def _stars(axes: "Axes", colour: Floats, m_r: Floats, feh: Floats, scale: "tuple[Colormap, Normalize]") -> None:
    cmap, norm = scale
    without = ~np.isfinite(feh)
    size, alpha = (1.6, 0.6) if len(colour) > 1500 else (8.0, 0.9)
    axes.scatter(colour[without], m_r[without], s=size, c=style.GREY, alpha=alpha, lw=0, rasterized=True)
    points: dict[str, Any] = {"cmap": cmap, "norm": norm, "rasterized": True, "lw": 0}
    x, y, z = colour[~without], m_r[~without], feh[~without]
    if len(z) > MANY_STARS:
        inside = (x > axes.get_xlim()[0]) & (x < axes.get_xlim()[1])
        points["extent"] = (*axes.get_xlim(), *sorted(axes.get_ylim()))
        axes.hexbin(x[inside], y[inside], C=z[inside], reduce_C_function=np.median, gridsize=70, **points)
    elif len(z):
        axes.scatter(x, y, s=size, c=z, alpha=alpha, **points)


def _draw_sequences(axes: "Axes", sequences: Fiducials, scale: "tuple[Colormap, Normalize]") -> None:
    from matplotlib.patheffects import withStroke

    cmap, norm = scale
    lines = zip(sequences.names, sequences.feh, sequences.gr0, sequences.starts, strict=True)
    for k, (name, feh, gr0, start) in enumerate(lines):
        observed, color = sequences.m_r >= start, cmap(norm(feh))
        casing = [withStroke(linewidth=3.2, foreground="white")]
        label = f"{name}  {feh:.2f}".replace("-", "−")
        for part, look, text in ((observed, _LINES[k % len(_LINES)], label), (sequences.m_r <= start, ":", None)):
            axes.plot(
                gr0[part], sequences.m_r[part], ls=look, color=color, lw=1.6, path_effects=casing, label=text, zorder=4
            )


def _draw_cut(axes: "Axes", sequences: Fiducials) -> None:
    """Where, along [Fe/H], a sequence has the colour at which stars are taken for horizontal-branch stars."""
    m_r, feh, gr0 = sequences.table(0.05)
    limit = horizontal_branch_colour(feh)
    at = np.array([np.interp(-x, -line, m_r) for x, line in zip(limit, gr0, strict=True)])
    inside = (limit < gr0[:, 0]) & (limit > gr0[:, -1])
    if inside.any():
        axes.plot(limit[inside], at[inside], color="0.35", lw=3.0, alpha=0.55, zorder=3, label="horizontal-branch cut")


def _typical_error(axes: "Axes", sample: Sample, known: Bools) -> None:
    """A cross in the lower right corner as large as the median errors."""
    if not {"dm_p16", "dm_p84"} <= set(sample.extra):
        return
    width = (np.asarray(sample.extra["dm_p84"], float) - np.asarray(sample.extra["dm_p16"], float)) / 2
    y = float(np.nanmedian(width[known]))
    x = float(np.nanmedian(np.asarray(sample.extra.get("gr0_error", [np.nan]), float)))
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    at = right - 0.04 * (right - left) - (x if np.isfinite(x) else 0.0), bottom + 0.04 * (top - bottom) - y
    axes.errorbar(*at, xerr=x if np.isfinite(x) else None, yerr=y, color=style.BLACK, lw=1.0, capsize=0, zorder=5)


def _legend_above(axes: "Axes", title: str) -> None:
    """The lines by name, above the axes, where they hide no star."""
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, title=title, title_fontsize=8, alignment="left",
        borderaxespad=0.2, borderpad=0.2, columnspacing=1.2, handlelength=2.8,
    )  # fmt: skip


def _bar(canvas: "Figure", axes: "Axes", scale: "tuple[Colormap, Normalize]") -> None:
    from matplotlib.cm import ScalarMappable

    cmap, norm = scale
    canvas.colorbar(
        ScalarMappable(norm, cmap), ax=axes, location="bottom", extend="both", aspect=32, pad=0.02,
        label="[Fe/H] (dex)",
    )  # fmt: skip
