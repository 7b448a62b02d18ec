// Measured points with their errors and bin widths.

import { themed } from "../palette.js";
import { markShape } from "./marks.js";

export function errorPoint(pen, at, { r, value, low, high, left, right }, colour, strong = true, shape = "circle") {
  const x = at.x(r);
  pen.globalAlpha = strong ? 1 : 0.3;
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = 1.5;
  segment(pen, x, at.y(low), x, at.y(high));
  if (left !== undefined) segment(pen, at.x(left), at.y(value), at.x(right), at.y(value));
  markShape(pen, shape, x, at.y(value), 3.6);
  if (shape === "circle") {
    pen.strokeStyle = themed("surface");
    pen.lineWidth = 1;
    pen.stroke();
  }
  pen.globalAlpha = 1;
}

// What others found: an open mark, so that it is not taken for our own.
export function literaturePoint(pen, at, { r, value, low, high }) {
  const [x, y] = [at.x(r), at.y(value)];
  pen.strokeStyle = themed("muted");
  pen.fillStyle = themed("surface");
  pen.lineWidth = 1.2;
  if (Number.isFinite(low) && Number.isFinite(high)) segment(pen, x, at.y(low), x, at.y(high));
  pen.beginPath();
  pen.rect(x - 3, y - 3, 6, 6);
  pen.fill();
  pen.stroke();
}

function segment(pen, x0, y0, x1, y1) {
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.lineTo(x1, y1);
  pen.stroke();
}
