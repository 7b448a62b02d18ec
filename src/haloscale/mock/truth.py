"""What a simulated catalogue is made of: the models and the numbers that a fit should give back."""

from dataclasses import dataclass, field
from typing import Any

from haloscale import anisotropy as anisotropies
from haloscale import mass as masses
from haloscale import tracer as tracers
from haloscale.frames import ZHAI2018, SolarFrame


def _halo() -> Any:
    return masses.NFW(m_vir=1.1e12, c=15.0)


def _baryons() -> Any:
    return masses.ExponentialDisk(m=6.8e10, b=2.5) + masses.Hernquist(m=0.5e10, a=0.6)


def _tracer() -> Any:
    return tracers.PowerLaw(log_slope=-4.0)


def _anisotropy() -> Any:
    return anisotropies.Constant(beta=0.0)


@dataclass(frozen=True)
class Truth:
    """The true models behind a simulated catalogue.

    Parameters
    ----------
    halo : HaloModel
        Default: NFW with m_vir = 1.1e12 Msun (200 x critical, H0 = 70) and c = 15, round numbers near published ones.
    baryons : MassModel
        Default: the disk and the bulge of Zhai et al. 2018 (Eqs. 11-12).
    tracer : TracerDensity
        Number density of the stars; default r^-4.
    anisotropy : Anisotropy
        Default: isotropic, beta = 0.
    frame : SolarFrame
        From where, and moving how, the Sun observes.
    """

    halo: Any = field(default_factory=_halo)
    baryons: Any = field(default_factory=_baryons)
    tracer: Any = field(default_factory=_tracer)
    anisotropy: Any = field(default_factory=_anisotropy)
    frame: SolarFrame = ZHAI2018

    @property
    def mass(self) -> Any:
        """The total mass model: halo plus baryons."""
        return self.halo + self.baryons

    @property
    def numbers(self) -> dict[str, float]:
        """The true numbers under the names of summary.json.

        Returns
        -------
        dict of str to float
            ``m_vir`` [solMass], ``c``, ``r_vir`` [kpc], ``m_within_60kpc``, ``m_within_100kpc`` [solMass, total],
            ``v_circ_r0`` [km/s], ``log_slope`` and ``beta`` at 20 kpc.
        """
        mass = self.mass
        return {
            "m_vir": float(self.halo.m_vir),
            "c": float(self.halo.c),
            "r_vir": float(self.halo.r_vir),
            "m_within_60kpc": float(mass.enclosed_mass(60.0)),
            "m_within_100kpc": float(mass.enclosed_mass(100.0)),
            "v_circ_r0": float(mass.v_circ(self.frame.r0)),
            "log_slope": float(self.tracer.log_slope_at(20.0)),
            "beta": float(self.anisotropy.beta_at(20.0)),
        }
