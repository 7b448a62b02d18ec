// The numbers of the screen: the point where the model is drawn, how well it fits, and the posterior; and the cut flow.

import { clear, el, rich } from "./dom.js";
import { interval, number, quantity, symbolText, unitText } from "./format.js";
import { define, explain, term } from "./glossary.js";
import { announce } from "./live.js";

export class Numbers {
  constructor(strip, body) {
    this.strip = strip;
    this.table = el("div", {});
    this.derived = el("div", {});
    this.flow = el("div", {});
    this.notes = el("ul", { class: "notes" });
    body.append(this.table, this.derived, this.notes, this.flow);
  }

  // There is no model: the strip keeps its names and loses its numbers.
  refuseCurves(text) {
    this.curves = null;
    this.derivedKey = null;
    this.markModel(false);
    for (const value of this.values ?? []) write(value, "–");
    clear(this.derived);
    this.showNotes();
    announce(text);
  }

  refusePosterior(text) {
    this.setStale(false);
    clear(this.table, el("p", { class: "about", text: "There is no posterior for these settings." }));
    announce(text);
  }

  // The posterior of new settings is on its way; with another source or recipe (`all`) the model is, too.
  setStale(stale, all = false) {
    this.table.classList.toggle("stale", stale);
    if (all) this.markModel(true);
  }

  markModel(stale) {
    for (const node of [this.strip, this.derived]) node.classList.toggle("stale", stale);
  }

  setCurves(curves) {
    this.curves = curves;
    this.markModel(false);
    this.showStrip();
    this.showDerived();
    if (Number.isFinite(curves.chi2)) announce(`Model redrawn: chi squared ${number(curves.chi2)} for ${curves.n_bins} bins`);
    this.showNotes();
  }

  // The strip follows the slider: it is made anew only when other parameters are free.
  showStrip() {
    const { free = [], point = {}, derived = {}, chi2, n_bins: bins } = this.curves;
    const entries = free.map((p) => ({ ...p, value: point[p.name] }));
    const isFree = new Set(free.map((p) => p.name));
    const shown = STRIP.filter((name) => derived[name] && !isFree.has(name));
    for (const name of shown) entries.push({ name, ...derived[name] });
    const key = entries.map(({ name, symbol, label }) => `${name} ${symbol} ${label}`).join();
    if (key !== this.stripKey) {
      this.stripKey = key;
      this.values = [...entries, null].map(() => el("dd", {}));
      const labels = [...entries.map(named), term("chi2", "χ²")];
      clear(this.strip, ...labels.map((label, i) => el("div", {}, el("dt", {}, label), this.values[i])));
    }
    entries.forEach(({ value, unit }, i) => write(this.values[i], quantity(value, unit)));
    write(this.values.at(-1), Number.isFinite(chi2) ? `${number(chi2)} for ${bins} bins` : "–");
  }

  // Derived numbers follow the slider: only their text changes, and the table is made anew when its rows do.
  showDerived() {
    const entries = Object.entries(this.curves.derived ?? {});
    const key = entries.map(([name]) => name).join(" ");
    if (key !== this.derivedKey) {
      this.derivedKey = key;
      this.cells = entries.map(() => el("td", {}));
      const rows = entries.map(([name, entry], i) => el("tr", {}, el("th", { scope: "row" }, named({ name, ...entry })), this.cells[i]));
      const ofRun = entries.some(([, entry]) => Number.isFinite(entry.low68));
      const caption = el("caption", { text: ofRun ? "Medians of the finished run" : "At the point where the model is drawn" });
      clear(this.derived, el("table", { class: "summary" }, caption, el("tbody", {}, ...rows)));
    }
    entries.forEach(([, entry], i) => {
      write(this.cells[i], quantity(entry.value, entry.unit));
    });
  }

