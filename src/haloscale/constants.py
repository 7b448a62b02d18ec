"""Physical constants and the names of the internal units, each with its source.

Internal units are kpc, km/s, Msun and radians; everything else is converted at the border
(`haloscale.tables` for files, degrees in the public functions of `haloscale.frames`).
"""

from typing import Final

G: Final = 4.300917270e-6
"""Newton's constant [kpc (km/s)^2 / Msun]. IAU 2015 nominal GM_sun (1.3271244e20 m^3 s^-2) and the IAU 2012
astronomical unit; to ten digits the value behind the mpmath tables the tests compare with."""

KMS_PER_KPC_MASYR: Final = 4.740470463
"""Transverse velocity of 1 mas/yr at 1 kpc [km/s]: astronomical unit / Julian year."""

KPC: Final = "kpc"
KMS: Final = "km / s"
KMS2: Final = "km2 / s2"
MSUN: Final = "solMass"
DEG: Final = "deg"
MAG: Final = "mag"
DIMENSIONLESS: Final = ""
