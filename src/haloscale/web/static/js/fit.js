// The real fit: started, followed, cancelled, and found again after a lost connection or a reload.

import { clear, el } from "./dom.js";
import { fittedText, isOnScreen, isSameSource } from "./fitted.js";
import { unitText } from "./format.js";
import { announce } from "./live.js";
import { intervalNode, named } from "./numbers.js";

const DONE = new Set(["finished", "failed", "cancelled"]);
const NARROW = 820;

export class Fit {
  constructor({ button, host, connection, store }) {
    Object.assign(this, { button, host, connection, store, job: null, asked: -1, hiddenJobs: new Set() });
    button.addEventListener("click", () => this.start());
    connection.on("job", (message) => this.take(message));
    store.on((what) => {
      if (what === "source") this.leave();
      if (what !== "drawn" && what !== "point") this.compare();
    });
  }

  start() {
    if (this.isRunning) return;
    const state = this.store.request();
    const id = this.connection.send({ do: "fit", state });
    if (id === null) return;
    this.isOwn = true;
    this.asked = id;
    this.button.disabled = true;
    this.draw({ job: null, status: "waiting", stage: "asking the server", fraction: 0, state });
  }

  get isRunning() {
    return this.job !== null && !DONE.has(this.job.status);
  }

  take(message) {
    if (this.hiddenJobs.has(message.job)) return;
    const isOurs = this.job?.job === message.job || message.id === this.asked;
    if (!isOurs && !this.isWorthShowing(message)) return;
    const before = this.job?.job === message.job ? this.job : {};
    this.draw({ ...before, ...message });
  }

  // Of the fits that this page did not start: the newest that runs, else the newest of what is on the screen.
  isWorthShowing({ job, status, state }) {
    if (this.isOwn) return false;
    const isNewest = !this.job || Number(job.slice(4)) > Number(this.job.job.slice(4));
    if (!DONE.has(status)) return isNewest || !this.isRunning;
    return status === "finished" && isNewest && !this.isRunning && isOnScreen(state, this.store);
  }

  // Another catalogue is on the screen: what was found in the last one goes.
  leave() {
    if (!this.job || this.isRunning || isSameSource(this.job.state, this.store)) return;
    this.host.hidden = true;
    Object.assign(this, { job: null, drawn: null, isOwn: false });
  }

  // The server refused to start it.
  refused(id) {
    if (id !== this.asked || this.job?.job) return;
    Object.assign(this, { job: null, drawn: null, isOwn: false });
    this.button.disabled = false;
    this.host.hidden = true;
  }

  draw(job) {
    const before = this.job;
    this.job = job;
    this.button.disabled = this.isRunning;
    this.host.hidden = false;
    this.host.dataset.status = job.status;
    if (this.drawn !== `${job.job} ${job.status}`) this.build(job);
    this.follow(job);
    if (before?.status !== job.status || before?.stage !== job.stage) announce(`Fit ${statusText(job)}`);
  }

  build(job) {
    this.drawn = `${job.job} ${job.status}`;
    this.title = el("h2", { class: "job-title", text: `Fit ${job.status}` });
    this.line = el("p", { class: "job-line" });
    this.bar = el("progress", { max: 1, "aria-label": "Progress of the fit" });
    this.bar.hidden = DONE.has(job.status);
    clear(this.host, this.title, this.about(job), this.bar, this.line, ...this.endOf(job));
    this.compare();
  }

  endOf(job) {
    if (job.status !== "finished") return [...whyNot(job), this.action(job)];
    const whole = el("details", { class: "job-result", open: scrollY < this.host.offsetHeight && innerWidth > NARROW }, el("summary", { text: "Result" }), el("div", {}, ...resultOf(job)));
    whole.addEventListener("toggle", () => whole.open && scrollTo({ top: 0 }));
    return [this.action(job), whole];
  }

  // What was fitted, which the screen need not show any more.
  about({ state }) {
    this.differs = el(
      "span",
      { class: "differs", hidden: true },
      el("strong", { text: "not what the screen shows" }),
      el("button", { type: "button", text: "Show its settings", onclick: () => this.store.adopt(this.job.state) }),
    );
    if (!state) return null;
    return el("p", { class: "job-about" }, el("span", { text: fittedText(state, this.store) }), this.differs);
  }

  compare() {
    if (!this.job?.state) return;
    const differs = !isOnScreen(this.job.state, this.store);
    this.differs.hidden = !differs;
    this.host.dataset.differs = String(differs);
  }

  action(job) {
    if (DONE.has(job.status)) return el("button", { type: "button", class: "quiet", text: "Close", onclick: () => this.close() });
    const cancel = el("button", { type: "button", text: "Cancel the fit", onclick: () => this.cancel(cancel) });
    cancel.disabled = !job.job;
    return cancel;
  }

  follow(job) {
    if (Number.isFinite(job.fraction) && job.fraction > 0) this.bar.value = job.fraction;
    else this.bar.removeAttribute("value");
    this.line.textContent = [job.stage, job.line].filter(Boolean).join(": ");
    this.line.hidden = job.status === "finished" || !this.line.textContent;
  }

  cancel(button) {
    button.disabled = true;
    this.connection.send({ do: "cancel", job: this.job.job });
  }

  close() {
    this.hiddenJobs.add(this.job.job);
    this.host.hidden = true;
    Object.assign(this, { job: null, drawn: null, isOwn: false });
    this.button.focus();
  }
}

function statusText({ status, stage, fraction }) {
  const share = status === "running" && fraction > 0 ? `, ${Math.round(100 * fraction)} %` : "";
  return `${status}${stage && status === "running" ? `: ${stage}` : ""}${share}`;
}

function whyNot(job) {
  if (job.status !== "failed") return [];
  return [el("p", { class: "complaint", text: job.complaint?.text ?? "The fit stopped for an unknown reason." })];
}

function resultOf(job) {
  const report = job.report ?? `jobs/${encodeURIComponent(job.job)}/report.html`;
  return [
    summaryTable(job.summary?.parameters ?? {}),
    reliability(job.summary ?? {}),
    ...(job.warnings ?? []).map((text) => el("p", { class: "about", text })),
    el(
      "p",
      { class: "job-links" },
      el("a", { href: report, target: "_blank", rel: "noopener", text: "Open the report" }),
      el("a", { href: `jobs/${encodeURIComponent(job.job)}/run.zip`, download: "", text: "Download the run folder" }),
      job.folder ? el("span", { class: "about", text: `Kept in ${job.folder}` }) : null,
    ),
  ];
}

// Whether the draws can be believed, as the run itself says.
function reliability({ sampling, ess }) {
  if (!sampling) return null;
  const effective = Number.isFinite(ess) ? `, ${Math.round(ess)} effective draws` : "";
  return el("p", { class: "about", text: `Sampling: ${sampling}${effective}` });
}

function summaryTable(summary) {
  const rows = Object.entries(summary).map(([name, entry]) =>
    el("tr", { "data-name": name }, el("th", { scope: "row" }, named({ name, ...entry })), el("td", {}, intervalNode(entry)), el("td", { text: unitText(entry.unit) })),
  );
  const head = ["Parameter", "Median, 68 %", "Unit"].map((text) => el("th", { scope: "col", text }));
  return el("table", { class: "summary" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows));
}
