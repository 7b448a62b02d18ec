// Complaints about no field of the page stand at its top; the others beside their field.

import { clear, el } from "./dom.js";

export class Banner {
  constructor(host) {
    this.host = host;
  }

  // `stays`: until it is dismissed; else until the next curves are drawn.
  show(complaint, stays = false) {
    this.stays = stays;
    const text = complaint.text ?? [complaint.found, complaint.expected, complaint.advice].filter(Boolean).join(". ");
    clear(
      this.host,
      el("p", { text }),
      el("button", { type: "button", class: "quiet", text: "Dismiss", onclick: () => this.clear() }),
    );
    this.host.hidden = false;
  }

  // What was wrong is right again.
  pass() {
    if (!this.stays) this.clear();
  }

  clear() {
    if (this.host.hidden) return;
    this.host.hidden = true;
    clear(this.host);
  }
}
