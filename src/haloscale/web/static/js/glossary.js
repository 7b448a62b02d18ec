// Definitions on hover and focus: one tip for the page, shown beside the term that asks for it.

import { el, newId } from "./dom.js";

const PAGE = {
  v_gsr: "Line-of-sight velocity of a star with the Sun's own motion removed, as seen by an observer at rest at the Sun.",
  sigma_los: "Spread (standard deviation) of the line-of-sight velocities of the stars in a bin of radius.",
  v_circ: "Speed of a circular orbit at radius r: √(G M(<r) / r). The rotation curve.",
  enclosed_mass: "Mass inside a sphere of radius r, with all components: halo, disk and bulge.",
  m_vir: "Mass of the dark halo within the virial radius, inside which its mean density is the stated overdensity times the critical density.",
  c: "Concentration: virial radius divided by the scale radius of the halo. Larger means more of the mass near the centre.",
  posterior: "How plausible each pair of values is, given the data, the priors and the assumptions. The inner contour holds 68 % of the probability, the outer 95 %.",
  group: "Stars close together in position and velocity: a stream or another remnant rather than the smooth halo.",
  sky: "Galactic longitude l and latitude b of the stars, in an equal-area (Mollweide) projection; the centre of the Galaxy is in the middle and l grows to the left.",
  plane: "The stars seen from the side: X runs along the line from the Galactic centre to the Sun, Z points to the Galactic north pole.",
  chi2: "Sum over the bins of ((measured − model dispersion) / error)². Near the number of bins for a good model.",
  cut_flow: "How many stars each selection rule leaves, in the order in which the rules are applied.",
  r: "Distance of a star from the centre of the Galaxy (spherical radius).",
  free: "A free parameter is fitted within its prior; a fixed one keeps the number you give.",
  prior: "What is assumed about a parameter before the data are seen: here the range that is allowed.",
};

let terms = { ...PAGE };
let tip = null;
let owner = null;

export function startGlossary(extra) {
  terms = { ...PAGE, ...extra };
  if (tip) return;
  tip = el("div", { id: newId("tip"), class: "tip", role: "tooltip", hidden: true });
  document.body.append(tip);
  tip.addEventListener("pointerleave", hide);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  document.addEventListener("scroll", hide, { capture: true, passive: true });
}

export function define(name) {
  return terms[name] ?? null;
}

// Make a node show a definition. The node must be able to take the focus.
export function explain(node, text) {
  const about = () => show(node, text);
  node.addEventListener("pointerenter", about);
  node.addEventListener("focus", about);
  node.addEventListener("blur", hide);
  node.addEventListener("pointerleave", (event) => {
    if (event.relatedTarget !== tip) hide();
  });
  node.addEventListener("click", (event) => {
    event.preventDefault();
    about();
  });
}

// A word of the page with its definition; the plain word where there is none.
export function term(name, shown) {
  const text = define(name);
  if (!text) return shown instanceof Node ? shown : el("span", { text: shown });
  const node = el("button", { type: "button", class: "term" }, shown);
  explain(node, text);
  return node;
}

// A small question mark for what has a longer explanation.
export function help(label, text) {
  if (!text) return null;
  const node = el("button", { type: "button", class: "help", "aria-label": `What is ${label}?`, text: "?" });
  explain(node, text);
  return node;
}

function show(node, text) {
  owner?.removeAttribute("aria-describedby");
  owner = node;
  tip.textContent = text;
  (node.closest("dialog") ?? document.body).append(tip);
  tip.hidden = false;
  node.setAttribute("aria-describedby", tip.id);
  const box = node.getBoundingClientRect();
  const wide = Math.min(320, innerWidth - 16);
  tip.style.width = `${wide}px`;
  tip.style.left = `${Math.max(8, Math.min(box.left, innerWidth - wide - 8))}px`;
  const below = box.bottom + 4;
  const fits = below + tip.offsetHeight < innerHeight;
  tip.style.top = `${fits ? below : Math.max(4, box.top - tip.offsetHeight - 4)}px`;
}

function hide() {
  if (!owner) return;
  owner.removeAttribute("aria-describedby");
  owner = null;
  tip.hidden = true;
}
