// On or off; the server says what each means in the configuration.

import { el } from "../dom.js";
import { same } from "../store.js";
import { Row } from "./row.js";

const PLAIN = { on: true, off: false };

export class Flag extends Row {
  constructor(control, store) {
    super(control, store);
    this.values = control.values ?? PLAIN;
    this.box = el("input", { type: "checkbox", role: "switch", id: this.id, onchange: () => this.toggle() });
    this.label(this.id);
    this.head.prepend(this.box);
    this.node.classList.add("flag");
  }

  // A value of null stands for "as the recipe has it".
  toggle() {
    const value = this.box.checked ? this.values.on : this.values.off;
    this.set(value === null ? this.store.defaults[this.control.key] : value);
  }

  get isOn() {
    const { settings } = this.store.state;
    const { key, value } = this.control;
    if (Object.hasOwn(settings, key)) return !same(settings[key], this.values.off);
    const usual = Object.hasOwn(this.store.defaults, key) ? this.store.defaults[key] : value;
    return usual !== "off" && usual !== false && usual !== null;
  }

  show() {
    this.box.checked = this.isOn;
    this.box.disabled = this.locked;
  }
}
