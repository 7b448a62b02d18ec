"""LAMOST DR5 AFGK stars: the official file and the VizieR catalogue V/164. Without distances."""

from haloscale.surveys.base import PHOTOMETRY, Column, Survey, register

BIBTEX = r"""@article{Cui2012,
  author  = {Cui, Xiang-Qun and Zhao, Yong-Heng and Chu, Yao-Quan and others},
  title   = {The {L}arge {S}ky {A}rea {M}ulti-{O}bject {F}iber {S}pectroscopic {T}elescope ({LAMOST})},
  journal = {Research in Astronomy and Astrophysics},
  volume  = {12},
  number  = {9},
  pages   = {1197--1242},
  year    = {2012},
  doi     = {10.1088/1674-4527/12/9/003}
}
@article{Luo2015,
  author  = {Luo, A-Li and Zhao, Yong-Heng and Zhao, Gang and others},
  title   = {The first data release ({DR1}) of the {LAMOST} regular survey},
  journal = {Research in Astronomy and Astrophysics},
  volume  = {15},
  number  = {8},
  pages   = {1095--1124},
  year    = {2015},
  doi     = {10.1088/1674-4527/15/8/002}
}
"""

LAMOST_DR5 = register(
    Survey(
        name="lamost_dr5",
        title="LAMOST DR5 AFGK stars, 5.3 million rows, no distances (official file or VizieR V/164)",
        columns={
            "ra": Column(("ra", "RAJ2000", "objra"), "deg"),
            "dec": Column(("dec", "DEJ2000", "objdec"), "deg"),
            "v_helio": Column(("rv", "HRV"), "km / s"),
            "v_helio_error": Column(("rv_err", "e_HRV"), "km / s"),
            "feh": Column(("feh", "[Fe/H]"), "dex"),
            "feh_error": Column(("feh_err", "e_[Fe/H]"), "dex"),
            "teff": Column(("teff", "Teff"), "K"),
            "teff_error": Column(("teff_err", "e_Teff"), "K"),
            "logg": Column(("logg",), "dex"),
            "logg_error": Column(("logg_err", "e_logg"), "dex"),
            **PHOTOMETRY,
        },
        bibtex=BIBTEX,
        licence="LAMOST data policy: public release, acknowledgement asked",
        where="dr5.lamost.org (dr5_stellar.csv, fields separated by |) or VizieR V/164, table stellar5",
        v_helio_error_typical=7.0,
        notes=(
            "The catalogue has no distances: add a column and map it with --columns distance=COLUMN, or join "
            "photometry (gmag, rmag, imag with errors, and ebv).",
            "Velocities of this pipeline are low by about 5 km/s: catalogue.v_offset corrects it, by default it is 0.",
        ),
    )
)
