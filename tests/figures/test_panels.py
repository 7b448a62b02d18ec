"""The numbers behind the figures: quantiles, contours, prior densities, the split of the bins, axes."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from haloscale.figures import base, style
from haloscale.figures.posterior import contour_levels, prior_density, quantiles
from haloscale.figures.velocity_histograms import split
from haloscale.figures.velocity_radius import velocity_limit
from haloscale.inference.priors import prior_from_table
from haloscale.records import Run

MakeRun = Callable[..., Run]

PRIORS = {
    "uniform": ({"prior": "uniform", "low": -2.0, "high": 5.0}, np.linspace(-3, 6, 200_001)),
    "log_uniform": ({"prior": "log_uniform", "low": 0.5, "high": 8.0}, np.linspace(0.1, 9, 200_001)),
    "normal": ({"prior": "normal", "mean": 1.0, "sd": 0.7}, np.linspace(-9, 9, 200_001)),
    "log_normal": ({"prior": "log_normal", "mean": 0.7, "sd": 0.3}, np.linspace(0.01, 20, 200_001)),
    "normal, cut": ({"prior": "normal", "mean": 1.0, "sd": 0.7, "low": 0.8, "high": 1.4}, np.linspace(-1, 4, 200_001)),
    "log_normal, cut": ({"prior": "log_normal", "mean": 0.7, "sd": 0.3, "high": 2.0}, np.linspace(0.01, 4, 200_001)),
}


@pytest.mark.parametrize("kind", PRIORS)
def test_prior_densities_integrate_to_one(kind: str) -> None:
    prior, x = PRIORS[kind]
    assert np.trapezoid(prior_density(prior, x), x) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("kind", PRIORS)
def test_prior_densities_are_those_of_the_sampler(kind: str) -> None:
    prior, x = PRIORS[kind]
    x = x[(x > prior.get("low", 1e-3)) & (x < prior.get("high", np.inf))][::1000]
    assert prior_density(prior, x) == pytest.approx(
        np.exp(prior_from_table(prior).log_density(x)), rel=1e-6, abs=1e-300
    )


def test_a_prior_of_unknown_kind_is_not_drawn() -> None:
    assert np.isnan(prior_density({"prior": "cauchy"}, np.ones(3))).all()


def test_quantiles_with_equal_weights_agree_with_numpy() -> None:
    values = np.random.default_rng(1).normal(size=20_001)
    q = np.array([0.16, 0.5, 0.84])
    assert quantiles(values, np.ones(len(values)), q) == pytest.approx(np.quantile(values, q), abs=2e-3)


@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_an_integer_weight_counts_like_repetition(weight: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=400)
    weights = np.where(values > 0, weight, 1)
    repeated = np.repeat(values, weights)
    q = np.array([0.25, 0.5, 0.75])
    found = quantiles(values, weights.astype(float), q)
    assert found == pytest.approx(quantiles(repeated, np.ones(len(repeated)), q), abs=0.08)


@given(st.integers(0, 2**32 - 1))
def test_contour_levels_rise_and_enclose_their_mass(seed: int) -> None:
    density = np.random.default_rng(seed).exponential(size=(30, 30)) ** 3
    low, high = contour_levels(density)
    assert low < high
    for level, mass in ((low, 0.954), (high, 0.683)):
        assert density[density >= level].sum() / density.sum() == pytest.approx(mass, abs=0.1)


def test_contour_levels_of_nothing_and_of_a_point() -> None:
    assert contour_levels(np.zeros((4, 4))) == []
    point = np.zeros((4, 4))
    point[1, 1] = 1.0
    assert contour_levels(point) == []


@pytest.mark.parametrize(
    ("edges", "inner"),
    [((5, 8, 35, 60), 2), ((5, 8, 10, 12), 2), ((40, 50, 60, 80, 100), 2), ((5, 60), 1), ((5, 30, 50), 1)],
)
def test_the_bins_are_split_at_35_kpc_or_in_halves(edges: tuple[float, ...], inner: int, make_run: MakeRun) -> None:
    assert split(make_run(n=100, edges=edges).profile) == inner


def test_every_bin_has_its_panel_with_its_count(make_run: MakeRun) -> None:
    run = make_run(n=2000, edges=(5, 7, 9, 12, 20, 30, 60))
    shown = []
    for name in ("velocity_histograms_inner", "velocity_histograms_outer"):
        for axes in base.draw(name, run).axes:
            shown += [text.get_text() for text in axes.texts if text.get_text().startswith("n = ")]
    assert shown == [f"n = {n:,}" for n in run.profile.n]


def test_the_gaussian_has_the_area_of_the_histogram(make_run: MakeRun) -> None:
    run = make_run(n=20_000)
    axes = base.draw("velocity_histograms_inner", run).axes[0]
    (line,) = axes.lines
    counts = axes.patches[0].get_xy()
    step = np.diff(np.unique(counts[:, 0]))[0]
    area = np.trapezoid(line.get_ydata(), line.get_xdata()) / step
    assert area == pytest.approx(run.profile.n[0], rel=0.01)


def test_errors_that_were_deconvolved_and_a_free_mean_are_put_back_into_the_gaussian(make_run: MakeRun) -> None:
    run = make_run(n=4000)
    sample = replace(run.sample, v_helio_error=np.full(len(run.sample), 150.0))
    profile = replace(run.profile, mean_v_gsr=np.full(len(run.profile), 50.0))
    config = {**run.config, "dispersion": {"deconvolve": True, "mean": "free"}}
    line = (
        base.draw("velocity_histograms_inner", replace(run, sample=sample, profile=profile, config=config))
        .axes[0]
        .lines[0]
    )
    v, height = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
    assert v[np.argmax(height)] == pytest.approx(50, abs=6)
    above = v[height > height.max() / 2]
    assert np.ptp(above) > 2.2 * np.hypot(run.profile.sigma_los[0], 140)


def test_bins_left_out_of_the_fit_are_hollow_and_empty_ones_shaded(make_run: MakeRun) -> None:
    run = make_run(n=200, edges=(5, 8, 12, 60, 200, 300))
    sigma = np.where(np.arange(5) < 3, run.profile.sigma_los, np.nan)
    profile = replace(run.profile, sigma_los=sigma, in_fit=np.array([True, False, True, False, False]))
    axes = base.draw("profile_fit", replace(run, profile=profile)).axes[0]
    labels = axes.get_legend_handles_labels()[1]
    assert {"stars, per bin", "not in the fit", "no dispersion"} <= set(labels)
    assert [c.lines[0].get_markerfacecolor() for c in axes.containers] == [style.BLACK, "white"]


def test_the_posterior_puts_the_halo_first_and_marks_the_truth(make_run: MakeRun) -> None:
    run = make_run(n=100, free=("beta", "c", "m_vir"), truth={"beta": 0.1})
    figure = base.draw("posterior", run)
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert [("vir" in t, t.startswith("$c$"), "beta" in t) for t in titles] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]
    colours = [line.get_color() for axes in figure.axes for line in axes.lines]
    assert colours.count(style.VERMILLION) == 3


def test_a_posterior_as_wide_as_its_prior_is_drawn_in_the_logarithm(make_run: MakeRun) -> None:
    run = make_run(n=100, free=("m_vir", "c"))
    draws = np.random.default_rng(3).uniform([11, 0], [13, 2], size=(len(run.chain), 2))
    figure = base.draw("posterior", replace(run, chain=replace(run.chain, values=10**draws)))
    assert figure.axes[-1].get_xlabel().startswith(r"$\log_{10}")
    low, high = figure.axes[1].get_xlim()
    assert 10.8 < low < 11.2
    assert 12.8 < high < 13.2


def test_a_chain_that_never_moved_is_drawn(make_run: MakeRun) -> None:
    run = make_run(n=100)
    stuck = replace(run.chain, values=np.tile([1e12, 18.0], (len(run.chain), 1)))
    base.draw("posterior", replace(run, chain=stuck))


@given(st.floats(1e-3, 1e3), st.floats(1.05, 1e9))
def test_logarithmic_axes_have_ticks_in_plain_numbers(low: float, ratio: float) -> None:
    axes = Figure().subplots()
    style.plain_log(axes, "x", low, low * ratio)
    ticks = [t for t in axes.xaxis.get_majorticklocs() if low <= t <= low * ratio]
    assert len(ticks) <= 12
    assert len(ticks) >= 1 or ratio < 2
    if ratio < 1e3:
        assert all("e" not in text for text in axes.xaxis.get_major_formatter().format_ticks(ticks)) or low < 1e-2


def test_velocities_far_outside_do_not_squeeze_the_rest() -> None:
    v = np.random.default_rng(5).normal(0, 120, 5000)
    assert velocity_limit(np.append(v, 40_000.0)) < 1400
    assert velocity_limit(v) >= np.abs(v).max()
    assert velocity_limit(np.array([])) > 0
