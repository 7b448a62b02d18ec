// What can be taken away: the TOML of the screen, the figures, the state as a link.

import { clear, el } from "./dom.js";
import { encodeState } from "./link.js";
import { announce } from "./live.js";

export class Downloads {
  constructor({ button, menu, store, complain }) {
    Object.assign(this, { button, menu, store, complain });
    button.addEventListener("click", () => this.toggle(menu.hidden));
    document.addEventListener("click", (event) => {
      if (!menu.hidden && !menu.parentElement.contains(event.target)) this.toggle(false);
    });
    menu.parentElement.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !menu.hidden) {
        this.toggle(false);
        button.focus();
      }
    });
  }

  toggle(open) {
    if (open) this.fill();
    this.menu.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open) this.menu.querySelector("a, button").focus();
  }

  fill() {
    const query = `?state=${encodeState(this.store.request())}`;
    const figures = this.store.figures;
    this.said = el("p", { class: "about", role: "status" });
    this.failed = el("p", { class: "complaint", role: "alert", hidden: true });
    clear(
      this.menu,
      el("h2", { text: "Settings" }),
      this.link(`download/haloscale.toml${query}`, "haloscale.toml", "TOML for haloscale weigh"),
      el("button", { type: "button", text: "Copy link to this screen", onclick: (event) => this.copy(event.target) }),
      el("h2", { text: "Figures" }),
      ...figures.map(({ name, title }) => this.figure(name, title ?? name, query)),
      figures.length ? null : el("p", { class: "about", text: "None can be drawn for these settings." }),
      this.said,
      this.failed,
    );
  }

  figure(name, label, query) {
    const kinds = ["pdf", "svg"].map((kind) => {
      const text = `${label} as ${kind.toUpperCase()}`;
      const link = this.link(`download/figure/${encodeURIComponent(name)}.${kind}${query}`, `${name}.${kind}`, kind.toUpperCase());
      link.setAttribute("aria-label", text);
      return link;
    });
    return el("div", { class: "figure-links" }, el("span", { text: label }), ...kinds);
  }

  link(href, file, text) {
    return el("a", { href, download: file, text, onclick: (event) => this.save(event, href, file) });
  }

  // Fetched first, so that a refusal is read here and not saved as a file.
  async save(event, href, file) {
    event.preventDefault();
    const link = event.currentTarget;
    if (link.ariaBusy === "true") return;
    const { said, failed } = this;
    link.setAttribute("aria-busy", "true");
    said.textContent = `${file} is being made …`;
    said.scrollIntoView({ block: "nearest" });
    failed.hidden = true;
    try {
      const answer = await fetch(href);
      if (!answer.ok) throw await complaintOf(answer);
      give(await answer.blob(), file);
      said.textContent = `${file} downloaded`;
    } catch (reason) {
      said.textContent = "";
      this.refuse(failed, { text: `${file} could not be made: ${reason.message}` });
    } finally {
      link.removeAttribute("aria-busy");
    }
  }

  // In the menu where it was asked for; at the top of the page once that is closed.
  refuse(place, complaint) {
    if (this.menu.hidden || !place.isConnected) {
      this.complain(complaint);
      return;
    }
    place.textContent = complaint.text;
    place.hidden = false;
    place.scrollIntoView({ block: "nearest" });
  }

  async copy(button) {
    const url = new URL(location.href);
    url.hash = `s=${encodeState(this.store.request())}`;
    try {
      await navigator.clipboard.writeText(url.href);
      button.textContent = "Link copied";
      announce("Link copied");
    } catch {
      const field = el("input", { type: "text", readonly: true, value: url.href, "aria-label": "Link to this screen" });
      button.replaceWith(field);
      field.select();
    }
  }
}

export async function complaintOf(answer) {
  let body = null;
  try {
    body = await answer.json();
  } catch {
    // No JSON: the status has to do.
  }
  const complaint = body?.error ?? body?.complaint ?? null;
  const reason = new Error(complaint?.text ?? `the server answered ${answer.status}`);
  reason.complaint = complaint;
  return reason;
}

function give(blob, file) {
  const url = URL.createObjectURL(blob);
  // Not in the document: a click there would close the menu.
  el("a", { href: url, download: file }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
