"""Two tables at two epochs: which of them is carried to the epoch of the other, and what is said of it."""

from dataclasses import dataclass

from haloscale.crossmatch.sky import Sky, has_motions, positions
from haloscale.errors import ConfigError
from haloscale.records import StarTable

_EARLIEST, _LATEST = 1850.0, 2100.0


@dataclass(frozen=True)
class Epochs:
    """Julian years at which the positions of the two tables hold; None: not stated.

    Errors: `ConfigError` for a number that is no year of an observation.
    """

    stars: float | None = None
    sources: float | None = None

    def __post_init__(self) -> None:
        for name, epoch in (("spectra", self.stars), ("photometry", self.sources)):
            if epoch is not None and not _EARLIEST <= epoch <= _LATEST:
                raise ConfigError(
                    f"the epoch of the {name} is {epoch:g}",
                    f"a Julian year between {_EARLIEST:.0f} and {_LATEST:.0f}",
                    "give a year like 2000 or 2015.5, not a date of another kind",
                )

    @property
    def years(self) -> float:
        """From the stars' epoch to the sources'; 0 where one is not stated."""
        return 0.0 if self.stars is None or self.sources is None else self.sources - self.stars


def at_one_epoch(stars: StarTable, sources: StarTable, epochs: Epochs) -> tuple[Sky, Sky]:
    """Positions of both tables: the sources carried back to the stars' epoch where they have proper motions, else the
    stars carried to the sources'."""
    if has_motions(sources):
        return positions(stars), positions(sources, -epochs.years)
    return positions(stars, epochs.years), positions(sources)


def epoch_note(stars: StarTable, sources: StarTable, epochs: Epochs, radius: float, n_moved: int) -> str:
    """One sentence on what was done about the epochs; `radius` in arcsec."""
    motions = has_motions(stars) or has_motions(sources)
    if epochs.stars is None or epochs.sources is None:
        lacking = "neither table" if epochs.stars is None and epochs.sources is None else "one table only"
        told = "not stated" if lacking == "neither table" else "stated for one table only"
        return f"epochs {told}: positions compared as they stand" + (
            ", though there are proper motions to carry them" if motions else ""
        )
    years = abs(epochs.years)
    if not years:
        return f"both tables are at epoch {epochs.stars:g}"
    span = f"{epochs.stars:g} to {epochs.sources:g}"
    if not motions:
        return (
            f"no proper motions in either table: positions compared as they stand over {years:g} years ({span}), in "
            f"which a star of {1000 * radius / years:.0f} mas/yr moves by the whole radius"
        )
    whose = "the photometry" if has_motions(sources) else "the spectra"
    return f"epochs {span}: {n_moved} positions of {whose} carried over {years:g} years by their proper motions"
