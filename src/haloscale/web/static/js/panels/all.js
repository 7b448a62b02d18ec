// All panels, in their order on the page.

import { DispersionPanel } from "./dispersion.js";
import { enclosedMassPanel, velocityCurvePanel } from "./mass_curves.js";
import { planePanel } from "./plane.js";
import { PosteriorPanel } from "./posterior.js";
import { SkyPanel } from "./sky.js";
import { velocityPanel } from "./velocity_radius.js";

export class Panels {
  constructor(host, view, store, last) {
    this.dispersion = new DispersionPanel(view);
    this.speed = velocityCurvePanel(view);
    this.mass = enclosedMassPanel(view);
    this.posterior = new PosteriorPanel((values) => store.setPoint(values), (axes) => store.setAxes(axes));
    this.velocity = velocityPanel(view);
    this.plane = planePanel(view);
    this.sky = new SkyPanel(view);
    const order = [this.dispersion, this.speed, this.mass, this.posterior, this.velocity, this.plane, this.sky];
    host.append(...order.map((panel) => panel.frame.node), last);
  }

  setSample(sample) {
    for (const panel of [this.sky, this.plane, this.velocity]) panel.setSample(sample);
  }

  setProfile(profile) {
    this.dispersion.setProfile(profile);
  }

  // No model can be drawn for what is set: none of before is left.
  refuseCurves(text) {
    for (const panel of [this.dispersion, this.speed, this.mass, this.velocity]) panel.refuse(text);
    this.posterior.setCurves({});
  }

  setCurves(curves) {
    for (const panel of [this.dispersion, this.speed, this.mass, this.velocity, this.posterior]) panel.setCurves(curves);
  }
}
