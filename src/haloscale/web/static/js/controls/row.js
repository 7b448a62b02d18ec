// What every control has: a label with its explanation, its unit, and a place for the complaint about it.

import { el, newId } from "../dom.js";
import { help } from "../glossary.js";
import { unitText } from "../format.js";
import { Slider } from "./slider.js";

export class Row {
  constructor(control, store) {
    this.control = control;
    this.store = store;
    this.id = newId("control");
    this.complaint = el("p", { class: "complaint", id: `${this.id}-complaint`, hidden: true });
    this.head = el("div", { class: "control-head" });
    this.body = el("div", { class: "control-body" });
    this.node = el("div", { class: "control", "data-key": control.key }, this.head, this.body, this.complaint);
  }

  get locked() {
    return Boolean(this.store.controls.read_only);
  }

  value() {
    return this.store.valueOf(this.control);
  }

  set(value) {
    this.store.set(this.control.key, value);
  }

  makeSlider(set) {
    const { label, unit } = this.control;
    const wrong = (text) => this.complainHere(text);
    this.slider = new Slider({ id: this.id, label, unit, limits: this.control, set, wrong });
  }

  label(forId, ...beside) {
    const { label, unit, key } = this.control;
    const about = [this.control.help, `In the configuration: ${key}`].filter(Boolean).join(". ");
    const shown = el("label", { for: forId, text: label.charAt(0).toUpperCase() + label.slice(1) });
    if (unit) shown.append(el("span", { class: "unit", text: ` [${unitText(unit)}]` }));
    this.head.append(shown, ...[help(label, about), ...beside].filter(Boolean));
  }

  // The field that the complaint belongs to carries it in its description.
  get field() {
    return this.node.querySelector(`#${this.id}`);
  }

  complain(complaint) {
    this.complaint.hidden = !complaint;
    this.complaint.textContent = complaint?.text ?? "";
    if (!this.field) return;
    if (complaint) {
      this.field.setAttribute("aria-invalid", "true");
      this.field.setAttribute("aria-describedby", this.complaint.id);
    } else {
      this.field.removeAttribute("aria-invalid");
      this.field.removeAttribute("aria-describedby");
    }
  }

  // About what was typed and not sent: it stands until something else is set.
  complainHere(text) {
    this.complain({ text });
    this.isLocal = true;
  }

  // Whether the server's answer to what was sent takes the complaint away.
  get isAnswered() {
    return !this.complaint.hidden && !this.isLocal;
  }

  forget() {
    if (this.complaint.hidden) return;
    this.isLocal = false;
    this.complain(null);
    this.slider?.forget();
    this.show();
  }

  show() {}
}
