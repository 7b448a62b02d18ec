// Closed lines of equal density on a grid, by marching squares; the rim counts as empty, so that every line closes.

const EDGES = [[0, 1], [1, 2], [2, 3], [3, 0]];
const CORNERS = [[0, 0], [1, 0], [1, 1], [0, 1]];

// density[j][i] at x index i, y index j. Returns loops of [i, j], in fractions of an index.
export function contours(density, level) {
  const rows = density.length;
  const columns = density[0]?.length ?? 0;
  const at = (i, j) => (i < 0 || j < 0 || i >= columns || j >= rows ? 0 : density[j][i]);
  const next = new Map();
  for (let j = -1; j < rows; j += 1) {
    for (let i = -1; i < columns; i += 1) cell(i, j, at, level, next);
  }
  return loops(next);
}

function cell(i, j, at, level, next) {
  const values = CORNERS.map(([di, dj]) => at(i + di, j + dj));
  const inside = values.map((value) => value >= level);
  const crossed = EDGES.map(([a, b], edge) => (inside[a] === inside[b] ? null : edge)).filter((edge) => edge !== null);
  if (!crossed.length) return;
  const pairs = crossed.length === 2 ? [crossed] : saddle(values, level, inside);
  for (const [first, second] of pairs) {
    const ends = [first, second].map((edge) => crossing(i, j, edge, values, level));
    // The inside is kept on the same hand: an edge that leaves it starts the segment.
    const [a] = EDGES[first];
    const [from, to] = inside[a] ? ends : ends.toReversed();
    next.set(from.key, { point: from.point, to: to.key });
  }
}

function saddle(values, level, inside) {
  const middle = values.reduce((sum, value) => sum + value, 0) / 4 >= level;
  return middle === inside[0] ? [[0, 1], [2, 3]] : [[3, 0], [1, 2]];
}

function crossing(i, j, edge, values, level) {
  const [a, b] = EDGES[edge];
  const share = (level - values[a]) / (values[b] - values[a]);
  const [ax, ay] = CORNERS[a];
  const [bx, by] = CORNERS[b];
  const key = edge % 2 === 0 ? `h ${i} ${j + ay}` : `v ${i + ax} ${j}`;
  return { key, point: [i + ax + share * (bx - ax), j + ay + share * (by - ay)] };
}

function loops(next) {
  const found = [];
  while (next.size) {
    const loop = [];
    let [key] = next.keys();
    while (next.has(key)) {
      const { point, to } = next.get(key);
      next.delete(key);
      loop.push(point);
      key = to;
    }
    found.push(loop);
  }
  return found;
}
