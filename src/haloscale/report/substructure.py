"""The search for substructure on the page: what was removed, what of it is chance, what it does to the answer."""

from dataclasses import dataclass
from math import isfinite, nan
from typing import Any, Final

from haloscale.figures.profiles_before_after import random_removal
from haloscale.records import AllStars, DispersionProfile, Estimate, Run, Substructure
from haloscale.records.substructure import CHANCE_MEMBERS
from haloscale.report.content import Quantity, quantity

_COMPARED: Final = ("m_vir", "c", "m_within_100kpc")


@dataclass(frozen=True)
class GroupRow:
    """One removed group as text: direction and extent [deg], distance [kpc] and velocity [km/s] with their spread."""

    group_id: int
    n_members: str
    l: str
    b: str
    extent: str
    distance: str
    v_gsr: str
    chance: str
    structure: str
    share: str
    random: str


@dataclass(frozen=True)
class BinRow:
    """One radial bin with all stars and without the groups; the changes in per cent."""

    bounds: str
    n_before: str
    n_after: str
    before: Quantity
    after: Quantity
    change: str
    scatter: str


@dataclass(frozen=True)
class AnswerRow:
    """One quantity with the groups removed and with all stars; the change from the one to the other."""

    name: str
    after: Quantity
    before: Quantity
    percent: str
    errors: str


def section(run: Run) -> dict[str, Any]:
    """What the page shows of the search; empty where none was made."""
    found, everything = run.substructure, run.all_stars
    if found is None:
        return {}
    return {
        "sentences": sentences(run, found),
        "method": found.method,
        "settings": [(name, f"{float(value):.6g}") for name, value in sorted(found.settings.items())],
        "max_members": found.max_members,
        "groups": group_rows(found),
        "smaller": smaller(found),
        "bins": [] if everything is None else bin_rows(run, everything),
        "answers": [] if everything is None else answer_rows(run, everything),
        "all_stars_status": "" if everything is None else everything.sampling.status,
    }


def sentences(run: Run, found: Substructure) -> list[str]:
    """What was removed, how much of that is expected by chance, and what it does to the mass, in plain words."""
    kept, removed, groups = run.summary.n_kept, run.summary.n_removed_substructure, int(found.groups.removed.sum())
    limit = f"more than {found.max_members} stars"
    if groups:
        share = 100 * removed / kept if kept else nan
        what = f"{removed:,} of {kept:,} stars ({share:.1f} %) are in {_count(groups, 'group')} of {limit}"
        said = [f"{what}, and were removed from the bins."]
    else:
        said = [f"No group of {limit} was found among {kept:,} stars; none was removed."]
    return [*said, by_chance(found, removed), *_field_stars(found, removed), *_effect(run)]


def _field_stars(found: Substructure, removed: int) -> list[str]:
    if not removed or CHANCE_MEMBERS not in found.settings:
        return []
    percent = 100 * min(found.field_members / removed, 1.0)
    return [
        f"With the stars of the smooth halo that happen to be where a group is, about {found.field_members:.0f} of the "
        f"{removed:,} ({percent:.0f} %) do not belong to any structure."
    ]


def by_chance(found: Substructure, removed: int) -> str:
    """How many groups and stars the same search takes where there is no structure."""
    if found.n_nulls == 0 or not isfinite(found.false_members):
        return "No null catalogues were searched: how many groups arise by chance is not known."
    where = (
        f"In {_count(found.n_nulls, 'null catalogue')}, with the same sky coverage but no structure, the same search"
    )
    if found.false_groups == 0:
        # none seen in n tries: the Poisson mean is below 3/n at 95 % confidence
        return (
            f"{where} finds no such group: fewer than {3 / found.n_nulls:.2g} are expected by chance (95 % confidence)."
        )
    text = f"{where} finds {found.false_members:.1f} stars in such groups on average"
    if not removed:
        return f"{text}."
    percent = 100 * min(found.false_members / removed, 1.0)
    share = f"{percent:.1f} %" if percent >= 0.05 else "less than 0.1 %"
    return f"{text}, {share} of what was removed."


