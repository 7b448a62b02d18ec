// Two canvases above each other: what seldom changes below, what follows the hand above.

import { el, eachFrame } from "../dom.js";
import { onTheme } from "../palette.js";

export class Layers {
  constructor(host, drawBelow, drawAbove) {
    this.host = host;
    this.below = el("canvas", { "aria-hidden": "true" });
    this.above = drawAbove ? el("canvas", { "aria-hidden": "true" }) : null;
    host.append(...[this.below, this.above].filter(Boolean));
    host.classList.add("layers");
    this.drawBelow = () => this.draw(this.below, drawBelow);
    this.drawAbove = () => drawAbove && this.draw(this.above, drawAbove);
    this.redraw = eachFrame(() => {
      this.drawBelow();
      this.drawAbove();
    });
    this.refresh = eachFrame(() => this.drawAbove());
    new ResizeObserver(() => this.redraw()).observe(host);
    onTheme(() => this.redraw());
  }

  draw(canvas, call) {
    const width = this.host.clientWidth;
    const height = this.host.clientHeight;
    if (width < 20 || height < 20) return;
    const ratio = devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.save();
    call(pen, width, height);
    pen.restore();
  }
}