  setPosterior(posterior) {
    this.setStale(false);
    const rows = Object.entries(posterior.summary ?? {}).map(([name, entry]) => {
      const described = [posterior.x, posterior.y, ...(this.curves?.free ?? [])].find((p) => p?.name === name);
      const known = { name, ...described, ...entry };
      const label = el("th", { scope: "row" }, named(known));
      return el("tr", {}, label, el("td", {}, intervalNode(entry)), el("td", { text: unitText(entry.unit) }));
    });
    const head = ["Parameter", "Median, 68 %", "Unit"].map((text) => el("th", { scope: "col", text }));
    const caption = el("caption", { text: `Posterior (${methodText(posterior.method)})` });
    const table = el("table", { class: "summary" }, caption, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows));
    clear(this.table, rows.length ? table : el("p", { class: "about", text: "No parameter is free." }));
    announce(`Posterior ready: ${methodText(posterior.method)}`);
  }

  setSample(sample) {
    this.sample = sample;
    const grouped = (sample.groups ?? []).reduce((sum, group) => sum + group.n, 0);
    const removed = grouped ? `, ${grouped} of them in groups that are left out of the bins` : "";
    const shown = sample.n_shown < sample.n_total ? ` ${sample.n_shown} are drawn.` : "";
    clear(
      this.flow,
      el("h4", {}, term("cut_flow", "Cut flow")),
      cutFlow(sample.cuts),
      el("p", { class: "about", text: `${sample.n_total} stars in the sample${removed}.${shown}` }),
    );
    this.showNotes();
  }

  showNotes() {
    const notes = [...new Set([...(this.curves?.notes ?? []), ...(this.sample?.notes ?? [])])];
    const key = JSON.stringify(notes);
    if (key === this.notesKey) return;
    this.notesKey = key;
    clear(this.notes, ...notes.map((text) => el("li", { text })));
  }
}

export function cutFlow(rows) {
  let whose = "";
  const body = (rows ?? []).flatMap((row) => {
    const isNext = Boolean(row.catalogue) && row.catalogue !== whose;
    whose = row.catalogue;
    const name = el("th", { scope: "row", text: row.cut.replaceAll(">=", "≥").replaceAll("<=", "≤") });
    const note = row.skipped ? `skipped${row.note ? `: ${row.note}` : ": the catalogue has no such column"}` : row.note;
    if (note) name.append(el("span", { class: "note", text: note }));
    const line = el("tr", { class: row.skipped ? "skipped" : null }, name, count(row.before), count(row.after));
    const heading = el("th", { scope: "rowgroup", colspan: "3", class: "catalogue", text: row.catalogue });
    return isNext ? [el("tr", {}, heading), line] : [line];
  });
  const head = ["Cut", "Before", "After"].map((text) => el("th", { scope: "col", text }));
  const table = el("table", { class: "flow" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...body));
  return el("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Cut flow" }, table);
}

function count(n) {
  return el("td", { class: "count", text: Number.isFinite(n) ? n.toLocaleString("en").replaceAll(",", "\u202f") : "" });
}

export function intervalNode(entry) {
  if (entry.fixed) return el("span", { text: `${number(entry.median)}, fixed` });
  const { value, up, down, times } = interval(entry);
  const same = up === down;
  const errors = same
    ? ` ± ${up}`
    : el("span", { class: "errors" }, el("sup", { text: `+${up}` }), el("sub", { text: `−${down}` }));
  const open = times ? "(" : "";
  return el("span", {}, `${open}${value}`, errors, times ? `)${times}` : "");
}

const STRIP = ["m_vir", "c", "r_vir", "m_within_100kpc", "v_circ_r0"];

// A symbol whose definition shows on hover and focus.
export function named({ name, symbol, short, label, definition }) {
  const about = definition ?? label ?? define(name);
  const shown = rich(short ?? (symbol ? symbolText(symbol) : (SYMBOLS[name] ?? name)));
  if (!about) return shown;
  const node = el("button", { type: "button", class: "term" }, shown);
  explain(node, about);
  return node;
}

const SYMBOLS = {
  m_vir: "M_vir",
  r_vir: "r_vir",
  v_circ_r0: "V_circ(Sun)",
  v_max: "V_max",
  m_200c: "M_200c",
  c_200c: "c_200c",
  m_200m: "M_200m",
  m_bn98: "M_bn98",
  beta: "β",
  m_within_60kpc: "M(<60 kpc)",
  m_within_100kpc: "M(<100 kpc)",
};

const METHODS = {
  grid: "on a grid",
  ensemble: "by walkers",
  chain: "chain of the finished run",
};

export function methodText(method) {
  return METHODS[method] ?? method;
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
