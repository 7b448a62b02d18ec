"""SEGUE K giants of the halo (Xue et al. 2014) with Gaia DR2 proper motions."""

from haloscale.surveys.base import Column, Survey, register

BIBTEX = r"""@article{Xue2014,
  author  = {Xue, Xiang-Xiang and Ma, Zhibo and Rix, Hans-Walter and Morrison, Heather L. and Harding, Paul and
             Beers, Timothy C. and Ivans, Inese I. and Jacobson, Heather R. and Johnson, Jennifer and Lee, Young Sun and
             Lucatello, Sara and Rockosi, Constance M. and Sobeck, Jennifer S. and Yanny, Brian and Zhao, Gang and
             Allende Prieto, Carlos},
  title   = {The {SEGUE} {K} Giant Survey. {II}. A Catalog of Distance Determinations for the {SEGUE} {K} Giants in the
             {G}alactic Halo},
  journal = {The Astrophysical Journal},
  volume  = {784},
  number  = {2},
  pages   = {170},
  year    = {2014},
  doi     = {10.1088/0004-637X/784/2/170}
}
@article{GaiaDR2,
  author  = {{Gaia Collaboration} and Brown, A. G. A. and Vallenari, A. and Prusti, T. and others},
  title   = {{G}aia {D}ata {R}elease 2: Summary of the contents and survey properties},
  journal = {Astronomy and Astrophysics},
  volume  = {616},
  pages   = {A1},
  year    = {2018},
  doi     = {10.1051/0004-6361/201833051}
}
"""

SEGUE_KGIANTS = register(
    Survey(
        name="segue_kgiants",
        title="SEGUE halo K giants, 6016 rows (Xue et al. 2014, proper motions of Gaia DR2)",
        columns={
            "ra": Column(("ra_deg",), "deg"),
            "dec": Column(("dec_deg",), "deg"),
            "l": Column(("l_deg",), "deg"),
            "b": Column(("b_deg",), "deg"),
            "distance": Column(("dist_kpc",), "kpc"),
            "distance_error": Column(("e_dist_kpc",), "kpc"),
            "v_helio": Column(("vhelio_kms",), "km / s"),
            "v_helio_error": Column(("e_vhelio_kms",), "km / s"),
            "feh": Column(("feh",), "dex"),
            "pm_l": Column(("pm_l_masyr",), "mas / yr"),
            "pm_l_error": Column(("e_pm_l_masyr",), "mas / yr"),
            "pm_b": Column(("pm_b_masyr",), "mas / yr"),
            "pm_b_error": Column(("e_pm_b_masyr",), "mas / yr"),
        },
        bibtex=BIBTEX,
        licence="none stated",
        where="no public address serves segue_kgiants.csv; the stars are VizieR J/ApJ/784/170",
        notes=(
            "Proper motions are Galactic (pm_l, pm_b), not equatorial.",
            "sgr_weak, sgr_strong and sgr_belokurov mark likely members of the Sagittarius stream.",
        ),
    )
)
