"""Every registered halo in a configuration: what is free, what m_vir and c mean, and the binned likelihood."""

import numpy as np
import pytest

from haloscale.anisotropy import Constant
from haloscale.config import load
from haloscale.inference import results
from haloscale.inference.likelihood.base import Data, likelihoods
from haloscale.inference.posterior import Posterior
from haloscale.jeans import sigma_r
from haloscale.mass import NFW, ContractedNFW, ExponentialDisk, HaloModel, Hernquist, mass_models
from haloscale.records import DispersionProfile
from haloscale.stages import galaxy_model
from haloscale.tracer import PowerLaw

HALOS = [name for name, entry in mass_models.items() if issubclass(entry, HaloModel)]
OWN = {"gnfw": ["gamma"], "einasto": ["alpha"], "core_nfw": ["r_c", "n"]}
R = np.array([6.5, 12.0, 20.0, 37.5, 70.0, 100.0])


def posterior(model, truth):
    sigma = sigma_r(truth, PowerLaw(log_slope=-4.0), Constant(beta=0.0), R)
    edges, n = np.append(R - 1.0, R[-1] + 1.0), np.full(len(R), 500)
    columns = (n, sigma, 0.97 * sigma, 1.03 * sigma, 0 * R, 0 * R + 1, 0 * R + 0.1, n > 0)
    profile = DispersionProfile(edges[:-1], edges[1:], R, R, *columns)
    return Posterior(model, likelihoods["bins"](Data(None, profile, 8.0, "none"), model))


@pytest.mark.parametrize("name", HALOS)
def test_a_halo_is_chosen_by_name(name):
    model = galaxy_model(load(settings={"mass.halo.profile": name}).config)
    assert sorted(p.name for p in model.parameters) == sorted(["m_vir", "c", *OWN.get(name, [])])
    middle = np.array([prior.quantile(0.5) for prior in model.priors])
    joined = posterior(model, NFW(m_vir=1.08e12, c=12.0) + ExponentialDisk(m=6.8e10, b=2.5))
    batch = joined.log_posterior(np.stack([middle, 0.9 * middle]))
    assert np.all(np.isfinite(batch))
    assert joined.log_posterior(middle) == pytest.approx(batch[0], rel=1e-12)


def test_a_made_halo_says_whose_concentration_it_is():
    said = {
        name: results.definitions(galaxy_model(load(settings={"mass.halo.profile": name}).config))["c"]
        for name in ("nfw", "core_nfw", "contracted_nfw")
    }
    assert said["nfw"].startswith("r_vir / r_-2 of the halo,")
    assert said["core_nfw"].startswith("r_vir / r_-2 of the NFW halo before its core formed,")
    assert said["contracted_nfw"].startswith("r_vir / r_-2 of the NFW halo before its contraction by the baryons,")


@pytest.mark.parametrize("halo_is_free", [True, False])
def test_a_free_disk_contracts_the_halo(halo_is_free):
    # a halo of fixed numbers still changes with the disk: nothing of it may be computed once for all
    settings = {"mass.halo.profile": "contracted_nfw", "mass.disk.m": {"prior": "uniform", "low": 1e10, "high": 2e11}}
    if not halo_is_free:
        settings |= {"mass.halo.m_vir": 1e12, "mass.halo.c": 9.0}
    model = galaxy_model(load(settings=settings).config)
    disk, bulge = ExponentialDisk(m=4e10, b=2.5), Hernquist(m=0.5e10, a=0.6)
    truth = ContractedNFW(m_vir=1e12, c=9.0, baryons=disk + bulge) + disk + bulge
    joined = posterior(model, truth)
    values = {"m_vir": 1e12, "c": 9.0, "disk_m": 4e10}
    theta = np.array([values[p.name] for p in model.parameters])
    assert joined.likelihood.chi2(model.build(theta)) == pytest.approx(0, abs=1e-18)
