// What a screen reader is told: politely, once things have come to rest.

import { debounce } from "./dom.js";

let region = null;

export function startLive(node) {
  region = node;
}

const speak = debounce(900, (text) => {
  if (region) region.textContent = text;
});

export function announce(text) {
  speak(text);
}
