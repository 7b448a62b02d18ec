// The page: fetch what there is to control, open the socket, join the parts.

import { Asking } from "./asking.js";
import { Banner } from "./complaints.js";
import { Connection } from "./connection.js";
import { Catalogue } from "./catalogue.js";
import { Controls } from "./controls/panel.js";
import { debounce, eachFrame, el } from "./dom.js";
import { Downloads } from "./downloads.js";
import { Fit } from "./fit.js";
import { onTheme } from "./palette.js";
import { startGlossary } from "./glossary.js";
import { startHeader, showSource } from "./header.js";
import { encodeState, stateOfFragment } from "./link.js";
import { startLive } from "./live.js";
import { Numbers } from "./numbers.js";
import { Panels } from "./panels/all.js";
import { Store } from "./store.js";
import { startTheme } from "./theme.js";
import { measureSince } from "./timing.js";
import { Toolbar } from "./toolbar.js";
import { View } from "./view.js";

const byId = (id) => document.getElementById(id);

async function fetchControls(state, asked = null) {
  const answer = await (asked ?? fetch(state ? `controls?state=${encodeState(state)}` : "controls"));
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return answer.json();
}

async function start() {
  const banner = new Banner(byId("banner"));
  startLive(byId("live"));
  startTheme(byId("theme"));
  const { controls, state, refused } = await whatIsLinked();
  if (refused) banner.show({ text: "The link could not be read: the page shows its first state." }, true);
  startGlossary(controls.glossary);
  join(new Store(controls, state), banner, refused);
}

// What the link holds; the first state where it cannot be read, or the server knows nothing of the kind.
async function whatIsLinked() {
  const { state, broken } = stateOfFragment(location.hash);
  try {
    return { controls: await fetchControls(state, window.early.controls), state, refused: broken };
  } catch {
    return { controls: await fetchControls(null), state: null, refused: broken || state !== null };
  }
}

function join(store, banner, isAnew) {
  const connection = new Connection(window.early);
  const parts = makeParts(store, connection, banner);
  receive(connection, parts, store, banner);
  keepLink(store);
  startHeader(connection, store, parts, { rebuild: () => rebuild(store, parts) });
  parts.controls.build();
  document.querySelector(".controls-fold").open = innerWidth > 820;
  parts.asking.begin(isAnew);
}

function makeParts(store, connection, banner) {
  const view = new View();
  const body = el("section", { class: "panel", "data-panel": "numbers" }, el("h3", { text: "Numbers" }));
  const numbers = new Numbers(byId("strip"), body);
  const panels = new Panels(byId("panels"), view, store, body);
  const asking = new Asking(connection, store, {
    stale: (all) => {
      panels.posterior.setStale(true);
      numbers.setStale(true, all);
    },
  });
  const complain = (complaint) => banner.show(complaint, true);
  return {
    view, numbers, panels, asking,
    toolbar: new Toolbar(byId("toolbar"), view),
    controls: new Controls(byId("controls"), store),
    fit: new Fit({ button: byId("fit"), host: byId("job"), connection, store }),
    downloads: new Downloads({ button: byId("download"), menu: byId("download-menu"), store, complain }),
    catalogue: new Catalogue({
      button: byId("catalogue"), dialog: byId("catalogue-dialog"), connection, use: (source, file) => store.setSource(source, file),
    }),
  };
}

// Another source or recipe has other controls: they are fetched before anything is asked for.
async function rebuild(store, { controls }) {
  store.take(await fetchControls(store.state));
  showSource(store);
  controls.build();
  store.changed("rebuilt");
}

function receive(connection, parts, store, banner) {
  const { panels, numbers, toolbar, asking, view } = parts;
  let isFirst = true;
  let newest = null;
  let literature = {};
  const draw = eachFrame((curves) => {
    newest = curves;
    if (!curves) return;
    store.drawn(curves);
    showSource(store);
    panels.setCurves(curves);
    toolbar.setCurves(curves);
    numbers.setCurves(curves);
    // uPlot draws in a microtask: this one comes after it.
    queueMicrotask(() => asking.drawn());
    if (isFirst) measureSince("first-page", 0);
    isFirst = false;
  });
  connection.on("curves", (curves) => {
    asking.received(curves.id);
    parts.controls.clearComplaints();
    banner.pass();
    // What others found comes once, perhaps with curves that are never drawn.
    if (Object.values(curves.literature ?? {}).some((points) => points.length)) literature = curves.literature;
    draw({ ...curves, literature });
  });
  connection.on("sample", (sample) => {
    view.setGroup(null);
    panels.setSample(sample);
    toolbar.setGroups(sample.groups);
    numbers.setSample(sample);
  });
  connection.on("profile", (profile) => panels.setProfile(profile));
  connection.on("posterior", (posterior) => {
    asking.ended(posterior.id);
    panels.posterior.setPosterior(posterior);
    numbers.setPosterior(posterior);
  });
  connection.on("error", (message) => {
    if (asking.isForsaken(message.id)) return;
    const { wasCurves, wasTaken } = complained(message, parts, banner, hasStars(store));
    if (!wasCurves || wasTaken) return;
    draw(null);
    refuseCurves(parts, message.complaint.text);
    queueMicrotask(() => asking.drawn());
  });
  onTheme(() => newest && draw(newest));
}

function refuseCurves({ panels, numbers, toolbar }, text) {
  panels.refuseCurves(text);
  numbers.refuseCurves(text);
  toolbar.refuse();
}

// Where the complaint went: whether no curves come, and whether all is as it was before the question.
function complained({ id, complaint }, { asking, fit, catalogue, controls, panels, numbers }, banner, hasStars) {
  const { wasCurves, wasPosterior } = asking.ended(id);
  if (id === asking.firstId && !hasStars) {
    catalogue.open();
    return { wasTaken: true };
  }
  fit.refused(id);
  if (catalogue.refused(id, complaint)) return { wasTaken: true };
  if (wasPosterior) {
    panels.posterior.refuse(complaint.text);
    numbers.refusePosterior(complaint.text);
  }
  if (!controls.showComplaint(complaint) && !wasPosterior) banner.show(complaint);
  return { wasCurves, wasTaken: complaint.field?.startsWith("point.") };
}

// Whether there is anything to show before a person brings a catalogue.
function hasStars(store) {
  return store.state.source.kind === "upload" || store.controls.has_start !== false;
}

// The address always holds what is on the screen.
function keepLink(store) {
  const write = debounce(300, () => history.replaceState(null, "", `#s=${encodeState(store.request())}`));
  store.on((what) => what !== "drawn" && write());
}

start().catch((reason) => {
  const banner = byId("banner");
  banner.hidden = false;
  banner.textContent = `The explorer could not start: ${reason.message}. Reload the page; is haloscale explore still running?`;
});
