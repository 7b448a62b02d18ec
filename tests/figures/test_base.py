"""The registry of figures, and how they are written."""

import io
from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image

from haloscale.errors import ConfigError, RunFolderError
from haloscale.figures import base, style
from haloscale.records import Run

MakeRun = Callable[..., Run]

CASES = {
    "ordinary": {},
    "few stars": {"n": 23, "status": "unusable"},
    "one bin, nothing free": {"n": 300, "edges": (5.0, 60.0), "free": ()},
    "an empty bin and many bins": {"n": 400, "edges": tuple(np.linspace(5, 150, 11))},
    "one free parameter": {"n": 500, "free": ("beta",), "n_draws": 300},
    "five free parameters, truth known": {
        "n": 500,
        "free": ("c", "disk_m", "m_vir", "beta", "log_slope"),
        "truth": {"m_vir": 1e12, "beta": 0.1},
    },
    "bands of huge range": {"n": 500, "spread": 1e6},
}


@pytest.mark.parametrize("case", CASES)
def test_every_figure_draws_inside_its_frame_in_legible_type(case: str, make_run: MakeRun) -> None:
    run = make_run(**CASES[case])
    for spec in base.in_order(run):
        figure = base.draw(spec.name, run)
        assert figure.get_figwidth() <= style.TWO_COLUMNS + 1e-9
        width, height = figure.canvas.get_width_height()
        for text in figure.findobj(matplotlib.text.Text):
            if text.get_visible() and text.get_text():
                assert text.get_fontsize() >= 7, (spec.name, text)
        inside = figure.get_tightbbox()
        assert min(inside.x0, inside.y0) > -0.02, spec.name
        assert inside.x1 < width / figure.dpi + 0.02, spec.name
        assert inside.y1 < height / figure.dpi + 0.02, spec.name


@pytest.mark.parametrize("name", ["spatial", "velocity_radius", "dispersion", "profile_fit", "mass_and_dispersion"])
def test_axes_carry_labels_with_units(name: str, make_run: MakeRun) -> None:
    figure = base.draw(name, make_run(n=300))
    labels = [label for axes in figure.axes for label in (axes.get_xlabel(), axes.get_ylabel()) if label]
    assert labels
    assert all("(" in label for label in labels if label != "stars")


def test_the_figures_of_the_paper_are_registered_in_its_order() -> None:
    specs = base.in_order()
    numbers = [spec.paper_figure for spec in specs if spec.paper_figure is not None]
    assert numbers == sorted(numbers)
    assert {1, 2, 3, 4, 5, 7, 8, 9, 11} <= set(numbers)
    assert all(spec.caption.endswith(".") and spec.title for spec in specs)


def test_an_unknown_figure_offers_a_near_name(make_run: MakeRun) -> None:
    with pytest.raises(ConfigError, match="did you mean 'posterior'"):
        base.draw("posteriors", make_run(n=50))


@pytest.mark.slow
def test_equal_runs_give_equal_bytes_in_all_formats(make_run: MakeRun) -> None:
    for name in ("spatial", "posterior"):
        first, second = (base.draw(name, make_run(n=400)) for _ in range(2))
        for kind in ("png", "pdf", "svg"):
            assert base.render(first, kind) == base.render(second, kind), (name, kind)


def test_a_figure_leaves_no_trace_in_the_users_matplotlib(make_run: MakeRun, tmp_path: Path) -> None:
    with matplotlib.rc_context({"font.size": 31.0, "lines.linewidth": 9.0}):
        before = dict(matplotlib.rcParams)
        figure = base.draw("dispersion", make_run(n=200))
        base.save(figure, tmp_path / "a")
        assert dict(matplotlib.rcParams) == before
    base.save(base.draw("dispersion", make_run(n=200)), tmp_path / "b")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.slow
def test_saving_writes_png_and_pdf_and_nothing_else(make_run: MakeRun, tmp_path: Path) -> None:
    told: list[str] = []
    run = make_run(n=100)
    base.draw_all(run, tmp_path, told.append)
    assert {p.name for p in tmp_path.iterdir()} == {f"{name}.{kind}" for name in told for kind in ("png", "pdf")}
    assert told == [spec.name for spec in base.in_order(run)]
    with Image.open(tmp_path / "dispersion.png") as picture:
        assert picture.width == pytest.approx(style.ONE_COLUMN * style.DPI, abs=1)


def test_a_write_that_fails_leaves_the_old_file(
    make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = base.draw("dispersion", make_run(n=50))
    target = tmp_path / "a.png"
    target.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(RunFolderError, match="disk full"):
        base.save(figure, tmp_path / "a")
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]
    assert target.read_bytes() == b"old"


def test_simulated_stars_are_marked_and_real_ones_are_not(make_run: MakeRun) -> None:
    for truth, marked in (({"m_vir": 1e12}, True), (None, False)):
        for name in ("spatial", "velocity_radius", "dispersion"):
            texts = [text.get_text() for text in base.draw(name, make_run(n=100, truth=truth)).texts]
            assert ("simulated stars" in texts) is marked, name


def test_svg_is_one_element_that_needs_no_file(make_run: MakeRun) -> None:
    text = base.svg(base.draw("velocity_radius", make_run(n=3000)))
    assert text.startswith("<svg")
    assert text.rstrip().endswith("</svg>")
    assert len(text) < 300_000
    assert 'href="http' not in text


def test_large_samples_are_drawn_as_counts(make_run: MakeRun) -> None:
    run = make_run(n=200_000)
    for name in ("spatial", "velocity_radius"):
        content = base.render(base.draw(name, run), "pdf")
        assert len(content) < 600_000


def test_png_is_readable_and_not_blank(make_run: MakeRun) -> None:
    with Image.open(io.BytesIO(base.render(base.draw("spatial", make_run(n=500)), "png"))) as picture:
        shades = np.asarray(picture.convert("L"))
    assert shades.min() < 50
    assert shades.max() == 255
