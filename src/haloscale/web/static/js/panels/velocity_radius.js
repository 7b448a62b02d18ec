// v_gsr against r, with the model's dispersion to both sides; a drag over it chooses a range of radii.

import { StarPanel } from "./stars.js";
import { clipTo, line } from "./axes.js";
import { accent, themed } from "../palette.js";
import { number } from "../format.js";

export function velocityPanel(view) {
  const title = { name: "velocity", title: "Velocity against radius", about: "v_gsr", x: "r [kpc]", y: "v_gsr [km s⁻¹]" };
  const panel = new StarPanel(title, view, {
    place: (stars) => ({ x: stars.r, y: stars.v_gsr }),
    limits,
    legend: () => (panel.curves ? [{ text: "± model σ_los", colour: accent(0) }] : []),
    above: (pen, scales) => drawAbove(pen, scales, panel.curves, view),
  });
  const setSample = panel.setSample.bind(panel);
  panel.setSample = (sample) => {
    setSample(sample);
    const spread = Math.sqrt(sample.stars.v_gsr.reduce((sum, v) => sum + v * v, 0) / Math.max(sample.stars.r.length, 1));
    panel.frame.describe(`${sample.n_shown} stars; their velocities spread by about ${number(spread)} km/s around zero.`);
  };
  panel.setCurves = (curves) => {
    panel.curves = curves;
    panel.showLegend();
    panel.layers.drawAbove();
  };
  panel.refuse = () => panel.setCurves(null);
  brush(panel, view);
  return panel;
}

function limits(sample) {
  if (!sample) return { x: [0, 120], y: [-400, 400] };
  const far = Math.max(...sample.stars.r, 20);
  const fast = Float64Array.from(sample.stars.v_gsr, Math.abs).sort();
  const top = Math.ceil((fast[Math.floor(fast.length * 0.998)] ?? 400) / 100) * 100;
  return { x: [0, Math.ceil(far / 10) * 10], y: [-top, top] };
}

function drawAbove(pen, { x, y }, curves, view) {
  clipTo(pen, x, y);
  if (view.range) {
    pen.fillStyle = themed("band");
    pen.fillRect(x.at(view.range[0]), y.end, x.at(view.range[1]) - x.at(view.range[0]), y.start - y.end);
  }
  if (curves) {
    pen.strokeStyle = accent(0);
    pen.lineWidth = 2;
    for (const sign of [-1, 1]) stroke(pen, x, y, curves.r, curves.sigma_los, sign);
  }
  if (view.radius !== null) {
    pen.strokeStyle = themed("ink");
    pen.lineWidth = 1;
    pen.setLineDash([4, 3]);
    line(pen, x.at(view.radius), y.start, x.at(view.radius), y.end);
  }
}

function stroke(pen, x, y, r, sigma, sign) {
  pen.beginPath();
  for (let i = 0; i < r.length; i += 1) pen.lineTo(x.at(r[i]), y.at(sign * sigma[i]));
  pen.stroke();
}

function brush(panel, view) {
  const { plot } = panel.frame;
  let start = null;
  const radius = (event) => {
    const { x } = panel.scales;
    const pixel = event.clientX - plot.getBoundingClientRect().left;
    return Math.min(x.high, Math.max(x.low, x.value(pixel)));
  };
  plot.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" || !panel.scales) return;
    start = radius(event);
    plot.setPointerCapture(event.pointerId);
  });
  plot.addEventListener("pointermove", (event) => {
    if (!panel.scales) return;
    const at = radius(event);
    view.setRadius(at);
    if (start !== null && Math.abs(at - start) > 0.5) view.setRange([Math.min(start, at), Math.max(start, at)]);
  });
  plot.addEventListener("pointerup", (event) => {
    if (start !== null && Math.abs(radius(event) - start) <= 0.5) view.setRange(null);
    start = null;
  });
  plot.addEventListener("pointerleave", () => start === null && view.setRadius(null));
}
