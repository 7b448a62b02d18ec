// The posterior of two parameters with its 68 and 95 % contours; the point where the model is drawn can be moved in it.

import { accent, themed } from "../palette.js";
import { interval, unitText } from "../format.js";
import { clear } from "../dom.js";
import { named } from "../numbers.js";
import { MARGIN, Scale, clipTo, drawAxes } from "./axes.js";
import { AxisChoice } from "./choice.js";
import { contours } from "./contours.js";
import { DASHED, STRENGTHS, drawDensity, drawLines } from "./density.js";
import { Frame } from "./frame.js";
import { Layers } from "./layers.js";
import { markShape } from "./marks.js";

const UNRELIABLE = [6, 4];

export class PosteriorPanel {
  constructor(move, choose) {
    this.frame = new Frame({ name: "posterior", title: "Posterior", about: "posterior", x: " ", y: " " });
    this.layers = new Layers(this.frame.plot, (...all) => this.drawBelow(...all), (pen) => this.drawAbove(pen));
    this.choice = new AxisChoice(this.frame.node.querySelector(".axis-y"), choose);
    this.move = move;
    this.point = {};
    this.drag();
  }

  get hasGrid() {
    return Boolean(this.posterior?.density?.length && this.posterior.y);
  }

  get hasCurve() {
    return Boolean(this.posterior?.density?.length && this.posterior.x && !this.posterior.y);
  }

  get isReliable() {
    return this.posterior?.reliable !== false;
  }

  setPosterior(posterior) {
    Object.assign(this, { posterior, scales: null, curve: null });
    this.choice.setPosterior(posterior);
    this.setStale(false);
    this.loops = this.hasGrid ? posterior.levels.map((level) => contours(posterior.density, level)) : [];
    this.frame.said.textContent = posterior.said;
    this.frame.node.dataset.method = posterior.method;
    this.frame.node.dataset.reliable = String(this.isReliable);
    this.labelAxes();
    this.wasOut = null;
    this.sayPlace();
    this.describe();
    this.layers.redraw();
  }

  // There is none for what is set, and that of before is not left to be read as one.
  refuse(text) {
    Object.assign(this, { posterior: null, loops: [], scales: null, curve: null });
    this.choice.hide();
    this.setStale(false);
    this.frame.said.textContent = text;
    this.frame.node.dataset.method = "none";
    for (const axis of [".axis-x", ".axis-y"]) clear(this.frame.node.querySelector(axis), " ");
    this.frame.setLegend([]);
    this.frame.describe(text);
    this.layers.redraw();
  }

  labelAxes() {
    const { x, y } = this.posterior;
    const shown = (axis, missing) => (axis ? [named(axis), axis.unit ? ` [${unitText(axis.unit)}]` : ""] : [missing]);
    clear(this.frame.node.querySelector(".axis-x"), ...shown(x, " "));
    clear(this.frame.node.querySelector(".axis-y"), ...shown(y, x ? "Density over its maximum" : " "));
  }

  setLegend() {
    if (!this.hasGrid && !this.hasCurve) {
      this.frame.setLegend([]);
      return;
    }
    const top = this.hasCurve ? { dash: DASHED } : { mark: (pen, x, y) => markShape(pen, "diamond", x, y, 3) };
    this.frame.setLegend([...this.regions(), { text: "highest posterior", colour: themed("ink"), ...top }, ...this.drawnAt()]);
  }

  // What cannot be relied on has no fill: one entry says so.
  regions() {
    if (!this.isReliable) return [{ text: "68 and 95 %, not reliable", colour: accent(1), dash: UNRELIABLE }];
    return ["68 %", "95 %"].map((text, i) => ({ text, colour: accent(1), mark: box(STRENGTHS[i]) }));
  }

  // Of a run of several catalogues nothing can be moved, and the answer stands for itself.
  drawnAt() {
    if (!(this.posterior.x?.name in (this.point ?? {}))) return [];
    if (this.hasCurve && !this.wasOut) return [{ text: "where the model is drawn", colour: accent(0) }];
    return [
      this.wasOut
        ? { text: "the model is drawn outside this picture, where the arrow points", colour: accent(0), mark: (pen, x, y) => arrow(pen, x, y, 0) }
        : { text: "where the model is drawn", colour: accent(0), mark: cross },
    ];
  }

  describe() {
    const parts = Object.values(this.posterior.summary ?? {}).map((entry) => {
      const { value, up, down, times, unit } = interval(entry);
      return `${entry.label}: ${value}, plus ${up}, minus ${down}${times} ${unit}`;
    });
    this.frame.describe(`${parts.join("; ")}. ${this.posterior.said}`);
  }

  // The settings changed and the answer is on its way.
  setStale(stale) {
    this.frame.plot.classList.toggle("stale", stale);
    this.frame.plot.setAttribute("aria-busy", String(stale));
    if (stale) this.frame.said.textContent = "Being computed for the new settings …";
  }

  setCurves(curves) {
    this.point = curves.point ?? {};
    if (this.posterior?.x) {
      this.sayPlace();
      this.setLegend();
    }
    this.layers.drawAbove();
  }

