"""Figures of several runs, and the tornado: they draw inside their frame, for any number of runs."""

from dataclasses import replace
from math import nan

import matplotlib
import numpy as np
import pytest

from haloscale.cosmology import density_threshold
from haloscale.errors import ConfigError
from haloscale.figures import base, style
from haloscale.figures.comparison import ComparedRun, Comparison, comparison_figures, draw_comparison
from haloscale.robustness import AS_CONFIGURED, QUANTITIES, Interval, Refit, Robustness


def several(make_run, n_runs, **options):
    runs = [make_run(n=300 + 100 * k, **options) for k in range(n_runs)]
    known = [run.summary.parameters | run.summary.derived for run in runs]
    compared = [
        ComparedRun(f"run {k}", run, of["m_vir"], of["c"], of["r_vir"])
        for k, (run, of) in enumerate(zip(runs, known, strict=True))
    ]
    return Comparison(tuple(compared), "200 × critical", density_threshold("200c"))


def check(figure, name):
    assert figure.get_figwidth() <= style.TWO_COLUMNS + 1e-9
    for text in figure.findobj(matplotlib.text.Text):
        if text.get_visible() and text.get_text():
            assert text.get_fontsize() >= 7, (name, text)
    inside, (width, height) = figure.get_tightbbox(), figure.canvas.get_width_height()
    assert min(inside.x0, inside.y0) > -0.02, name
    assert inside.x1 < width / figure.dpi + 0.02, name
    assert inside.y1 < height / figure.dpi + 0.02, name


@pytest.mark.parametrize("n_runs", [1, 2, 9])
@pytest.mark.parametrize("name", list(comparison_figures))
def test_figures_of_several_runs_draw(make_run, name, n_runs):
    check(draw_comparison(name, several(make_run, n_runs)), name)


def test_figures_6_and_14_of_the_paper_are_there():
    numbers = {spec.paper_figure for _, spec in comparison_figures.items()}
    assert {6, 14} <= numbers


def test_runs_of_odd_bins_draw(make_run):
    comparison = several(make_run, 2, edges=(5.0, 60.0), free=())
    for name in comparison_figures:
        check(draw_comparison(name, comparison), name)


def test_simulated_stars_are_marked(make_run):
    mixed = several(make_run, 2)
    truth = make_run(n=200, truth={"m_vir": 1e12})
    mixed = replace(mixed, runs=(mixed.runs[0], replace(mixed.runs[1], run=truth)))
    texts = [text.get_text() for text in draw_comparison("mass_comparison", mixed).texts]
    assert "some of the stars are simulated" in texts


def test_points_of_every_run_stand_in_figure_6(make_run):
    comparison = several(make_run, 3)
    axes = draw_comparison("dispersion_comparison", comparison).axes[0]
    drawn = np.concatenate([line.get_ydata() for line in axes.lines])
    for compared in comparison.runs:
        sigma = compared.run.profile.sigma_los
        assert np.isin(sigma[np.isfinite(sigma)], drawn).all()


def test_an_unknown_figure_is_named():
    with pytest.raises(ConfigError, match="mass_comparison"):
        draw_comparison("mass_comparisons", Comparison((), "", 1.0))


def refit(group, name, percent, **more):
    values = {q: Interval(100 + percent, 90 + percent, 110 + percent) for q in QUANTITIES}
    return Refit(group, name, values=values, status="reliable", **more)


def robust(*refits):
    return Robustness(refit(AS_CONFIGURED, AS_CONFIGURED, 0.0), refits)


STUDIES = {
    "ordinary": robust(refit("disk", "disk x 0.8", -3), refit("disk", "x 1.2", 4), refit("beta", "beta = -0.3", -40)),
    "huge, uncounted and failed": robust(
        refit("slope", "huge", 900), refit("definition", "200m", 30, counted=False), Refit("beta", "none", note="no")
    ),
    "nothing changes": robust(refit("projection", "per_star", 0.0)),
}


@pytest.mark.parametrize("case", STUDIES)
def test_the_tornado_draws(make_run, case):
    run = replace(make_run(n=200), robustness=STUDIES[case])
    check(base.draw("tornado", run), "tornado")


def test_the_tornado_puts_the_largest_effect_first_and_definitions_last(make_run):
    study = robust(
        refit("definition", "200m", 90, counted=False),
        refit("disk", "disk mass x 0.8", -3),
        refit("beta", "beta = -0.3", 9),
    )
    figure = base.draw("tornado", replace(make_run(n=200), robustness=study))
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == [
        *("beta", "beta = −0.3", "disk", "disk mass × 0.8", "definition", "200m"),
        "systematic, in all",
    ]


def test_the_tornado_applies_only_to_varied_runs(make_run):
    run = make_run(n=200)
    assert "tornado" not in [spec.name for spec in base.in_order(run)]
    assert "tornado" in [spec.name for spec in base.in_order(replace(run, robustness=STUDIES["ordinary"]))]
    with pytest.raises(ValueError, match="no refits"):
        base.figures["tornado"].draw(run)


def test_a_quantity_that_failed_everywhere_draws(make_run):
    empty = Robustness(refit(AS_CONFIGURED, AS_CONFIGURED, 0.0), (Refit("beta", "0.9", chi2=nan),))
    check(base.draw("tornado", replace(make_run(n=200), robustness=empty)), "tornado")
