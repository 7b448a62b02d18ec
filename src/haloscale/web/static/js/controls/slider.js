// A slider with a number field beside it: the slider for the hand, the field for the exact value.

import { el } from "../dom.js";
import { plain, quantity } from "../format.js";

const STEPS = 1000;

export class Slider {
  // `limits`: {low, high, step, log}; `set(value)` takes a new value; `wrong(text)` says what is wrong with a typed one.
  constructor({ id, label, unit, limits, set, wrong }) {
    Object.assign(this, { limits, unit, set, wrong });
    this.range = el("input", {
      type: "range", min: 0, max: STEPS, step: 1, "aria-label": `${label}, slider`,
      oninput: () => this.slide(),
    });
    this.isWrong = false;
    this.field = el("input", {
      type: "text", inputmode: "decimal", id, autocomplete: "off", spellcheck: "false", class: "number",
      onchange: () => this.type(),
    });
    this.nodes = [this.range, this.field];
  }

  slide() {
    const value = this.valueAt(Number(this.range.value) / STEPS);
    this.shown = value;
    this.isWrong = false;
    this.field.value = plain(value);
    this.range.setAttribute("aria-valuetext", quantity(value, this.unit));
    this.set(value);
  }

  type() {
    const text = this.field.value.trim().replace("−", "-");
    const value = Number(text);
    this.isWrong = !text || !Number.isFinite(value);
    if (!this.isWrong) this.set(value);
    // A comma may stand for the point or between thousands: it is not guessed which.
    else if (text.includes(",")) this.wrong(`“${text}” has a comma: write the number with a point and no other sign, such as 1.2e12`);
    else this.wrong(`“${text}” is no number: give one such as ${plain(this.limits.low)}`);
  }

  // What was typed is refused: it stays to be read until something else is chosen, and the slider where it was.
  refuse() {
    this.isWrong = true;
  }

  forget() {
    if (!this.isWrong) return;
    this.isWrong = false;
    this.shown = null;
  }

  show(value, disabled) {
    this.range.disabled = this.field.disabled = disabled;
    if (!Number.isFinite(value)) return;
    if (value === this.shown || this.isWrong) return;
    this.shown = value;
    if (document.activeElement !== this.range) this.range.value = Math.round(this.placeOf(value) * STEPS);
    this.range.setAttribute("aria-valuetext", quantity(value, this.unit));
    if (document.activeElement !== this.field || Number(this.field.value) !== value) this.field.value = plain(value);
  }

  valueAt(share) {
    const { low, high, log, step } = this.limits;
    const value = log ? low * (high / low) ** share : low + (high - low) * share;
    if (!step || log) return Number(value.toPrecision(4));
    return Number((low + Math.round((value - low) / step) * step).toPrecision(10));
  }

  placeOf(value) {
    const { low, high, log } = this.limits;
    const share = log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    return Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0));
  }
}
