// The sky in Galactic coordinates.

import { FONT } from "./axes.js";
import { Frame } from "./frame.js";
import { Layers } from "./layers.js";
import { drawStars, groupColours, starLegend } from "./marks.js";
import { mollweide } from "./mollweide.js";
import { onTheme, themed } from "../palette.js";

const EDGE = 24;

export class SkyPanel {
  constructor(view) {
    this.frame = new Frame({ name: "sky", title: "Sky map", about: "sky", x: "Galactic longitude l [deg]", y: "Galactic latitude b [deg]", wide: true });
    this.view = view;
    this.layers = new Layers(this.frame.plot, (pen, width, height) => this.draw(pen, width, height));
    view.on((what) => what === "choice" && this.layers.redraw());
    onTheme(() => this.sample && this.frame.setLegend(starLegend(this.sample.groups)));
  }

  setSample(sample) {
    this.sample = sample;
    this.colours = groupColours(sample.groups);
    this.points = sample.stars.l.map((l, i) => mollweide(l, sample.stars.b[i]));
    this.frame.setLegend(starLegend(sample.groups));
    const north = sample.stars.b.filter((b) => b > 0).length;
    const share = Math.round((100 * north) / Math.max(sample.stars.b.length, 1));
    this.frame.describe(`${sample.n_shown} of ${sample.n_total} stars drawn; ${share} % of them north of the Galactic plane.`);
    this.layers.redraw();
  }

  draw(pen, width, height) {
    const unit = Math.min((width - 2 * EDGE) / 4, (height - 16) / 2);
    const at = ([x, y]) => [width / 2 + x * unit, height / 2 - y * unit];
    drawGraticule(pen, at, unit, width);
    if (!this.sample) return;
    const pixels = this.points.map(at);
    const { r, group } = this.sample.stars;
    const xs = pixels.map((pixel) => pixel[0]);
    const ys = pixels.map((pixel) => pixel[1]);
    drawStars(pen, { xs, ys, r, group, colours: this.colours }, this.view);
  }
}

function drawGraticule(pen, at, unit) {
  pen.lineWidth = 1;
  pen.strokeStyle = themed("grid");
  for (const b of [-60, -30, 30, 60]) path(pen, range(-180, 180, 4).map((l) => at(mollweide(edge(l), b))));
  for (const l of [-120, -60, 60, 120]) path(pen, range(-90, 90, 3).map((b) => at(mollweide(l, b))));
  pen.strokeStyle = themed("axis");
  path(pen, [at([-2, 0]), at([2, 0])]);
  const [x, y] = at([0, 0]);
  pen.beginPath();
  pen.ellipse(x, y, 2 * unit, unit, 0, 0, 2 * Math.PI);
  pen.stroke();
  labels(pen, at);
}

function labels(pen, at) {
  pen.font = FONT;
  pen.fillStyle = themed("muted");
  pen.textAlign = "center";
  pen.textBaseline = "top";
  for (const l of [120, 60, 0, 300, 240]) {
    const [x, y] = at(mollweide(l, 0));
    pen.fillText(`${l}°`, x, y + 3);
  }
  pen.textBaseline = "middle";
  for (const b of [-60, -30, 30, 60]) {
    const [x, y] = at(mollweide(179.99, b));
    pen.textAlign = "right";
    pen.fillText(`${b}°`.replace("-", "−"), x - 3, y + (b > 0 ? -6 : 6));
  }
}

function path(pen, points) {
  pen.beginPath();
  for (const [x, y] of points) pen.lineTo(x, y);
  pen.stroke();
}

function range(low, high, step) {
  return Array.from({ length: Math.round((high - low) / step) + 1 }, (_, i) => low + i * step);
}

// +180 and -180 are the two ends of the map, not one point.
function edge(l) {
  return Math.max(-179.99, Math.min(179.99, l));
}
