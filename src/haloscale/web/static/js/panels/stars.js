// A map of stars: X-Z plane, velocity against radius. The sky has its own file.

import { MARGIN, Scale, clipTo, drawAxes } from "./axes.js";
import { Frame } from "./frame.js";
import { Layers } from "./layers.js";
import { drawStars, groupColours, starLegend } from "./marks.js";
import { onTheme } from "../palette.js";

export class StarPanel {
  constructor(frameOptions, view, { place, limits, below, above, legend = () => [] }) {
    this.frame = new Frame(frameOptions);
    this.view = view;
    this.place = place;
    this.limits = limits;
    this.sample = null;
    this.layers = new Layers(
      this.frame.plot,
      (pen, width, height) => this.drawBelow(pen, width, height, below),
      above && ((pen) => this.scales && above(pen, this.scales, this)),
    );
    view.on((what) => (what === "choice" ? this.layers.redraw() : above && this.layers.refresh()));
    this.showLegend = () => this.sample && this.frame.setLegend([...starLegend(this.sample.groups), ...legend(this)]);
    onTheme(this.showLegend);
  }

  setSample(sample) {
    this.sample = sample;
    this.colours = groupColours(sample.groups);
    this.points = this.place(sample.stars);
    this.showLegend();
    this.layers.redraw();
  }

  drawBelow(pen, width, height, below) {
    const { x, y } = this.limits(this.sample, width - MARGIN.left - MARGIN.right, height - MARGIN.top - MARGIN.bottom);
    this.scales = {
      x: new Scale(...x, MARGIN.left, width - MARGIN.right),
      y: new Scale(...y, height - MARGIN.bottom, MARGIN.top),
    };
    drawAxes(pen, this.scales.x, this.scales.y);
    if (!this.sample) return;
    clipTo(pen, this.scales.x, this.scales.y);
    below?.(pen, this.scales, this.sample);
    const { r, group } = this.sample.stars;
    const xs = this.points.x.map((value) => this.scales.x.at(value));
    const ys = this.points.y.map((value) => this.scales.y.at(value));
    drawStars(pen, { xs, ys, r, group, colours: this.colours }, this.view);
  }
}
