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
    hold: (r, curves, literature) => {
      ends = [Math.max(r[0], 0.5), r.at(-1)];
      const seen = literature.filter((point) => point.r >= ends[0] && point.r <= ends[1]);
      const lows = [...curves.map((curve) => curve[0]), ...seen.map((point) => point.low ?? point.value)];
      const highs = [...curves[0], ...seen.map((point) => point.high ?? point.value)];
      limits.hold(Math.min(...lows.filter((value) => value > 0)), highest(highs));
    },
  });
}
