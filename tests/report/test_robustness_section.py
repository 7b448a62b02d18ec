"""The robustness study on the page and in the terminal."""

from dataclasses import replace

from haloscale.report.page import render_report
from haloscale.report.robustness import lines, section
from haloscale.robustness import AS_CONFIGURED, MEANING, Interval, Refit, Robustness

BASE = {
    "m_vir": Interval(1.0e12, 0.9e12, 1.2e12),
    "c": Interval(15, 13, 18),
    "m_within_100kpc": Interval(8e11, 7e11, 9e11),
}
LIGHTER = {**BASE, "m_vir": Interval(0.8e12, 0.7e12, 0.9e12)}
OTHER = {**BASE, "m_vir": Interval(1.3e12, 1.2e12, 1.5e12)}
STUDY = Robustness(
    Refit(AS_CONFIGURED, AS_CONFIGURED, values=BASE, status="reliable"),
    (
        Refit("anisotropy", "beta = 0.3", values=LIGHTER, chi2=5.25, n_points=12, status="reliable"),
        Refit("definition", "200m", counted=False, values=OTHER, chi2=5.0, n_points=12, status="reliable"),
        Refit("tracer", "log_slope = 3", note="the integral diverges"),
    ),
)


def test_the_terminal_shows_changes_and_both_errors() -> None:
    said = lines(STUDY)
    assert "beta = 0.3" in said[1]
    assert "−20.0" in said[1]
    assert said[1].endswith("5.2/12")
    assert "(+30.0)" in said[2]
    assert said[3].endswith("the integral diverges")
    assert "m_vir  1.00 +0.20 −0.10 (stat) +0.00 −0.20 (sys) × 10^12  solMass" in said
    assert said[-1] == f"sys: {MEANING}"


def test_the_page_has_the_section_only_where_it_was_varied(make_run, pictures) -> None:
    run = make_run(n=200)
    assert section(None) == {}
    assert 'id="robustness"' not in render_report(run, pictures)
    page = render_report(replace(run, robustness=STUDY), pictures)
    assert 'id="robustness"' in page
    assert 'id="figure-tornado"' in page
    assert "the integral diverges" in page
    assert "(sys)" in page
    assert "Figure None" not in page
