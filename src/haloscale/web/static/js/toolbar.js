// The keyboard's way to what the mouse does in the panels: a radius, a range of radii, a group; and what is read there.

import { clear, el, newId, rich } from "./dom.js";
import { number, plain } from "./format.js";
import { groupName } from "./panels/marks.js";

export class Toolbar {
  constructor(host, view) {
    this.view = view;
    this.makeFields();
    this.readout = el("output", { class: "readout", for: this.radius.id });
    clear(
      host,
      field("Radius", this.radius),
      this.readout,
      field("Highlight from", this.low, "kpc"),
      field("to", this.high, "kpc"),
      field("Group", this.groups),
      el("button", { type: "button", class: "quiet", text: "Clear highlight", onclick: () => view.clear() }),
    );
    view.on(() => this.show());
  }

  makeFields() {
    const { view } = this;
    const choose = () => this.choose();
    this.radius = el("input", {
      id: newId("view"), type: "range", min: 1, max: 120, step: 1, value: 1,
      oninput: () => view.setRadius(Number(this.radius.value)),
    });
    this.low = el("input", { id: newId("view"), type: "number", min: 0, step: "any", class: "short", onchange: choose });
    this.high = el("input", { id: newId("view"), type: "number", min: 0, step: "any", class: "short", onchange: choose });
    this.groups = el("select", {
      id: newId("view"),
      onchange: () => view.setGroup(this.groups.value === "" ? null : Number(this.groups.value)),
    });
    this.setGroups([]);
  }

  choose() {
    const [low, high] = [this.low, this.high].map((input) => (input.value === "" ? null : Number(input.value)));
    this.view.setRange(low === null && high === null ? null : [low ?? 0, high ?? Number(this.radius.max)]);
  }

  setGroups(groups) {
    const known = groups.filter((group) => group.id >= 0);
    clear(
      this.groups,
      el("option", { value: "", text: "all stars" }),
      el("option", { value: "-1", text: "field stars" }),
      ...known.map((group) => el("option", { value: group.id, text: `${groupName(group)} (${group.n})` })),
    );
    this.groups.disabled = known.length === 0;
  }

  setCurves(curves) {
    this.curves = curves;
    this.radius.max = Math.round(curves.r.at(-1));
    this.radius.min = Math.max(1, Math.ceil(curves.r[0]));
    this.showReadout();
  }

  refuse() {
    this.curves = null;
    clear(this.readout);
  }

  show() {
    const { range, group, radius } = this.view;
    if (document.activeElement !== this.low) this.low.value = range ? plain(Number(range[0].toPrecision(3))) : "";
    if (document.activeElement !== this.high) this.high.value = range ? plain(Number(range[1].toPrecision(3))) : "";
    this.groups.value = group === null ? "" : String(group);
    if (radius !== null && document.activeElement !== this.radius) this.radius.value = radius;
    this.showReadout();
  }

  showReadout() {
    if (!this.curves) return;
    const r = this.view.radius ?? Number(this.radius.value);
    const read = (values) => number(at(this.curves.r, values, r));
    const { sigma_los: sigma, v_circ: speed, mass } = this.curves;
    this.radius.setAttribute("aria-valuetext", `${number(r)} kpc`);
    clear(
      this.readout,
      rich(`r = ${number(r)} kpc: σ_los ${read(sigma)} km s⁻¹ · V_circ ${read(speed.total)} km s⁻¹ · M(<r) ${read(mass.total)} M☉`),
    );
  }
}

function field(label, input, unit) {
  return el("span", { class: "field" }, el("label", { for: input.id, text: label }), input, unit ? el("span", { class: "unit", text: unit }) : null);
}

function at(r, values, wanted) {
  let above = r.findIndex((value) => value >= wanted);
  if (above < 0) above = r.length - 1;
  if (above === 0) return values[0];
  const share = Math.min(1, (wanted - r[above - 1]) / (r[above] - r[above - 1]));
  return values[above - 1] + share * (values[above] - values[above - 1]);
}
