"""The fourteen figures of the paper, from the runs of a reproduction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from haloscale import compare
from haloscale.figures import base as drawing
from haloscale.figures import reproduction
from haloscale.figures.comparison import Comparison, draw_comparison
from haloscale.records import CircularVelocity, Run
from haloscale.reproduce.design import Design
from haloscale.reproduce.facts import Facts


@dataclass(frozen=True)
class Picture:
    """One figure: its number in the paper, file name without suffix, title, caption, and how it is drawn."""

    number: int
    name: str
    title: str
    caption: str
    draw: Callable[[], Any]


_OF_ONE_RUN: Final[Mapping[int, str]] = {
    1: "spatial",
    2: "velocity_radius",
    3: "velocity_histograms_inner",
    4: "velocity_histograms_outer",
    5: "dispersion",
    7: "posterior",
    8: "profile_fit",
    9: "mass_and_dispersion",
}

_BANDS: Final = "Lines and bands: posterior median and 68 %."
_POINTS: Final = "Points: V_circ of the bins by Eq. 9, median and 68 %; neighbours are correlated. Dotted: 100 kpc."


def pictures(design: Design, runs: Mapping[str, Run], folder: Path, facts: Facts) -> list[Picture]:
    """The figures in the order of the paper; `folder` holds the folders of the runs."""
    first = runs["beta0_sigma"]
    made = [_of_run(number, name, first, "beta0_sigma") for number, name in _OF_ONE_RUN.items()]
    made += [_of_run(10, "posterior", runs["beta0_v_circ"], "beta0_v_circ")]
    made += [_of_run(12, "posterior", runs["beta0.3_v_circ"], "beta0.3_v_circ")]
    made += [_samples(design, folder, facts), *_masses(design, runs, folder)]
    return sorted(made, key=lambda picture: picture.number)


def _of_run(number: int, name: str, run: Run, of: str) -> Picture:
    spec = drawing.figures[name]
    caption = f"{spec.caption} Run {of}."
    return Picture(number, f"figure_{number:02d}_{name}", spec.title, caption, lambda: drawing.draw(name, run))


def _together(design: Design, folder: Path, *names: str) -> Comparison:
    """Some of the runs side by side, under their labels."""
    found = compare.compare([folder / name for name in names], alone=True)
    labelled = (replace(item, name=design.labels[name]) for item, name in zip(found.runs, names, strict=True))
    return replace(found, runs=tuple(labelled))


def _samples(design: Design, folder: Path, facts: Facts) -> Picture:
    found = _together(design, folder, "beta0_sigma", *design.also)
    found = replace(found, runs=(replace(found.runs[0], name="this sample"), *found.runs[1:]))
    caption = (
        "Line-of-sight velocity dispersion in radial bins, median and 68 % interval, of this sample"
        + (f" and of {', '.join(design.labels[name] for name in design.also)}" if design.also else "")
        + ". Dashed: the dispersion of the paper's printed fit for beta = 0, which by its Fig. 8 matches its "
        "own points very well; the points themselves are not published."
    )
    if not design.also:
        caption += (
            " Other samples, K giants or BHB stars as in the paper, are added with --also FILE --also-survey NAME, "
            "for instance segue_kgiants and segue_bhb."
        )
    label = "Zhai et al. (2018), printed fit"
    return Picture(
        6, "figure_06_dispersion_comparison", "Dispersion profiles of several samples", caption,
        lambda: reproduction.dispersions(found, *facts.curve, label),
    )  # fmt: skip


def _masses(design: Design, runs: Mapping[str, Run], folder: Path) -> list[Picture]:
    routes = _together(design, folder, "beta0_sigma", "beta0_v_circ")
    anisotropic = _together(design, folder, "beta0.3_v_circ")
    both = _together(design, folder, "beta0_sigma", "beta0.3_v_circ", "beta0.3_integral")
    names = "figure_11_routes", "figure_13_v_circ_and_mass", "figure_14_mass_comparison"
    titles = (
        "Circular velocity and mass of both routes, beta = 0", "Circular velocity and mass, beta = 0.3",
        "Mass profiles for beta = 0 and 0.3",
    )  # fmt: skip
    captions = (
        f"Fits to sigma_los and to V_circ. {_BANDS} {_POINTS} Runs beta0_sigma and beta0_v_circ.",
        f"Fit to V_circ. {_BANDS} {_POINTS} Run beta0.3_v_circ.",
        "Mass within r, stars included, as the paper shows it (beta = 0 from sigma_los, beta = 0.3 from V_circ), and "
        f"for beta = 0.3 from the integral, which the paper has not. {_BANDS}",
    )
    draws = (
        lambda: reproduction.v_circ_and_mass(routes, points_of(runs["beta0_v_circ"])),
        lambda: reproduction.v_circ_and_mass(anisotropic, points_of(runs["beta0.3_v_circ"])),
        lambda: draw_comparison("mass_comparison", both),
    )
    return [Picture(*of) for of in zip((11, 13, 14), names, titles, captions, draws, strict=True)]


def points_of(run: Run) -> CircularVelocity:
    """The points that a run of the route v_circ was fitted to."""
    if run.circular_velocity is None:
        raise ValueError("a run of the route v_circ keeps its circular velocities")
    return run.circular_velocity
