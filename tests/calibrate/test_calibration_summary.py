"""From rows to coverage, ranks, bias and a verdict: on posteriors that are known to be right or wrong."""

import json

import numpy as np
import pytest
from scipy.special import ndtr

from haloscale import calibrate
from haloscale.calibrate.catalogue import DRAWS, MEASURED
from haloscale.calibrate.summary import coverage, uniformity
from haloscale.figures.calibrate import draw_calibration

N = 400
SD = 0.1


def table(design, *, stated=1.0, shift=0.0, failed=0):
    """Gaussian posteriors of ln x around the truth: `stated` times their true width, off by `shift` true widths."""
    rng, columns = np.random.default_rng(5), {"index": np.arange(float(N))}
    columns |= {"status": np.full(N, 3.0), "n_in_bins": np.full(N, 700.0), "ess": np.full(N, 1e3)}
    columns["share_at_ends"] = np.zeros(N)
    for quantity in design.quantities:
        ln_truth = rng.normal(np.log(20.0), 0.5, N)
        centre, width = ln_truth + SD * (rng.standard_normal(N) + shift), stated * SD
        ends = {"median": 0.0, "mean": 0.0, "lower": -1.0, "upper": 1.0, "low_95": -1.96, "high_95": 1.96}
        found = {name: np.exp(centre + z * width) for name, z in ends.items()}
        pull = (centre - ln_truth) / width
        found |= {"truth": np.exp(ln_truth), "sd": found["mean"] * width, "pull": pull}
        found["rank"] = rng.binomial(DRAWS, ndtr(-pull)).astype(float)
        assert set(found) == set(MEASURED)
        columns |= {f"{quantity.name}_{name}": values for name, values in found.items()}
    columns["status"][:failed] = 0.0
    for name in columns:
        if name.split("_")[-1] in {*MEASURED, "95"}:
            columns[name][:failed] = np.nan
    return columns


@pytest.fixture
def design():
    return calibrate.design(n=N, stars=60, settings={"sampler.name": "laplace", "dispersion.edges": [115, 118]})


def test_right_posteriors_are_called_calibrated(design):
    summary = calibrate.summarise(design, table(design))
    assert summary["verdict"] == "calibrated"
    assert calibrate.is_calibrated(summary)
    for about in summary["quantities"].values():
        assert about["coverage_68"]["share"] == pytest.approx(0.6827, abs=3 * about["coverage_68"]["error"])
        assert about["coverage_95"]["share"] == pytest.approx(0.95, abs=3 * 0.0109)
        assert abs(about["bias"]["mean"]) < 3 * about["bias"]["error"]
        assert about["bias"]["pull_sd"] == pytest.approx(1.0, abs=0.12)
        assert sum(about["sbc"]["counts"]) == N
        assert len(about["sbc"]["counts"]) == 20
    assert any("verdict: calibrated" in line for line in calibrate.lines(summary))
    json.dumps(summary, allow_nan=False)


@pytest.mark.parametrize(
    ("wrong", "words", "not_said"),
    [
        ({"stated": 0.7}, "error bars too small", "biased"),
        ({"stated": 1.5}, "error bars too large", "biased"),
        ({"shift": 1.0}, "biased by +1", "error bars"),
        ({"shift": -0.5}, "biased by -0.4", "error bars"),
    ],
)
def test_wrong_posteriors_are_told_in_words(design, wrong, words, not_said):
    summary = calibrate.summarise(design, table(design, **wrong))
    assert summary["verdict"] == "not calibrated"
    assert not calibrate.is_calibrated(summary)
    about = summary["quantities"]["m_vir"]
    assert any(words in problem for problem in about["problems"])
    assert not any(not_said in problem for problem in about["problems"])
    assert any("NOT calibrated" in line for line in calibrate.lines(summary))


def test_the_bias_in_per_cent_is_that_of_median_over_truth(design):
    columns = table(design, shift=1.0)
    told = calibrate.summarise(design, columns)["quantities"]["c"]["bias_percent"]
    assert told["mean"] == pytest.approx(100 * np.expm1(np.log(columns["c_median"] / columns["c_truth"]).mean()))
    assert told["mean"] == pytest.approx(100 * np.expm1(SD), abs=4 * told["error"])


def test_failed_fits_are_told_and_the_others_count(design):
    summary = calibrate.summarise(design, table(design, failed=30))
    assert summary["fits"] == {"failed": 30, "unusable": 0, "tentative": 0, "reliable": N - 30}
    assert summary["quantities"]["c"]["n"] == N - 30
    assert "none of the 1 radial bins" in summary["first_failure"]
    said = calibrate.lines(summary)
    assert any("370 reliable, 30 failed" in line for line in said)
    assert any("none of the 1 radial bins" in line for line in said)


def test_fits_that_are_all_unusable_are_no_calibration(design):
    columns = table(design)
    columns["status"][:] = 1.0
    summary = calibrate.summarise(design, columns)
    assert summary["fits"]["unusable"] == N
    assert not calibrate.is_calibrated(summary)


def test_even_ranks_are_even_and_others_are_not():
    even = uniformity(np.repeat(np.arange(DRAWS + 1), 3).astype(float))
    assert even["chi2"] == 0.0
    assert even["p"] == 1.0
    assert even["counts"] == [15] * 20
    low = uniformity(np.repeat(np.arange(50), 6).astype(float))
    assert low["p"] < 1e-10
    assert uniformity(np.array([0.0, 99.0]))["counts"] == [1, 1]


def test_coverage_is_judged_by_the_binomial_law():
    told = coverage(20, 20, 0.6827)
    assert told["share"] == 1.0
    assert told["error"] == pytest.approx((0.6827 * 0.3173 / 20) ** 0.5)
    assert told["p"] < 0.01
    assert coverage(205, 300, 0.6827)["p"] > 0.9


def test_the_figure_has_a_row_for_every_quantity(design):
    columns = table(design)
    summary = calibrate.summarise(design, columns)
    figure = draw_calibration(columns, summary, {q.name: q.label for q in design.quantities})
    assert len(figure.axes) == 2 * len(design.quantities)
