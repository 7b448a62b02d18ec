"""From what a file holds to float64 with NaN for every missing value."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from haloscale.errors import CatalogueError
from haloscale.tables.text import MISSING_WORDS

SENTINELS: Final = (-9999.0, -9999.9, -9999.99, -99999.0, -999.0, -999.9, -999.99)
"""Values that surveys write for "missing" (to 3 parts in 10^7, so that single precision is recognised)."""

_WORDS = frozenset(word.lower() for word in MISSING_WORDS)


def to_numbers(file: str, name: str, values: NDArray[Any]) -> NDArray[np.float64]:
    """A column as float64 of its own memory; NaN, inf, masked, blank and `SENTINELS` become NaN.

    Parameters
    ----------
    file, name : str
        For messages.
    values : array (n,) [the file's unit]
        As the format's reader gives it.

    Raises
    ------
    CatalogueError
        A value is no number.
    """
    mask = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else None
    plain = np.asarray(np.ma.getdata(values))
    if plain.dtype.kind in "mM":
        raise _not_numbers(file, name, 0, plain[0])
    if plain.dtype.kind in "OSU":
        numbers = _parsed(file, name, plain, mask)
    else:
        numbers = np.array(plain, dtype=np.float64)
    if mask is not None and mask.any():
        numbers[mask] = np.nan
    return blank_missing(numbers)


def blank_missing(numbers: NDArray[Any]) -> NDArray[Any]:
    """Set inf and `SENTINELS` to NaN, in place.

    Parameters
    ----------
    numbers : float array (n,) [the file's unit]
    """
    numbers[np.isinf(numbers)] = np.nan
    if (numbers < -998.0).any():
        for sentinel in SENTINELS:
            numbers[np.abs(numbers - sentinel) <= 3e-7 * abs(sentinel)] = np.nan
    return numbers


def to_raw(values: NDArray[Any]) -> NDArray[Any]:
    """A column for `StarTable.raw`, of its own memory: native byte order, missing floats NaN; others as they are.

    Whole numbers stay whole (an identifier of 19 digits does not fit a float) unless some are missing. Text that
    consists of numbers becomes numbers.

    Parameters
    ----------
    values : array (n,) [the file's unit]
        As the format's reader gives it.
    """
    mask = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else None
    plain = np.asarray(np.ma.getdata(values))
    if plain.dtype.kind == "f":
        numbers = np.array(plain, dtype=plain.dtype.newbyteorder("="))
        if mask is not None:
            numbers[mask] = np.nan
        return blank_missing(numbers)
    if plain.dtype.kind in "iu":
        gaps = np.isin(plain, [s for s in SENTINELS if s.is_integer()]) | (False if mask is None else mask)
        if gaps.any():
            return np.where(gaps, np.nan, plain.astype(np.float64))
        return np.array(plain, dtype=plain.dtype.newbyteorder("="))
    if plain.dtype.kind in "OSU":
        return _numbers_or_text(plain, mask)
    return np.array(plain)


def _numbers_or_text(plain: NDArray[Any], mask: NDArray[np.bool_] | None) -> NDArray[Any]:
    text = _texts(plain, mask)
    try:
        numbers = np.array(["nan" if t.lower() in _WORDS else t for t in text], dtype=np.float64)
    except ValueError:
        return np.array(text, dtype=object)
    return blank_missing(numbers)


def _parsed(file: str, name: str, plain: NDArray[Any], mask: NDArray[np.bool_] | None) -> NDArray[np.float64]:
    text = ["nan" if t.lower() in _WORDS else t for t in _texts(plain, mask)]
    try:
        return np.array(text, dtype=np.float64)
    except ValueError:
        row = next(i for i, t in enumerate(text) if not _is_number(t))
        raise _not_numbers(file, name, row, text[row]) from None


def _texts(plain: NDArray[Any], mask: NDArray[np.bool_] | None) -> list[str]:
    """Strings without outer blanks; empty where missing."""
    values = plain.tolist()
    texts = ["" if v is None else v.decode(errors="replace") if isinstance(v, bytes) else str(v) for v in values]
    if mask is not None:
        texts = ["" if gone else t for t, gone in zip(texts, mask, strict=True)]
    return [t.strip() for t in texts]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _not_numbers(file: str, name: str, row: int, value: object) -> CatalogueError:
    return CatalogueError(
        f"the column {name!r} of {file} holds {str(value)!r} in row {row} (counted from 0)",
        "numbers only; a missing one is blank, NaN or -9999",
        "correct that value, or name another column with --columns (positions in degrees, not hours:minutes:seconds)",
    )
