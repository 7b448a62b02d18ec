// Colours of Okabe and Ito, which the eye tells apart with any colour vision, and those of the theme in force.

const LIGHT = ["#D55E00", "#0072B2", "#009E73", "#CC79A7", "#B07600", "#3A8FC2", "#7A5195", "#5F6B00"];
const DARK = ["#F0803C", "#56B4E9", "#2FC79A", "#E39CC4", "#E69F00", "#8FD0F5", "#C9A3E6", "#C5CC4A"];
export const SHAPES = ["square", "triangle", "diamond", "cross", "down", "circle", "plus", "ring"];
export const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 2], [1, 4]];

export function isDark() {
  return document.documentElement.dataset.theme === "dark";
}

export function accent(index) {
  const colours = isDark() ? DARK : LIGHT;
  return colours[((index % colours.length) + colours.length) % colours.length];
}

const cache = new Map();

export function themed(name) {
  if (!cache.has(name)) cache.set(name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());
  return cache.get(name);
}

const listeners = new Set();

export function onTheme(call) {
  listeners.add(call);
}

export function themeChanged() {
  cache.clear();
  for (const call of listeners) call();
}
