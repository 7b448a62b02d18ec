"""A finished run folder, opened read-only: what it holds, shown as a page shows anything else."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from haloscale import stages
from haloscale._version import __version__
from haloscale.config import JointConfig, RunConfig, restore
from haloscale.errors import ConfigError, InputError, RunFolderError
from haloscale.folder import is_finished, read_run
from haloscale.inference.model import GalaxyModel
from haloscale.records import Band, Run
from haloscale.web import curves, quick
from haloscale.web.advice import on_page
from haloscale.web.answers import Message, cut_rows, stars
from haloscale.web.downloads import figure_list
from haloscale.web.jobs import listing, told
from haloscale.web.state import State
from haloscale.web.symbols import symbols


class Held:
    """Messages about a finished run; of a state only the point counts.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    RunFolderError
        It holds no finished run, or one of another version that cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, (self.run, self.config) = folder, _read(folder)
        self.files = listing(folder)
        self.figures = [spec["name"] for spec in figure_list(self.run)]
        self._joined: Any = None

    @property
    def title(self) -> str:
        """Name of the catalogue, where there is one, and of the folder."""
        path = self.config.catalogue.path
        return f"{self.folder.name}: {path}" if path else self.folder.name

    @property
    def remarks(self) -> list[str]:
        """What to say of the folder: that another version made it."""
        made_by = (self.run.summary.version, str(self.run.provenance.get("haloscale", __version__)))
        other = next((version for version in made_by if version != __version__), None)
        if other is None:
            return []
        return [f"This run was made by haloscale {other}; what is shown is computed by {__version__} and may differ."]

    def sample(self, state: State) -> Message:
        """Stars, groups and cut flow of the run."""
        run, most = self.run, self.config.substructure.max_members
        return {
            "kind": "sample", "cuts": cut_rows(run.cutflow), "n_total": len(run.sample),
            **stars(run.sample, most), "notes": [*self.remarks, *map(on_page, run.summary.warnings)],
        }  # fmt: skip

    def profile(self, state: State) -> Message:
        """The dispersion profile of the run."""
        return {"kind": "profile", **curves.measured_by_catalogue(self.run.profile)}

    def curves(self, state: State, *, with_published: bool = False) -> Message:
        """The model at the point of the state, with the bands of the run; of several catalogues the bands alone."""
        masses, run = self.run.mass_profile, self.run
        bands = {name: _band(getattr(masses, name)) for name in ("sigma_los", "sigma_r", "v_circ", "enclosed_mass")}
        banded = {"bands": {"r": curves.numbers(masses.r), **bands}}
        shown = {"literature": curves.published(300.0)} if with_published else {}
        about: Message = {"chi2": curves.number(run.summary.chi2), "n_bins": run.summary.n_points, "notes": []}
        about |= {"notes": list(self.remarks), "figures": self.figures}
        if isinstance(self.config, JointConfig):
            about["notes"].append(
                f"Curves: medians of the fit of {' and '.join(run.catalogues)} together; there is no slider. "
                "Points: the bins of each catalogue."
            )
            return {"kind": "curves", **banded, **shown, **about, **_medians(run)}
        model = stages.galaxy_model(self.config)
        theta = self._theta(model, state)
        made = curves.curves(self.config, model, run.profile, theta)
        if state.point:
            about["chi2"], notes = self._chi2(theta)
            about["notes"] += notes
        return {"kind": "curves", **made, **banded, **shown, **about}

    def posterior(self, state: State) -> Message:
        """The draws of the run."""
        model = stages.galaxy_model(self.config)
        return {"kind": "posterior", **quick.of_chain(self.run.chain, model, state.axes)}

    def summary(self) -> dict[str, Any]:
        """What the run found, as of a finished fit."""
        return told(self.run)

    def _theta(self, model: GalaxyModel, state: State) -> Any:
        chain = self.run.chain
        best = dict(zip(chain.names, chain.values[int(np.argmax(chain.log_posterior))], strict=True))
        return curves.vector(model, {**best, **state.point})

    def _chi2(self, theta: Any) -> tuple[float | None, list[str]]:
        try:
            if self._joined is None:
                run = self.run
                self._joined = stages.posterior(self.config, run.sample, run.profile, run.circular_velocity)
            return curves.binned_chi2(self._joined, theta)[0], []
        except InputError as error:
            return None, [f"no chi2: {error.found}"]


def _read(folder: Path) -> tuple[Run, RunConfig]:
    made_by = _version(folder)
    try:
        run = read_run(folder)
        return run, restore(run.config)
    except RunFolderError as error:
        if not is_finished(folder) or made_by == __version__:
            raise
        raise _of_another_version(folder, made_by, error.found) from None
    except Exception as error:  # what an unknown layout of the files raises
        why = error.found if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        raise _of_another_version(folder, made_by, why) from None


def _version(folder: Path) -> str:
    """The version that made a run, as its summary says."""
    try:
        return str(json.loads((folder / "summary.json").read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return "of unknown version"


def _of_another_version(folder: Path, made_by: str, why: str) -> RunFolderError:
    return RunFolderError(
        f"{folder} was made by haloscale {made_by} and cannot be read by {__version__} ({why})",
        f"a run folder of haloscale {__version__}",
        "open it with the version that made it, or weigh the catalogue again",
    )


def start_state(config: RunConfig) -> State:
    """The state that shows the settings of a run."""
    from haloscale.config import diff, load
    from haloscale.web.controls import defaults

    recipe = load(config.recipe).config.to_mapping()
    if isinstance(config, JointConfig):
        return State(recipe=config.recipe)
    held = config.to_mapping()
    values = defaults(held)
    changed = [key for key in diff(recipe, held) if key in values and not key.startswith("catalogue.")]
    return State(recipe=config.recipe, settings={key: values[key] for key in changed})


def refuse_change() -> None:
    """Refuse what a finished run cannot do. Errors: `ConfigError`."""
    raise ConfigError(
        "this is a finished run, opened read-only",
        "a catalogue",
        "start the explorer with the catalogue: haloscale explore",
    )


def _band(band: Band) -> Mapping[str, Any]:
    return {name: curves.numbers(getattr(band, name)) for name in ("median", "lower", "upper")}


def _medians(run: Run) -> Message:
    masses = run.mass_profile
    return {
        "r": curves.numbers(masses.r), "sigma_los": curves.numbers(masses.sigma_los.median),
        "sigma_los_of": {name: curves.numbers(one.sigma_los.median) for name, one in masses.catalogues.items()},
        "sigma_r": curves.numbers(masses.sigma_r.median),
        "v_circ": {"total": curves.numbers(masses.v_circ.median)},
        "mass": {"total": curves.numbers(masses.enclosed_mass.median), "halo": curves.numbers(masses.halo_mass.median)},
        "point": {}, "free": [], "derived": _answers(run),
    }  # fmt: skip


def _answers(run: Run) -> Message:
    """What the run found, as derived numbers with their 68 % intervals."""
    labels = {p.name: p.label for p in run.chain.parameters}
    return {
        name: {"value": curves.number(one.median), "low68": curves.number(one.lower),
               "high68": curves.number(one.upper), "unit": one.unit, "definition": symbols(one.definition),
               "symbol": labels.get(name, "")}
        for name, one in {**run.summary.parameters, **run.summary.derived}.items()
    }  # fmt: skip
