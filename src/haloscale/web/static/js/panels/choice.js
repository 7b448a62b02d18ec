// Which two parameters the posterior is drawn of, where there are more.

import { clear, el } from "../dom.js";
import { symbolText } from "../format.js";

export class AxisChoice {
  constructor(host, choose) {
    this.node = el("div", { class: "axis-choice", role: "group", "aria-label": "Parameters of the picture of the posterior", hidden: true });
    this.selects = ["x", "y"].map((axis) => {
      const select = el("select", { "aria-label": `Parameter along ${axis}`, onchange: () => choose(this.chosen(select)) });
      this.node.append(el("label", {}, el("span", { text: axis }), select));
      return select;
    });
    host.before(this.node);
  }

  // What stands in both is exchanged: the other takes what this one had.
  chosen(changed) {
    const [x, y] = this.selects.map((select) => select.value);
    const axes = x === y ? this.axes.toReversed() : [x, y];
    this.axes = axes;
    this.show();
    return axes;
  }

  setPosterior({ summary, x, y }) {
    const entries = Object.entries(summary ?? {});
    this.node.hidden = entries.length < 3 || !y;
    if (this.node.hidden) return;
    const key = entries.map(([name]) => name).join();
    if (key !== this.key) {
      this.key = key;
      for (const select of this.selects) clear(select, ...entries.map(option));
    }
    this.axes = [x.name, y.name];
    this.show();
  }

  hide() {
    this.node.hidden = true;
  }

  show() {
    this.selects.forEach((select, i) => {
      select.value = this.axes[i];
    });
  }
}

function option([name, { symbol, label }]) {
  return el("option", { value: name, title: label, text: symbol ? symbolText(symbol) : name });
}
