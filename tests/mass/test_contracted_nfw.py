"""Contraction by the baryons: the relation of Cautun et al. (2020), the scaling to m_vir, and who the baryons are."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haloscale.anisotropy.constant import Constant
from haloscale.inference.model import Component, GalaxyModel
from haloscale.inference.priors import prior_from_table
from haloscale.mass.contracted_nfw import ContractedNFW, contraction, mass_before
from haloscale.mass.exponential_disk import ExponentialDisk
from haloscale.mass.hernquist import Hernquist
from haloscale.mass.nfw import NFW
from haloscale.tracer.power_law import PowerLaw

R = np.geomspace(0.1, 300.0, 30)
DISK, BULGE = ExponentialDisk(m=6.8e10, b=2.5), Hernquist(m=0.5e10, a=0.6)


class Point:
    """Baryons that know nothing but their mass."""

    def enclosed_mass(self, r):
        return 1e10 + 0.0 * r


@given(st.floats(0, 1e6))
def test_mass_before_solves_its_equation(excess):
    y = mass_before(excess)
    assert y * contraction(excess / y) == pytest.approx(1, rel=1e-13)


def test_the_relation_holds_at_every_radius():
    # eta by its definition: baryons over f_bar of everything there was before
    model = ContractedNFW(m_vir=1e12, c=9.0, baryons=DISK + BULGE)
    excess = (DISK + BULGE).enclosed_mass(model.r_vir) / 1e12 * (1 - 0.157) / 0.157
    m_before = 1e12 * mass_before(excess)
    dark = NFW(m_vir=m_before, c=9.0).enclosed_mass(R * NFW(m_vir=m_before, c=9.0).r_vir / model.r_vir)
    eta = (DISK + BULGE).enclosed_mass(R) / (0.157 * dark / (1 - 0.157))
    np.testing.assert_allclose(model.enclosed_mass(R), dark * (0.45 + 0.38 * (eta + 1.16) ** 0.53), rtol=1e-13)


def test_baryons_draw_the_halo_inwards():
    model, nfw = ContractedNFW(m_vir=1.08e12, c=9.0, baryons=DISK + BULGE), NFW(m_vir=1.08e12, c=9.0)
    ratio = model.enclosed_mass(R) / nfw.enclosed_mass(R)
    assert np.all(np.diff(ratio) < 0)
    assert ratio[0] > 2
    heavier = ContractedNFW(m_vir=1.08e12, c=9.0, baryons=DISK + DISK + BULGE)
    assert np.all(heavier.enclosed_mass(R[:-5]) > model.enclosed_mass(R[:-5]))


def test_plain_objects_may_be_the_baryons():
    model = ContractedNFW(m_vir=1e12, c=9.0, baryons=Point())
    step = 1e-4
    slope = (model.enclosed_mass(R * math.exp(step)) - model.enclosed_mass(R * math.exp(-step))) / (2 * step)
    np.testing.assert_allclose(4 * np.pi * R**3 * model.density(R), slope, rtol=1e-6)


def test_batches_of_baryons_broadcast():
    disk = ExponentialDisk(m=np.array([[4e10], [6.8e10]]), b=2.5)
    model = ContractedNFW(m_vir=1e12, c=9.0, baryons=disk + BULGE)
    assert model.ndim == 2
    for quantity in ("enclosed_mass", "density", "potential"):
        single = [
            getattr(ContractedNFW(m_vir=1e12, c=9.0, baryons=ExponentialDisk(m=m, b=2.5) + BULGE), quantity)(R)
            for m in (4e10, 6.8e10)
        ]
        np.testing.assert_allclose(getattr(model, quantity)(R), single, rtol=1e-13)


def galaxy_model(free_disk=False, free_halo=True):
    mass = {"prior": "log_uniform", "low": 1e10, "high": 1e13}
    m_vir = prior_from_table(mass, "m_vir") if free_halo else 1e12
    m_disk = prior_from_table(mass, "m") if free_disk else 6.8e10
    return GalaxyModel(
        (
            Component("mass.halo", ContractedNFW, {"m_vir": m_vir, "c": 9.0}),
            Component("mass.inner", NFW, {"m_vir": 1e9, "c": 9.0}),
            Component("mass.disk", ExponentialDisk, {"m": m_disk, "b": 2.5}),
            Component("mass.bulge", Hernquist, {"m": 0.5e10, "a": 0.6}),
            Component("tracer", PowerLaw, {"log_slope": -4.0}),
            Component("anisotropy", Constant, {"beta": 0.0}),
        ),
        {},
    )


def test_a_galaxy_gives_its_baryons_to_the_halo():
    galaxy = galaxy_model(free_disk=True).build(np.array([[1e12, 5e10], [2e12, 7e10]]))
    assert list(galaxy.mass) == ["halo", "inner", "disk", "bulge"]
    halo = galaxy.mass["halo"]
    assert halo.baryons.parts == (galaxy.mass["disk"], galaxy.mass["bulge"])
    assert galaxy.total.enclosed_mass(R).shape == (2, len(R))
    alone = ContractedNFW(m_vir=2e12, c=9.0, baryons=ExponentialDisk(m=7e10, b=2.5) + BULGE)
    np.testing.assert_allclose(halo.enclosed_mass(R)[1], alone.enclosed_mass(R), rtol=1e-13)


def test_a_halo_is_not_fixed_while_its_baryons_are_free():
    assert not galaxy_model(free_disk=True, free_halo=False).is_fixed("mass.halo")
    assert galaxy_model(free_disk=False, free_halo=False).is_fixed("mass.halo")
    assert galaxy_model(free_disk=True).is_fixed("mass.inner")
