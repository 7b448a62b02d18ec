// The head of the page: what is shown, which recipe, whether the server is there, back to the start.

import { clear, el } from "./dom.js";
import { announce } from "./live.js";

const byId = (id) => document.getElementById(id);

export function startHeader(connection, store, parts, { rebuild }) {
  showSource(store);
  watchConnection(connection);
  fillRecipes(store);
  const { read_only: readOnly } = store.controls;
  if (readOnly) showRun(store.controls);
  for (const id of ["fit", "catalogue", "recipe", "reset"]) byId(id).hidden = Boolean(readOnly);
  byId("recipe-label").hidden = Boolean(readOnly);
  byId("best").addEventListener("click", () => store.resetPoint());
  byId("reset").addEventListener("click", () => store.setRecipe(store.controls.recipe));
  store.on((what) => {
    if (what === "source" || what === "recipe") rebuild();
  });
}

// A finished run: said, with its report where it has one.
function showRun({ files = [], sections = [] }) {
  const notice = byId("read-only");
  notice.hidden = false;
  if (!sections.length) {
    notice.textContent = "A finished run of several catalogues, opened for reading: what is drawn is its answer, and nothing can be moved.";
    document.querySelector("aside").hidden = true;
  }
  if (files.includes("report.html")) {
    notice.append(" ", el("a", { href: "run/report.html", target: "_blank", rel: "noopener", text: "Open its report" }));
  }
}

export function showSource(store) {
  const text = store.shownName || (store.state.source.kind === "upload" ? "your catalogue" : "");
  if (byId("source").textContent !== text) byId("source").textContent = text;
  document.title = text ? `${text} · haloscale explore` : "haloscale explore";
  byId("recipe").value = store.state.recipe;
}

function fillRecipes(store) {
  const { recipes = [] } = store.controls;
  const select = byId("recipe");
  clear(select, ...recipes.map(({ name, text }) => el("option", { value: name, text: name, title: text })));
  select.value = store.state.recipe;
  select.addEventListener("change", () => store.setRecipe(select.value));
}

function watchConnection(connection) {
  const node = byId("connection");
  const text = byId("connection-text");
  connection.watch((what) => {
    const open = what === "open";
    node.dataset.open = String(open);
    if (open) connection.send({ do: "jobs" });
    if (text.textContent === (open ? "connected" : "reconnecting …")) return;
    text.textContent = open ? "connected" : "reconnecting …";
    announce(open ? "Connected to the server" : "Connection to the server lost; trying again");
  });
}
