"""From a catalogue's photometry to a table of distances, without cuts and without a fit: `haloscale distances`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from haloscale import config as configuration
from haloscale import photometry, stages, tables
from haloscale._version import __version__
from haloscale.config.layers import OFF, expand
from haloscale.distance.base import flag_counts
from haloscale.distance.giant_branch import giants_of
from haloscale.distance.giant_distances import GiantSettings, giant_posteriors
from haloscale.distance.giant_flags import FLAGS
from haloscale.errors import ConfigError
from haloscale.records import DistancePosterior, Distances, StarTable
from haloscale.report.content import flatten
from haloscale.run import Request, system_notes
from haloscale.surveys.base import surveys

METHOD: Final = "giant_branch"
"""The method where the recipe takes the distances of the catalogue."""

_GIVEN: Final = "catalogue"


@dataclass(frozen=True)
class Placed:
    """The stars of a catalogue with their distances, every row in order, and how they were found.

    Parameters
    ----------
    config : RunConfig
    stars : StarTable
    notes : tuple of str
        What the user must know.
    """

    config: configuration.RunConfig
    stars: StarTable
    notes: tuple[str, ...] = ()

    @property
    def distances(self) -> Distances:
        """What is known of each star; NaN where it is flagged, or the method does not say."""
        unknown = np.full(len(self.stars), np.nan)
        found = {f.name: self.stars.columns.get(f.name, unknown) for f in fields(Distances) if f.name != "flag"}
        bare = np.where(np.isfinite(found["distance"]), "ok", "no_distance")
        return Distances(**found, flag=self.stars.columns.get("flag", bare))

    def posteriors(self) -> Iterator[DistancePosterior]:
        """The posterior of each star in order, some thousand at a time; the method is `METHOD`."""
        shift, start = 5.0 * np.log10(stages.distance_scale(self.config)), 0
        for part in giant_posteriors(giants_of(self.stars), GiantSettings.of(self.config.distance.options())):
            flag = self.stars["flag"][start : start + len(part)]
            yield replace(part, dm=part.dm + shift, flag=flag)
            start += len(part)

    def comments(self) -> list[str]:
        """How the distances were made, a setting a line: what the header of a file says; no folder is named."""
        catalogue, distance = self.config.catalogue, self.config.distance
        used = photometry.options_used(distance.options(), self.stars.columns)
        settings = {
            "catalogue": {"path": catalogue.path, "survey": catalogue.survey, "columns": dict(catalogue.columns)},
            "distance": {"method": distance.method, **used},
        }
        settings["catalogue"]["distance_scale"] = stages.distance_scale(self.config)
        if not catalogue.columns:
            del settings["catalogue"]["columns"]
        return [f"haloscale {__version__}", *(f"{key} = {value}" for key, value in flatten(settings))]

    def lines(self) -> list[str]:
        """How many stars have a distance, and why the others have none."""
        method, distances = self.config.distance.method, self.distances
        meaning = {**photometry.FLAGS, **(FLAGS if method == METHOD else {})}
        said = [f"{int(distances.ok.sum())} of {len(distances)} stars have a distance ({method})"]
        for flag, n in flag_counts(self.stars).items():
            said.append(f"{n:>9}  {flag}" + (f": {meaning[flag]}" if flag in meaning else ""))
        return said


def settings_of(recipe: str | Path, settings: Mapping[str, Any] | None) -> dict[str, Any]:
    """The settings, and `METHOD` where neither they nor the recipe name a method that finds distances.

    Raises
    ------
    ConfigError
        The settings ask for the catalogue's own distances, or the recipe cannot be used.
    """
    given = dict(settings or {})
    table = expand(given).get("distance")
    method = table.get("method") if isinstance(table, Mapping) else None
    if method in (_GIVEN, OFF):
        raise ConfigError(
            f"distance.method is {method!r}: the distances that the catalogue has already",
            "a method that finds distances (see `haloscale list distance`)",
            f"leave it out for {METHOD!r}",
        )
    if method is None and configuration.load(recipe).config.distance.method == _GIVEN:
        return {"distance.method": METHOD, **given}
    return given


def place(asked: Request) -> Placed:
    """Read a catalogue and find the distances of its stars; velocities, distances and positions are not needed.

    Raises
    ------
    InputError
        The catalogue lacks what the method needs, or none of its stars can be placed.
    """
    config = asked.loaded.config
    survey, columns = surveys[config.catalogue.survey], config.catalogue.columns
    table = tables.read_catalogue(asked.catalogue, survey, columns, keep_raw=(), needed=(), position=False)
    stars = stages.find_distances(config, table)
    return Placed(config, stars, system_notes(asked.loaded, stars.columns))


def write(asked: Request, out: Path | None, posterior: Path | None = None) -> Placed:
    """Find distances and write them, and the posteriors, where a file is named; files that stand there are replaced.

    Raises
    ------
    InputError
        As `place`; a file cannot be written, or would replace the catalogue.
    """
    method = asked.loaded.config.distance.method
    if posterior is not None and method != METHOD:
        raise ConfigError(
            f"--posterior with distance.method = {method!r}",
            f"distance.method = {METHOD!r}, whose posterior is found on a grid",
            "leave --posterior out: the percentiles say all there is",
        )
    _check_targets(asked.catalogue, out, posterior)
    placed = place(asked)
    if out is not None:
        tables.write_distances(out, placed.distances, placed.comments())
    if posterior is not None:
        tables.write_posteriors(posterior, placed.posteriors(), placed.comments())
    return placed


def _check_targets(catalogue: Path, out: Path | None, posterior: Path | None) -> None:
    if out is not None:
        tables.check_target(out)
    if posterior is not None:
        tables.check_target(posterior, ".parquet")
    tables.check_distinct(
        *(catalogue, out, posterior),
        expected="the catalogue, the distances and the posteriors in a file each",
        advice="choose another name with -o or --posterior",
    )
