// What a fit was given, in a few words, and whether the screen still shows the same.

import { plain, symbolText } from "./format.js";
import { isFree, same } from "./store.js";

const MOST = 4;
// A longer label is a sentence: the key is shorter.
const LONGEST = 32;

// "stars.fits, recipe zhai2018, anisotropy.beta = 0.3".
export function fittedText({ source, recipe, settings = {} }, store) {
  const changed = Object.entries(settings).map(([key, value]) => `${nameOf(key, store)}: ${valueText(value)}`);
  const more = changed.length > MOST ? [`and ${changed.length - MOST} more`] : [];
  const words = [store.nameOf(source), `recipe ${recipe}`, ...changed.slice(0, MOST), ...more];
  if (!changed.length) words.push("no setting changed");
  return words.filter(Boolean).join(" · ");
}

// The point is where the model is drawn: no part of what is fitted.
export function isOnScreen(state, store) {
  const now = store.request();
  return state.recipe === now.recipe && isSameSource(state, store) && same(sorted(state.settings), sorted(now.settings));
}

export function isSameSource({ source }, store) {
  return sourceKey(source) === sourceKey(store.state.source);
}

function sourceKey({ kind, upload, survey } = {}) {
  return kind === "upload" ? `${upload} ${survey}` : "start";
}

function sorted(settings = {}) {
  return Object.entries(settings).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function nameOf(key, store) {
  const control = store.all.find((candidate) => candidate.key === key);
  if (control?.symbol) return symbolText(control.symbol);
  return control && control.label.length <= LONGEST ? control.label : key;
}

function valueText(value) {
  if (typeof value === "number") return plain(value);
  if (typeof value === "boolean") return value ? "on" : "off";
  if (isFree(value)) return "free";
  return Array.isArray(value) ? value.join(", ") : String(value).replaceAll("_", " ");
}
