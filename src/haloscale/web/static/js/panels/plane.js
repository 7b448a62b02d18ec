// X-Z: the stars seen from the side of the disk, with equal scales.

import { markShape } from "./marks.js";
import { StarPanel } from "./stars.js";
import { FONT, line } from "./axes.js";
import { themed } from "../palette.js";

export function planePanel(view) {
  const title = { name: "plane", title: "X–Z map", about: "plane", x: "X [kpc]", y: "Z [kpc]" };
  const panel = new StarPanel(title, view, {
    place: (stars) => ({ x: stars.x, y: stars.z }),
    limits: equalLimits,
    below: drawGalaxy,
    legend: () => [{ text: "Galactic centre", colour: themed("ink"), mark: cross }],
  });
  const setSample = panel.setSample.bind(panel);
  panel.setSample = (sample) => {
    setSample(sample);
    panel.frame.describe(`${sample.n_shown} of ${sample.n_total} stars drawn, at distances up to ${reach(sample)} kpc.`);
  };
  return panel;
}

function cross(pen, x, y) {
  pen.lineWidth = 1;
  markShape(pen, "plus", x, y, 5);
}

// Far enough for all but the last few stars, in steps of 5 kpc; found once a sample.
function reach(sample) {
  if (!reaches.has(sample)) reaches.set(sample, farthest(sample));
  return reaches.get(sample);
}

const reaches = new WeakMap();

function farthest(sample) {
  const far = Float64Array.from([...sample.stars.x, ...sample.stars.z], Math.abs).sort();
  return Math.ceil((far[Math.floor(far.length * 0.995)] ?? 50) / 5) * 5;
}

function equalLimits(sample, width, height) {
  const half = sample ? reach(sample) : 50;
  const per = (2 * half) / Math.min(width, height);
  return { x: [(-width / 2) * per, (width / 2) * per], y: [(-height / 2) * per, (height / 2) * per] };
}

function drawGalaxy(pen, { x, y }, sample) {
  pen.strokeStyle = themed("axis");
  pen.lineWidth = 1;
  line(pen, x.at(-15), y.at(0), x.at(15), y.at(0));
  pen.fillStyle = pen.strokeStyle = themed("ink");
  pen.font = FONT;
  cross(pen, x.at(0), y.at(0));
  if (!sample.sun) return;
  pen.lineWidth = 1.5;
  markShape(pen, "ring", x.at(sample.sun.x), y.at(sample.sun.z), 4);
  pen.fillText("Sun", x.at(sample.sun.x) + 7, y.at(sample.sun.z) + 14);
}
