"""The section on the velocities in space: the verdict near the top, once; every component and bin in the table."""

from dataclasses import replace

import numpy as np

from haloscale.figures import base
from haloscale.records import COMPONENTS, ComponentCheck, Counts, Predicted, VelocityCheck
from haloscale.report.page import render_report
from haloscale.report.velocities import section

VERDICT = "The velocities do not fit: v_phi at 18-60 kpc: the stars lag."


def checked():
    part = Predicted(*np.array([[-31.4, 2.0], [1.0, 1.5], [-4, -4], [4, 4], [-8.2, -8], [8, 8], [0.004, 0.5]]))
    counts = Counts(np.full((2, 20), 7), *np.full((3, 2, 20), 6.5))
    parts = {name: ComponentCheck(np.array([1234, 150]), part, part, part, part, part, counts) for name in COMPONENTS}
    where, limits = (
        np.array([[5.0, 18.0], [18.0, 60.0], [11.0, 30.0]]),
        {"mean": 3.0, "sigma": 3.0, "core": 3.0, "distance": 3.0},
    )
    return VelocityCheck(*where, parts, part, np.linspace(-500, 500, 21), 200, limits, 0.005, False, VERDICT)


def test_a_row_a_component_and_bin():
    made = section(checked())
    assert [row["bounds"] for row in made["rows"]] == ["5–18", "18–60"] * 4
    assert made["rows"][0]["cells"][0] == ("−31", "−8 to 8", "0.004")
    assert made["rows"][0]["n"] == 1234
    assert len(made["betas"]) == 2
    assert section(None) == {}


def test_the_verdict_stands_near_the_top_and_not_among_the_warnings(make_run, pictures, tmp_path):
    run = make_run(n=200)
    assert "Velocities in space" not in render_report(run, pictures)
    summary = replace(run.summary, warnings=(*run.summary.warnings, VERDICT))
    run = replace(run, velocities=checked(), summary=summary)
    for path in pictures.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for name in ("velocities", "velocity_ellipsoid"):
        (tmp_path / f"{name}.png").write_bytes(base.render(base.draw(name, run), "png"))
    text = render_report(run, tmp_path)
    assert text.count(VERDICT) == 1
    assert text.index(VERDICT) < text.index('id="sample"')
    assert 'id="velocities"' in text
    assert 'id="figure-velocities"' in text
    assert "1,234" in text
