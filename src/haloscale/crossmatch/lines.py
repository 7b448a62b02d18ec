"""The account of a cross-match in words."""

from haloscale.records import Matches

_SHOWN = 10


def lines(matches: Matches) -> list[str]:
    """What a user should know of a cross-match, a line each."""
    m = matches
    said = [f"{m.n_matched} of {m.n_stars} stars matched within {m.radius:g} arcsec ({m.n_sources} sources)"]
    percentiles = ", ".join(f"{value:.2f} ({percent} %)" for percent, value in m.separation.items())
    said.append(f"separation [arcsec]: {percentiles}")
    said.append(
        f"median offset, source minus star [arcsec]: {m.offset_ra:+.2f} along ra, {m.offset_dec:+.2f} along dec"
    )
    if m.n_unmatched:
        rows = ", ".join(map(str, m.unmatched[:_SHOWN].tolist())) + (", ..." if m.n_unmatched > _SHOWN else "")
        without = f", {m.n_no_position} of them without a position" if m.n_no_position else ""
        said.append(f"{m.n_unmatched} stars unmatched{without} (rows {rows}, counted from 0)")
    if m.n_ambiguous:
        said.append(f"{m.n_ambiguous} stars with several sources within the radius: only the nearest counts")
    if m.n_shared:
        kept = "its nearest star only" if m.n_given_up else "each"
        said.append(f"{m.n_shared} sources are the nearest of several stars: kept for {kept}")
    if m.n_given_up:
        said.append(
            f"{m.n_given_up} stars whose nearest source is nearer to another star (or as near to an earlier row) were "
            "left unmatched"
        )
    return [*said, *(f"note: {note}" for note in m.notes)]
