"""Units: the spellings that files use, and those of the wrong kind."""

import astropy.units as u
import pytest

from haloscale.tables.units import INPUT_COLUMNS, STANDARD_UNITS, UnitMismatch, conversion_factor


@pytest.mark.parametrize(
    ("text", "internal", "factor"),
    [
        ("pc", "kpc", 1e-3), ("parsec", "kpc", 1e-3), ("Mpc", "kpc", 1e3), ("", "kpc", 1.0), ("--", "kpc", 1.0),
        ("m/s", "km / s", 1e-3), ("m.s**-1", "km / s", 1e-3), ("km s-1", "km / s", 1.0), ("km.s-1", "km / s", 1.0),
        ("km/sec", "km / s", 1.0), ("Velocity[km/s]", "km / s", 1.0), ("mas.yr**-1", "mas / yr", 1.0),
        ("Angular Velocity[mas/year]", "mas / yr", 1.0), ("arcsec/yr", "mas / yr", 1e3), ("degrees", "deg", 1.0),
        ("Angle[deg]", "deg", 1.0), ("arcsec", "deg", 1 / 3600), ("[Sun]", "dex", 1.0), ("[cm/s2]", "dex", 1.0),
        ("log(cm.s**-2)", "dex", 1.0), ("dex", "dex", 1.0), ("K", "K", 1.0), ("mmag", "mag", 1e-3),
    ],
)  # fmt: skip
def test_spellings(text: str, internal: str, factor: float) -> None:
    assert conversion_factor(text, internal) == pytest.approx(factor, rel=1e-14)


@pytest.mark.parametrize(
    ("text", "internal"),
    [
        ("kpc", "km / s"),
        ("km / s", "kpc"),
        ("mag", "kpc"),
        ("K", "dex"),
        ("dex", "kpc"),
        ("furlongs", "kpc"),
        ("mas", "kpc"),
    ],
)
def test_wrong_kind(text: str, internal: str) -> None:
    with pytest.raises(UnitMismatch, match="unit"):
        conversion_factor(text, internal)


def test_every_internal_unit_is_one() -> None:
    for name, unit in STANDARD_UNITS.items():
        assert u.Unit(unit), name
        assert conversion_factor(unit, unit) == 1.0
    assert set(INPUT_COLUMNS) < set(STANDARD_UNITS)
