"""Photometry: extinction, Pan-STARRS1 to SDSS, dereddened magnitudes and colours with errors."""

from haloscale.photometry.coefficients import Transform, extinction_coefficients, transforms
from haloscale.photometry.dust import SFD_FILES, sfd_ebv
from haloscale.photometry.intrinsic import deredden
from haloscale.photometry.observed import FLAGS, photometry_note
from haloscale.photometry.system import check_names, options_used, system_note

__all__ = [
    "FLAGS",
    "SFD_FILES",
    "Transform",
    "check_names",
    "deredden",
    "extinction_coefficients",
    "options_used",
    "photometry_note",
    "sfd_ebv",
    "system_note",
    "transforms",
]
