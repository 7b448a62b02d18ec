// One of the registered names.

import { el } from "../dom.js";
import { Row } from "./row.js";

export class Choice extends Row {
  constructor(control, store) {
    super(control, store);
    const options = control.choices.map(({ name, text }) => el("option", { value: name, text: choiceText(name, text), title: text ?? null }));
    this.select = el("select", { id: this.id, onchange: () => this.set(this.select.value) }, ...options);
    this.about = el("p", { class: "about" });
    this.label(this.id);
    this.body.append(this.select);
    this.node.insertBefore(this.about, this.complaint);
  }

  show() {
    const value = this.value();
    this.select.value = value === null ? "off" : value;
    this.select.disabled = this.locked;
    this.about.textContent = this.control.choices.find((choice) => choice.name === value)?.text ?? "";
    this.about.hidden = !this.about.textContent;
  }
}

function choiceText(name) {
  return name.replaceAll("_", " ");
}
