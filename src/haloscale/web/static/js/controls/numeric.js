// A number of the configuration; where it may be unset, a switch beside it.

import { el } from "../dom.js";
import { Row } from "./row.js";

export class Numeric extends Row {
  constructor(control, store) {
    super(control, store);
    this.makeSlider((value) => this.set(value));
    this.label(this.id, control.optional ? this.makeSwitch() : null);
    this.body.append(...this.slider.nodes);
  }

  makeSwitch() {
    this.used = el("input", { type: "checkbox", role: "switch", onchange: () => this.toggle() });
    return el("label", { class: "switch" }, this.used, el("span", { text: "use", "aria-label": `use ${this.control.label}` }));
  }

  get isOff() {
    const value = this.value();
    return value === null || value === "off";
  }

  toggle() {
    this.set(this.used.checked ? (this.remembered ?? this.slider.valueAt(0.5)) : "off");
  }

  show() {
    const value = this.value();
    if (typeof value === "number") this.remembered = value;
    if (this.used) {
      this.used.checked = !this.isOff;
      this.used.disabled = this.locked;
    }
    this.body.hidden = Boolean(this.used) && this.isOff;
    this.slider.show(typeof value === "number" ? value : NaN, this.locked);
  }
}
