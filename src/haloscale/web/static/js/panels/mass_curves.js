// V_circ(r) and M(<r), with what halo, disk and bulge contribute.

import { ComponentsPanel } from "./components.js";
import { Decades, Steady, highest } from "./limits.js";

export function velocityCurvePanel(view) {
  const limits = new Steady(250);
  let far = 100;
  const frame = { name: "v_circ", title: "Circular velocity", about: "v_circ", x: "r [kpc]", y: "V_circ [km s⁻¹]" };
  return new ComponentsPanel(view, frame, {
    of: "v_circ",
    unit: "km/s",
    limitsX: () => [0, far],
    limitsY: () => limits.limits,
    hold: (r, curves, literature) => {
      far = Math.ceil(r.at(-1) / 10) * 10;
      limits.hold(highest([...curves.flat(), ...literature.map((point) => point.high ?? point.value)]));
    },
  });
}

export function enclosedMassPanel(view) {
  const limits = new Decades(1e9, 1e12);
  let ends = [1, 100];
  const frame = { name: "mass", title: "Enclosed mass", about: "enclosed_mass", x: "r [kpc]", y: "M(<r) [M☉]" };
  return new ComponentsPanel(view, frame, {
    of: "mass",
    unit: "solar masses",
    logX: true,
    logY: true,
    limitsX: () => ends,
    limitsY: () => limits.limits,
    hold: (r, curves) => {
      ends = [Math.max(r[0], 0.5), r.at(-1)];
      limits.hold(Math.min(...curves.map((curve) => curve[0])), highest(curves[0]));
    },
  });
}
