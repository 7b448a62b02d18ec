// The frame of a panel: title with its definition, labelled axes, the plot, a legend and the numbers as a table.

import { clear, el, newId, rich } from "../dom.js";
import { term } from "../glossary.js";

export class Frame {
  constructor({ name, title, about, x, y, wide = false }) {
    const id = newId(`panel-${name}`);
    this.plot = el("div", { class: "plot", role: "img", "aria-label": `${title}: waiting for data` });
    this.legend = el("ul", { class: "legend", "aria-label": `Legend of ${title}` });
    this.said = el("p", { class: "said" });
    this.numbers = el("details", { class: "numbers", hidden: true }, el("summary", { text: "As numbers" }));
    this.node = el(
      "figure",
      { class: wide ? "panel wide" : "panel", "aria-labelledby": id, "data-panel": name },
      el("h3", { id }, term(about, title)),
      y ? el("div", { class: "axis-y" }, rich(y)) : null,
      this.plot,
      x ? el("div", { class: "axis-x" }, rich(x)) : null,
      this.legend,
      this.said,
      this.numbers,
    );
    this.title = title;
    this.numbers.addEventListener("toggle", () => this.fillTable());
  }

  describe(text) {
    this.plot.setAttribute("aria-label", `${this.title}. ${text}`);
  }

  setLegend(entries) {
    const key = JSON.stringify(entries);
    if (key === this.legendKey) return;
    this.legendKey = key;
    clear(this.legend, ...entries.map(legendEntry));
  }

  // Columns of the numbers behind the picture; the table is built only while it is open.
  setTable(headings, rows) {
    this.table = { headings, rows };
    this.numbers.hidden = rows.length === 0;
    this.fillTable();
  }

  fillTable() {
    if (!this.numbers.open || !this.table) return;
    const { headings, rows } = this.table;
    const table = numberTable(headings, rows, this.title);
    this.numbers.replaceChildren(this.numbers.firstElementChild, table);
  }
}

export function numberTable(headings, rows, caption) {
  const head = el("tr", {}, ...headings.map((text) => el("th", { scope: "col" }, rich(text))));
  const body = rows.map((row) => el("tr", {}, ...row.map((text) => el("td", { text }))));
  return el(
    "div",
    { class: "table-scroll", tabindex: "0", role: "region", "aria-label": `${caption}, as numbers` },
    el("table", {}, el("thead", {}, head), el("tbody", {}, ...body)),
  );
}

function legendEntry({ text, colour, dash, mark }) {
  const canvas = el("canvas", { width: 44, height: 24 });
  const pen = canvas.getContext("2d");
  pen.scale(2, 2);
  pen.strokeStyle = pen.fillStyle = colour;
  if (mark) mark(pen, 11, 6);
  else {
    pen.lineWidth = 2;
    pen.setLineDash(dash ?? []);
    pen.beginPath();
    pen.moveTo(0, 6);
    pen.lineTo(22, 6);
    pen.stroke();
  }
  // A picture, as every living canvas costs time in each frame.
  return el("li", {}, el("img", { class: "swatch", alt: "", src: canvas.toDataURL() }), rich(text));
}
