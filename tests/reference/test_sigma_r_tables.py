"""The tables of 30-digit quadrature and of the paper's best-fit curves."""

import csv

import numpy as np
import pytest

from haloscale.anisotropy.constant import Constant
from haloscale.jeans import sigma_r
from haloscale.mass.exponential_disk import ExponentialDisk
from haloscale.mass.hernquist import Hernquist
from haloscale.mass.nfw import NFW
from haloscale.tracer.power_law import PowerLaw

BARYONS = ExponentialDisk(m=6.8e10, b=2.5) + Hernquist(m=0.5e10, a=0.6)
HALOS = {"A": (1.08e12, 18.5), "B": (1.11e12, 13.8)}
FITS = {"M1.08": (1.08e12, 18.5), "M1.24": (1.24e12, 17.4), "M1.11": (1.11e12, 13.8)}


def rows(path):
    with path.open() as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def test_mpmath_table(shared):
    table = rows(shared("reference/sigma_r_mpmath.csv"))
    r = np.array([float(name[1:]) for name in table[0] if name.startswith("r")])
    assert (len(table), len(r)) == (7, 5)
    for row in table:
        m_vir, c = HALOS[row["model"]]
        galaxy = NFW(m_vir=m_vir, c=c) + BARYONS
        if row["quantity"].startswith("sigma_r_beta"):
            beta = float(row["quantity"].removeprefix("sigma_r_beta"))
            ours = sigma_r(galaxy, PowerLaw(log_slope=-4.0), Constant(beta=beta), r)
        elif row["quantity"] == "v_circ_kms":
            ours = galaxy.v_circ(r)
        else:
            ours = galaxy.enclosed_mass(r) / 1e10
        np.testing.assert_allclose(ours, [float(row[f"r{x:g}"]) for x in r], rtol=1e-7)


@pytest.mark.parametrize("h0", [70.0, 73.24])
def test_best_fit_curves(shared, h0):
    table = rows(shared("reference/zhai2018_bestfit_curves.csv"))
    r = np.array([float(row["r_mid"]) for row in table])
    for name in table[0]:
        kind, _, rest = name.partition("_")
        if not rest.endswith(f"_H{h0:g}") or kind not in ("sig", "Vc"):
            continue
        m_vir, c = FITS[next(part for part in rest.split("_") if part.startswith("M"))]
        galaxy = NFW(m_vir=m_vir, c=c, h0=h0) + BARYONS
        beta = float(rest.split("_")[0][1:]) if kind == "sig" else 0.0
        ours = sigma_r(galaxy, PowerLaw(), Constant(beta=beta), r) if kind == "sig" else galaxy.v_circ(r)
        # printed to 0.01 km/s
        np.testing.assert_allclose(ours, [float(row[name]) for row in table], atol=0.0051, err_msg=name)
