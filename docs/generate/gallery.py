"""The figures of the page `gallery`: every registered one, drawn from runs of simulated stars."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np

import haloscale as hs
from haloscale.figures.base import FigureSpec, draw, in_order, svg
from haloscale.mock import streams
from haloscale.records import Run

FOLDER: Final = Path(__file__).parents[1] / "_build" / "generated"
SEED: Final = 1
FAST: Final[Mapping[str, Any]] = {"sampler.name": "laplace"}
GIANTS: Final[Mapping[str, Any]] = {
    **FAST,
    "distance.method": "giant_branch",
    "distance.system": "ps1",
    "substructure.method": "fof_adaptive",
}


def numbers() -> dict[str, str]:
    """None stands in the text."""
    return {}


def tables() -> dict[str, str]:
    """The sections of the page; each figure is a file beside them."""
    (FOLDER / "gallery").mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        return {"figures": "\n".join(_section(spec, *found) for spec, *found in _drawn(Path(folder)))}


def _drawn(folder: Path) -> Iterator[tuple[FigureSpec, str, Run]]:
    """Every figure with the first run that has what it shows, and what that run is."""
    left = {spec.name: spec for spec in in_order()}
    found: dict[str, tuple[FigureSpec, str, Run]] = {}
    for make in (_photometric, _in_space, _joint, _varied):
        if not left:
            break
        title, run = make(folder)
        for name in [name for name, spec in left.items() if spec.applies(run)]:
            found[name] = left.pop(name), title, run
    if left:
        raise ValueError(f"no run of the gallery has what these figures show: {', '.join(left)}")
    yield from (found[spec.name] for spec in in_order())


def _section(spec: FigureSpec, title: str, run: Run) -> str:
    (FOLDER / "gallery" / f"{spec.name}.svg").write_text(svg(draw(spec.name, run)), encoding="utf-8")
    paper = f" Fig. {spec.paper_figure} of Zhai et al. (2018)." if spec.paper_figure else ""
    return (
        f'## {spec.title}\n\n{spec.caption}{paper}\n\n```python\ndraw("{spec.name}", run)  # {title}\n```\n\n'
        f"![{spec.title}](_build/generated/gallery/{spec.name}.svg)\n"
    )


def _photometric(folder: Path) -> tuple[str, Run]:
    """Giants with photometry, distances of another source and a clump."""
    rng, truth = np.random.default_rng(SEED), hs.mock.Truth()
    stars = hs.mock.simulate_spectra(truth, rng, n_stars=14_000)
    own = stars.raw["true_distance"] * np.exp(0.15 * rng.standard_normal(len(stars)))
    stars = stars.with_columns(distance=own, distance_error=0.15 * own)
    stars, _ = streams.with_structures(stars, rng, [{"n": 150, "width": 2.0, "v_spread": 10.0}])
    path = folder / "giants.fits"
    hs.tables.write_star_table(path, stars)
    return "giants with photometry, and a clump removed", hs.weigh(path, survey="generic", set=GIANTS)


def _in_space(folder: Path) -> tuple[str, Run]:
    """Stars with proper motions and the likelihood that predicts them."""
    radial = hs.mock.Truth(anisotropy=hs.anisotropy.Constant(beta=0.5))
    stars = _halo(radial, 3000, velocities="exact")
    path = folder / "space.fits"
    hs.tables.write_star_table(path, stars)
    beta = {"prior": "uniform", "low": -0.4, "high": 0.95}
    exact = {**FAST, "likelihood.kind": "df", "likelihood.n_samples": 16, "anisotropy.beta": beta}
    return 'likelihood.kind = "df", proper motions', hs.weigh(path, survey="generic", set=exact)


def _joint(folder: Path) -> tuple[str, Run]:
    """Two tracers of one halo."""
    lines = ['[sampler]\nname = "laplace"\n']
    for name, n in (("giants", 20_000), ("blue", 8_000)):
        hs.tables.write_star_table(folder / f"{name}.fits", _halo(hs.mock.Truth(), n))
        lines.append(f'[[catalogue]]\nname = "{name}"\npath = "{name}.fits"\nsurvey = "generic"\n')
    (folder / "joint.toml").write_text("\n".join(lines), encoding="utf-8")
    return "two catalogues, one halo", hs.weigh(folder / "joint.toml")


def _varied(folder: Path) -> tuple[str, Run]:
    """One assumption changed at a time."""
    path = folder / "varied.fits"
    hs.tables.write_star_table(path, _halo(hs.mock.Truth(), 6000))
    return "weighed with --vary", hs.weigh(path, survey="generic", set=FAST, vary=True)


def _halo(truth: hs.mock.Truth, n: int, **how: Any) -> Any:
    rng = np.random.default_rng([SEED, n])
    return hs.mock.simulate_simple(truth, rng, n, distance_fractional_error=0.1, v_error=5.0, **how)
