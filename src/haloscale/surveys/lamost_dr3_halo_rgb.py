"""LAMOST DR3 halo red giants with distances from the K band (Liu et al. 2017)."""

from haloscale.surveys.base import Column, Survey, register

BIBTEX = r"""@article{Liu2017,
  author  = {Liu, Chao and Xu, Yan and Wan, Jun-Chen and Wang, Hai-Feng and Carlin, Jeffrey L. and Deng, Li-Cai and
             Newberg, Heidi Jo and Cao, Zihuang and Hou, Yonghui and Wang, Yuefei and Zhang, Yong},
  title   = {Mapping the {M}ilky {W}ay with {LAMOST} {I}: method and overview},
  journal = {Research in Astronomy and Astrophysics},
  volume  = {17},
  number  = {9},
  pages   = {96},
  year    = {2017},
  doi     = {10.1088/1674-4527/17/9/96}
}
"""

LAMOST_DR3_HALO_RGB = register(
    Survey(
        name="lamost_dr3_halo_rgb",
        title="LAMOST DR3 halo red giants, 5171 rows (Liu et al. 2017)",
        columns={
            "ra": Column(("ra",), "deg"),
            "dec": Column(("dec",), "deg"),
            "l": Column(("l",), "deg"),
            "b": Column(("b",), "deg"),
            "distance": Column(("dist",), "kpc"),
            "distance_error": Column(("disterr_low", "disterr_up"), "kpc", average=True),
            "v_helio": Column(("rv",), "km / s"),
            "feh": Column(("feh",), "dex"),
            "teff": Column(("teff",), "K"),
            "logg": Column(("logg",), "dex"),
        },
        bibtex=BIBTEX,
        licence="none stated",
        where="github.com/liuchaonaoc/LAMOST_density, file LMDR3_haloRGB2.dat",
        address="https://raw.githubusercontent.com/liuchaonaoc/LAMOST_density/"
        "bbe79e8058cd7a822bb613b8390b5b1f93a9315f/LMDR3_haloRGB2.dat",
        sha256="9c3825aa741ebec781b8c77845d1aad72ccc01e2ca8561ebe8936c82a19ea135",
        v_helio_error_typical=7.0,
        notes=(
            "Velocities are whole km/s without errors.",
            "The distance error is the mean of the two one-sided errors.",
            "664 of the 5171 rows are repeat visits, which selection.merge_radius joins.",
            "lnnu (logarithm of the tracer density) is -inf in five rows, which is read as missing.",
        ),
    )
)
