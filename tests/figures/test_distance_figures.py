"""The figures of distances from photometry, from a single star to many."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import matplotlib
import numpy as np
import pytest

from haloscale.distance.fiducials import fiducials
from haloscale.figures import base
from haloscale.figures.distance_comparison import agreement, ratios
from haloscale.figures.distance_posterior import posteriors, typical
from haloscale.figures.trends import trend
from haloscale.records import Run

MakeRun = Callable[..., Run]

NAMES = ["colour_magnitude", "distance_comparison", "distance_error", "distance_posterior"]
CASES: dict[str, dict[str, Any]] = {
    "ordinary": {"own": 1.0},
    "one star": {"n": 1, "own": 1.0},
    "few stars": {"n": 4, "own": 0.7},
    "metal-rich, all clusters, no cut": {
        "n": 60,
        "feh": (-0.4, 0.2),
        "clusters": ["M92", "M5", "M13", "M71", "NGC6791"],
        "horizontal_branch_cut": False,
    },
    "the sample's own metallicities": {"n": 300, "metallicity_prior": "sample"},
    "distances far from the catalogue's": {"n": 100, "own": 4.0},
}


def extra(run: Run, **columns: Any) -> Run:
    return replace(run, sample=replace(run.sample, extra={**run.sample.extra, **columns}))


@pytest.mark.parametrize("case", CASES)
def test_the_figures_draw_inside_their_frame_in_legible_type(
    case: str, make_placed: MakeRun, check_legible: Callable[[str, Any], None]
) -> None:
    run = make_placed(**CASES[case])
    for name in NAMES:
        if not base.figures[name].applies(run):
            continue
        check_legible(name, base.draw(name, run))


def test_only_what_the_sample_holds_is_drawn(make_run: MakeRun, make_placed: MakeRun) -> None:
    def drawn(run: Run) -> list[str]:
        return [spec.name for spec in base.in_order(run) if spec.name in NAMES]

    run = make_placed(60, own=1.1)
    assert drawn(make_run(n=60)) == []
    assert drawn(run) == NAMES
    assert drawn(make_placed(60)) == [name for name in NAMES if name != "distance_comparison"]
    for method, columns in (
        ("bhb", ["distance_comparison", "distance_error"]),  # there M_r is a function of the colour
        ("catalogue", ["colour_magnitude", "distance_comparison", "distance_error"]),
    ):
        assert drawn(replace(run, config={**run.config, "distance": {"method": method}})) == columns
    bare = {name: run.sample.extra[name] for name in ("gr0", "rmag0", "feh")}
    only_photometry = replace(run, sample=replace(run.sample, extra=bare))
    assert drawn(only_photometry) == ["colour_magnitude"]
    without_error = {k: v for k, v in run.sample.extra.items() if k != "gr0_error"}
    assert "distance_posterior" not in drawn(replace(run, sample=replace(run.sample, extra=without_error)))
    assert drawn(extra(run, catalogue_distance=np.full(60, np.nan))) == [n for n in NAMES if n != "distance_comparison"]


def test_axes_have_units_and_magnitudes_rise_downwards(make_placed: MakeRun) -> None:
    run = make_placed(100, own=1.0)
    for name in NAMES:
        for axes in base.draw(name, run).axes:
            for label in filter(None, (axes.get_xlabel(), axes.get_ylabel())):
                assert "(" in label or label == "distance / catalogue's own", (name, label)
    bottom, top = base.draw("colour_magnitude", run).axes[0].get_ylim()
    assert bottom > 3.0
    assert top < -3.3


def test_the_sequences_are_those_of_the_run_with_their_metallicities(make_placed: MakeRun) -> None:
    run = make_placed(60, clusters=["M92", "M5", "M71"])
    labels = base.draw("colour_magnitude", run).axes[0].get_legend_handles_labels()[1]
    lines = fiducials(("M92", "M5", "M71"))
    expected = [f"{name}  {feh:.2f}".replace("-", "−") for name, feh in zip(lines.names, lines.feh, strict=True)]
    assert labels == [*expected, "horizontal-branch cut"]
    kept = make_placed(60, horizontal_branch_cut=False)
    assert "horizontal-branch cut" not in base.draw("colour_magnitude", kept).axes[0].get_legend_handles_labels()[1]


def test_magnitudes_without_a_method_are_those_at_the_catalogue_s_distance(make_placed: MakeRun) -> None:
    run = make_placed(80)
    kept = {name: run.sample.extra[name] for name in ("gr0", "rmag0", "feh")}
    given = replace(run, sample=replace(run.sample, extra=kept), config={**run.config, "distance": {}})
    points = base.draw("colour_magnitude", given).axes[0].collections[-1].get_offsets()
    np.testing.assert_allclose(np.asarray(points)[:, 1], run.sample.extra["m_r"], atol=1e-6)


def test_the_posterior_drawn_is_the_one_whose_percentiles_the_sample_holds(make_placed: MakeRun) -> None:
    settings: list[dict[str, Any]] = [{}, {"colour_scatter": 0.05}, {"luminosity_slope": 0.0}]
    for given in settings:
        run = make_placed(120, **given)
        stars = typical(run.sample)
        found = posteriors(run, stars)
        for star, dm, density in zip(stars, found.dm, found.density, strict=True):
            cumulated = np.cumsum(density) - density / 2
            for percent in (5, 16, 50, 84, 95):
                here = np.interp(percent / 100 * density.sum(), cumulated, dm)
                assert here == pytest.approx(run.sample.extra[f"dm_p{percent:02d}"][star], abs=0.01)


def test_the_posterior_follows_the_distance_scale(make_placed: MakeRun) -> None:
    run = make_placed(50)
    stars = typical(run.sample)
    scaled = replace(run, config={**run.config, "catalogue": {**run.config["catalogue"], "distance_scale": 1.1}})
    np.testing.assert_allclose(posteriors(scaled, stars).dm - posteriors(run, stars).dm, 5 * np.log10(1.1), atol=1e-9)


def test_typical_stars_go_from_near_to_far(make_placed: MakeRun) -> None:
    run = make_placed(400)
    stars = typical(run.sample)
    assert len(np.unique(stars)) == 5
    ranks = np.argsort(np.argsort(run.sample.distance))[stars] / 399
    np.testing.assert_allclose(ranks, [0.03, 0.25, 0.5, 0.75, 0.97], atol=0.03)


def test_ratio_and_scatter_are_those_put_in(make_placed: MakeRun) -> None:
    run = make_placed(400, own=0.8)
    found = agreement(ratios(run.sample))
    assert found.median == pytest.approx(1 / 0.8, rel=0.03)
    errors = run.sample.distance_error / run.sample.distance
    assert found.scatter == pytest.approx(np.median(errors), rel=0.35)  # the other distances are the true ones
    text = base.draw("distance_comparison", run).axes[0].get_title(loc="left")
    assert f"median {found.median:.3f}" in text
    assert f"scatter {100 * found.scatter:.1f} %" in text


def test_the_standard_error_of_the_median_is_its_scatter() -> None:
    rng = np.random.default_rng(4)
    samples = [agreement(1 + 0.1 * rng.normal(size=200)) for _ in range(400)]
    spread = np.std([found.median for found in samples])
    assert np.mean([found.median * found.error for found in samples]) == pytest.approx(spread, rel=0.1)


def test_a_trend_holds_every_star_once_and_needs_enough_of_them() -> None:
    rng = np.random.default_rng(2)
    x = rng.uniform(1, 100, 1000)
    found = trend(x, 3 * x)
    assert found is not None
    np.testing.assert_allclose(found.median, 3 * found.x, rtol=1e-12)
    assert (np.diff(found.x) > 0).all()
    assert (found.lower < found.median).all()
    assert trend(x[:60], x[:60]) is None


def test_more_stars_than_points_can_show_become_cells(make_placed: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    from haloscale.figures import colour_magnitude, trends

    run = make_placed(500, own=1.0)
    for module in (trends, colour_magnitude):
        monkeypatch.setattr(module, "MANY_STARS", 100)
    for name in ("distance_error", "distance_comparison"):
        axes = base.draw(name, run).axes[0]
        assert any(isinstance(c, matplotlib.collections.PolyCollection) for c in axes.collections), name
        for axis in (axes.xaxis, axes.yaxis):
            assert not any("10^" in text.get_text() for text in axis.get_ticklabels()), name
    base.draw("colour_magnitude", run)


@pytest.mark.parametrize("name", NAMES)
def test_same_run_same_bytes(name: str, make_placed: MakeRun) -> None:
    run = make_placed(80, own=1.0)
    assert base.render(base.draw(name, run), "png") == base.render(base.draw(name, run), "png")
