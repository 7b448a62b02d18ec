// Bring your own catalogue: drop or choose a file, say what its columns are, see what is left of it, use it.

import { clear, debounce, el } from "./dom.js";
import { announce } from "./live.js";
import { Mapping } from "./mapping.js";
import { previewOf, usedOf } from "./preview.js";
import { tooLarge, upload } from "./upload.js";

const ACCEPTED = ".csv,.fits,.fit,.gz,.ecsv,.vot,.xml,.votable,.mrt,.txt,.dat,.parquet";

export class Catalogue {
  constructor({ button, dialog, connection, use }) {
    Object.assign(this, { dialog, connection, use, asked: null });
    this.askPreview = debounce(200, () => this.sendPreview());
    this.build();
    button.addEventListener("click", () => this.open());
    dialog.addEventListener("close", () => this.abandon());
    connection.on("preview", (message) => message.id === this.asked && this.showPreview(message));
    connection.watch((what) => what === "open" && this.dialog.open && this.mapping && this.sendPreview());
    this.takeDrops();
  }

  build() {
    this.input = el("input", { type: "file", id: "catalogue-file", accept: ACCEPTED, onchange: () => this.take(this.input.files) });
    this.complaint = el("p", { class: "complaint", id: "catalogue-complaint", role: "alert", hidden: true });
    this.bar = el("progress", { max: 1, value: 0, "aria-label": "Upload", hidden: true });
    this.form = el("div", {});
    this.preview = el("div", { class: "preview", "aria-live": "off" });
    this.useButton = el("button", { type: "button", class: "primary", text: "Use this catalogue", disabled: true, onclick: () => this.finish() });
    const drop = el("div", { class: "drop" }, el("label", { for: "catalogue-file", text: "Drop a star catalogue here, or choose a file" }), this.input);
    const kinds = el("p", { class: "about", text: "FITS, CSV, ECSV, VOTable, MRT or Parquet, up to 200 MB. It stays on this machine and is removed when the explorer ends." });
    const cancel = el("button", { type: "button", text: "Cancel", onclick: () => this.dialog.close() });
    clear(
      this.dialog,
      el("h2", { id: "catalogue-title", text: "Your own catalogue" }),
      drop, kinds, this.complaint, this.bar, this.form, this.preview,
      el("div", { class: "dialog-end" }, cancel, this.useButton),
    );
  }

  open() {
    if (!this.dialog.open) this.dialog.showModal();
  }

  takeDrops() {
    let depth = 0;
    const isFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
    const mark = (step) => {
      depth = Math.max(0, depth + step);
      document.body.classList.toggle("dropping", depth > 0);
    };
    document.addEventListener("dragenter", (event) => isFile(event) && mark(1));
    document.addEventListener("dragleave", (event) => isFile(event) && mark(-1));
    document.addEventListener("dragover", (event) => isFile(event) && event.preventDefault());
    document.addEventListener("drop", (event) => {
      if (!isFile(event)) return;
      event.preventDefault();
      mark(-depth);
      this.open();
      this.take(event.dataTransfer.files);
    });
  }

  complain(complaint) {
    this.complaint.hidden = !complaint;
    this.complaint.textContent = complaint?.text ?? "";
    if (complaint) this.input.setAttribute("aria-describedby", "catalogue-complaint");
    else this.input.removeAttribute("aria-describedby");
  }

  async take(files) {
    const [file] = files;
    if (!file) return;
    this.reset();
    const large = tooLarge(file);
    if (large) {
      this.complain(large);
      return;
    }
    this.bar.hidden = false;
    const stop = new AbortController();
    this.stop = stop;
    try {
      const answer = await upload(file, (share) => this.progress(share), stop.signal);
      if (this.stop === stop) this.showForm(answer);
    } catch (complaint) {
      // The end of an upload that another file has replaced is no news.
      if (this.stop === stop) this.complain(complaint instanceof Error ? { text: complaint.message } : complaint);
    } finally {
      if (this.stop === stop) this.bar.hidden = true;
    }
  }

  progress(share) {
    if (share < 1) this.bar.value = share;
    else this.bar.removeAttribute("value");
  }

  // A closed dialog opens without a word about the upload that it ended.
  abandon() {
    this.stop?.abort();
    this.stop = null;
    this.bar.hidden = true;
  }

  reset() {
    this.abandon();
    this.bar.value = 0;
    this.mapping = null;
    this.asked = null;
    this.useButton.disabled = true;
    this.complain(null);
    clear(this.form);
    clear(this.preview);
  }

  showForm(answer) {
    this.file = answer.file;
    this.mapping = new Mapping(answer, () => {
      this.useButton.disabled = true;
      this.askPreview();
    });
    const rows = Number.isFinite(answer.n_rows) ? `${answer.n_rows.toLocaleString("en")} rows, ` : "";
    const title = el("h3", { text: `${answer.file}: ${rows}${answer.columns.length} columns` });
    clear(this.form, title, this.mapping.node);
    announce(`${answer.file} was read: ${rows}${answer.columns.length} columns. Check what each column is.`);
    this.sendPreview();
  }

  sendPreview() {
    if (!this.mapping) return;
    this.preview.setAttribute("aria-busy", "true");
    this.asked = this.connection.send({ do: "preview", source: this.mapping.source });
  }

  // An error that answers the request for a preview.
  refused(id, complaint) {
    if (id !== this.asked || id === null) return false;
    this.showPreview({ complaints: [complaint], rows: [], cuts: [], columns: [] });
    return true;
  }

  showPreview(message) {
    this.preview.setAttribute("aria-busy", "false");
    const complaints = message.complaints ?? [];
    const rest = this.mapping.showComplaints(complaints);
    this.complain(rest.length ? { text: rest.map((complaint) => complaint.text).join(" ") } : null);
    this.useButton.disabled = complaints.length > 0;
    clear(this.preview, ...previewOf(message));
    if (complaints.length) announce(`${complaints.length} to correct. ${complaints[0].text}`);
    else announce(`${usedOf(message) ?? message.n} stars would be used.`);
  }

  finish() {
    const { source } = this.mapping;
    this.dialog.close();
    this.use(source, this.file);
  }
}
