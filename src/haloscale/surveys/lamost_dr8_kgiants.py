"""LAMOST DR8 K giants of the halo (Zhang et al. 2023), in the journal's machine-readable format."""

from haloscale.surveys.base import Column, Survey, register

BIBTEX = r"""@article{Zhang2023,
  author  = {Zhang, Lan and Xue, Xiang-Xiang and Yang, Chengqun and Wang, Feilu and Rix, Hans-Walter and Zhao, Gang and
             Liu, Chao},
  title   = {A Catalog of Distance Determinations for the {LAMOST} {DR8} {K} Giants in the {G}alactic Halo},
  journal = {The Astronomical Journal},
  volume  = {165},
  number  = {5},
  pages   = {224},
  year    = {2023},
  doi     = {10.3847/1538-3881/acc9bb}
}
"""

LAMOST_DR8_KGIANTS = register(
    Survey(
        name="lamost_dr8_kgiants",
        title="LAMOST DR8 halo K giants, 19,544 rows (Zhang et al. 2023)",
        columns={
            "ra": Column(("RAdeg", "RAJ2000"), "deg"),
            "dec": Column(("DEdeg", "DEJ2000"), "deg"),
            "distance": Column(("D", "Dist"), "kpc"),
            "distance_error": Column(("e_D", "e_Dist"), "kpc"),
            "v_helio": Column(("RVel",), "km / s"),
            "v_helio_error": Column(("e_RVel",), "km / s"),
            "feh": Column(("[Fe/H]",), "dex"),
            "feh_error": Column(("e_[Fe/H]",), "dex"),
            "teff": Column(("Teff",), "K"),
            "teff_error": Column(("e_Teff",), "K"),
            "logg": Column(("log(g)", "logg"), "dex"),
            "logg_error": Column(("e_log(g)", "e_logg"), "dex"),
            "rmag0": Column(("rmag",), "mag"),
            "rmag0_error": Column(("e_rmag",), "mag"),
            "gr0": Column(("(g-r)", "g-r"), "mag"),
            "gr0_error": Column(("e_(g-r)", "e_g-r"), "mag"),
        },
        bibtex=BIBTEX,
        licence="none stated",
        where="table 1 of doi 10.3847/1538-3881/acc9bb at the journal (ajacc9bbt1_mrt.txt), or VizieR J/AJ/165/224",
        v_helio_error_typical=7.0,
        notes=("rmag and g-r are dereddened SDSS; percentiles of the distance modulus stay under their own names.",),
    )
)
