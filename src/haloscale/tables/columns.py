"""Which columns of a file fill which standard columns."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol

from haloscale.errors import CatalogueError, ConfigError, nearest
from haloscale.tables.units import INPUT_COLUMNS, STANDARD_UNITS

_SHOWN = 30

_INSTEAD_OF_DISTANCE = ({"gmag", "rmag"}, {"gr0", "rmag0"})
"""Photometry from which distances can be found: a file with one of these sets need not bring distances."""


class ColumnSpec(Protocol):
    """What a survey says of one standard column; see `haloscale.surveys.Column`."""

    @property
    def names(self) -> tuple[str, ...]:
        """Candidates, the preferred first."""

    @property
    def unit(self) -> str:
        """What the file means where it states none."""

    @property
    def average(self) -> bool:
        """Whether the mean of all of them is taken."""


class SurveySpec(Protocol):
    """The part of `haloscale.surveys.Survey` that reading needs."""

    @property
    def name(self) -> str:
        """Registered name."""

    @property
    def columns(self) -> Mapping[str, ColumnSpec]:
        """Standard column -> columns of the file."""


_UNITS_TOLD = {"v_helio": "km/s", "v_helio_error": "km/s"}
_POSITIONS = ("l", "b", "ra", "dec")


@dataclass(frozen=True)
class Filling:
    """The columns of the file that fill a standard column (several: by their mean), and the unit if none is stated."""

    columns: tuple[str, ...]
    unit: str


def choose_columns(
    file: str,
    names: Iterable[str],
    survey: SurveySpec,
    given: Mapping[str, str],
    needed: Collection[str] | None = None,
    position: bool = True,
) -> dict[str, Filling]:
    """Standard name -> what fills it, for every standard column that the file has.

    Parameters
    ----------
    file : str
        For messages.
    names : iterable of str
        Columns of the file.
    survey : SurveySpec
    given : mapping of str to str
        Standard name -> column of the file, as the user asks.
    needed : collection of str, optional
        Standard columns that must be there, besides a position; None: v_helio, and the distance where the survey has
        one and there is no photometry to find it from.
    position : bool
        Whether a position must be there.

    Raises
    ------
    ConfigError
        `given` maps an unknown standard name, or one column of the file to two of them.
    CatalogueError
        A column is lacking that is needed or asked for.
    """
    present = list(names)
    _check_given(given)
    chosen = {}
    for name in dict.fromkeys((*survey.columns, *given)):
        spec = survey.columns.get(name)
        candidates = (given[name],) if name in given else spec.names if spec else ()
        unit = spec.unit if spec else STANDARD_UNITS[name]
        if spec and spec.average and name not in given:
            if set(candidates) <= set(present):
                chosen[name] = Filling(candidates, unit)
        else:
            found = next((c for c in candidates if c in present), None)
            if found is not None:
                chosen[name] = Filling((found,), unit)
    wanted = _promised(survey, chosen) if needed is None else tuple(needed)
    _check_chosen(file, present, survey, (*wanted, *given), given, chosen, position)
    return chosen


def _check_given(given: Mapping[str, str]) -> None:
    """Refuse unknown standard names, and one column of the file for two standard columns."""
    for name in given:
        if name not in INPUT_COLUMNS:
            raise ConfigError(
                f"columns.{name}: {name!r} is no standard column",
                f"one of: {', '.join(INPUT_COLUMNS)}",
                f"{nearest(name, INPUT_COLUMNS)}; the form is --columns standard_name=column_of_the_file",
            )
    owners: dict[str, str] = {}
    for name, column in given.items():
        if column in owners:
            raise ConfigError(
                f"the column {column!r} is given twice, for {owners[column]} and for {name}",
                "one column of the file for each standard column",
                "correct one of the two --columns",
            )
        owners[column] = name


def _promised(survey: SurveySpec, chosen: Mapping[str, Filling]) -> tuple[str, ...]:
    """What a catalogue to be weighed must have besides a position."""
    by_photometry = any(bands <= set(chosen) for bands in _INSTEAD_OF_DISTANCE)
    return ("v_helio", "distance") if "distance" in survey.columns and not by_photometry else ("v_helio",)


def _check_chosen(
    file: str,
    present: list[str],
    survey: SurveySpec,
    needed: tuple[str, ...],
    given: Mapping[str, str],
    chosen: Mapping[str, Filling],
    position: bool,
) -> None:
    """Refuse a file without a position if one is needed, or without a column that is needed or that the user named."""
    positions = _lacking_position(survey, chosen) if position else []
    lacking = [*positions, *(n for n in dict.fromkeys(needed) if n not in chosen and n not in positions)]
    if not lacking:
        return
    looked = {n: (given[n],) if n in given else _candidates(survey, n) for n in lacking}
    wanted = [f"{n} (looked for {' or '.join(map(repr, names))})" for n, names in looked.items()]
    if len(positions) == 2:  # neither pair is there: a near name of the other pair helps as well
        looked |= {n: _candidates(survey, n) for n in ("l", "b", "ra", "dec")}
    raise CatalogueError(
        f"{file} has no column for " + ", ".join(wanted),
        _expected(survey, needed, position),
        _offer(looked, present),
    )


def _expected(survey: SurveySpec, needed: Collection[str], position: bool) -> str:
    told = ["positions l and b or ra and dec [deg]"] if position else []
    told += [f"{n} [{_UNITS_TOLD.get(n, STANDARD_UNITS[n])}]" for n in dict.fromkeys(needed) if n not in _POSITIONS]
    return f"the columns of the survey {survey.name!r}: {', '.join(told)}"


def _lacking_position(survey: SurveySpec, chosen: Mapping[str, Filling]) -> list[str]:
    """The names that would complete a position: none, one, or a pair."""
    pairs = [("l", "b"), ("ra", "dec")]
    if any(set(pair) <= set(chosen) for pair in pairs):
        return []
    pairs.sort(key=lambda pair: (pair[0] not in chosen and pair[1] not in chosen, pair[0] not in survey.columns))
    return [name for name in pairs[0] if name not in chosen]


def _candidates(survey: SurveySpec, name: str) -> tuple[str, ...]:
    return survey.columns[name].names if name in survey.columns else (name,)


def _offer(looked: Mapping[str, tuple[str, ...]], present: list[str]) -> str:
    """Advice with the nearest column that the file has, or with all of them."""
    lowered = {p.lower(): p for p in present}
    for name, candidates in looked.items():
        for wanted in (*candidates, name):
            close = get_close_matches(wanted.lower(), lowered, n=1, cutoff=0.6)
            if close:
                column = lowered[close[0]]
                return f"did you mean {column!r}? then add --columns {name}={column}"
    listed = ", ".join(present[:_SHOWN]) + (", ..." if len(present) > _SHOWN else "")
    return f"name the column with --columns {next(iter(looked))}=COLUMN; the file has: {listed}"
