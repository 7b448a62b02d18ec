// A panel of curves over radius, drawn by uPlot; points with errors are drawn into it, marks of the view lie above it.

import { el } from "../dom.js";
import { onTheme, themed } from "../palette.js";
import { FONT, linearTicks, logTicks, tickRoom, tickText } from "./axes.js";
import { Frame } from "./frame.js";

const { uPlot } = window;

export class LinePanel {
  // `draw(pen, at)` adds what is no curve; at.x and at.y give pixels. `top(data)` is the highest value to show.
  constructor(frameOptions, view, { logX = false, logY = false, limitsX, limitsY, draw }) {
    this.frame = new Frame(frameOptions);
    this.view = view;
    this.options = { logX, logY, limitsX, limitsY, draw };
    this.band = el("div", { class: "band", hidden: true });
    this.rule = el("div", { class: "rule", hidden: true });
    this.styles = [];
    view.on(() => this.showView());
    onTheme(() => this.chart?.redraw(false, true));
    new ResizeObserver(() => this.resize()).observe(this.frame.plot);
  }

  // styles: [{colour: () => css, width, dash}] a curve; curves: [values] of the same length as r.
  setCurves(r, curves, styles) {
    const same = styles.length === this.styles.length && styles.every((style, i) => style.key === this.styles[i].key);
    this.data = [r, ...curves];
    if (same && this.chart) this.chart.setData(this.data);
    else this.build(styles);
    this.showView();
  }

  // There is no model: its curves go, what was measured stays.
  blank() {
    if (!this.chart) return;
    this.data = this.data.map((values, i) => (i ? values.map(() => null) : values));
    this.chart.setData(this.data);
  }

  // Only the points changed.
  redraw() {
    if (this.chart) this.chart.setData(this.data);
  }

  build(styles) {
    this.styles = styles;
    this.chart?.destroy();
    const { logX, logY, limitsX, limitsY } = this.options;
    const options = {
      ...this.size(),
      padding: [8, 18, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
      scales: {
        x: { time: false, distr: logX ? 3 : 1, range: () => limitsX() },
        y: { distr: logY ? 3 : 1, range: () => limitsY() },
      },
      axes: [axis(logX, 26), axis(logY, 46)],
      series: [{}, ...styles.map(series)],
      hooks: {
        drawSeries: [],
        draw: [(chart) => this.drawPoints(chart)],
        setCursor: [(chart) => this.follow(chart)],
        setSelect: [(chart) => this.choose(chart)],
      },
    };
    this.chart = new uPlot(options, this.data, this.frame.plot);
    this.chart.over.append(this.band, this.rule);
    this.chart.over.addEventListener("pointerleave", () => this.view.setRadius(null));
  }

  size() {
    const { clientWidth, clientHeight } = this.frame.plot;
    return { width: Math.max(clientWidth, 60), height: Math.max(clientHeight, 60) };
  }

  resize() {
    if (!this.chart) return;
    const { width, height } = this.size();
    if (width === this.chart.width && height === this.chart.height) return;
    this.chart.setSize({ width, height });
    this.showView();
  }

  drawPoints(chart) {
    if (!this.options.draw) return;
    const pen = chart.ctx;
    const ratio = devicePixelRatio || 1;
    pen.save();
    pen.beginPath();
    pen.rect(chart.bbox.left, chart.bbox.top, chart.bbox.width, chart.bbox.height);
    pen.clip();
    pen.scale(ratio, ratio);
    // The last curve's dashes are still in force.
    pen.setLineDash([]);
    const at = {
      x: (value) => chart.valToPos(value, "x", true) / ratio,
      y: (value) => chart.valToPos(value, "y", true) / ratio,
    };
    this.options.draw(pen, at);
    pen.restore();
  }

  follow(chart) {
    if (chart.cursor.left >= 0 && chart.cursor.event) this.view.setRadius(chart.posToVal(chart.cursor.left, "x"));
  }

  choose(chart) {
    const { left, width } = chart.select;
    if (width >= 4) this.view.setRange([chart.posToVal(left, "x"), chart.posToVal(left + width, "x")]);
    else this.view.setRange(null);
    if (width > 0) chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  }

  showView() {
    if (!this.chart) return;
    const { range, radius } = this.view;
    const [low, high] = this.options.limitsX();
    const place = (value) => this.chart.valToPos(Math.min(high, Math.max(low, value)), "x");
    this.band.hidden = range === null;
    if (range) {
      this.band.style.left = `${place(range[0])}px`;
      this.band.style.width = `${Math.max(1, place(range[1]) - place(range[0]))}px`;
    }
    this.rule.hidden = radius === null || radius < low || radius > high;
    if (!this.rule.hidden) this.rule.style.transform = `translateX(${place(radius)}px)`;
  }
}

function series({ colour, width = 2, dash = [] }) {
  return { stroke: colour, width, dash, points: { show: false } };
}

function axis(log, size) {
  const stroke = () => themed("muted");
  return {
    size,
    font: FONT,
    stroke,
    gap: 4,
    grid: { stroke: () => themed("grid"), width: 1 },
    ticks: { stroke: () => themed("axis"), width: 1, size: 4 },
    border: { show: true, stroke: () => themed("axis"), width: 1 },
    splits: (chart, index, low, high) => {
      const room = index === 0 ? chart.bbox.width : chart.bbox.height;
      const wanted = tickRoom(room / (devicePixelRatio || 1), index === 1);
      return log ? logTicks(low, high, wanted) : linearTicks(low, high, wanted);
    },
    filter: (chart, splits) => splits,
    values: (chart, splits) => splits.map(tickText),
  };
}
