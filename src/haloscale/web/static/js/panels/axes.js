// Scales, ticks and the frame of a panel that is drawn on a canvas.

import { themed } from "../palette.js";
import { raised } from "../format.js";

export const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';
export const MARGIN = { left: 46, right: 10, top: 8, bottom: 22 };

export class Scale {
  constructor(low, high, start, end, log = false) {
    Object.assign(this, { low, high, start, end, log });
    this.from = log ? Math.log10(low) : low;
    this.per = (end - start) / ((log ? Math.log10(high) : high) - this.from);
  }

  at(value) {
    return this.start + ((this.log ? Math.log10(value) : value) - this.from) * this.per;
  }

  value(pixel) {
    const plain = this.from + (pixel - this.start) / this.per;
    return this.log ? 10 ** plain : plain;
  }

  get ticks() {
    const wanted = tickRoom(Math.abs(this.end - this.start), this.end < this.start);
    return this.log ? logTicks(this.low, this.high, wanted) : linearTicks(this.low, this.high, wanted);
  }
}

// How many ticks fit: lying numbers need more room than stacked ones.
export function tickRoom(pixels, isUpright) {
  return Math.max(3, Math.floor(pixels / (isUpright ? 44 : 66)));
}

export function linearTicks(low, high, wanted) {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i += 1) ticks.push(i * step);
  return ticks;
}

export function logTicks(low, high, wanted) {
  const found = [[1], [1, 3], [1, 2, 5], [1, 2, 3, 4, 6, 8]].map((factors) => {
    const ticks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
      for (const factor of factors) ticks.push(factor * 10 ** power);
    }
    return ticks.filter((tick) => tick >= low * 0.9999 && tick <= high * 1.0001);
  });
  const [sparse] = found;
  if (sparse.length > wanted + 1) {
    const every = Math.ceil(sparse.length / wanted);
    return sparse.filter((tick) => Math.round(Math.log10(tick)) % every === 0);
  }
  if (sparse.length >= 3) return sparse;
  const most = found.filter((ticks) => ticks.length <= wanted).at(-1);
  // Less than a decade may hold hardly one of these: equal steps then say more.
  if ((most?.length ?? 0) >= 3) return most;
  const even = linearTicks(low, high, Math.max(3, wanted));
  return even.length > (most?.length ?? 0) && low > 0 ? even.filter((tick) => tick > 0) : (most ?? sparse);
}

export function tickText(value) {
  const size = Math.abs(value);
  if (value === 0) return "0";
  if (size >= 1e5 || size < 1e-3) {
    const power = Math.floor(Math.log10(size) + 1e-9);
    const mantissa = Number((value / 10 ** power).toPrecision(3));
    return mantissa === 1 ? `10${raised(power)}` : `${mantissa}×10${raised(power)}`.replace("-", "−");
  }
  return String(Number(value.toPrecision(6))).replace("-", "−");
}

export function drawAxes(pen, x, y) {
  pen.font = FONT;
  pen.lineWidth = 1;
  pen.strokeStyle = themed("grid");
  pen.fillStyle = themed("muted");
  pen.textAlign = "center";
  pen.textBaseline = "top";
  for (const tick of x.ticks) {
    line(pen, x.at(tick), y.start, x.at(tick), y.end);
    const text = tickText(tick);
    const half = pen.measureText(text).width / 2;
    pen.fillText(text, Math.min(x.at(tick), x.end + MARGIN.right - half), y.start + 6);
  }
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const tick of y.ticks) {
    line(pen, x.start, y.at(tick), x.end, y.at(tick));
    pen.fillText(tickText(tick), x.start - 6, y.at(tick));
  }
  pen.strokeStyle = themed("axis");
  pen.strokeRect(x.start, y.end, x.end - x.start, y.start - y.end);
}

export function line(pen, x0, y0, x1, y1) {
  pen.beginPath();
  pen.moveTo(Math.round(x0) + 0.5, Math.round(y0) + 0.5);
  pen.lineTo(Math.round(x1) + 0.5, Math.round(y1) + 0.5);
  pen.stroke();
}

export function clipTo(pen, x, y) {
  pen.beginPath();
  pen.rect(x.start, y.end, x.end - x.start, y.start - y.end);
  pen.clip();
}
