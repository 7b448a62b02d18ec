// The posterior of one free parameter: its density as a curve, with the parts that hold 68 and 95 % of it.

import { accent, themed } from "../palette.js";
import { MARGIN, Scale, clipTo, drawAxes, line } from "./axes.js";

export const STRENGTHS = [0.55, 0.2];

export function drawDensity(pen, x, { x: axis, density, levels, reliable }, height) {
  const top = Math.max(...density);
  const y = new Scale(0, 1.1, height - MARGIN.bottom, MARGIN.top);
  drawAxes(pen, x, y);
  clipTo(pen, x, y);
  pen.strokeStyle = pen.fillStyle = accent(1);
  const places = axis.values.map((value, i) => [x.at(value), y.at(density[i] / top)]);
  if (reliable !== false) {
    levels.toReversed().forEach((level, i) => fillAbove(pen, places, density, level, y.start, STRENGTHS[1 - i]));
  }
  pen.lineWidth = 2;
  if (reliable === false) pen.setLineDash([6, 4]);
  pen.beginPath();
  for (const place of places) pen.lineTo(...place);
  pen.stroke();
  pen.setLineDash([]);
  return y;
}

// The curve down to its axis, where the density is above a level; a side that crosses it is cut there.
function fillAbove(pen, places, density, level, floor, alpha) {
  pen.beginPath();
  for (let i = 1; i < places.length; i += 1) {
    const ends = [i - 1, i].map((k) => ({ place: places[k], above: density[k] - level }));
    if (ends.every(({ above }) => above < 0)) continue;
    const [from, to] = ends.map((end, k) => (end.above < 0 ? between(ends[1 - k], end) : end.place));
    pen.moveTo(...from);
    for (const place of [to, [to[0], floor], [from[0], floor]]) pen.lineTo(...place);
    pen.closePath();
  }
  pen.globalAlpha = alpha;
  pen.fill();
  pen.globalAlpha = 1;
}

function between(inside, outside) {
  const share = inside.above / (inside.above - outside.above);
  return [0, 1].map((k) => inside.place[k] + share * (outside.place[k] - inside.place[k]));
}

function upright(pen, at, y, colour, dash = []) {
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.setLineDash(dash);
  line(pen, at, y.start, at, y.end);
  pen.setLineDash([]);
}

// The lines of the maximum and of the point where the model is drawn.
export function drawLines(pen, { x, y }, name, best, point) {
  clipTo(pen, x, y);
  if (Number.isFinite(best?.[name])) upright(pen, x.at(best[name]), y, themed("ink"), DASHED);
  if (Number.isFinite(point[name])) upright(pen, x.at(point[name]), y, accent(0));
}

export const DASHED = [4, 3];
