// The head of the page: what is shown, which recipe, whether the server is there, back to the start.

import { clear, el } from "./dom.js";
import { announce } from "./live.js";
import { keepTop } from "./sticking.js";

const ENDED = "no server at this address any more: start haloscale explore again";
const ENDED_AFTER = 6000;

const byId = (id) => document.getElementById(id);

export function startHeader(connection, store, parts, { rebuild }) {
  showSource(store);
  watchConnection(connection);
  fillRecipes(store);
  const { read_only: readOnly } = store.controls;
  if (readOnly) showRun(store.controls);
  keepTop(document.querySelector("header"), byId("job"));
  for (const id of ["fit", "best-said", "catalogue", "recipe", "reset"]) byId(id).hidden = Boolean(readOnly);
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
  const say = (shown, spoken) => {
    if (text.textContent === shown) return;
    text.textContent = shown;
    announce(spoken);
  };
  let ended = null;
  connection.watch((what) => {
    const open = what === "open";
    node.dataset.open = String(open);
    if (open) {
      clearTimeout(ended);
      ended = null;
      connection.send({ do: "jobs" });
      say("connected", "Connected to the server");
    } else if (ended === null) {
      say("reconnecting …", "Connection to the server lost; trying again");
      ended = setTimeout(() => say(ENDED, ENDED), ENDED_AFTER);
    }
  });
}
