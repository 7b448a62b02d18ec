"""The figure of the predictive check: every bin and every point in view, far ones marked."""

from dataclasses import replace

import numpy as np
import pytest

from haloscale.figures import base
from haloscale.records import Predicted, PredictiveCheck


def checked(run, mean=0.0):
    profile = run.profile
    used = profile.in_fit
    n = int(used.sum())
    width = 100 / np.sqrt(2 * np.maximum(profile.n[used], 2))

    def around(observed, middle):
        sides = (middle - width, middle + width, middle - 2 * width, middle + 2 * width)
        return Predicted(observed, np.full(n, middle), *sides, np.full(n, 0.5))

    sigma = around(np.append(np.full(n - 1, 118.0), 230.0), 115.0)
    means = around(profile.mean_v_gsr[used] + mean, 0.0)
    where = profile.r_low[used], profile.r_high[used], profile.r[used], profile.n[used]
    return PredictiveCheck(*where, sigma, means, means, 500, 0.3, 0.002, False, "It does not fit.")


@pytest.mark.parametrize("edges", [(5, 8, 12, 20, 40, 120), (0, 10, 30), (20, 25)])
def test_every_point_is_in_view(make_run, check_legible, edges):
    run = make_run(n=2000, edges=edges)
    run = replace(run, predictive=checked(run, mean=-40.0))
    figure = base.draw("predictive", run)
    check_legible("predictive", figure)
    assert figure.get_figwidth() == pytest.approx(3.5)
    for axes, quantity in zip(figure.axes, (run.predictive.sigma_los, run.predictive.mean_v_gsr), strict=True):
        low, high = axes.get_ylim()
        assert low < min(quantity.observed.min(), quantity.lower_95.min())
        assert high > max(quantity.observed.max(), quantity.upper_95.max())
        drawn = np.concatenate([line.get_ydata() for line in axes.lines if line.get_marker() in "o^"])
        np.testing.assert_allclose(np.sort(drawn), np.sort(quantity.observed))
        far = [line for line in axes.lines if line.get_marker() == "^"]
        assert sum(len(line.get_ydata()) for line in far) == (np.abs(quantity.deviation) > 2.5).sum()
        assert "km s" in axes.get_ylabel()


def test_a_run_without_the_check_has_no_such_figure(make_run):
    run = make_run()
    assert "predictive" not in [spec.name for spec in base.in_order(run)]
    assert "predictive" in [spec.name for spec in base.in_order(replace(run, predictive=checked(run)))]
