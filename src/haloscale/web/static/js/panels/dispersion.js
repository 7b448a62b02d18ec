// sigma_los(r): what was measured and what the model says.

import { SHAPES, accent, themed } from "../palette.js";
import { number } from "../format.js";
import { Steady, highest } from "./limits.js";
import { LinePanel } from "./lines.js";
import { markShape } from "./marks.js";
import { errorPoint } from "./points.js";

export class DispersionPanel {
  constructor(view) {
    this.limits = new Steady(150);
    this.far = 100;
    this.view = view;
    const frame = { name: "dispersion", title: "Velocity dispersion", about: "sigma_los", x: "r [kpc]", y: "σ_los [km s⁻¹]" };
    this.panel = new LinePanel(frame, view, {
      limitsX: () => [0, this.far],
      limitsY: () => this.limits.limits,
      draw: (pen, at) => this.drawProfile(pen, at),
    });
    this.frame = this.panel.frame;
    view.on((what) => what === "choice" && this.panel.redraw());
  }

  setProfile(profile) {
    this.profile = profile;
    this.far = Math.ceil(Math.max(...profile.r_high) / 10) * 10;
    this.hold();
    this.panel.redraw();
    if (this.curves) this.showLegend();
    const rows = profile.r_mid.map((r, i) => [
      `${number(profile.r_low[i])}–${number(profile.r_high[i])}${profile.catalogue ? ` ${profile.catalogue[i]}` : ""}`, number(r), String(profile.n[i]), number(profile.sigma[i]), number(profile.error[i]),
    ]);
    this.frame.setTable(["bin [kpc]", "r [kpc]", "stars", "σ_los [km s⁻¹]", "error [km s⁻¹]"], rows);
  }

  setCurves(curves) {
    this.curves = curves;
    this.hold();
    const whole = { key: "model", colour: () => accent(0), width: 2.5 };
    const own = this.own.map(([name], k) => ({ key: name, colour: () => colourOf(k), width: 2 }));
    this.panel.setCurves(curves.r, [curves.sigma_los, ...this.own.map(([, values]) => values)], [whole, ...own]);
    this.showLegend();
    this.describe();
  }

  showLegend() {
    const names = this.profile?.catalogues;
    const whose = names ? " of all stars together" : "";
    const own = this.own.map(([name], k) => ({ text: `model σ_los of ${name}`, colour: colourOf(k) }));
    this.frame.setLegend([...this.measured(), ...own, { text: `model σ_los${whose}`, colour: accent(0) }]);
  }

  // Of several catalogues the model of each, in the order of their points.
  get own() {
    return Object.entries(this.curves?.sigma_los_of ?? {});
  }

  // Of several catalogues each has a colour and a shape.
  measured() {
    const names = this.profile?.catalogues;
    if (!names) return [{ text: "measured, with 68 % error", colour: themed("ink"), mark: dot }];
    return names.map((name, k) => ({ text: `${name}, with 68 % error`, colour: colourOf(k), mark: shaped(k) }));
  }

  refuse(text) {
    this.curves = null;
    this.panel.blank();
    this.frame.describe(text);
  }

  hold() {
    const tops = [];
    if (this.profile) tops.push(...this.profile.sigma.map((value, i) => value + this.profile.error[i]));
    if (this.curves) tops.push(...this.curves.sigma_los.filter((value, i) => this.curves.r[i] <= this.far));
    this.limits.hold(highest(tops.filter(Number.isFinite)));
  }

  describe() {
    const { r, sigma_los: sigma } = this.curves;
    const bins = this.profile ? `${this.profile.r_mid.length} measured bins. ` : "";
    const [first, last] = [0, sigma.length - 1];
    this.frame.describe(
      `${bins}The model goes from ${number(sigma[first])} km/s at ${number(r[first])} kpc to ${number(sigma[last])} km/s at ${number(r[last])} kpc.`,
    );
  }

  drawProfile(pen, at) {
    if (!this.profile) return;
    const { r_mid: mid, r_low: low, r_high: high, sigma, error } = this.profile;
    const { range } = this.view;
    for (let i = 0; i < mid.length; i += 1) {
      if (!Number.isFinite(sigma[i]) || sigma[i] === null) continue;
      const strong = range === null || (high[i] > range[0] && low[i] < range[1]);
      const point = { r: mid[i], value: sigma[i], low: sigma[i] - error[i], high: sigma[i] + error[i], left: low[i], right: high[i] };
      const whose = this.profile.catalogues?.indexOf(this.profile.catalogue[i]) ?? -1;
      if (whose < 0) errorPoint(pen, at, point, themed("ink"), strong);
      else errorPoint(pen, at, point, colourOf(whose), strong, SHAPES[whose % SHAPES.length]);
    }
  }
}

// Not the colour of the model.
function colourOf(catalogue) {
  return accent(catalogue + 1);
}

function shaped(catalogue) {
  return (pen, x, y) => markShape(pen, SHAPES[catalogue % SHAPES.length], x, y, 3.6);
}

function dot(pen, x, y) {
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.moveTo(x, y - 6);
  pen.lineTo(x, y + 6);
  pen.stroke();
  pen.beginPath();
  pen.arc(x, y, 3, 0, 2 * Math.PI);
  pen.fill();
}
