"""What came of joining two tables on the sky."""

from collections.abc import Mapping
from dataclasses import dataclass

from haloscale.records.stars import Ints


@dataclass(frozen=True)
class Matches:
    """The account of a cross-match.

    Parameters
    ----------
    n_stars, n_sources : int
        Rows of the spectroscopic and of the photometric table.
    n_matched, n_unmatched : int
        Stars with and without a counterpart; together `n_stars`.
    n_no_position : int
        Of the unmatched stars, those without a position.
    n_ambiguous : int
        Stars with several sources within the radius (only the nearest counts).
    n_shared : int
        Sources that are the nearest of several stars: visits of one star, or neighbours that the photometry blends.
    n_given_up : int
        Of the unmatched stars, those that lost such a source to a nearer star, where it may serve one star only.
    n_moved : int
        Rows brought to the epoch of the other table by their proper motion.
    radius : float [arcsec]
    separation : mapping of int to float [arcsec]
        Percentile -> separation of the matched pairs.
    offset_ra, offset_dec : float [arcsec]
        Median of source minus star, along right ascension (times the cosine of the declination) and declination.
    unmatched : int array (n_unmatched,)
        Rows of the stars without a counterpart.
    notes : tuple of str
        What was done, and could not be done, about the epochs and the columns.
    """

    n_stars: int
    n_sources: int
    n_matched: int
    n_unmatched: int
    n_no_position: int
    n_ambiguous: int
    n_shared: int
    n_given_up: int
    n_moved: int
    radius: float
    separation: Mapping[int, float]
    offset_ra: float
    offset_dec: float
    unmatched: Ints
    notes: tuple[str, ...] = ()
