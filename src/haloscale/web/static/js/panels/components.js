// Curves of the total and of its components: circular velocity, enclosed mass.

import { DASHES, accent, themed } from "../palette.js";
import { number } from "../format.js";
import { LinePanel } from "./lines.js";
import { literaturePoint } from "./points.js";

const ORDER = ["halo", "disk", "bulge"];

export class ComponentsPanel {
  constructor(view, frameOptions, { of, unit, logX, logY, limitsX, limitsY, hold }) {
    Object.assign(this, { of, unit, hold });
    this.panel = new LinePanel(frameOptions, view, {
      logX, logY, limitsX, limitsY, draw: (pen, at) => this.drawLiterature(pen, at),
    });
    this.frame = this.panel.frame;
  }

  setCurves(curves) {
    const values = curves[this.of];
    const names = ordered(Object.keys(values));
    this.literature = curves.literature?.[this.of] ?? [];
    this.hold(curves.r, names.map((name) => values[name]), this.literature);
    this.panel.setCurves(curves.r, names.map((name) => values[name]), names.map(styleOf));
    this.frame.setLegend([...names.map(legendOf), ...literatureLegend(this.literature)]);
    this.describe(curves.r, values.total);
    this.frame.setTable(["r [kpc]", ...names], tableRows(curves.r, names.map((name) => values[name])));
  }

  refuse(text) {
    this.panel.blank();
    this.frame.describe(text);
    this.frame.setTable([], []);
  }

  describe(r, total) {
    const last = r.length - 1;
    const middle = r.findIndex((value) => value >= 30);
    const places = [0, middle < 0 ? last : middle, last];
    const said = places.map((i) => `${number(total[i])} ${this.unit} at ${number(r[i])} kpc`);
    this.frame.describe(`Total: ${said.join(", ")}.`);
  }

  drawLiterature(pen, at) {
    for (const point of this.literature ?? []) literaturePoint(pen, at, point);
  }
}

function ordered(names) {
  const rest = names.filter((name) => name !== "total" && !ORDER.includes(name)).sort();
  return ["total", ...ORDER.filter((name) => names.includes(name)), ...rest].filter((name) => names.includes(name));
}

function styleOf(name, i) {
  const colour = name === "total" ? () => themed("ink") : () => accent(i);
  return { key: `${name} ${i}`, colour, width: name === "total" ? 2.5 : 2, dash: name === "total" ? [] : DASHES[i] };
}

function legendOf(name, i) {
  const { colour, dash } = styleOf(name, i);
  return { text: name, colour: colour(), dash };
}

function literatureLegend(points) {
  const sources = [...new Set(points.map((point) => point.label))];
  if (!sources.length) return [];
  const text = sources.length > 3 ? `literature (${sources.length} sources)` : sources.join("; ");
  const mark = (pen, x, y) => {
    pen.lineWidth = 1.2;
    pen.strokeRect(x - 3, y - 3, 6, 6);
  };
  return [{ text, colour: themed("muted"), mark }];
}

function tableRows(r, columns) {
  const step = Math.max(1, Math.floor(r.length / 12));
  const rows = [];
  for (let i = 0; i < r.length; i += step) rows.push([number(r[i]), ...columns.map((column) => number(column[i]))]);
  return rows;
}