def _effect(run: Run) -> list[str]:
    if run.all_stars is None:
        return []
    if run.all_stars.sampling.status == "unusable":
        return ["The chain of the fit to all stars has not converged: what the removal does to the mass is not known."]
    percent, errors = change(run.summary.parameters["m_vir"], run.all_stars.estimates["m_vir"])
    if not isfinite(errors):
        return []
    verb = "raise" if percent > 0 else "lower"
    size = f"{abs(percent):.1f} %, {abs(errors):.1f} times its standard error"
    return [f"Leaving the groups in would {verb} the virial mass by {size}."]


def change(after: Estimate, before: Estimate) -> tuple[float, float]:
    """Change of a median if nothing is removed: in per cent, and over the error of the answer on that side."""
    shift = before.median - after.median
    error = after.upper - after.median if shift > 0 else after.median - after.lower
    return 100 * shift / after.median if after.median else nan, shift / error if error > 0 else nan


def group_rows(found: Substructure) -> list[GroupRow]:
    """The groups that were removed, largest first."""
    g = found.groups
    return [
        GroupRow(
            int(g.group_id[k]), f"{g.n_members[k]:,}", _number(g.l[k]), _number(g.b[k]), _number(g.extent[k]),
            _with_spread(g.distance[k], g.distance_spread[k], 1), _with_spread(g.v_gsr[k], g.v_gsr_spread[k], 0),
            _chance(g.chance[k], found.n_nulls), g.structure[k], _percent(g.structure_fraction[k]),
            _percent(g.structure_chance[k]),
        )
        for k in range(len(g))
        if g.removed[k]
    ]  # fmt: skip


def smaller(found: Substructure) -> str:
    """How many groups were left in their bins."""
    kept = ~found.groups.removed
    if not kept.any():
        return ""
    count, stars = int(kept.sum()), int(found.groups.n_members[kept].sum())
    size = f"of 2 to {found.max_members} stars ({stars:,} in all)"
    return f"{_count(count, 'smaller group')} {size} {'was' if count == 1 else 'were'} left in the bins."


def bin_rows(run: Run, everything: AllStars) -> list[BinRow]:
    """The bins with all stars and without the groups."""
    before, after = everything.profile, run.profile
    change_percent = 100 * (after.sigma_los / before.sigma_los - 1)
    scatter = 100 * random_removal(before, after)
    return [
        BinRow(
            f"{after.r_low[k]:.4g}–{after.r_high[k]:.4g}", f"{before.n[k]:,}", f"{after.n[k]:,}",
            _sigma(before, k), _sigma(after, k), _signed(change_percent[k]), _number(scatter[k]),
        )
        for k in range(len(after))
    ]  # fmt: skip


def answer_rows(run: Run, everything: AllStars) -> list[AnswerRow]:
    """The main quantities with the groups removed and with all stars."""
    known = {**run.summary.derived, **run.summary.parameters}
    rows = []
    for name in (n for n in _COMPARED if n in known and n in everything.estimates):
        after, before = known[name], everything.estimates[name]
        percent, errors = change(after, before)
        rows.append(AnswerRow(name, _quantity(after), _quantity(before), _signed(percent), _signed(errors)))
    return rows


def _sigma(profile: DispersionProfile, k: int) -> Quantity:
    return quantity(profile.sigma_los[k], profile.sigma_los_lower[k], profile.sigma_los_upper[k], "")


def _quantity(e: Estimate) -> Quantity:
    return quantity(e.median, e.lower, e.upper, e.unit)


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")


def _number(value: float, digits: int = 1) -> str:
    return _minus(f"{value:.{digits}f}") if isfinite(value) else "–"


def _signed(value: float) -> str:
    return _minus(f"{value:+.1f}") if isfinite(value) else "–"


def _with_spread(value: float, spread: float, digits: int) -> str:
    text = _number(value, digits)
    return f"{text} ± {spread:.{digits}f}" if isfinite(spread) else text


def _percent(value: float) -> str:
    if not isfinite(value):
        return "–"
    return "< 1 %" if value < 0.01 else f"{100 * value:.0f} %"


def _chance(value: float, n_nulls: int) -> str:
    """Groups as large in a null catalogue; where none was seen, less than one in all of them."""
    if not isfinite(value) or n_nulls == 0:
        return "–"
    return f"{value:.2g}" if value > 0 else f"< {1 / n_nulls:.2g}"
