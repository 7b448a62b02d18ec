"""The numbers that the paper prints, from the table that comes with haloscale."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import isfinite, nan
from typing import Final

KINDS: Final = ("result", "sample", "setting", "quoted")


@dataclass(frozen=True)
class Printed:
    """One entry: a number, or several that belong together, as the paper prints it.

    Parameters
    ----------
    key, kind, quantity : str
        Name, one of `KINDS`, and what it is.
    run, ours : str
        Which run stands beside it, and what of that run; empty where nothing does.
    text : str
        The value as it stands in the table.
    plus, minus : float
        68 % errors; NaN where none is printed.
    unit, where : str
        Unit, and the sections that print it.
    """

    key: str
    kind: str
    quantity: str
    run: str
    ours: str
    text: str
    plus: float
    minus: float
    unit: str
    where: str

    @property
    def values(self) -> tuple[float, ...]:
        """The numbers."""
        return tuple(float(word) for word in self.text.split())

    @property
    def value(self) -> float:
        """The number; NaN where there are several."""
        return self.values[0] if len(self.values) == 1 else nan

    @property
    def rounding(self) -> float:
        """Half a unit of the last printed digit."""
        mantissa, _, exponent = self.text.lower().partition("e")
        return 0.5 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))

    @property
    def has_error(self) -> bool:
        """Whether an error is printed."""
        return isfinite(self.plus)


@cache
def printed_numbers() -> tuple[Printed, ...]:
    """All entries, in the order of the table."""
    text = files("haloscale").joinpath("data/zhai2018_numbers.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return tuple(
        Printed(
            row["key"],
            row["kind"],
            row["quantity"],
            row["run"],
            row["ours"],
            row["value"],
            _number(row["plus"]),
            _number(row["minus"]),
            row["unit"],
            row["where"],
        )
        for row in rows
    )


def _number(text: str) -> float:
    return float(text) if text else nan


def printed(key: str) -> Printed:
    """The entry of a name."""
    return next(entry for entry in printed_numbers() if entry.key == key)


def printed_value(key: str) -> float:
    """The number of an entry that has one."""
    return printed(key).value
