// The controls, made from what the server says there is.

import { clear, el } from "../dom.js";
import { Choice } from "./choice.js";
import { Flag } from "./flag.js";
import { List } from "./list.js";
import { Numeric } from "./numeric.js";
import { Parameter } from "./parameter.js";
import { isFree } from "../store.js";

const KINDS = { number: Numeric, choice: Choice, flag: Flag, list: List };
const OPEN = new Set(["mass.halo", "anisotropy", "tracer"]);

export class Controls {
  constructor(host, store) {
    this.host = host;
    this.store = store;
    this.rows = [];
    store.on((what) => {
      if (what === "settings" || what === "point") this.forget((row) => row.isLocal);
      if (what === "point" || what === "drawn") this.follow();
      else if (what === "settings") this.refresh();
    });
  }

  build() {
    const open = this.openSections();
    this.rows = [];
    const sections = this.store.controls.sections.map((section, i) => this.section(section, i, open));
    clear(this.host, ...sections);
    this.refresh();
  }

  openSections() {
    const built = [...this.host.querySelectorAll("details")];
    if (built.length) return new Set(built.filter((node) => node.open).map((node) => node.dataset.section));
    return OPEN;
  }

  section({ name, label, controls }, i, open) {
    const rows = controls.map((control) => this.row(control)).filter(Boolean);
    this.rows.push(...rows);
    const isOpen = open.has(name) || (i === 0 && open === OPEN);
    return el(
      "details",
      { class: "section", open: isOpen, "data-section": name },
      el("summary", {}, el("h3", { text: label })),
      ...rows.map((row) => row.node),
    );
  }

  row(control) {
    const Kind = control.free || isFree(control.value) ? Parameter : KINDS[control.type];
    return Kind ? new Kind(control, this.store) : null;
  }

  refresh() {
    for (const row of this.rows) {
      row.node.hidden = !this.store.isShown(row.control);
      if (!row.node.hidden) row.show();
    }
    for (const section of this.host.querySelectorAll("details")) {
      section.hidden = ![...section.querySelectorAll(".control")].some((node) => !node.hidden);
    }
  }

  // Only the point moved: the sliders of free parameters follow it.
  follow() {
    for (const row of this.rows) if (row.isFree && !row.node.hidden) row.show();
  }

  // The row that a complaint is about; null where it is about none.
  rowOf(field) {
    const fits = (row) => !row.node.hidden && (row.control.key === field || field?.startsWith(`${row.control.key}.`) || this.store.parameterOf(row.control) === field);
    return this.rows.find(fits) ?? null;
  }

  showComplaint(complaint) {
    const parameter = /^point\.(.+)$/.exec(complaint.field ?? "")?.[1];
    const row = this.rowOf(parameter ?? complaint.field);
    if (!row) return false;
    row.complain({ text: parameter ? complaint.text.replaceAll(`point.${parameter}`, row.control.label) : complaint.text });
    if (parameter) {
      row.isLocal = true;
      row.slider?.refuse();
      this.store.takeBack(parameter);
    }
    row.node.closest("details").open = true;
    return true;
  }

  // What was sent has been answered.
  clearComplaints() {
    this.forget((row) => row.isAnswered);
  }

  forget(which) {
    for (const row of this.rows) if (which(row)) row.forget();
  }
}
