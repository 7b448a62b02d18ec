"""The figures of the velocities in space: every bin and point in view, what is off marked, shared limits."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_hex

from haloscale.figures import base, style
from haloscale.records import COMPONENTS, ComponentCheck, Counts, Predicted, VelocityCheck

STEPS = np.linspace(-500.0, 500.0, 21)


def around(observed, middle, width):
    n = len(observed)
    sides = (middle - width, middle + width, middle - 2 * width, middle + 2 * width)
    return Predicted(np.asarray(observed, float), np.full(n, middle), *(np.full(n, s) for s in sides), np.full(n, 0.5))


def checked(edges, odd=()):
    """A check in which the dispersions of some (component, bin) are 300 km/s."""
    rng, n = np.random.default_rng(3), len(edges) - 1
    edges = np.array(edges, float)
    middle = 0.5 * (STEPS[1:] + STEPS[:-1])
    parts = {}
    for name in COMPONENTS:
        height = np.linspace(300, 8, n)[:, None] * np.exp(-0.5 * (middle / 110) ** 2)
        sigma = [300.0 if (name, k) in odd else 112.0 for k in range(n)]
        counts = Counts(rng.poisson(height), height, np.maximum(height - np.sqrt(height), 0), height + np.sqrt(height))
        sides = around([0.0] * n, 0.0, 6.0), *2 * (around(sigma, 110.0, 4.0),), around([0.0] * n, 0, 0.4)
        parts[name] = ComponentCheck(
            np.linspace(1500, 100, n).astype(int), *sides, around([0.04] * n, 0.04, 0.01), counts
        )
    limits = {"mean": 3.5, "sigma": 4.0, "core": 4.0, "distance": 4.5}
    betas = around([0.5] * (n - 1) + [-9.0], 0.5, 0.1)
    r = np.sqrt(np.maximum(edges[:-1], 0.1) * edges[1:])
    return VelocityCheck(edges[:-1], edges[1:], r, parts, betas, STEPS, 200, limits, 0.3, True, "It fits.")


@pytest.mark.parametrize("edges", [(5, 10, 18, 35, 60, 120), (0, 30)])
def test_every_histogram_is_in_view(make_run, check_legible, edges):
    run = replace(make_run(n=300), velocities=checked(edges, odd={("v_phi", 0)}))
    figure = base.draw("velocities", run)
    check_legible("velocities", figure)
    n = len(edges) - 1
    assert len(figure.axes) == 4 * n
    for i, axes in enumerate(figure.axes):
        counts = list(run.velocities.components.values())[i // n].counts
        assert axes.get_ylim()[1] > max(counts.observed[i % n].max(), counts.upper[i % n].max())
        assert axes.get_xlim() == (-500, 500)
        assert axes.get_ylim() == figure.axes[i % n].get_ylim()
        drawn = sum(line.get_ydata().sum() for line in axes.lines if line.get_marker() == "o")
        assert drawn == counts.observed[i % n].sum()
    framed = [i for i, a in enumerate(figure.axes) if to_hex(a.spines["left"].get_edgecolor()) != "#000000"]
    assert framed == [3 * n]
    assert "km s" in figure.get_supxlabel()


def texts_overlap(figure):
    boxes = [
        (text.get_text(), text.get_window_extent())
        for axes in figure.axes
        for text in (axes.title, *axes.texts)
        if text.get_text()
    ]
    return [(a[0], b[0]) for i, a in enumerate(boxes) for b in boxes[i + 1 :] if a[1].overlaps(b[1])]


@pytest.mark.parametrize("edges", [(5, 10, 18, 35, 60, 120), (0, 30)])
def test_dispersions_and_anisotropy(make_run, check_legible, edges):
    run = replace(make_run(n=300), velocities=checked(edges, odd={("v_r", 0)}))
    figure = base.draw("velocity_ellipsoid", run)
    check_legible("velocity_ellipsoid", figure)
    assert texts_overlap(figure) == []
    *sigmas, beta = figure.axes
    assert len({axes.get_ylim() for axes in sigmas}) == 1
    for axes in figure.axes:
        low, high = axes.get_ylim()
        drawn = np.concatenate([line.get_ydata() for line in axes.lines if line.get_marker() in ("o", "v", "^")])
        assert len(drawn) == len(edges) - 1
        assert ((drawn > low) & (drawn < high)).all()
    outside = [line for line in beta.lines if line.get_marker() == "v"]
    assert [len(line.get_xdata()) for line in outside] == [1]
    assert to_hex(outside[0].get_markeredgecolor()).upper() == style.VERMILLION


def test_a_run_without_the_check_has_no_such_figures(make_run):
    run = make_run(n=300)
    names = {"velocities", "velocity_ellipsoid"}
    assert not names & {spec.name for spec in base.in_order(run)}
    assert names <= {spec.name for spec in base.in_order(replace(run, velocities=checked((5, 20, 60))))}
