// Several numbers, as text with commas between them.

import { el } from "../dom.js";
import { Row } from "./row.js";

export class List extends Row {
  constructor(control, store) {
    super(control, store);
    this.input = el("textarea", { id: this.id, rows: 2, spellcheck: "false", onchange: () => this.type() });
    this.label(this.id);
    this.body.append(this.input);
  }

  type() {
    const parts = this.input.value.split(/[\s,;]+/).filter(Boolean);
    const numbers = parts.map(Number);
    const wrong = parts.find((part, i) => !Number.isFinite(numbers[i]));
    if (wrong !== undefined) this.complainHere(`“${wrong}” is no number: give numbers with commas between them`);
    else if (!numbers.length) this.complainHere("there is no number: give numbers with commas between them");
    else this.set(numbers);
  }

  show() {
    const value = this.value();
    if (document.activeElement !== this.input && Array.isArray(value)) this.input.value = value.join(", ");
    this.input.disabled = this.locked;
  }
}
