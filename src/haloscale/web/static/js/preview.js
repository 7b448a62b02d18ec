// The first rows of a catalogue as they are understood, and what its cuts would leave.

import { el } from "./dom.js";
import { unitText } from "./format.js";
import { cutFlow } from "./numbers.js";

export function previewOf({ columns = [], rows = [], units = {}, cuts = [], complaints = [], notes = [] }) {
  const parts = [];
  if (rows.length) parts.push(el("h3", { text: "First rows as understood" }), table(columns, rows, units));
  if (cuts.length) parts.push(el("h3", { text: "What the cuts leave" }), cutFlow(cuts));
  const n = usedOf({ cuts, complaints });
  if (n !== null) parts.push(el("p", { class: "about", text: `${n.toLocaleString("en")} stars would be used.` }));
  if (notes.length) parts.push(el("ul", { class: "notes" }, ...notes.map((text) => el("li", { text }))));
  return parts;
}

// What the last cut leaves; null while something is wrong.
export function usedOf({ cuts = [], complaints = [] }) {
  return complaints.length ? null : (cuts.at(-1)?.after ?? null);
}

function table(columns, rows, units) {
  const head = columns.map((column) => {
    const name = typeof column === "string" ? column : column.name;
    const unit = units[name] ?? column.unit;
    return el("th", { scope: "col", text: name }, unit ? el("span", { class: "unit", text: ` [${unitText(unit)}]` }) : null);
  });
  const body = rows.slice(0, 20).map((row) => el("tr", {}, ...row.map((value) => el("td", { text: cell(value) }))));
  return el(
    "div",
    { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "First rows" },
    el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...body)),
  );
}

function cell(value) {
  if (value === null || value === undefined) return "–";
  return typeof value === "number" && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : String(value);
}