  drawBelow(pen, width, height) {
    this.scales = null;
    this.curve = null;
    if (this.hasCurve) {
      const scale = scaleOf(this.posterior.x, MARGIN.left, width - MARGIN.right);
      this.curve = { x: scale, y: drawDensity(pen, scale, this.posterior, height) };
    }
    if (!this.hasGrid) return;
    const { x, y } = this.posterior;
    this.scales = {
      x: scaleOf(x, MARGIN.left, width - MARGIN.right),
      y: scaleOf(y, height - MARGIN.bottom, MARGIN.top),
    };
    drawAxes(pen, this.scales.x, this.scales.y);
    clipTo(pen, this.scales.x, this.scales.y);
    pen.fillStyle = pen.strokeStyle = accent(1);
    pen.lineWidth = 1.5;
    pen.setLineDash(this.isReliable ? [] : UNRELIABLE);
    STRENGTHS.forEach((alpha, i) => this.drawLoops(pen, this.loops[i] ?? [], alpha));
  }

  drawLoops(pen, found, alpha) {
    const { x, y } = this.posterior;
    pen.beginPath();
    for (const loop of found) {
      loop.forEach(([i, j], n) => {
        const place = [this.scales.x.at(valueAt(x.values, i)), this.scales.y.at(valueAt(y.values, j))];
        if (n) pen.lineTo(...place);
        else pen.moveTo(...place);
      });
      pen.closePath();
    }
    pen.globalAlpha = alpha;
    if (this.isReliable) pen.fill("evenodd");
    pen.globalAlpha = 1;
    pen.stroke();
  }

  drawAbove(pen) {
    if (this.curve) {
      drawLines(pen, this.curve, this.posterior.x.name, this.posterior.best, this.point);
      if (this.wasOut) this.pointBeside(pen);
    }
    if (!this.scales) return;
    const { x, y, best } = this.posterior;
    const place = (values) => [this.scales.x.at(values[x.name]), this.scales.y.at(values[y.name])];
    clipTo(pen, this.scales.x, this.scales.y);
    if (best && best[x.name]) {
      pen.fillStyle = themed("ink");
      markShape(pen, "diamond", ...place(best), 3);
    }
    if (!(x.name in this.point) || !(y.name in this.point)) return;
    pen.strokeStyle = pen.fillStyle = accent(0);
    if (this.isInside) cross(pen, ...place(this.point));
    else pointer(pen, this.scales, ...place(this.point));
  }

  pointBeside(pen) {
    const { x, y } = this.curve;
    pen.fillStyle = accent(0);
    pointer(pen, this.curve, x.at(this.point[this.posterior.x.name]), 0.5 * (y.start + y.end));
  }

  get isInside() {
    const { x, y } = this.posterior;
    const within = ({ name, values }) => this.point[name] >= values[0] && this.point[name] <= values.at(-1);
    return within(x) && (!y || within(y));
  }

  // The model can be moved out of the picture: that is said, and an arrow at the rim points to it.
  sayPlace() {
    const isOut = Boolean((this.hasGrid || this.hasCurve) && this.posterior.x.name in this.point && !this.isInside);
    if (isOut === this.wasOut) return;
    this.wasOut = isOut;
    this.setLegend();
  }

  drag() {
    const { plot } = this.frame;
    let held = false;
    const go = (event) => {
      const box = plot.getBoundingClientRect();
      const inside = (scale, pixel) => Math.min(scale.high, Math.max(scale.low, scale.value(pixel)));
      this.move({
        [this.posterior.x.name]: Number(inside(this.scales.x, event.clientX - box.left).toPrecision(4)),
        [this.posterior.y.name]: Number(inside(this.scales.y, event.clientY - box.top).toPrecision(4)),
      });
    };
    plot.addEventListener("pointerdown", (event) => {
      if (!this.scales || event.pointerType === "touch") return;
      held = true;
      plot.setPointerCapture(event.pointerId);
      go(event);
    });
    plot.addEventListener("pointermove", (event) => held && this.scales && go(event));
    for (const end of ["pointerup", "pointercancel"]) {
      plot.addEventListener(end, () => {
        held = false;
      });
    }
  }
}

const box = (alpha) => (pen, x, y) => {
  pen.globalAlpha = alpha;
  pen.fillRect(x - 8, y - 5, 16, 10);
  pen.globalAlpha = 1;
  pen.strokeRect(x - 8, y - 5, 16, 10);
};

function cross(pen, x, y) {
  pen.lineWidth = 2;
  markShape(pen, "plus", x, y, 6);
}

function pointer(pen, { x, y }, px, py) {
  const rim = [Math.min(x.end - 9, Math.max(x.start + 9, px)), Math.min(y.start - 9, Math.max(y.end + 9, py))];
  arrow(pen, ...rim, Math.atan2(py - rim[1], px - rim[0]));
}

function arrow(pen, x, y, angle) {
  pen.save();
  pen.translate(x, y);
  pen.rotate(angle);
  pen.beginPath();
  for (const [dx, dy] of [[7, 0], [-5, -6], [-5, 6]]) pen.lineTo(dx, dy);
  pen.fill();
  pen.restore();
}

function scaleOf({ values, log }, start, end) {
  return new Scale(values[0], values.at(-1), start, end, log === true && values[0] > 0);
}

// The value at a fraction of an index; beyond the ends the end.
function valueAt(values, index) {
  const inside = Math.min(values.length - 1, Math.max(0, index));
  const below = Math.min(values.length - 2, Math.floor(inside));
  return values[below] + (inside - below) * (values[below + 1] - values[below]);
}
