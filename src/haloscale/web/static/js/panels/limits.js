// Limits of axes that stay still while a slider moves, and give way only where a curve would leave the picture.

export class Steady {
  // The lower end is 0; the upper a round number with some air above what must be seen.
  constructor(start) {
    this.top = start;
  }

  hold(highest) {
    if (!Number.isFinite(highest)) return;
    if (highest * 1.05 > this.top || highest * 2.2 < this.top) this.top = roundUp(highest * 1.2);
  }

  get limits() {
    return [0, this.top];
  }
}

export class Decades {
  constructor(low, high) {
    Object.assign(this, { low, high });
  }

  hold(lowest, highest) {
    if (!(lowest > 0) || !Number.isFinite(highest)) return;
    if (lowest < this.low || lowest > this.low * 30) this.low = 10 ** Math.floor(Math.log10(lowest));
    if (highest > this.high || highest < this.high / 30) this.high = 10 ** Math.ceil(Math.log10(highest));
  }

  get limits() {
    return [this.low, this.high];
  }
}

function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= value);
}

export function highest(values) {
  let top = -Infinity;
  for (const value of values) if (value > top) top = value;
  return top;
}
