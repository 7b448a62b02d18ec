// A parameter of a model: free within its prior, or fixed to a number. Either way its slider moves the model.

import { el } from "../dom.js";
import { plain, quantity, unitText } from "../format.js";
import { isFree } from "../store.js";
import { Row } from "./row.js";

export class Parameter extends Row {
  constructor(control, store) {
    super(control, store);
    this.makeSlider((value) => this.move(value));
    this.free = el("input", { type: "checkbox", role: "switch", onchange: () => this.toggle() });
    const text = el("span", { text: "free" });
    this.label(this.id, el("label", { class: "switch" }, this.free, text, el("span", { class: "sr", text: `: ${control.label}` })));
    this.prior = el("p", { class: "prior" });
    this.body.append(...this.slider.nodes);
    this.node.insertBefore(this.prior, this.complaint);
  }

  get isFree() {
    return isFree(this.value());
  }

  // Where the model is drawn: the chosen point, else the one the server used.
  get place() {
    const parameter = this.store.parameterOf(this.control);
    return this.store.state.point[parameter] ?? this.store.point[parameter];
  }

  move(value) {
    const wrong = this.isFree ? outside(this.value(), value, this.control.unit) : null;
    if (wrong) {
      this.slider.refuse();
      this.complainHere(wrong);
    } else if (this.isFree) this.store.setPoint({ [this.store.parameterOf(this.control)]: value });
    else this.set(value);
  }

  toggle() {
    const { key, free } = this.control;
    const usual = this.store.defaults[key];
    if (this.free.checked) this.set(isFree(usual) ? usual : free);
    else this.set(Number((this.place ?? this.slider.valueAt(0.5)).toPrecision(4)));
  }

  show() {
    const value = this.value();
    this.free.checked = this.isFree;
    this.free.disabled = this.locked || !(this.control.free || this.isFree);
    this.prior.hidden = !this.isFree;
    if (this.isFree) this.prior.textContent = priorText(value, this.control.unit);
    this.slider.show(this.isFree ? short(this.place) : value, this.locked && !this.isFree);
  }
}

// Why a value has no place in a prior with ends; null where it has one.
function outside({ low, high }, value, unit) {
  if (!(value < low || value > high)) return null;
  return `${[plain(value), unitText(unit)].filter(Boolean).join(" ")} lies outside the prior: give a value from ${quantity(low)} to ${quantity(high, unit)}, or change the prior in the TOML`;
}

// What the server chose is not worth sixteen digits; what a person gave is kept as it is by the slider itself.
function short(value) {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : value;
}

const SHAPES = {
  uniform: "equally likely between",
  log_uniform: "equally likely in the logarithm between",
};

function priorText(table, unit) {
  const { prior, low, high, mean, sd } = table;
  if (prior in SHAPES) return `Prior: ${SHAPES[prior]} ${quantity(low)} and ${quantity(high, unit)}`;
  if (mean !== undefined && sd !== undefined) return `Prior: ${prior.replaceAll("_", " ")}, ${quantity(mean)} ± ${quantity(sd, unit)}`;
  const rest = Object.entries(table).filter(([name]) => name !== "prior");
  return `Prior: ${prior.replaceAll("_", " ")} (${rest.map(([name, number]) => `${name} ${quantity(number)}`).join(", ")})`;
}
