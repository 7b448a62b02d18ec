"""What a reproduction runs: the paper's three fits, ours, and the samples that Fig. 6 sets beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from haloscale import api, mock
from haloscale.errors import ConfigError, nearest
from haloscale.folder import SIMULATED_CATALOGUE
from haloscale.reproduce.catalogue import truth
from haloscale.reproduce.facts import read_bias
from haloscale.run import Request

PAPERS: Final = ("zhai2018",)

RECIPES: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "beta0_sigma": (r"$\beta$ = 0, from $\sigma_{\rm los}$", {"anisotropy.beta": 0.0, "jeans.route": "sigma"}),
    "beta0_v_circ": (r"$\beta$ = 0, from $V_{\rm circ}$", {"anisotropy.beta": 0.0, "jeans.route": "v_circ"}),
    "beta0.3_v_circ": (r"$\beta$ = 0.3, from $V_{\rm circ}$", {"anisotropy.beta": 0.3, "jeans.route": "v_circ"}),
    "beta0.3_integral": (r"$\beta$ = 0.3, integral", {"anisotropy.beta": 0.3, "jeans.route": "sigma"}),
}
"""Name of a run -> its label in figures, and what it changes of the recipe: the paper's three, and ours.

Ours keeps the paper's sigma_r = sigma_los (projection none), so that it differs from `beta0.3_v_circ` by the derivative
alone; `facts` computes what the projection changes."""

_OURS_TO_SET: Final = ("anisotropy", "jeans.route", "recipe")
_ALSO: Final = "also_"


@dataclass(frozen=True)
class Design:
    """A reproduction.

    Parameters
    ----------
    catalogue : Path or None
        None: simulated, from the paper's best fit.
    requests : mapping of str to Request
        The fits by name; those of the further samples are named ``also_SURVEY``.
    labels : mapping of str to str
        What figures and tables call them.
    bias : Path or None
        Folder of a finished `haloscale bias`.
    """

    catalogue: Path | None
    requests: Mapping[str, Request]
    labels: Mapping[str, str]
    bias: Path | None = None

    @property
    def also(self) -> tuple[str, ...]:
        """Names of the further samples."""
        return tuple(name for name in self.requests if name.startswith(_ALSO))

    @property
    def seed(self) -> int:
        """Seed of all random numbers."""
        return self.requests["beta0_sigma"].loaded.config.seed


def design(
    paper: str,
    folder: Path,
    *,
    catalogue: Path | None = None,
    survey: str = "",
    settings: Mapping[str, Any] | None = None,
    columns: Mapping[str, str] | None = None,
    seed: int | None = None,
    also: Sequence[Path] = (),
    also_survey: Sequence[str] = (),
    bias: Path | None = None,
) -> Design:
    """A checked reproduction.

    Parameters
    ----------
    paper : str
        One of `PAPERS`.
    folder : Path
        Where the reproduction goes; a simulated catalogue is kept in it.
    catalogue, survey
        As for `haloscale.weigh`; without them the stars are simulated.
    settings, columns, seed
        As for `haloscale.weigh`, for every fit.
    also : sequence of Path
        Further catalogues, for Fig. 6.
    also_survey : sequence of str
        Their surveys.
    bias : Path, optional
        Folder of a finished `haloscale bias`.

    Raises
    ------
    ConfigError
        A paper, survey or setting that cannot be used.
    RunFolderError
        The folder `bias` holds no finished study.
    """
    if paper not in PAPERS:
        raise ConfigError(f"no paper is called {paper!r}", f"one of: {', '.join(PAPERS)}", nearest(paper, PAPERS))
    if catalogue is None and (survey or columns):
        raise ConfigError(
            "--survey or --columns without --catalogue", "the catalogue that they describe",
            "add --catalogue FILE, or leave them out: the stars are then simulated",
        )  # fmt: skip
    read_bias(bias)
    given = dict(settings or {})
    if taken := sorted(key for key in given if key.startswith(_OURS_TO_SET)):
        raise ConfigError(f"--set {taken[0]}", "nothing: the reproduction sets it, a value a fit", "leave it out")
    if catalogue is None:
        asked = _simulated(folder / SIMULATED_CATALOGUE, given, seed)
    else:
        about: dict[str, Any] = {"seed": seed, "columns": columns, "only": _ALONE}
        fits = {name: {**given, **changes} for name, (_, changes) in RECIPES.items()}
        asked = {name: api.request(catalogue, survey, settings=fit, **about) for name, fit in fits.items()}
    labels = {name: label for name, (label, _) in RECIPES.items()}
    for path, survey_of_it in _pairs(also, also_survey):
        name = _fresh(f"{_ALSO}{survey_of_it}", asked)
        fit = {**given, **RECIPES["beta0_sigma"][1]}
        asked[name] = api.request(path, survey_of_it, seed=seed, settings=fit, only=_ALONE)
        labels[name] = name.removeprefix(_ALSO)
    return Design(catalogue, asked, labels, bias)


def _pairs(also: Sequence[Path], also_survey: Sequence[str]) -> list[tuple[Path, str]]:
    if len(also) != len(also_survey):
        raise ConfigError(
            f"{len(also)} times --also and {len(also_survey)} times --also-survey",
            "one survey for each further catalogue",
            "give both for every further catalogue, in the same order",
        )
    return list(zip(also, also_survey, strict=True))


def _simulated(path: Path, given: Mapping[str, Any], seed: int | None) -> dict[str, Request]:
    """The fits of simulated stars, with their truth."""
    made, asked = truth(), {}
    for name, (_, changes) in RECIPES.items():
        simulated = {**given, **changes, "catalogue.simulated": True}
        note = mock.bias_note(made) if name == "beta0_sigma" else _NOTES[name]
        request = api.request(path, "generic", seed=seed, settings=simulated)
        asked[name] = replace(request, truth=made.numbers, truth_note=note)
    return asked


_ALONE: Final = "the reproduction of the paper"
_ASSUMED: Final = "The stars are isotropic and beta = 0.3 is assumed, so that too small a mass is expected."
_NOTES: Final = {
    "beta0_v_circ": "What the derivative does to the mass is a distribution: `haloscale bias` makes it.",
    "beta0.3_v_circ": _ASSUMED,
    "beta0.3_integral": _ASSUMED,
}


def _fresh(name: str, known: Mapping[str, Any]) -> str:
    """The name, or the name with a number where it is taken."""
    k = 2
    fresh = name
    while fresh in known:
        fresh, k = f"{name}_{k}", k + 1
    return fresh
