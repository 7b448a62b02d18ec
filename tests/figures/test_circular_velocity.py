"""The figure of V_circ, and that of a bias study."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from haloscale.figures import base, style
from haloscale.figures.bias import draw_bias
from haloscale.records import CircularVelocity, Run

MakeRun = Callable[..., Run]


def with_points(run: Run, negative: tuple[int, ...] = (), uncertain: tuple[int, ...] = ()) -> Run:
    profile = run.profile
    v = np.interp(profile.r, run.mass_profile.r, run.mass_profile.v_circ.median)
    bad, left_out = np.isin(np.arange(len(v)), negative), np.isin(np.arange(len(v)), (*negative, *uncertain))
    v = np.where(bad, 0.0, v)
    squared = np.where(bad, -4000.0, v**2)
    upper = np.where(bad, 60.0, 1.1 * v)
    points = CircularVelocity(
        profile.r_low, profile.r_high, profile.r, v, 0.9 * v, upper, squared, squared - 1e4, squared + 1e4, 0.1 * v,
        ~left_out, ("",) * len(v),
    )  # fmt: skip
    return replace(run, circular_velocity=points)


def test_points_left_out_are_hollow_and_negative_squares_are_marked(make_run: MakeRun) -> None:
    run = with_points(make_run(n=400), negative=(3,), uncertain=(11,))
    axes = base.draw("v_circ", run).axes[0]
    handles, labels = axes.get_legend_handles_labels()
    assert {"stars, Eq. 9", "not in the fit", r"$V_{\rm circ}^2 < 0$"} <= set(labels)
    assert [c.lines[0].get_markerfacecolor() for c in axes.containers] == [style.BLACK, "white"]
    mark = handles[labels.index(r"$V_{\rm circ}^2 < 0$")]
    assert mark.get_xdata() == pytest.approx([run.profile.r[3]])
    low, high = axes.get_ylim()
    assert mark.get_ydata() == pytest.approx([low])
    assert low < np.delete(run.circular_velocity.v_circ_lower, 3).min()
    assert high > run.circular_velocity.v_circ_upper.max()


def test_without_points_the_model_is_drawn_alone(make_run: MakeRun) -> None:
    axes = base.draw("v_circ", make_run(n=100)).axes[0]
    assert axes.get_legend_handles_labels()[1] == ["model: median, 68 %"]


@pytest.mark.parametrize("route", ["sigma", "v_circ"])
def test_chi2_stands_in_the_figure_of_what_was_fitted(route: str, make_run: MakeRun) -> None:
    run = with_points(make_run(n=100))
    run = replace(run, config={**run.config, "jeans": {"route": route}})
    titles = {n: base.draw(n, run).axes[0].get_legend().get_title().get_text() for n in ("v_circ", "profile_fit")}
    assert {name for name, title in titles.items() if "χ²" in title} == {
        "profile_fit" if route == "sigma" else "v_circ"
    }


def test_only_negative_squares_and_bins_without_a_dispersion_are_drawn(make_run: MakeRun) -> None:
    base.draw("v_circ", with_points(make_run(n=300), negative=tuple(range(12))))
    run = with_points(make_run(n=300))
    assert run.circular_velocity is not None
    gaps = {n: np.full(12, np.nan) for n in ("v_circ", "v_circ_lower", "v_circ_upper", "v_circ_squared")}
    base.draw("v_circ", replace(run, circular_velocity=replace(run.circular_velocity, **gaps)))


def test_the_bias_figure_shows_every_route_and_the_paper(tmp_path: object) -> None:
    rng = np.random.default_rng(1)
    routes = ("sigma", "finite_difference", "spline", "polynomial")
    table = {f"m_vir_{route}": 1e12 * rng.normal(1, 0.08, 300) for route in routes}
    table["m_vir_spline"][:4] = np.nan
    figure = draw_bias(table, {"m_vir": 1e12}, {"paper_ratio": 1.15})
    left, right = figure.axes
    assert len(left.get_legend_handles_labels()[1]) == 4
    labels = right.get_legend_handles_labels()[1]
    assert labels[-1] == "Zhai et al. 2018: 1.15"
    low, high = right.get_xlim()
    assert low < 1.0 < 1.15 < high
    counted = {patch.get_label(): patch.get_data().values.sum() for patch in left.patches}
    assert counted == {"route sigma": 300, "finite differences": 300, "spline": 296, "polynomial": 300}
    assert base.render(figure, "png") == base.render(draw_bias(table, {"m_vir": 1e12}, {"paper_ratio": 1.15}), "png")
