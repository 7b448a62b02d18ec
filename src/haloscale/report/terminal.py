"""The answer as the command line shows it: rows of text made from the summary."""

from math import floor, isfinite, log10
from typing import Final

from haloscale.records import Run, Summary
from haloscale.report.evidence import evidence
from haloscale.report.substructure import change

_SHOWN: Final = ("m_vir", "c", "r_vir", "m_within_60kpc", "m_within_100kpc", "v_circ_r0")


def result_rows(summary: Summary) -> list[tuple[str, str, str, str, str]]:
    """(name, median, errors, unit, truth) of the main quantities; the truth is empty where it is not known."""
    known = {**summary.derived, **summary.parameters}
    free = [name for name, e in summary.parameters.items() if not e.fixed]
    rows = []
    for name in dict.fromkeys((*_SHOWN[:2], *free, *_SHOWN[2:])):
        e = known[name]
        rows.append((name, *_with_errors(e.median, e.lower, e.upper, e.fixed), e.unit, _truth(summary, name)))
    return rows


def sampling_line(summary: Summary) -> str:
    """How far the draws can be trusted, how well the model fits, and the evidence where the sampler gives it."""
    sampling, fit = summary.sampling, f"chi2 = {summary.chi2:.1f} for {summary.n_points} bins"
    line = f"sampling: {sampling.status}; {fit}; {summary.n_in_bins} stars in bins"
    return f"{line}; ln Z = {found}" if (found := evidence(sampling)) else line


def substructure_line(run: Run) -> str:
    """What was removed, what of it is chance, and the mass without the removal; empty where nothing was searched."""
    if run.catalogues:
        told = {name: substructure_line(run.of(name)) for name in run.catalogues}
        return "\n".join(f"{name}: {line}" for name, line in told.items() if line)
    found = run.substructure
    if found is None:
        return ""
    groups, removed = int(found.groups.removed.sum()), run.summary.n_removed_substructure
    if not groups:
        return f"substructure: no group of more than {found.max_members} stars found"
    line = f"substructure: {removed} stars in {groups} group{'' if groups == 1 else 's'} removed"
    if isfinite(found.field_members):
        line += f" (about {found.field_members:.0f} of them field stars)"
    if run.all_stars is None:
        return line
    before, after = run.all_stars.estimates["m_vir"], run.summary.parameters["m_vir"]
    mass = " ".join(_with_errors(before.median, before.lower, before.upper, before.fixed))
    shift = change(after, before)[1]
    remark = f" ({shift:+.1f} errors)" if isfinite(shift) else ""
    if run.all_stars.sampling.status == "unusable":
        remark = " (unusable: the chain has not converged, or a prior excludes the data)"
    return f"{line}; m_vir without removal {mass}{remark}"


def _with_errors(median: float, lower: float, upper: float, fixed: bool) -> tuple[str, str]:
    scale = f"e{power}" if (power := _power_of_ten(median)) else ""
    unit = 10.0**power
    if fixed:
        return f"{median / unit:.4g}{scale}", "(fixed)"
    up, down = (upper - median) / unit, (median - lower) / unit
    digits = decimals(up, down)
    return f"{median / unit:.{digits}f}{scale}", f"+{up:.{digits}f} -{down:.{digits}f}"


def decimals(up: float, down: float, least: int = 3, most: int = 9) -> int:
    """Decimals of a number: `least` of them, or as many as show two figures of its smaller error."""
    smaller = min((x for x in (up, down) if x > 0), default=1.0)
    return min(max(least, 1 - floor(log10(smaller))), most)


def _power_of_ten(value: float) -> int:
    """Exponent to factor out of large masses, so that 0.1 to 100 is left: a multiple of three."""
    return 3 * floor((log10(abs(value)) + 1) / 3) if abs(value) >= 1e6 else 0


def _truth(summary: Summary, name: str) -> str:
    if name not in summary.truth:
        return ""
    value = summary.truth[name]
    power = _power_of_ten(value)
    return f"truth {value / 10.0**power:#.4g}{f'e{power}' if power else ''}"
