"""SEGUE blue horizontal-branch stars (Barbosa et al. 2022). Distances in parsec, no [Fe/H]."""

from haloscale.surveys.base import Column, Survey, register

BIBTEX = r"""@article{Barbosa2022,
  author  = {Barbosa, Fabr\'{\i}cia O. and Santucci, Rafael M. and Rossi, Silvia and Limberg, Guilherme and
             P\'{e}rez-Villegas, Angeles and Perottoni, H\'{e}lio D.},
  title   = {The {SDSS-Gaia} View of the Color-Magnitude Relation for Blue Horizontal-branch Stars},
  journal = {The Astrophysical Journal},
  volume  = {940},
  number  = {1},
  pages   = {30},
  year    = {2022},
  doi     = {10.3847/1538-4357/ac983f}
}
"""

SEGUE_BHB = register(
    Survey(
        name="segue_bhb",
        title="SEGUE blue horizontal-branch stars, 5699 rows, no [Fe/H] (Barbosa et al. 2022)",
        columns={
            "ra": Column(("ra",), "deg"),
            "dec": Column(("dec",), "deg"),
            "l": Column(("l",), "deg"),
            "b": Column(("b",), "deg"),
            "distance": Column(("dist_gr",), "pc"),
            "distance_error": Column(("dist_gr_unc",), "pc"),
            "v_helio": Column(("rv_adop",), "km / s"),
            "v_helio_error": Column(("rv_adop_unc",), "km / s"),
            "teff": Column(("teff_adop",), "K"),
            "teff_error": Column(("teff_adop_unc",), "K"),
            "logg": Column(("logg_adop",), "dex"),
            "logg_error": Column(("logg_adop_unc",), "dex"),
            "pmra": Column(("pmra",), "mas / yr"),
            "pmra_error": Column(("pmra_error",), "mas / yr"),
            "pmdec": Column(("pmdec",), "mas / yr"),
            "pmdec_error": Column(("pmdec_error",), "mas / yr"),
        },
        bibtex=BIBTEX,
        licence="none stated",
        where="github.com/guilhermelimberg/bhb_dist, file bhb_final_pm.csv",
        address="https://raw.githubusercontent.com/guilhermelimberg/bhb_dist/"
        "f3360b6d2f99530ce312f14956cfa0f2a737db22/bhb_final_pm.csv",
        sha256="0e7e0c0fe7a03df35cb11a95637fda2129a413b793d9548c7bde43abe8690b65",
        notes=(
            "Distances are those of the (g-r) calibration; dist_ur holds the other.",
            "No metallicities: a cut on [Fe/H] is not applied.",
            "probability is that of being a horizontal-branch star, in per cent.",
        ),
    )
)
