// Marks of stars: a colour and a shape for every group, small grey dots for the field.

import { SHAPES, accent, themed } from "../palette.js";

const OUTLINES = {
  square: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
  triangle: [[0, -1.2], [1.1, 0.9], [-1.1, 0.9]],
  down: [[0, 1.2], [1.1, -0.9], [-1.1, -0.9]],
  diamond: [[0, -1.35], [1.35, 0], [0, 1.35], [-1.35, 0]],
};

export function markShape(pen, shape, x, y, size) {
  pen.beginPath();
  if (shape === "circle" || shape === "ring") pen.arc(x, y, size, 0, 2 * Math.PI);
  else if (shape === "cross" || shape === "plus") {
    const [a, b] = shape === "cross" ? [[1, 1], [1, -1]] : [[1.2, 0], [0, 1.2]];
    for (const [dx, dy] of [a, b]) {
      pen.moveTo(x - dx * size, y - dy * size);
      pen.lineTo(x + dx * size, y + dy * size);
    }
  } else {
    for (const [dx, dy] of OUTLINES[shape]) pen.lineTo(x + dx * size, y + dy * size);
    pen.closePath();
  }
  if (shape === "cross" || shape === "plus" || shape === "ring") pen.stroke();
  else pen.fill();
}

export function groupMark(index) {
  const shape = SHAPES[index % SHAPES.length];
  return (pen, x, y) => {
    pen.lineWidth = 1.5;
    markShape(pen, shape, x, y, 3.2);
  };
}

// Stars at pixels (xs, ys); those that the view does not hold fade.
export function drawStars(pen, { xs, ys, r, group, colours }, view) {
  const order = [false, true];
  for (const held of order) {
    for (let pass = 0; pass < 2; pass += 1) drawSome(pen, { xs, ys, r, group, colours }, view, held, pass === 1);
  }
  pen.globalAlpha = 1;
}

function drawSome(pen, { xs, ys, r, group, colours }, view, held, grouped) {
  if (!view.chooses && !held) return;
  const strength = held ? 1 : 0.18;
  const strong = view.chooses && held;
  pen.globalAlpha = strength * (grouped ? 0.9 : strong ? 0.9 : fieldAlpha(xs.length));
  pen.fillStyle = strong ? themed("ink") : themed("star");
  pen.lineWidth = 1.2;
  const size = strong ? 2.6 : 2;
  for (let i = 0; i < xs.length; i += 1) {
    const isGroup = group[i] >= 0;
    if (isGroup !== grouped || view.holds(r[i], group[i]) !== held || !Number.isFinite(xs[i])) continue;
    if (!isGroup) {
      pen.fillRect(xs[i] - size / 2, ys[i] - size / 2, size, size);
      continue;
    }
    const index = colours.get(group[i]) ?? 0;
    pen.fillStyle = pen.strokeStyle = accent(index);
    markShape(pen, SHAPES[index % SHAPES.length], xs[i], ys[i], 2.4);
  }
}

function fieldAlpha(n) {
  return n > 2500 ? 0.5 : n > 800 ? 0.65 : 0.8;
}

export function groupColours(groups) {
  return new Map(groups.map((group) => [group.id, group.colour_index ?? group.id]));
}

// Groups that have no name of their own count from 1.
export function groupName({ id, name }) {
  const counted = /^group (\d+)$/.exec(name ?? `group ${id}`);
  return counted && Number(counted[1]) === id ? `group ${id + 1}` : name;
}

export function starLegend(groups) {
  const field = { text: "field stars", colour: themed("star"), mark: (pen, x, y) => pen.fillRect(x - 2, y - 2, 4, 4) };
  const shown = groups.filter((group) => group.id >= 0).slice(0, 8);
  const entries = shown.map((group) => {
    const index = group.colour_index ?? group.id;
    return { text: `${groupName(group)} (${group.n})`, colour: accent(index), mark: groupMark(index) };
  });
  const more = groups.filter((group) => group.id >= 0).length - shown.length;
  if (more > 0) entries.push({ text: `and ${more} more: choose one under “Group” above`, colour: themed("muted"), mark: () => {} });
  return [field, ...entries];
}
